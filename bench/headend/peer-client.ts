/** Another client library on the meters of the sweep: what it is given, what it must answer, and both figures. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { realClock } from '@wattline/base';
import type { MeterShipment } from '@wattline/model';
import { stepMs } from './bench-meter.ts';
import { startMeters } from './meter-process.ts';
import { sweepOften } from './sweep.ts';

/** What a program of another client answers, as one JSON line, the last one of its standard output. */
export interface PeerAnswer {
  /** Name and version of the client library. */
  readonly client: string;
  /** Sessions that were counted, one for each row. */
  readonly sessions: number;
  /** Entries of load profile that those sessions read. */
  readonly entries: number;
  /** Duration of the counted sessions, s. */
  readonly seconds: number;
  /** Processor time of the program for the counted sessions, s; left out when it does not know. */
  readonly cpuSeconds?: number;
}

/** Sessions/s of one client, and of one core that it kept busy. */
export interface Pace {
  readonly perSecond: number;
  readonly perCore: number | undefined;
}

const dayMs = 86_400_000;
/** A program that takes longer than this is ended, ms. */
const patienceMs = 120_000;
/** How often the head-end reads the day: just-in-time compilers of both need some thousand sessions before their pace stands. */
const warmDays = 5;
/** Beside those of the head-end, which has a system title of its own. */
const firstInvocationCounter = 1_000;
const columns = [
  ...['host', 'port', 'systemTitle', 'client', 'server', 'ek', 'ak'],
  ...['invocationCounter', 'profile', 'from', 'to'],
];

/** The pace of the head-end and of another client over one fleet of meters, one after the other. */
export async function sweepBesidePeer(options: {
  readonly meters: number;
  readonly directory: string;
  readonly command: string;
}): Promise<{ readonly ours: Pace; readonly theirs: Pace; readonly client: string }> {
  const { meters, command } = options;
  const directory = join(options.directory, 'peer');
  mkdirSync(directory);
  const fleet = await startMeters({ meters, directory });
  try {
    const { day } = await sweepOften({ meters, directory, path: fleet.path, days: warmDays });
    if (day.failures > 0) throw new Error(`${day.failures} sessions failed`);
    const path = join(directory, 'sessions.csv');
    const endMs = Math.floor(realClock().now() / dayMs) * dayMs;
    writeFileSync(path, sessionsCsv(JSON.parse(readFileSync(fleet.path, 'utf8')), endMs));
    const answer = await runPeerClient(command, path, meters);
    return { ours: paceOf(meters, day), theirs: paceOf(meters, answer), client: answer.client };
  } finally {
    await fleet.stop();
  }
}

function paceOf(
  sessions: number,
  { seconds, cpuSeconds }: { readonly seconds: number; readonly cpuSeconds?: number },
): Pace {
  return {
    perSecond: sessions / seconds,
    perCore: cpuSeconds === undefined ? undefined : sessions / cpuSeconds,
  };
}

/**
 * Runs `command`, a program with its arguments, with the path of a CSV file (RFC 4180, header first) as one argument more. Each row is a session:
 * connect over TCP (wrapper), AARQ with HLS-GMAC (mechanism 5), suite 0, everything ciphered and authenticated, GET of the buffer of `profile` by range,
 * release, disconnect.
 * - `host`, `port`; `client` and `server`, the SAPs; `systemTitle` of the meter, `ek` and `ak`, as hexadecimal digits;
 * - `invocationCounter`: the first number for the client's requests to this meter; each request takes the next, over all sessions;
 * - `profile`: OBIS code, class 7; `from` and `to`: clocks of the first and of the last entry of a day, UTC, RFC 3339.
 *
 * The program takes all rows several times over, with as many sessions at once as suit it, and counts the last time alone: the head-end, too, has met
 * each meter before and is warm. What it learns in the first, as the capture objects, it may keep.
 * @throws Error when the program fails, or its last line is not a {@link PeerAnswer} of so many sessions with a day of entries each
 */
export async function runPeerClient(command: string, path: string, meters: number): Promise<PeerAnswer> {
  const clock = realClock();
  const startedMs = clock.monotonic();
  const child = spawn('sh', ['-c', `exec ${command} "$1"`, 'peer', path], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: patienceMs,
  });
  const [output, [code, signal]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  if (code !== 0) throw new Error(`the peer client ended with ${code ?? signal}`);
  const line = output.trim().split('\n').at(-1) ?? '';
  return checkPeerAnswer(line, { meters, wallSeconds: (clock.monotonic() - startedMs) / 1000 });
}

/** @throws Error when it is not the answer of a client that did the work */
export function checkPeerAnswer(
  line: string,
  { meters, wallSeconds }: { readonly meters: number; readonly wallSeconds: number },
): PeerAnswer {
  const { client, sessions, entries, seconds, cpuSeconds } = JSON.parse(line) as Partial<PeerAnswer>;
  if (typeof client !== 'string' || client === '') throw new Error(`expected a client, found ${line}`);
  const dayEntries = dayMs / stepMs;
  if (sessions !== meters || entries !== meters * dayEntries) {
    const expected = `${meters} sessions of ${dayEntries} entries`;
    throw new Error(`${client}: expected ${expected}, found ${sessions} with ${entries} in all`);
  }
  if (typeof seconds !== 'number' || !(seconds > 0 && seconds <= wallSeconds)) {
    throw new Error(`${client}: expected seconds above 0 and at most ${wallSeconds}, found ${seconds}`);
  }
  if (cpuSeconds === undefined) return { client, sessions, entries, seconds };
  if (typeof cpuSeconds !== 'number' || !(cpuSeconds > 0)) {
    throw new Error(`${client}: expected cpuSeconds above 0, found ${cpuSeconds}`);
  }
  return { client, sessions, entries, seconds, cpuSeconds };
}

/** Entries are labelled by the end of their interval: the day's first is a step after midnight, its last the next midnight. */
function sessionsCsv(shipments: readonly MeterShipment[], endMs: number): string {
  const from = new Date(endMs - dayMs + stepMs).toISOString();
  const to = new Date(endMs).toISOString();
  const rows = shipments.map(({ meter, keys }) => [
    ...[meter.host, meter.port, meter.systemTitle, 2, 1, keys.reader.ek, keys.reader.ak],
    ...[firstInvocationCounter, '1.0.99.1.0.255', from, to],
  ]);
  return [columns, ...rows].map((row) => `${row.join(',')}\r\n`).join('');
}
