/**
 * `npm run fuzz -- dlms [--execs 1e6] [--seed 1] [--target name]`: mutants by the million; ends with 1 at the first that is not
 * answered with a value, that took more than 50 ms of the processor or 64 MiB, or that moved a register.
 */
import { parseArgs } from 'node:util';
import { realClock } from '@wattline/base';
import { dlmsTargets } from './dlms-targets.ts';
import { runFuzz } from './fuzz-run.ts';
import { threadWatch } from './resource-watch.ts';

const rooms = { dlms: dlmsTargets };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    execs: { type: 'string', default: '1e6' },
    seed: { type: 'string', default: '1' },
    target: { type: 'string' },
  },
});
const room = positionals[0] ?? 'dlms';
const execs = Number(values.execs);
if (!Object.hasOwn(rooms, room) || !Number.isFinite(execs) || execs < 1) {
  console.error(
    `fuzz: expected one of ${Object.keys(rooms).join(', ')} and --execs of at least 1, found '${room}' and '${values.execs}'`,
  );
  process.exit(2);
}
const targets = rooms[room as keyof typeof rooms]().filter(
  ({ name }) => values.target === undefined || name === values.target,
);
const total = { execs: 0, seconds: 0 };
for (const target of targets) {
  const report = runFuzz(target, {
    execs: Math.ceil(execs / targets.length),
    seed: values.seed,
    clock: realClock(),
    watch: threadWatch,
  });
  console.log(JSON.stringify({ fuzz: room, seed: values.seed, ...report }));
  total.execs += report.execs;
  total.seconds += report.execs / report.execsPerSecond;
  if (report.crash || report.costly || report.trouble !== null) process.exitCode = 1;
}
console.log(
  JSON.stringify({ fuzz: room, execs: total.execs, execsPerSecond: Math.round(total.execs / total.seconds) }),
);
