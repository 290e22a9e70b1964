/** `wattline town`: the flags of the virtual town. */
import type { Command } from 'commander';
import { openDataDirectory } from '../api/data-files.ts';
import type { TownOptions } from '../town-plan.ts';
import { parseInterval, parseZone } from './place-flags.ts';
import { refuseIfRunning } from './running-check.ts';
import { positiveNumber, type Shell, wholeNumber } from './shell.ts';

interface TownFlags {
  readonly meters: number;
  readonly days: number;
  readonly seed: string;
  readonly host: string;
  readonly port: number;
  readonly data: string;
  readonly load?: string;
  readonly speed: number;
  readonly start?: string;
  readonly interval: 15 | 30;
  readonly zone?: string;
  readonly json?: true;
}

export function addTown(program: Command, shell: Shell): void {
  program
    .command('town')
    .description('run the whole stack with a virtual town, until stopped')
    .option('--meters <count>', 'meters of the town', wholeNumber(1, 100_000), 100)
    .option('--days <count>', 'days of history before now', wholeNumber(1, 800), 40)
    .option('--seed <text>', 'the town is a function of seed and start', '1')
    .option(
      '--start <when>',
      'start of the world, an instant or a local date; default: local midnight --days ago',
    )
    .option('--zone <zone>', 'IANA zone of the town', parseZone)
    .option('--interval <minutes>', 'capture period of the meters, 15 or 30', parseInterval, 15)
    .option('--load <file>', 'replay the real load of a file instead of the model')
    .option('--speed <factor>', 'town seconds per second once the history is there', positiveNumber, 1)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port to listen on', wholeNumber(0, 65_535), 8080)
    .option('--data <directory>', 'data directory; the same directory is always the same town', './data')
    .option('--json', 'print progress and figures as lines of JSON')
    .addHelpText(
      'after',
      `
Examples:
  wattline town
  wattline town --meters 1000 --days 90 --seed 7 --data ./big-town
  wattline town --load london.csv --port 9090`,
    )
    .action(async (flags: TownFlags) => {
      await refuseIfRunning(flags.data);
      openDataDirectory(flags.data);
      const { runTown } = await import('../town.ts');
      shell.end((await runTown(townOptionsOf(flags))) === 0 ? 0 : 1);
    });
}

function townOptionsOf({ interval, json, ...flags }: TownFlags): TownOptions {
  return { ...flags, intervalMinutes: interval, json: json === true };
}
