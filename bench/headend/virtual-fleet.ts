/** A fleet on virtual time: the same meters, sessions and octets as over TCP, over simulated ways, with a registry in memory. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom, silentLog, type VirtualClock, virtualClock } from '@wattline/base';
import { type Headend, type HeadendPolicy, openHeadend } from '@wattline/headend';
import { attachMeter, type Meter } from '@wattline/meter';
import type { Dialer } from '@wattline/network';
import { openRegistry, type Registry } from '@wattline/store/registry';
import { createBenchMeter, shipmentOf } from './bench-meter.ts';
import { type MemorySink, memorySink } from './memory-sink.ts';
import { dialOver, radioLinkPair, type Way } from './radio-link.ts';

/** The fleet and its head-end. */
export interface VirtualFleet {
  readonly clock: VirtualClock;
  readonly meters: readonly Meter[];
  readonly headend: Headend;
  readonly registry: Registry;
  readonly sink: MemorySink;
  close(): Promise<void>;
}

/** Opens it; `wayOf` says how each meter is reached, `routeOf` over which concentrator. */
export async function openVirtualFleet(options: {
  readonly meters: number;
  readonly startMs: number;
  readonly seed: string;
  readonly policy: Partial<HeadendPolicy>;
  readonly routeOf: (i: number) => string;
  readonly wayOf: (i: number, clock: VirtualClock) => Way;
  readonly fill?: (meter: Meter, i: number) => void;
}): Promise<VirtualFleet> {
  const { startMs, seed, policy, routeOf, wayOf, fill } = options;
  const clock = virtualClock(startMs);
  const random = seededRandom(seed);
  const meters = Array.from({ length: options.meters }, (_, i) => createBenchMeter(i, startMs, clock));
  if (fill) for (const [i, meter] of meters.entries()) fill(meter, i);
  const ways = meters.map((_, i) => wayOf(i, clock));
  const dialer: Dialer = {
    async dial({ host, port }, timeoutMs) {
      const way = ways[port - 1] as Way;
      const name = `${host}:${port}`;
      await dialOver(clock, way, { name, timeoutMs });
      const [ours, theirs] = radioLinkPair(clock, way, [name, 'head-end']);
      const { device } = meters[port - 1] as Meter;
      attachMeter(device, theirs, { random, clock, maxPduSize: 16_384 });
      return ours;
    },
  };
  const directory = mkdtempSync(join(tmpdir(), 'wattline-fleet-'));
  const registry = await openRegistry(':memory:');
  const sink = memorySink(clock);
  const headend = await openHeadend({
    registry,
    dialer,
    push: { host: '127.0.0.1', port: 0 },
    clock,
    random,
    log: silentLog,
    events: { report: async () => {} },
    sink,
    progress: sink,
    keyFile: join(directory, 'keys.bin'),
    policy: { historySinceMs: startMs, ...policy },
  });
  const rows = meters.map((meter, i) =>
    shipmentOf(meter, i, { host: 'field', port: i + 1, route: routeOf(i) }),
  );
  await headend.provision(JSON.stringify(rows), 'json');
  return {
    clock,
    meters,
    headend,
    registry,
    sink,
    async close() {
      // A dial that is under way ends by the clock that only this world moves.
      await runUntil(clock, headend.close(), 1_000);
      await registry.destroy();
      rmSync(directory, { recursive: true });
    },
  };
}

/** Runs virtual time until a promise has settled; `everyMs` at a time. */
export async function runUntil<T>(clock: VirtualClock, promise: Promise<T>, everyMs: number): Promise<T> {
  let isSettled = false;
  const settled = promise.finally(() => {
    isSettled = true;
  });
  settled.catch(() => undefined);
  while (!isSettled) await clock.advance(everyMs);
  return settled;
}
