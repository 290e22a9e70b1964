/** `npm run fuzz -- dlms [--execs 1e6] [--seed 1]`: mutants by the million; ends with 1 at the first that is not answered with a value. */
import { parseArgs } from 'node:util';
import { realClock } from '@wattline/base';
import { dlmsTargets } from './dlms-targets.ts';
import { runFuzz } from './fuzz-run.ts';

const rooms = { dlms: dlmsTargets };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { execs: { type: 'string', default: '1e6' }, seed: { type: 'string', default: '1' } },
});
const room = positionals[0] ?? 'dlms';
const execs = Number(values.execs);
if (!Object.hasOwn(rooms, room) || !Number.isFinite(execs) || execs < 1) {
  console.error(
    `fuzz: expected one of ${Object.keys(rooms).join(', ')} and --execs of at least 1, found '${room}' and '${values.execs}'`,
  );
  process.exit(2);
}
const targets = rooms[room as keyof typeof rooms]();
for (const target of targets) {
  const report = runFuzz(target, {
    execs: Math.ceil(execs / targets.length),
    seed: values.seed,
    clock: realClock(),
  });
  console.log(JSON.stringify({ fuzz: room, seed: values.seed, ...report }));
  if (report.crash) process.exitCode = 1;
}
