/** What a meter is made from, and what it is given to live on. */
import type { Clock } from '@wattline/base';
import type { SecurityKeys } from '@wattline/protocols/dlms';
import type { Crystal } from './clock/crystal.ts';
import type { SynchronisationPolicy } from './clock/synchronisation.ts';
import type { SecuredClient } from './cosem/clients.ts';
import type { ScrollLists } from './display/scroll-list.ts';
import { meterError } from './errors.ts';
import type { EventSchemeName } from './events/event-codes.ts';
import type { Ratings } from './events/observation.ts';
import type { FirmwareOptions } from './firmware/firmware.ts';
import type { NonVolatile } from './memory/non-volatile.ts';
import type { PulseMemory } from './memory/pulse-memory.ts';
import type { StorageDevice } from './memory/storage-device.ts';
import type { TokenVerifier } from './payment/token-gateway.ts';
import type { GaspTiming, HoldUp } from './power/last-gasp.ts';
import type { ApparentMethod } from './quantities/phasor.ts';
import { mostRatio, type TransformerRatios } from './quantities/transformer-ratio.ts';
import type { WaveformSnapshot } from './quantities/waveform-snapshot.ts';
import type { BookkeepingOptions } from './registers/bookkeeping.ts';
import { mostRates } from './registers/energy-set.ts';
import type { EntryLabel } from './registers/entry-label.ts';
import type { ProfileDefect } from './registers/metrology.ts';
import type { ControlMode } from './supply-switch/disconnect-control.ts';
import type { MeterTariff } from './tariff/tariff-calendar.ts';

/** The specification. */
export interface MeterSpec extends BookkeepingOptions {
  /** `WTL` and digits, as printed on the meter. */
  readonly serial: string;
  /** Companion profile by name, see `companionProfiles`. */
  readonly profile: string;
  /** IANA zone of its wall clock. */
  readonly zone: string;
  /** Capture period of load profile 1, seconds; divides an hour. */
  readonly intervalSeconds: number;
  readonly phases: 1 | 3;
  /** True instant at which it is first energised, UTC ms. */
  readonly startMs: number;
  /** Its calendar gives the rates of the time-of-use registers. */
  readonly tariff: MeterTariff;
  readonly keys: Readonly<Record<SecuredClient, SecurityKeys>>;
  /** Key under which new keys come wrapped (KEK), 16 or 32 octets; without it keys cannot be transferred. */
  readonly masterKey?: Uint8Array;
  /** Readings it comes with, whole Wh; all zero when left out. */
  readonly initial?: { readonly ratesWh: readonly number[]; readonly receivedWh: number };
  /** Days the profiles hold, default 90, at least 60. */
  readonly profileDays?: number;
  /** The clock's error at the start, ms, and its drift, parts per million. */
  readonly clockOffsetMs?: number;
  readonly clockDriftPpm?: number;
  /** The crystal of the clock: its drift then follows age and what `feel` is told of the temperature. */
  readonly crystal?: Crystal;
  /** Which instant names an entry of the load and midnight profiles; default the end. */
  readonly entryLabel?: EntryLabel;
  /** Rates that have a register, used or not: 2 to 8, default as many as the tariff has. */
  readonly rateCount?: number;
  /** How apparent power and energy of three phases are found, by phasors as by samples; default arithmetic. */
  readonly apparent?: ApparentMethod;
  /** Mode of the supply switch, default 4: remote commands reconnect directly, no button opens it. */
  readonly controlMode?: ControlMode;
  /** How the clock is brought to a time it is told. */
  readonly synchronisation?: SynchronisationPolicy;
  /** Hours that the battery of the clock lasts without supply, default ten years. */
  readonly batteryHours?: number;
  /** What the meter lives on when supply fails, and when its last gasp goes. */
  readonly holdUp?: HoldUp;
  readonly gaspTiming?: GaspTiming;
  /** Firmware: what runs, who may sign another; a meter without trusts nobody's. */
  readonly firmware?: Partial<FirmwareOptions>;
  /** Lists of the display, default those of the companion profile. */
  readonly scrollLists?: ScrollLists;
  /** By which list of codes, and into how many logs, events go; default `demo`: IDIS codes in one log. */
  readonly eventScheme?: EventSchemeName;
  /** What it is built for; default 230 V, 5(100) A, no contracted power, energy both ways. */
  readonly ratings?: Partial<Ratings>;
  /** Instrument transformers as it comes programmed; default connected directly. */
  readonly transformers?: TransformerRatios;
  /** Whose keys and counter seal what it pushes, default the reader's; a make with one client has no other than management. */
  readonly pushesAs?: SecuredClient;
  /** Where it pushes to, for the push setup: `host:port`; empty when it does not. */
  readonly pushDestination?: string;
}

/** What comes from outside. */
export interface MeterEnvironment {
  /** True time. */
  readonly clock: Pick<Clock, 'now'>;
  readonly memory: NonVolatile;
  /** Who vouches for tokens; without it none is taken. */
  readonly tokens?: TokenVerifier;
  /** Registers that outlive the process: they go on from what it holds, and each pulse is on it before the next. */
  readonly pulses?: PulseMemory;
  /** Sends a push, after a while when that is above 0; nothing is sent without it. */
  readonly send?: (octets: Uint8Array, delayMs: number) => void;
  /** The wave as the converter sees it; without it the meter shows a model of the wave about its phasors. */
  readonly waveform?: () => WaveformSnapshot | undefined;
  /** Storage of a buffer by name (profiles, event logs), of so many octets: its entries outlive the process. */
  readonly rings?: (name: string, bytes: number) => StorageDevice;
  /** Defects of the profile memory, by the start of the interval. */
  readonly defectAt?: (intervalStartMs: number) => ProfileDefect | undefined;
}

const usualRatings: Ratings = {
  ratedV: 230,
  basicA: 5,
  maximumA: 100,
  contractW: Number.POSITIVE_INFINITY,
  isBidirectional: true,
};

/** The ratings of a meter, usual ones where it names none. */
export function ratingsOf(spec: MeterSpec): Ratings {
  return { ...usualRatings, ...spec.ratings };
}

const leastProfileDays = 60;
const mostProfileDays = 3660;

/** @throws CodedError `meter/bad-spec` naming the field. */
export function checkSpec(spec: MeterSpec): void {
  const { serial, intervalSeconds, startMs, profileDays = leastProfileDays } = spec;
  const refuse = (field: string, expected: string, found: unknown) => {
    throw meterError('meter/bad-spec', `${field}: expected ${expected}, found ${String(found)}`, {
      serial,
      field,
    });
  };
  const isPeriod = Number.isInteger(intervalSeconds) && intervalSeconds >= 60 && 3600 % intervalSeconds === 0;
  if (!isPeriod) refuse('intervalSeconds', 'whole seconds from 60 that divide an hour', intervalSeconds);
  if (!Number.isSafeInteger(startMs)) refuse('startMs', 'an instant in ms', startMs);
  if (spec.rateCount !== undefined && !(spec.rateCount >= 1 && spec.rateCount <= mostRates)) {
    refuse('rateCount', `1 to ${mostRates} rates`, spec.rateCount);
  }
  if (!(profileDays >= leastProfileDays && profileDays <= mostProfileDays)) {
    refuse('profileDays', `${leastProfileDays} to ${mostProfileDays} days`, profileDays);
  }
  for (const [field, figure] of Object.entries(spec.transformers ?? {})) {
    if (!(Number.isInteger(figure) && figure >= 1 && figure <= mostRatio))
      refuse(`transformers.${field}`, `a whole number from 1 to ${mostRatio}`, figure);
  }
  for (const zone of new Set([spec.zone, spec.tariff.zone])) {
    try {
      Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone);
    } catch {
      refuse('zone', 'an IANA time zone', zone);
    }
  }
}
