/** `wattline rollout add|read|reads`: meters that nobody can ask, and their registers read by hand. */
import { readFileSync } from 'node:fs';
import { messageOf } from '@wattline/base';
import { type Command, InvalidArgumentError } from 'commander';
import { serverError } from '../errors.ts';
import { jsonBody } from '../server-client.ts';
import { findServer, type ServerFlags, withServer } from './running-server.ts';
import { postSaying, type SaidFlags, withSaid } from './said-flags.ts';
import { printJson, type Shell, wholeNumber } from './shell.ts';
import { renderTable } from './text-table.ts';

const amount = wholeNumber(0, 999_999_999_999_999);

export function addOneWay(rollout: Command, shell: Shell): void {
  withSaid(rollout.command('add <file>'))
    .description(
      'add usage points whose meters are read by hand or heard by whoever drives by, out of a JSON file',
    )
    .addHelpText(
      'after',
      `
The file is a list of points as the API takes them: id, customer, address, kind, zone, substation, feeder, transformer,
tariffId, latitude, longitude, meter, installed, registers.

Example:
  wattline rollout add old-meters.json --author Asha --reason "meters of the old town"`,
    )
    .action(async (file: string, flags: SaidFlags) => {
      const { author, reason } = flags;
      const points = readPoints(file);
      for (const point of points) {
        await findServer(flags).post<object>('usage-points', {}, jsonBody({ ...point, author, reason }));
      }
      if (flags.json) printJson(shell, { added: points.length });
      else shell.out(`${points.length} usage points added`);
    });
  withSaid(rollout.command('read <usage-point> <when> <value>'))
    .description('type in what a display shows, Wh; --confirmed keeps one that runs backwards, doubted')
    .option('--reading-type <type>', 'register', 'delivered-total')
    .option('--confirmed', 'somebody looked again')
    .addHelpText(
      'after',
      '\nExample:\n  wattline rollout read UP-0001 2026-12-01 5405300 --author Asha --reason "card 12"',
    )
    .action(async (usagePoint: string, at: string, value: string, flags: SaidFlags & ReadFlags) => {
      const { author, reason, readingType, confirmed: isConfirmed = false } = flags;
      const body = { readingType, at, value: amount(value), isConfirmed, author, reason };
      const path = `usage-points/${encodeURIComponent(usagePoint)}/register-reads`;
      await postSaying(shell, flags, path, body, `${usagePoint} at ${at}: ${value}`);
    });
  withServer(rollout.command('reads <usage-point>'))
    .description('register readings at whatever instants they were read')
    .option('--reading-type <type>', 'register', 'delivered-total')
    .option('--from <when>', 'instant or local date; default: a hundred days before --to')
    .option('--to <when>', 'instant or local date; default: now')
    .addHelpText('after', '\nExample:\n  wattline rollout reads UP-0001 --from 2026-01-01 --to 2026-12-31')
    .action(async (usagePoint: string, flags: ServerFlags & ReadFlags & { from?: string; to?: string }) => {
      const { readingType, from, to } = flags;
      const path = `usage-points/${encodeURIComponent(usagePoint)}/register-reads`;
      const reads = await findServer(flags).get<Reads>(path, { readingType, from, to });
      if (flags.json) printJson(shell, reads);
      else shell.out(renderReads(reads));
    });
}

interface ReadFlags {
  readonly readingType: string;
  readonly confirmed?: true;
}
interface Reads {
  readonly channel: string;
  readonly unit: string;
  readonly items: readonly {
    readonly at: string;
    readonly value: number;
    readonly flags: readonly string[];
  }[];
}

function readPoints(path: string): object[] {
  let points: unknown;
  try {
    points = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw serverError('server/no-file', `${path} cannot be read: ${messageOf(error)}`, { path }, error);
  }
  if (Array.isArray(points)) return points;
  throw new InvalidArgumentError(`expected a list of points in ${path}`);
}

function renderReads({ channel, unit, items }: Reads): string {
  if (items.length === 0) return `${channel}: no reading`;
  const rows = items.map(({ at, value, flags }) => [at, String(value), flags.join(', ')]);
  return `${channel}\n\n${renderTable(['at', unit, 'quality'], rows)}`;
}
