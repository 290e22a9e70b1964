/** One virtual meter with forty days of history, for the engineer's bench: `wattline meter run`. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Clock, dateOf, localDay, realClock, secureRandom, toHex } from '@wattline/base';
import { type MeterTariff, openFileMemory, serveMeter } from '@wattline/meter';
import type { Address } from '@wattline/network';
import type { Mechanism, Protection } from '@wattline/protocols/dlms';
import { buildMeters, fillHistory } from './build-meters.ts';
import { liveTime } from './live-time.ts';
import { openWorld } from './open-town.ts';

/** What to run. */
export interface SingleMeterOptions {
  /** Companion profile, `demo`. */
  readonly profile: string;
  /** 0: the system chooses. */
  readonly port: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  readonly seed: string;
  readonly intervalSeconds: number;
  readonly zone: string;
  /** Days of history, default 40. */
  readonly days?: number;
  /**
   * File of its non-volatile memory, default `~/.wattline/meter-<seed>.memory`: the keys of a seed are always the same, so its
   * counters must go on from run to run. One meter of a seed runs at a time.
   */
  readonly memoryPath?: string;
  /** Frames by HDLC over TCP in place of the wrapper. */
  readonly isHdlc?: boolean;
  /** Default the machine's. */
  readonly clock?: Clock;
}

/** A client of the meter and what it needs to associate; keys as hexadecimal digits. */
export interface SingleMeterClient {
  readonly name: string;
  readonly sap: number;
  readonly mechanism: Mechanism;
  readonly protection: Protection;
  readonly ek: string | null;
  readonly ak: string | null;
}

/** The running meter. */
export interface SingleMeter {
  readonly address: Address;
  readonly serial: string;
  /** 16 hexadecimal digits. */
  readonly systemTitle: string;
  readonly clients: readonly SingleMeterClient[];
  stop(): Promise<void>;
}

const defaultDays = 40;
const stepMs = 5_000;
const everyDay = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/**
 * Runs one meter: the home of premises 0 of the seed.
 * @throws CodedError `sim/bad-option`, `meter/profile-unknown`, `network/port-taken`, ...
 */
export async function runSingleMeter(options: SingleMeterOptions): Promise<SingleMeter> {
  const { profile, port, host = '127.0.0.1', seed, intervalSeconds, zone } = options;
  const clock = options.clock ?? realClock();
  const nowMs = clock.now();
  const world = await openWorld({
    seed,
    startMs: historyStart(nowMs, options),
    meters: 1,
    zone,
    intervalSeconds,
    load: null,
  });
  const [premises] = world.premises;
  const memory = openFileMemory(options.memoryPath ?? usualMemoryPath(seed));
  const [one] = buildMeters({
    world,
    tariffs: [dayAndNight(premises?.tariffId ?? '', zone)],
    memory,
    now: () => clock.now(),
    profile,
    pushDestination: '',
    send: () => {},
  });
  assert(one, 'a world of one meter has one');
  fillHistory([one], nowMs);
  const { meter } = one;
  const served = await serveMeter(
    meter.device,
    { host, port },
    {
      clock,
      random: secureRandom(),
      ...(options.isHdlc ? { hdlc: {} } : {}),
    },
  );
  const onStep = () => memory.sync();
  const stopTime = liveTime({ clock, meters: [one], intervalMs: intervalSeconds * 1000, stepMs, onStep });
  return {
    address: served.address,
    serial: meter.spec.serial,
    systemTitle: toHex(meter.systemTitle),
    clients: meter.clients.map(({ name, clientSap, mechanism, protection, keys }) => ({
      name,
      sap: clientSap,
      mechanism,
      protection,
      ek: keys ? toHex(keys.ek) : null,
      ak: keys ? toHex(keys.ak) : null,
    })),
    async stop() {
      stopTime();
      await served.close();
      memory.close();
    },
  };
}

function usualMemoryPath(seed: string): string {
  const directory = join(homedir(), '.wattline');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const name = createHash('sha256').update(seed).digest('hex').slice(0, 16);
  return join(directory, `meter-${name}.memory`);
}

function historyStart(nowMs: number, { zone, days = defaultDays }: SingleMeterOptions): number {
  const today = Temporal.PlainDate.from(dateOf(nowMs, zone));
  return localDay(today.subtract({ days }).toString(), zone).startMs;
}

/** Day and night rates, night until 07:00. */
function dayAndNight(id: string, zone: string): MeterTariff {
  return {
    id,
    zone,
    rates: [
      { rate: 1, name: 'Day', tiers: [] },
      { rate: 2, name: 'Night', tiers: [] },
    ],
    calendar: [
      { days: everyDay, from: '00:00', rate: 2 },
      { days: everyDay, from: '07:00', rate: 1 },
    ],
  };
}
