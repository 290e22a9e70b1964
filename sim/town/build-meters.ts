/** The meters of a world: specification, keys and readings of each from the seed, and their history up to now. */
import { CodedError, seededRandom } from '@wattline/base';
import {
  type Crystal,
  createMeter,
  type FirmwareOptions,
  firmwareKeysFromSeed,
  keysFromSeed,
  type MeterTariff,
  type NonVolatile,
  serialOf,
  type TransformerRatios,
  type WaveformSnapshot,
} from '@wattline/meter';
import type { Premises } from '../world/premises.ts';
import type { World } from '../world/world.ts';
import { defectsOf, TownMeter } from './town-meter.ts';

/** What building needs besides the world. */
export interface BuildOptions {
  readonly world: World;
  readonly tariffs: readonly MeterTariff[];
  readonly memory: NonVolatile;
  readonly now: () => number;
  /** Companion profile. */
  readonly profile: string;
  /** Sends a push of a meter, after a while when that is above 0. */
  readonly send: (from: TownMeter, octets: Uint8Array, delayMs: number) => void;
  /** Meters that live on samples: how many phases those have, and the wave as it is seen. */
  readonly sampled?: { readonly phases: 1 | 3; readonly waveform: () => WaveformSnapshot | undefined };
  /** What the clocks run by, at the temperature of the place; without it they keep time. */
  readonly crystal?: Crystal;
  /** Instrument transformers that are programmed into the meters. */
  readonly transformers?: TransformerRatios;
  /** Keys may be transferred under a master key, which comes from the seed too. */
  readonly hasMasterKey?: true;
  /** `host:port`, empty when meters do not push. */
  readonly pushDestination: string;
}

/** Largest firmware image; a hundred meters take one at a time, each in a memory of twice this. */
const mostFirmwareOctets = 65_536;
/** The first serial number of a town. */
const firstSerial = 10_000_001;
/** Largest reading a meter comes with in each rate, Wh. */
const mostInitialWh = 20_000_000;
const dayMs = 86_400_000;
/** Days the profiles hold beyond the history. */
const daysAhead = 50;
const mostProfileDays = 1000;

/**
 * All meters, standing at the start of the world.
 * @throws CodedError `sim/unknown-tariff`
 */
export function buildMeters(options: BuildOptions): TownMeter[] {
  const tariffs = new Map(options.tariffs.map((tariff) => [tariff.id, tariff]));
  return options.world.premises.map((premises) => {
    const tariff = tariffs.get(premises.tariffId);
    if (!tariff) {
      const known = [...tariffs.keys()].join(', ') || 'none';
      const what = `${premises.id}: expected a tariff that the town was given (${known}), found '${premises.tariffId}'`;
      throw new CodedError('sim/unknown-tariff', what, {
        usagePointId: premises.id,
        tariffId: premises.tariffId,
      });
    }
    return buildMeter(premises, tariff, options);
  });
}

function buildMeter(premises: Premises, tariff: MeterTariff, options: BuildOptions): TownMeter {
  const { world, memory, now, profile, pushDestination, sampled } = options;
  const { seed, startMs, zone, intervalSeconds } = world.options;
  const serial = serialOf(firstSerial + premises.index);
  const random = seededRandom(`wattline/${seed}/meter/${serial}`);
  const historyDays = Math.ceil((now() - startMs) / dayMs);
  const meter = createMeter(
    {
      serial,
      profile,
      zone,
      intervalSeconds,
      phases: sampled?.phases ?? premises.phases,
      startMs,
      tariff,
      keys: {
        reader: keysFromSeed(seed, serial, 'reader'),
        management: keysFromSeed(seed, serial, 'management'),
      },
      ...(options.transformers ? { transformers: options.transformers } : {}),
      ...(options.crystal ? { crystal: options.crystal } : {}),
      firmware: { keys: makersOf(seed), mostOctets: mostFirmwareOctets },
      ...(options.hasMasterKey ? { masterKey: keysFromSeed(seed, serial, 'master').ek } : {}),
      initial: {
        ratesWh: Array.from({ length: 2 }, () => random.below(mostInitialWh)),
        receivedWh: premises.solarW > 0 ? random.below(mostInitialWh) : 0,
      },
      profileDays: Math.min(mostProfileDays, Math.max(60, historyDays + daysAhead)),
      pushDestination,
    },
    {
      clock: { now },
      memory,
      defectAt: defectsOf(world, premises.index),
      send: (octets, delayMs) => options.send(townMeter, octets, delayMs),
      ...(sampled ? { waveform: sampled.waveform } : {}),
    },
  );
  const townMeter = new TownMeter({ world, premises, meter, random: random.fork('moment') });
  return townMeter;
}

/** Who may sign firmware for the meters of a seed: whoever knows the seed. */
function makersOf(seed: string): FirmwareOptions['keys'] {
  const keyOf = (part: 'application' | 'legal') => [firmwareKeysFromSeed(seed, part).publicKey];
  return { application: keyOf('application'), legal: keyOf('legal') };
}

/** Fills the history of all meters from the start of the world to `nowMs`; nothing is pushed. */
export function fillHistory(meters: readonly TownMeter[], nowMs: number): void {
  for (const meter of meters) meter.advance(nowMs, true);
}
