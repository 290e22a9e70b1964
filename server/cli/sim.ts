/** `wattline sim`: the seeded world, with its checkers. */
import { type WorldFault, worldFaults } from '@wattline/sim';
import { type Command, InvalidArgumentError } from 'commander';
import type { SimReport } from '../sim.ts';
import { createTerminal } from '../terminal.ts';
import { parseInterval, parseZone } from './place-flags.ts';
import { printJson, type Shell, wholeNumber } from './shell.ts';
import { renderTable } from './text-table.ts';

interface SimFlags {
  readonly seed: string;
  readonly days: number;
  readonly meters: number;
  readonly interval: 15 | 30;
  readonly faults: readonly WorldFault[];
  readonly zone?: string;
  readonly start?: string;
  readonly load?: string;
  readonly json?: true;
}

export function addSim(program: Command, shell: Shell): void {
  program
    .command('sim')
    .description('run a seeded world through the whole stack and check what is stored against what it was')
    .option('--seed <text>', 'the world is a function of seed, start and size', '1')
    .option('--days <count>', 'days of the world, up to now', wholeNumber(1, 800), 7)
    .option('--meters <count>', 'meters of the world', wholeNumber(1, 100_000), 20)
    .option(
      '--faults <list>',
      `what goes wrong: all, none, or some of ${worldFaults.join(', ')}`,
      parseFaults,
      worldFaults,
    )
    .option('--start <when>', 'start of the world, an instant or a local date; default: midnight --days ago')
    .option('--zone <zone>', 'IANA zone of the world', parseZone)
    .option('--interval <minutes>', 'capture period of the meters, 15 or 30', parseInterval, 30)
    .option('--load <file>', 'replay the real load of a file instead of the model')
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      `
The same seed, start and size are the same world: a failure is told by them and the version of the program.
Exit codes: 1 when a check failed.

Examples:
  wattline sim --seed 7
  wattline sim --seed 7 --days 40 --meters 100 --faults profile-gap,profile-spike
  wattline sim --start 2026-03-25 --faults none --json`,
    )
    .action(async ({ interval, json, ...flags }: SimFlags) => {
      const { runSim } = await import('../sim.ts');
      const write = (text: string) => void process.stderr.write(text);
      const terminal = createTerminal({ write, isInteractive: process.stderr.isTTY === true, json: false });
      const report = await runSim({ ...flags, intervalMinutes: interval }, terminal);
      if (json) printJson(shell, report);
      else shell.out(renderReport(report));
      shell.end(report.isRight ? 0 : 1);
    });
}

function parseFaults(text: string): readonly WorldFault[] {
  if (text === 'all') return worldFaults;
  if (text === 'none') return [];
  return text.split(',').map((name) => {
    const fault = worldFaults.find((known) => known === name);
    if (fault) return fault;
    throw new InvalidArgumentError(`expected all, none or some of ${worldFaults.join(', ')}`);
  });
}

function renderReport(report: SimReport): string {
  const { seed, start, meters, readingsStored, checks, isRight } = report;
  const faults = report.faults.length > 0 ? report.faults.join(', ') : 'no faults';
  const rows = checks.map(({ name, compared, wrong, holds }) => [
    name,
    wrong === 0 ? 'ok' : 'WRONG',
    String(compared),
    String(wrong),
    holds,
  ]);
  const examples = checks.flatMap(({ name, examples: found }) => found.map((text) => `${name}: ${text}`));
  return [
    `World of seed ${seed} from ${start}: ${meters} meters, ${faults}; ${readingsStored} readings stored`,
    '',
    renderTable(['check', '', 'compared', 'wrong', 'what must hold'], rows),
    ...(examples.length > 0 ? ['', ...examples] : []),
    '',
    isRight ? 'all checks hold' : 'some checks do not hold',
  ].join('\n');
}
