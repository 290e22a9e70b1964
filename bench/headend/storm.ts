/** The storm of pushes: how many a second are taken, and how long from the octets to the event on disk. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { jsonLog, realClock, secureRandom } from '@wattline/base';
import { openHeadend } from '@wattline/headend';
import type { EventSink, SystemEvent } from '@wattline/model';
import { tcpDialer } from '@wattline/network';
import { openRegistry } from '@wattline/store/registry';
import { createEventHub } from '@wattline/system';
import { createBenchMeter, shipmentOf } from './bench-meter.ts';
import { openLogSink } from './log-sink.ts';

const sender = fileURLToPath(new URL('./pushes.ts', import.meta.url));

/** What the storm came to. */
export interface StormFigures {
  readonly sent: number;
  readonly taken: number;
  readonly perSecond: number;
  readonly p99Ms: number;
  readonly medianMs: number;
  /** Processor time of the head-end's process, s. */
  readonly cpuSeconds: number;
}

/** Sends `seconds` of pushes at `perSecond` and waits until all are taken or refused. */
export async function pushStorm(of: {
  readonly directory: string;
  readonly meters: number;
  readonly perSecond: number;
  readonly seconds: number;
}): Promise<StormFigures> {
  const { directory, meters, perSecond, seconds } = of;
  const clock = realClock();
  const rows = Array.from({ length: meters }, (_, i) => {
    const meter = createBenchMeter(i, clock.now(), clock);
    return shipmentOf(meter, i, { host: '127.0.0.1', port: 1 });
  });
  const sent = perSecond * seconds;
  const path = join(directory, 'storm.json');
  writeFileSync(path, JSON.stringify(rows));
  const registry = await openRegistry(join(directory, 'storm.sqlite'));
  const hub = createEventHub(registry, jsonLog('error'));
  const latencies: number[] = [];
  let firstMs = 0;
  let lastMs = 0;
  const isOnDisk = (event: SystemEvent) => {
    lastMs = clock.now();
    firstMs ||= event.receivedMs;
    latencies.push(lastMs - event.receivedMs);
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
    // Concentrators push for hundreds of meters over one link.
    policy: { pushesPerLinkMinute: 1_000_000, sealThread: true },
  });
  await headend.provision(JSON.stringify(rows), 'json');
  const { port } = headend.pushAddress;
  const cpu = process.cpuUsage();
  const child = spawn(process.execPath, [sender, String(port), path, String(perSecond), String(seconds)], {
    stdio: 'inherit',
  });
  await once(child, 'exit');
  const counted = () => headend.figures().pushesReceived + headend.figures().pushesRefused;
  for (const deadlineMs = clock.monotonic() + 60_000; counted() < sent && clock.monotonic() < deadlineMs; ) {
    await clock.sleep(20);
  }
  const { user, system } = process.cpuUsage(cpu);
  const taken = headend.figures().pushesReceived;
  await headend.close();
  await hub.close();
  await sink.close();
  await registry.destroy();
  latencies.sort((a, b) => a - b);
  const at = (share: number) =>
    latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
  const tookSeconds = Math.max(1, lastMs - firstMs) / 1000;
  return {
    sent,
    taken,
    perSecond: taken / tookSeconds,
    p99Ms: at(0.99),
    medianMs: at(0.5),
    cpuSeconds: (user + system) / 1e6,
  };
}
