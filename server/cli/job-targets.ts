/** Which meters a batch is for, why, and what its command takes besides: flags that several commands share. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Batch, darkening, isCommand, keyNames, type Command as MeterCommand } from '@wattline/headend';
import type { GuardStatus } from '@wattline/model';
import type { Command } from 'commander';
import { serverError } from '../errors.ts';
import type { RunningServer } from '../server-client.ts';
import type { ServerFlags } from './running-server.ts';
import { positiveNumber, wholeNumber } from './shell.ts';

/** Who is meant. */
export interface TargetFlags extends ServerFlags {
  readonly meter: readonly string[];
  readonly transformer?: string;
  readonly feeder?: string;
  readonly substation?: string;
  readonly all?: true;
  readonly key?: string;
  readonly reason: string;
  readonly by: string;
  readonly tenant: string;
  readonly hours: number;
}

/** What the command takes. */
export interface ParameterFlags {
  readonly limitW?: number;
  readonly seconds?: number;
  readonly destination?: string;
  readonly text?: string;
  readonly level?: number;
  readonly from?: string;
  readonly minutes?: number;
  readonly calendar?: string;
  readonly of?: string;
}

const hourMs = 3_600_000;

/** Flags for meters, reason, author and deadline. */
export function addTargets(command: Command): Command {
  return command
    .option(
      '--meter <serial>',
      'a meter; may be repeated',
      (serial: string, before: readonly string[]) => [...before, serial],
      [],
    )
    .option('--transformer <name>', 'all meters of a transformer')
    .option('--feeder <name>', 'all meters of a feeder')
    .option('--substation <name>', 'all meters of a substation')
    .option('--all', 'all meters')
    .option('--key <key>', 'idempotency key: the same key is the same batch for ever; default: a new one')
    .requiredOption('--reason <text>', 'why; part of what is signed')
    .requiredOption('--by <person>', 'who asks')
    .option('--tenant <name>', 'whose meters', 'utility')
    .option('--hours <number>', 'deadline, hours from now', positiveNumber, 4);
}

/** Flags for what commands take. */
export function addParameters(command: Command): Command {
  return command
    .option('--limit-w <watts>', 'limiter: power left, W', wholeNumber(0, 1_000_000))
    .option('--seconds <number>', 'capture-period: seconds of load profile 1', wholeNumber(60, 86_400))
    .option('--destination <host:port>', 'push-setup: where the meter pushes to')
    .option('--text <text>', 'display-text: what the meter shows')
    .option('--level <number>', 'demand-response: 0 nothing special to 3 emergency', wholeNumber(0, 3))
    .option('--from <instant>', 'demand-response: when it begins, RFC 3339; default now')
    .option('--minutes <number>', 'demand-response: how long', wholeNumber(1, 1440))
    .option('--calendar <file>', 'tariff-activation: seasons, weeks and days as JSON')
    .option('--of <keys>', `key-change: of ${keyNames.join(', ')}, with commas between`);
}

/** A batch of the flags; deadlines by the signer's clock. @throws CodedError `server/bad-usage` */
export async function batchOf(
  server: RunningServer,
  command: string,
  flags: TargetFlags & ParameterFlags & { readonly lane?: Batch['lane'] },
): Promise<Batch> {
  if (!isCommand(command)) {
    const what = `expected one of ${Object.keys(darkening).join(', ')}, found '${command}'`;
    throw serverError('server/bad-usage', what);
  }
  const { now } = await server.get<GuardStatus>('commands/status');
  const nowMs = Temporal.Instant.from(now).epochMilliseconds;
  const parameters = parametersOf(command, flags, nowMs);
  return {
    key: flags.key ?? randomUUID(),
    tenant: flags.tenant,
    command,
    lane: flags.lane ?? 'ordinary',
    meters: await metersOf(server, flags),
    ...(flags.limitW === undefined ? {} : { limitW: flags.limitW }),
    ...(parameters ? { parameters: parameters as NonNullable<Batch['parameters']> } : {}),
    reason: flags.reason,
    requestedBy: flags.by,
    deadlineMs: nowMs + Math.round(flags.hours * hourMs),
  };
}

/** Serial numbers of the flags, ascending. @throws CodedError `server/bad-usage` when there are none */
export async function metersOf(server: RunningServer, flags: TargetFlags): Promise<string[]> {
  const meters = new Set(flags.meter);
  const groups = [
    ...(['transformer', 'feeder', 'substation'] as const).map((scope) => [scope, flags[scope]] as const),
    ['fleet', flags.all ? '' : undefined] as const,
  ];
  for (const [scope, place] of groups) {
    if (place === undefined) continue;
    const group = await server.get<{ readonly meters: string[] }>('commands/meters', { scope, place });
    for (const serial of group.meters) meters.add(serial);
  }
  if (meters.size > 0) return [...meters].sort();
  const what = 'expected --meter, --transformer, --feeder, --substation or --all with meters';
  throw serverError('server/bad-usage', what);
}

/** What each command takes, out of its flags; the guard's own reader checks it. */
const builders: Readonly<Partial<Record<MeterCommand, (flags: ParameterFlags, nowMs: number) => object>>> = {
  'capture-period': ({ seconds }) => ({ seconds }),
  'push-setup': ({ destination }) => ({ destination }),
  'display-text': ({ text }) => ({ text }),
  'demand-response': ({ level, from, minutes }, nowMs) => ({
    level,
    fromMs: from === undefined ? nowMs : instantOf(from),
    minutes,
  }),
  'tariff-activation': ({ calendar }) => ({ calendar: readCalendar(calendar) }),
  'key-change': ({ of }) => ({ of: keysOf(of) }),
};

function parametersOf(command: MeterCommand, flags: ParameterFlags, nowMs: number): object | undefined {
  return builders[command]?.(flags, nowMs);
}

/** In the order in which they are changed, however they were written. */
function keysOf(text: string | undefined): string[] {
  const asked = (text ?? keyNames.join(',')).split(',').map((name) => name.trim());
  const unknown = asked.find((name) => !keyNames.some((known) => known === name));
  if (unknown === undefined) return keyNames.filter((name) => asked.includes(name));
  throw serverError('server/bad-usage', `expected keys of ${keyNames.join(', ')}, found '${unknown}'`);
}

function instantOf(text: string): number {
  try {
    return Temporal.Instant.from(text).epochMilliseconds;
  } catch {
    throw serverError('server/bad-usage', `expected an instant as 2026-11-29T18:00:00Z, found '${text}'`);
  }
}

function readCalendar(path: string | undefined): unknown {
  if (path === undefined) throw serverError('server/bad-usage', 'expected --calendar with a file');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw serverError('server/no-file', `the calendar ${path} cannot be read`, { path });
  }
  try {
    return JSON.parse(text);
  } catch {
    throw serverError('server/bad-usage', `${path}: expected a calendar as JSON`, { path });
  }
}
