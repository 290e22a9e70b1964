/** The storm of pushes: how many a second are taken, how long from the octets to the event on disk, and to a subscriber of the API. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Clock, jsonLog, realClock, secureRandom } from '@wattline/base';
import { type Headend, openHeadend } from '@wattline/headend';
import type { EventSink, SystemEvent } from '@wattline/model';
import { tcpDialer } from '@wattline/network';
import { openRegistry } from '@wattline/store/registry';
import { createEventHub } from '@wattline/system';
import { createBenchMeter, shipmentOf } from './bench-meter.ts';
import { createRecord, delayAt, delaysOf } from './due-times.ts';
import { openLogSink } from './log-sink.ts';

const sender = fileURLToPath(new URL('./pushes.ts', import.meta.url));

/** What the storm came to. */
export interface StormFigures {
  readonly sent: number;
  readonly taken: number;
  readonly perSecond: number;
  /** From when the octets were read to when the event was on disk. */
  readonly p99Ms: number;
  readonly medianMs: number;
  /** From when the push was due to be sent. */
  readonly fromDueP99Ms: number;
  /** Processor time of the head-end's process, s. */
  readonly cpuSeconds: number;
}

/** A storm of pushes. */
export interface Storm {
  readonly directory: string;
  readonly meters: number;
  readonly perSecond: number;
  readonly seconds: number;
}

/** The policy under which the stack itself is started, but for the quota: concentrators push for hundreds of meters over one link. */
export const stormPolicy = { pushesPerLinkMinute: 1_000_000, sealThread: true };

/** Sends `seconds` of pushes at `perSecond` and waits until all are taken or refused. */
export async function pushStorm(storm: Storm): Promise<StormFigures> {
  const { directory, perSecond, seconds } = storm;
  const clock = realClock();
  const registry = await openRegistry(join(directory, 'storm.sqlite'));
  const hub = createEventHub(registry, jsonLog('error'));
  const seen = createRecord(perSecond * seconds);
  const fromReceipt = new Float64Array(perSecond * seconds);
  const isOnDisk = ({ occurredMs, receivedMs, kind }: SystemEvent) => {
    if (kind !== 'power-fail') return;
    const atMs = clock.now();
    fromReceipt[seen.count()] = atMs - receivedMs;
    seen.add(occurredMs, atMs);
  };
  const events: EventSink = {
    report: (event) => hub.report(event).then(() => isOnDisk(event)),
    reportAfter: (event, ready) => hub.reportAfter(event, ready).then(() => isOnDisk(event)),
  };
  const sink = await openLogSink(join(directory, 'storm-log'));
  const headend = await openHeadend({
    ...{ registry, events, sink, clock, dialer: tcpDialer, progress: sink, log: jsonLog('error') },
    push: { host: '127.0.0.1', port: 0 },
    random: secureRandom(),
    keyFile: join(directory, 'storm-keys.bin'),
    policy: stormPolicy,
  });
  const shipment = writeShipment(storm, clock);
  await headend.provision(shipment.text, 'json');
  const cpu = process.cpuUsage();
  const startedMs = await rage(storm, { headend, clock, shipment: shipment.path });
  const { user, system } = process.cpuUsage(cpu);
  const taken = headend.figures().pushesReceived;
  await headend.close();
  await hub.close();
  await sink.close();
  await registry.destroy();
  const receipts = fromReceipt.subarray(0, seen.count()).sort();
  const lastMs = seen.all().reduce((last, { atMs }) => Math.max(last, atMs), startedMs);
  return {
    sent: perSecond * seconds,
    taken,
    perSecond: (1000 * taken) / Math.max(1000, lastMs - startedMs),
    p99Ms: delayAt(receipts, 0.99),
    medianMs: delayAt(receipts, 0.5),
    fromDueP99Ms: delayAt(delaysOf(seen.all(), { startedMs, perSecond }), 0.99),
    cpuSeconds: (user + system) / 1e6,
  };
}

/** The shipment of the meters that push, as text and in a file for the sender. */
export function writeShipment(
  { directory, meters }: Storm,
  clock: Clock,
): { readonly text: string; readonly path: string } {
  const rows = Array.from({ length: meters }, (_, i) => {
    const meter = createBenchMeter(i, clock.now(), clock);
    return shipmentOf(meter, i, { host: '127.0.0.1', port: 1 });
  });
  const text = JSON.stringify(rows);
  const path = join(directory, 'storm.json');
  writeFileSync(path, text);
  return { text, path };
}

/** Lets the sender send; resolves, when all was taken or refused, to when the first push was due. */
export async function rage(
  { perSecond, seconds }: Storm,
  {
    headend,
    clock,
    shipment,
  }: { readonly headend: Headend; readonly clock: Clock; readonly shipment: string },
): Promise<number> {
  const { port } = headend.pushAddress;
  const child = spawn(
    process.execPath,
    [sender, String(port), shipment, String(perSecond), String(seconds)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const ended = once(child, 'exit');
  const startedMs = Number(await firstLine(child));
  await ended;
  const counted = () => headend.figures().pushesReceived + headend.figures().pushesRefused;
  const deadlineMs = clock.monotonic() + 60_000;
  while (counted() < perSecond * seconds && clock.monotonic() < deadlineMs) await clock.sleep(20);
  return startedMs;
}

/** The first line that a process prints. */
export async function firstLine({ stdout }: ChildProcess): Promise<string> {
  if (!stdout) throw new Error('expected a process whose output is read');
  const [line] = (await once(createInterface(stdout), 'line')) as [string];
  return line;
}
