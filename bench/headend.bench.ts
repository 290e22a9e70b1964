/**
 * Does the head-end read, hear and keep a fleet at the pace a utility needs, and does nothing get lost or past it?
 *
 * On paper, a session of the sweep is a dial and four requests (AARQ, HLS reply, one list of clock, profile and registers, release),
 * 0.3 kB out and 3 kB in for a day of quarter-hours:
 * - sealing and opening: 8 operations of AES-GCM at 10 us each in node:crypto, 0.08 ms;
 * - the operating system: a connection and ten reads and writes at 10 us, 0.1 ms;
 * - decoding 96 entries at 1 M/s: 0.1 ms; three rows of the registry at 30 us: 0.1 ms.
 * So 0.4 ms of one core, 2,500 sessions/s and 4 s for 10,000 meters; the meters need as much of the other core.
 * - memory: 10,000 meters at 10 kB are 100 MB, the runtime and the databases 150 MB: 250 MB; the runtime alone 150 MB.
 * - push: opening one is 0.03 ms, a row of the event log and of the counters 0.02 ms: 20,000/s of one core. To disk: the group that is
 *   being synced and the next one, two fdatasyncs of the machine's disk, 2 ms to 5 ms each: 10 ms. From when it was due
 *   the sender's tick of 5 ms and its turn on the processor come before: 20 ms; to a subscriber of the API a process more: 25 ms.
 * - 600 ms round trips, 500 meters behind a concentrator that takes one session at a time: five round trips each, 1,500 s; ratio 1.
 * - completeness: 1 % of meters silent for a day, from an hour of the first day on, lack half of it after 8 h: 99.5 %; all have it in 72 h.
 * - bytes: 96 entries of 24 octets (clock, status, two registers), 2,304, registers 90, association and framing 500: 2.9 kB.
 *
 * When the variable WATTLINE_PEER_CLIENT names a program of another client library, it reads the same meters (sweep-peer): a CSV of sessions in, one
 * JSON line `{"client", "sessions", "entries", "seconds"}` out; what each holds stands in `headend/peer-client.ts`. Both are bound by what the meters
 * answer on the other core, so that sessions/s of one core tells more, where the program tells its processor time (`cpuSeconds`).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Figure, isQuick, printFigure } from './figure.ts';
import { canary, runCampaign } from './headend/canaries.ts';
import { runWorldOfLoss } from './headend/completeness.ts';
import { gaspStorm } from './headend/gasps.ts';
import { rotateKeys } from './headend/key-changes.ts';
import { sweepBesidePeer } from './headend/peer-client.ts';
import { offerReplays } from './headend/replays.ts';
import { metersPerConcentrator, roundTripMs, sweepSlowly } from './headend/round-trips.ts';
import { pushStorm } from './headend/storm.ts';
import { runSweeps } from './headend/sweep.ts';

const directory = mkdtempSync(join(tmpdir(), 'wattline-bench-'));
const figure = (
  name: string,
  value: number,
  rest: Omit<Figure, 'bench' | 'figure' | 'value' | 'size'>,
  size: string,
) => printFigure({ bench: 'headend', figure: name, value, ...rest, ...(isQuick ? { size } : {}) });

try {
  await sweep(isQuick ? 500 : 10_000);
  await storm(isQuick ? 3 : 20);
  await gasps(isQuick ? 3 : 10);
  await slowSweep(isQuick ? 500 : 10_000);
  await completeness(isQuick ? 60 : 400);
  canaries(isQuick ? 50 : 1_000);
  await keyChanges(isQuick ? 200 : 10_000);
  replays(isQuick ? 50_000 : 1_000_000);
  await peer(isQuick ? 200 : 1_000);
} finally {
  rmSync(directory, { recursive: true, force: true });
}

async function sweep(meters: number): Promise<void> {
  const { day, first, memoryMb } = await runSweeps({ meters, directory });
  if (day.failures + first.failures > 0) throw new Error(`${day.failures} sessions failed`);
  const size = `${meters} meters`;
  const seconds = { unit: 's', higherIsBetter: false };
  figure(
    'sweep-10k',
    day.seconds,
    { ...seconds, target: (15 * meters) / 10_000, paperLimit: (4 * meters) / 10_000 },
    size,
  );
  figure('sweep-first-contact', first.seconds, seconds, size);
  const perCore = { unit: 'sessions/s of one core', higherIsBetter: true, target: 670, paperLimit: 2_500 };
  figure('sessions', meters / day.cpuSeconds, perCore, size);
  const megabytes = { unit: 'MB', higherIsBetter: false, target: 1_500, paperLimit: 150 };
  figure('headend-memory', memoryMb, megabytes, size);
}

async function storm(seconds: number): Promise<void> {
  // A little more than is asked for: what is taken, to the last of it, is never more than what is offered.
  const perSecond = 10_050;
  const {
    sent,
    taken,
    perSecond: found,
    p99Ms,
    fromDueP99Ms,
    cpuSeconds,
  } = await pushStorm({ directory, meters: 1_024, perSecond, seconds });
  if (taken !== sent) throw new Error(`${taken} of ${sent} pushes were taken`);
  const size = `${sent} pushes`;
  figure('push', found, { unit: 'pushes/s', higherIsBetter: true, target: 10_000, paperLimit: 20_000 }, size);
  const perCore = { unit: 'pushes/s of one core', higherIsBetter: true, paperLimit: 20_000 };
  figure('pushes-per-core', taken / cpuSeconds, perCore, size);
  const ms = { unit: 'ms', higherIsBetter: false };
  figure('push-to-disk-p99', p99Ms, { ...ms, target: 25, paperLimit: 10 }, size);
  figure('push-due-to-disk-p99', fromDueP99Ms, { ...ms, paperLimit: 20 }, size);
}

async function gasps(seconds: number): Promise<void> {
  const { sent, told, p99Ms, mostMs } = await gaspStorm({
    directory,
    meters: 1_024,
    perSecond: 5_000,
    seconds,
  });
  if (told !== sent) throw new Error(`${told} of ${sent} last gasps were told`);
  const size = `${sent} gasps, 5,000/s`;
  const ms = { unit: 'ms', higherIsBetter: false, target: 1_000 };
  figure('last-gasp-to-subscriber-p99', p99Ms, { ...ms, paperLimit: 25 }, size);
  figure('last-gasp-to-subscriber-most', mostMs, ms, size);
}

async function slowSweep(meters: number): Promise<void> {
  const { seconds, paperSeconds, octetsPerMeter, failures } = await sweepSlowly(meters);
  if (failures > 0) throw new Error(`${failures} sessions failed`);
  const size = `${meters} meters, ${metersPerConcentrator} a concentrator, ${roundTripMs} ms`;
  figure(
    'sweep-rtt-ratio',
    seconds / paperSeconds,
    { unit: 'of paper', higherIsBetter: false, paperLimit: 1 },
    size,
  );
  figure(
    'bytes-per-meter-day',
    octetsPerMeter,
    { unit: 'octets', higherIsBetter: false, paperLimit: 2_900 },
    size,
  );
}

async function completeness(meters: number): Promise<void> {
  const { within8h, within24h, within72h, unexplained, intervals } = await runWorldOfLoss(meters, '1');
  if (unexplained > 0) throw new Error(`${unexplained} missing intervals have no true cause`);
  const size = `${meters} meters, ${intervals} intervals`;
  const share = { unit: '%', higherIsBetter: true };
  figure('completeness-8h', within8h, { ...share, target: 98.5, paperLimit: 99.5 }, size);
  figure('completeness-24h', within24h, { ...share, target: 99.5, paperLimit: 100 }, size);
  figure('completeness-72h', within72h, { ...share, target: 99.9, paperLimit: 100 }, size);
}

/** Both errors are told: a bad image that goes on, and a good one that is stopped. */
function canaries(campaigns: number): void {
  const seeds = Array.from({ length: campaigns }, (_, seed) => seed);
  const stopped = seeds.filter((seed) => runCampaign(seed, 0.03) === 'halted').length;
  const wrongly = seeds.filter((seed) => runCampaign(seed, 0) === 'halted').length;
  const size = `${campaigns} campaigns, ${canary.meters} meters in the canary`;
  const per = { unit: 'of 1,000 campaigns' };
  const value = (count: number) => (count * 1000) / campaigns;
  figure(
    'canary-stopped',
    value(stopped),
    { ...per, higherIsBetter: true, target: 999, paperLimit: 1_000 },
    size,
  );
  figure('canary-stopped-wrongly', value(wrongly), { ...per, higherIsBetter: false, target: 20 }, size);
}

async function keyChanges(meters: number): Promise<void> {
  const { rotated, unknown } = await rotateKeys(meters, directory);
  const size = `${meters} meters`;
  const share = (100 * rotated) / meters;
  figure('keys-rotated', share, { unit: '%', higherIsBetter: true, target: 99.9, paperLimit: 100 }, size);
  figure('keys-unknown', unknown, { unit: 'meters', higherIsBetter: false, target: 0 }, size);
}

function replays(count: number): void {
  const { accepted, genuine } = offerReplays(count);
  if (genuine !== 500) throw new Error(`${genuine} of 500 genuine pushes were taken`);
  figure('replays-accepted', accepted, { unit: 'APDUs', higherIsBetter: false, target: 0 }, `${count} APDUs`);
}

/** Sessions/s of a sweep by the head-end, which besides keeps what it reads, and by another client on the same meters. */
async function peer(meters: number): Promise<void> {
  const command = process.env.WATTLINE_PEER_CLIENT;
  if (!command) {
    console.error('bench headend: sweep-peer skipped, WATTLINE_PEER_CLIENT names no program');
    return;
  }
  const { ours, theirs, client } = await sweepBesidePeer({ meters, directory, command });
  const print = (name: string, value: number, unit: string, beside?: number) => {
    const against = beside === undefined ? {} : { against: { name: client, value: Math.round(beside) } };
    const size = `${meters} meters`;
    printFigure({ bench: 'headend', figure: name, value, unit, higherIsBetter: true, ...against, size });
  };
  print('sweep-peer', ours.perSecond, 'sessions/s', theirs.perSecond);
  print('sweep-peer-ratio', ours.perSecond / theirs.perSecond, 'ours to theirs');
  if (ours.perCore === undefined || theirs.perCore === undefined) return;
  print('sweep-peer-per-core', ours.perCore, 'sessions/s of one core', theirs.perCore);
}
