/** Energy at the usage point: what the source gives, without what outages took, netted within each interval. */
import assert from 'node:assert/strict';
import type { DayEnergy, LoadSource } from './load-source.ts';
import type { LocalDay, LocalDays } from './local-days.ts';
import { type Outage, type OutageSchedule, type SupplyPath, suppliedShare } from './outage.ts';

/** Energy of one interval at the usage point, whole Wh. */
export interface IntervalEnergy {
  readonly deliveredWh: number;
  readonly receivedWh: number;
  /** False when the whole interval was without supply: both energies are then a true zero. */
  readonly isSupplied: boolean;
}

/** Energies of a run of intervals as columns; `isSupplied` is 1 or 0. */
export interface EnergyRange {
  readonly deliveredWh: Float64Array;
  readonly receivedWh: Float64Array;
  readonly isSupplied: Uint8Array;
}

/** Energy of any interval of any premises. */
export interface SuppliedEnergy {
  of(premisesIndex: number, intervalIndex: number): IntervalEnergy;
  range(premisesIndex: number, fromIndex: number, toIndex: number): EnergyRange;
}

/** The energy of a world whose intervals are `slotsPerInterval` slots each. */
export function supplyEnergy(world: {
  readonly premises: readonly SupplyPath[];
  readonly source: LoadSource;
  readonly outages: OutageSchedule;
  readonly days: LocalDays;
  readonly slotsPerInterval: number;
}): SuppliedEnergy {
  const { premises, source, outages, days, slotsPerInterval } = world;
  const dayOf = rememberDays(premises.length, (index, day) =>
    supplyDay(
      source.day(index, day),
      day,
      outages.on(premises[index] as SupplyPath, day.startMs, endOf(day)),
    ),
  );
  const range = (premisesIndex: number, fromIndex: number, toIndex: number): EnergyRange => {
    assert(Number.isSafeInteger(premisesIndex) && premisesIndex >= 0 && premisesIndex < premises.length);
    assert(Number.isSafeInteger(fromIndex) && Number.isSafeInteger(toIndex) && toIndex >= fromIndex);
    const energies = emptyRange(toIndex - fromIndex);
    let slot = fromIndex * slotsPerInterval;
    for (let k = 0; k < energies.isSupplied.length; k++) {
      let net = 0;
      let isSupplied = 0;
      for (const end = slot + slotsPerInterval; slot < end; slot++) {
        const local = days.at(slot);
        const day = dayOf(premisesIndex, local);
        const at = slot - local.firstSlot;
        net += (day.load[at] as number) - (day.solar ? (day.solar[at] as number) : 0);
        isSupplied |= day.isSupplied ? (day.isSupplied[at] as number) : 1;
      }
      if (net > 0) energies.deliveredWh[k] = net;
      else if (net < 0) energies.receivedWh[k] = -net;
      energies.isSupplied[k] = isSupplied;
    }
    return energies;
  };
  return {
    range,
    of(premisesIndex, intervalIndex) {
      const one = range(premisesIndex, intervalIndex, intervalIndex + 1);
      const [deliveredWh, receivedWh] = [one.deliveredWh[0] as number, one.receivedWh[0] as number];
      return { deliveredWh, receivedWh, isSupplied: one.isSupplied[0] === 1 };
    },
  };
}

function endOf(day: LocalDay): number {
  return day.startMs + day.slots * day.slotMs;
}

function emptyRange(length: number): EnergyRange {
  return {
    deliveredWh: new Float64Array(length),
    receivedWh: new Float64Array(length),
    isSupplied: new Uint8Array(length),
  };
}

/** A day after outages; `isSupplied` is null on the usual day without one. */
interface SuppliedDay extends DayEnergy {
  readonly isSupplied: Uint8Array | null;
}

/** Takes the energy of outages out of a day; a slot hit in part keeps the share that was supplied. */
function supplyDay(energy: DayEnergy, day: LocalDay, hits: readonly Outage[]): SuppliedDay {
  if (hits.length === 0) return { ...energy, isSupplied: null };
  const shares = Float64Array.from({ length: day.slots }, (_, slot) => {
    const fromMs = day.startMs + slot * day.slotMs;
    return suppliedShare(hits, fromMs, fromMs + day.slotMs);
  });
  const dim = (wh: Int32Array) => wh.map((value, slot) => Math.round(value * (shares[slot] as number)));
  return {
    load: dim(energy.load),
    solar: energy.solar && dim(energy.solar),
    isSupplied: Uint8Array.from(shares, (share) => (share > 0 ? 1 : 0)),
  };
}

/** Keeps the last two days asked for of each premises: meters ask for the present day, again and again. */
function rememberDays(
  meters: number,
  make: (premisesIndex: number, day: LocalDay) => SuppliedDay,
): (premisesIndex: number, day: LocalDay) => SuppliedDay {
  interface Kept {
    readonly of: LocalDay;
    readonly day: SuppliedDay;
  }
  const recent: (Kept | undefined)[] = new Array(meters);
  const before: (Kept | undefined)[] = new Array(meters);
  return (premisesIndex, of) => {
    const last = recent[premisesIndex];
    if (last?.of === of) return last.day;
    const older = before[premisesIndex];
    const kept = older?.of === of ? older : { of, day: make(premisesIndex, of) };
    before[premisesIndex] = last;
    recent[premisesIndex] = kept;
    return kept.day;
  };
}
