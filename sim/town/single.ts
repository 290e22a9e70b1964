/** One virtual meter with forty days of history, for the engineer's bench: `wattline meter run`. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Clock, dateOf, localDay, realClock, secureRandom, toHex } from '@wattline/base';
import {
  type BenchClient,
  commonCrystal,
  type MeterClient,
  type MeterTariff,
  openFileMemory,
  type ServedMeter,
  type ServeOptions,
  serveMeter,
  serveMeterOnSerial,
  serveMeterOnUdp,
  type TransformerRatios,
  withBenchClients,
} from '@wattline/meter';
import type { Address, SerialOptions } from '@wattline/network';
import type {
  ClientPolicy,
  HdlcOptions,
  LogicalDevice,
  Mechanism,
  Protection,
} from '@wattline/protocols/dlms';
import type { Baud, OpeningMeter } from '@wattline/protocols/iec62056-21';
import { buildMeters, fillHistory } from './build-meters.ts';
import { liveTime } from './live-time.ts';
import { openWorld } from './open-town.ts';
import { runWaveform, type WaveformSupply } from './waveform-supply.ts';

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
  /** Frames by HDLC in place of the wrapper. */
  readonly hdlc?: HdlcOptions;
  /** The wrapper over UDP in place of TCP. */
  readonly isUdp?: boolean;
  /** A serial port in place of TCP; frames are HDLC. */
  readonly serial?: SerialOptions;
  /** Listens for the opening of mode E first; the highest speed it offers, Bd. */
  readonly opticalBaud?: Baud;
  /** Largest APDU it takes and sends, octets; default 1024. */
  readonly maxPduSize?: number;
  /** Instrument transformers that are programmed into it; what it sees is their secondary side. */
  readonly transformers?: TransformerRatios;
  /** Its clock runs by a crystal at the temperature of the place, in place of true time. */
  readonly hasCrystal?: boolean;
  /** Adds the bench clients of these mechanisms, weak ones too: see bench-clients.ts of the meter room. */
  readonly benchMechanisms?: readonly Mechanism[];
  /** Answers short names, whatever the profile. */
  readonly hasShortNames?: boolean;
  /** Samples that the meter lives on from now on, after its history; default: the load of the premises. */
  readonly waveform?: WaveformSupply;
  /** Default the machine's. */
  readonly clock?: Clock;
}

/** A client of the meter and what it needs to associate; keys as hexadecimal digits. */
export interface SingleMeterClient {
  readonly name: string;
  readonly sap: number;
  readonly mechanism: Mechanism;
  readonly protection: Protection;
  /** Security suite of its keys. */
  readonly suite: 0 | 1 | 2 | null;
  readonly ek: string | null;
  readonly ak: string | null;
  /** Password, as text. */
  readonly secret: string | null;
  /** Keys of mechanism `ecdsa`: the client's own pair and the meter's public point x || y. */
  readonly signing: {
    readonly clientPrivateKey: string;
    readonly clientPublicKey: string;
    readonly meterPublicKey: string;
  } | null;
}

/** The running meter. */
export interface SingleMeter {
  /** On a serial port the host is the device file and the port 0. */
  readonly address: Address;
  readonly serial: string;
  /** 16 hexadecimal digits. */
  readonly systemTitle: string;
  /** Key under which new keys come wrapped, hexadecimal digits; what it came with. */
  readonly masterKey: string | null;
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
  const { profile, seed, intervalSeconds, zone } = options;
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
  const { waveform } = options;
  let wave: ReturnType<typeof runWaveform> | undefined;
  const [one] = buildMeters({
    ...(waveform ? { sampled: { phases: waveform.phases, waveform: () => wave?.snapshot() } } : {}),
    world,
    tariffs: [dayAndNight(premises?.tariffId ?? '', zone)],
    memory,
    now: () => clock.now(),
    profile,
    pushDestination: '',
    hasMasterKey: true,
    ...(options.transformers ? { transformers: options.transformers } : {}),
    ...(options.hasCrystal ? { crystal: commonCrystal } : {}),
    send: () => {},
  });
  assert(one, 'a world of one meter has one');
  fillHistory([one], nowMs);
  const { meter } = one;
  const { benchMechanisms = [], hasShortNames = false } = options;
  const { device, clients } =
    benchMechanisms.length > 0 || hasShortNames
      ? withBenchClients(meter.device, {
          seed,
          serial: meter.spec.serial,
          memory,
          mechanisms: benchMechanisms,
          // The rights of the profile's reader, whatever its SAP.
          rightsOf: readerOf(meter.clients),
        })
      : { device: meter.device, clients: [] };
  const served = await serve(device, options, { clock, serial: meter.spec.serial });
  const onStep = () => memory.sync();
  const intervalMs = intervalSeconds * 1000;
  if (waveform) wave = runWaveform({ clock, meter, supply: waveform, onStep });
  const stopTime = wave?.stop ?? liveTime({ clock, meters: [one], intervalMs, stepMs, onStep });
  return {
    address: served.address,
    serial: meter.spec.serial,
    systemTitle: toHex(meter.systemTitle),
    masterKey: meter.spec.masterKey ? toHex(meter.spec.masterKey) : null,
    clients: [...meter.clients, ...clients].map(shownClient),
    async stop() {
      stopTime();
      await served.close();
      memory.close();
    },
  };
}

function serve(
  device: LogicalDevice,
  options: SingleMeterOptions,
  one: { readonly clock: Clock; readonly serial: string },
): Promise<ServedMeter> {
  const { port, host = '127.0.0.1', hdlc, isUdp, serial, maxPduSize, opticalBaud } = options;
  const how: ServeOptions = {
    clock: one.clock,
    random: secureRandom(),
    ...(maxPduSize === undefined ? {} : { maxPduSize }),
    ...(opticalBaud === undefined ? {} : { optical: opticalPortOf(one.serial, opticalBaud) }),
  };
  if (serial) return serveMeterOnSerial(device, serial, { ...how, hdlc: hdlc ?? {} });
  if (isUdp) return serveMeterOnUdp(device, { host, port }, how);
  return serveMeter(device, { host, port }, hdlc ? { ...how, hdlc } : how);
}

/** Who may read all and change nothing, where the profile has such a client. */
function readerOf(clients: readonly MeterClient[]): MeterClient {
  const found =
    clients.find(({ role }) => role === 'reader') ?? clients.find(({ role }) => role === 'management');
  assert(found, 'every companion profile has a client that may read');
  return found;
}

/** The identification is the serial number, cut to the 16 characters that IEC 62056-21 has for it. */
function opticalPortOf(serial: string, maxBaud: Baud): OpeningMeter {
  const manufacturer = serial.slice(0, 3);
  return { manufacturer, identification: serial.slice(3, 19), address: serial.slice(3), maxBaud };
}

function shownClient(client: ClientPolicy & Pick<BenchClient, 'clientSigning'>): SingleMeterClient {
  const { name, clientSap, mechanism, protection, keys, secret, signing, clientSigning } = client;
  return {
    name,
    sap: clientSap,
    mechanism,
    protection,
    suite: keys?.suite ?? null,
    ek: keys ? toHex(keys.ek) : null,
    ak: keys ? toHex(keys.ak) : null,
    secret: secret ? new TextDecoder().decode(secret) : null,
    signing:
      signing && clientSigning
        ? {
            clientPrivateKey: toHex(clientSigning.privateKey),
            clientPublicKey: toHex(clientSigning.publicKey),
            meterPublicKey: toHex(signing.own.publicKey),
          }
        : null,
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
