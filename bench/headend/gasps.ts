/** From a meter that loses its power to who listens: pushes of one process, the whole stack in ours, and a subscriber of its API in a third. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { loadTariffs } from '@wattline/apps/billing';
import { jsonLog, realClock, secureRandom } from '@wattline/base';
import { tcpDialer } from '@wattline/network';
import { startApi } from '@wattline/server';
import { openSystem } from '@wattline/system';
import { delayAt, delaysOf } from './due-times.ts';
import { rage, type Storm, stormPolicy, writeShipment } from './storm.ts';

const subscriber = fileURLToPath(new URL('./subscriber.ts', import.meta.url));

/** What came to the subscriber. */
export interface GaspFigures {
  readonly sent: number;
  readonly told: number;
  /** From when the push was due to be sent to when its event was read. */
  readonly p99Ms: number;
  readonly mostMs: number;
}

/** Sends a storm through the stack to a subscriber. */
export async function gaspStorm(storm: Storm): Promise<GaspFigures> {
  const clock = realClock();
  const log = jsonLog('error');
  const random = secureRandom();
  const directory = join(storm.directory, 'gasps');
  const system = await openSystem({
    ...{ directory, clock, random, log, dialer: tcpDialer, zone: 'UTC', headendPolicy: stormPolicy },
    push: { host: '127.0.0.1', port: 0 },
    tariffs: loadTariffs('UTC'),
    startedMonotonicMs: clock.monotonic(),
  });
  const api = await startApi({
    ...{ system, mode: 'serve', host: '127.0.0.1', port: 0, dataDirectory: directory, log, random },
    portalDirectory: directory,
    town: null,
  });
  const { text, path } = writeShipment(storm, clock);
  await system.headend.provision(text, 'json');
  const sent = storm.perSecond * storm.seconds;
  const url = `${api.url}/api/v1/operations/events/stream`;
  const token = readFileSync(join(directory, 'token'), 'utf8').trim();
  const child = spawn(process.execPath, [subscriber, url, String(sent), token], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const ended = once(child, 'exit');
  await lines.next();
  const startedMs = await rage(storm, { headend: system.headend, clock, shipment: path });
  const stop = clock.after(10_000, () => child.kill());
  const told = String((await lines.next()).value ?? '[]');
  await ended;
  stop();
  await api.close();
  await system.close();
  const seen = (JSON.parse(told) as [number, number][]).map(([occurredMs, atMs]) => ({ occurredMs, atMs }));
  const delays = delaysOf(seen, { startedMs, perSecond: storm.perSecond });
  return {
    sent,
    told: new Set(seen.map(({ occurredMs }) => occurredMs)).size,
    p99Ms: delayAt(delays, 0.99),
    mostMs: delayAt(delays, 1),
  };
}
