/** A town that lives: its meters built, filled with history, listening, and going on in town time. */
import { join } from 'node:path';
import { type Clock, CodedError, makeDirectories, messageOf, type Random } from '@wattline/base';
import { openFileMemory, type ServedMeter, serveMeter } from '@wattline/meter';
import { type Dialer, tcpDialer } from '@wattline/network';
import { readLoad } from '../load/load-reader.ts';
import type { LoadReport } from '../load/load-set.ts';
import { createWorld, type World } from '../world/world.ts';
import { buildMeters, fillHistory } from './build-meters.ts';
import { liveTime } from './live-time.ts';
import { createPushSender, type PushSender } from './push-sender.ts';
import { shipmentOf, writeShipment } from './shipment.ts';
import type { TownMeter } from './town-meter.ts';
import type { TownProcessOptions } from './town-options.ts';

/** Something worth a line. */
export type TownEvent =
  | { readonly event: 'power-fail' | 'power-restore'; readonly serial: string; readonly atMs: number }
  | { readonly event: 'push-lost'; readonly serial: string; readonly code: string }
  | { readonly event: 'peer-refused'; readonly serial: string; readonly code: string; readonly peer: string };

/** What the town lives on. */
export interface TownSurroundings {
  readonly clock: Clock;
  /** For challenges of the meters. */
  readonly random: Random;
  readonly onEvent: (event: TownEvent) => void;
  readonly dialer?: Dialer;
}

/** A living town. */
export interface OpenTown {
  readonly world: World;
  readonly meters: readonly TownMeter[];
  readonly shipmentPath: string;
  readonly loadNote: string | null;
  /** What was wrong with the load file; null when the load is modelled. */
  readonly loadReport: LoadReport | null;
  close(): Promise<void>;
}

const host = '127.0.0.1';
/** Town time between two steps of the present, and the real time that steps are apart at least. */
const stepMs = 5_000;
const leastRealStepMs = 100;
/** Meters opening their port at one time. */
const listenAtOnce = 64;
/** Larger answers than the usual meter gives: the profile of forty days in a few blocks. */
const maxPduSize = 16_384;

/**
 * Opens the town; when it resolves all meters answer.
 * @throws CodedError `sim/bad-option`, `sim/unknown-tariff`, `sim/no-directory`, `sim/load-...`, `meter/...`, `network/...`
 */
export async function openTown(
  options: TownProcessOptions,
  surroundings: TownSurroundings,
): Promise<OpenTown> {
  const { directory, pushHost, pushPort } = options;
  const { clock, random, onEvent, dialer = tcpDialer } = surroundings;
  const world = await openWorld(options);
  makeDirectory(directory);
  const memory = openFileMemory(join(directory, 'meters.memory'));
  const address = { host: pushHost, port: pushPort };
  const lost = (serial: string, code: string) => onEvent({ event: 'push-lost', serial, code });
  const pushes: PushSender | undefined =
    pushPort === 0 ? undefined : createPushSender({ dialer, address, onLost: lost });
  const meters = buildMeters({
    world,
    tariffs: options.tariffs,
    memory,
    now: () => clock.now(),
    profile: 'demo',
    hasMasterKey: true,
    pushDestination: pushPort === 0 ? '' : `${pushHost}:${pushPort}`,
    send: delayedSending(clock, (from, octets) => {
      if (from.canPush(clock.now())) pushes?.send(from.meter.spec.serial, octets);
    }),
  });
  memory.grouped(() => {
    for (const { meter } of meters) meter.reserveCounters();
  });
  fillHistory(meters, Math.max(options.nowMs ?? 0, clock.now()));
  const served = new Map<TownMeter, ServedMeter>();
  const closeAll = async () => {
    await Promise.all([...served.values()].map((one) => one.close()));
    memory.close();
  };
  try {
    await listenAll(meters, served, { ...options, clock, random, onEvent });
    const rows = meters.map((one) => shipmentOf(one, (served.get(one) as ServedMeter).address));
    const shipmentPath = writeShipment(directory, rows);
    const stop = liveTime({
      clock,
      meters,
      intervalMs: options.intervalSeconds * 1000,
      stepMs: Math.max(stepMs, leastRealStepMs * options.anchor.speed),
      onPower(one, isPowered) {
        if (!isPowered) served.get(one)?.dropLinks();
        const event = isPowered ? 'power-restore' : 'power-fail';
        onEvent({ event, serial: one.meter.spec.serial, atMs: clock.now() });
      },
      onStep() {
        const nowMs = clock.now();
        for (const [one, listener] of served) if (!one.isReachable(nowMs)) listener.dropLinks();
        memory.sync();
      },
    });
    const close = async () => {
      stop();
      await closeAll();
    };
    const loadReport = world.options.load?.report ?? null;
    return { world, meters, shipmentPath, loadNote: world.loadNote, loadReport, close };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/**
 * Sends at once or after the delay of a last gasp. A gasp whose meter has supply again by then is not sent: it was a flicker, and the
 * meter tells of its return itself.
 */
function delayedSending(
  clock: Clock,
  send: (from: TownMeter, octets: Uint8Array) => void,
): (from: TownMeter, octets: Uint8Array, delayMs: number) => void {
  return (from, octets, delayMs) => {
    if (delayMs === 0) return send(from, octets);
    clock.after(delayMs, () => {
      if (!from.meter.isPowered) send(from, octets);
    });
  };
}

/** The world of the options, with its load file read. */
export async function openWorld(
  options: Pick<
    TownProcessOptions,
    'seed' | 'startMs' | 'meters' | 'zone' | 'intervalSeconds' | 'load' | 'faults'
  >,
): Promise<World> {
  const { seed, startMs, meters, zone, intervalSeconds, faults } = options;
  const load = options.load === null ? undefined : await readLoad(options.load);
  return createWorld({
    seed,
    startMs,
    meters,
    zone,
    // The world refuses what is none of these.
    intervalSeconds: intervalSeconds as 900 | 1800 | 3600,
    ...(load ? { load } : {}),
    ...(faults ? { faults } : {}),
  });
}

function makeDirectory(directory: string): void {
  try {
    makeDirectories(directory, { isPrivate: true });
  } catch (error) {
    const what = `the directory ${directory} cannot be made: ${messageOf(error)}`;
    throw new CodedError('sim/no-directory', what, { directory }, error);
  }
}

async function listenAll(
  meters: readonly TownMeter[],
  served: Map<TownMeter, ServedMeter>,
  of: Pick<TownProcessOptions, 'basePort'> & TownSurroundings,
): Promise<void> {
  const { basePort, clock, random, onEvent } = of;
  for (let first = 0; first < meters.length; first += listenAtOnce) {
    const opening = meters.slice(first, first + listenAtOnce).map(async (one, index) => {
      const { serial } = one.meter.spec;
      const port = basePort === 0 ? 0 : basePort + first + index;
      const listener = await serveMeter(
        one.meter.device,
        { host, port },
        {
          clock,
          random,
          maxPduSize,
          isReachable: () => one.isReachable(clock.now()),
          onEvent(event, peer) {
            if (event.kind === 'refused') onEvent({ event: 'peer-refused', serial, code: event.code, peer });
          },
        },
      );
      served.set(one, listener);
    });
    const outcomes = await Promise.allSettled(opening);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason;
  }
}
