/** Fixed readings of an invented town: the same on every machine, with every quality somewhere. */
import { seededRandom } from '@wattline/base';
import { quality, type ReadingSeries } from '@wattline/model';
import { wallOf } from '../src/zone-time.ts';

export const fixtureZone = 'Europe/London';
/** Saturday 21 November 2026, 14:22 in the town. */
export const fixtureNowMs = Date.UTC(2026, 10, 21, 14, 22);
/** The town begins with October, local midnight. */
export const fixtureStartMs = Date.UTC(2026, 8, 30, 23);
export const intervalMs = 900_000;

const plain = quality.measured;

/** A usage point's load in words. */
export interface Household {
  readonly id: string;
  readonly kind: 'home' | 'shop' | 'public';
  readonly solarW: number;
  /** End of the last interval known. */
  readonly knownUntilMs: number;
  /** Whether the story of qualities is told on this point. */
  readonly hasStory: boolean;
}

/** Values from the town's start on, one per interval, as far as they are known; null is missing. */
export interface Recorded {
  readonly delivered: readonly (number | null)[];
  readonly received: readonly (number | null)[];
  readonly quality: readonly number[];
}

const kept = new Map<string, Recorded>();

/** The readings of a household. */
export function recordedOf(household: Household): Recorded {
  const key = `${household.id}/${household.knownUntilMs}`;
  const known = kept.get(key);
  if (known) return known;
  const made = record(household);
  kept.set(key, made);
  return made;
}

function record(household: Household): Recorded {
  const random = seededRandom(`portal/${household.id}`);
  const count = Math.max(0, Math.floor((household.knownUntilMs - fixtureStartMs) / intervalMs));
  const delivered: (number | null)[] = [];
  const received: (number | null)[] = [];
  const bits: number[] = [];
  const scale = { home: 1, shop: 3.4, public: 1.8 }[household.kind] * (0.7 + random.next() * 0.6);
  let weather = 0.6;
  let kettle = 0;
  for (let index = 0; index < count; index++) {
    const wall = wallOf(fixtureStartMs + index * intervalMs, fixtureZone);
    if (wall.minute === 0) weather = 0.12 + 0.88 * random.next();
    const hour = wall.minute / 60;
    kettle = Math.max(
      0,
      kettle * 0.55 + (random.next() < activity(household.kind, hour) * 0.22 ? 1500 * random.next() : 0),
    );
    const load = scale * (base(household.kind, hour) * (0.85 + 0.3 * random.next()) + kettle);
    const sun =
      household.solarW *
      weather *
      Math.max(0, Math.cos(((hour - 12.2) / 9) * Math.PI)) *
      (0.75 + 0.25 * random.next()) *
      0.62;
    const net = Math.round((load - sun) / 4);
    delivered.push(Math.max(0, net));
    received.push(Math.max(0, -net));
    bits.push(plain);
  }
  if (household.hasStory) tellStory(delivered, received, bits);
  return { delivered, received, quality: bits };
}

function base(kind: Household['kind'], hour: number): number {
  if (kind === 'shop') return hour > 8 && hour < 19 ? 620 : 170;
  if (kind === 'public') return hour < 6.5 || hour > 16.5 ? 720 : 40;
  const morning = 420 * Math.exp(-(((hour - 7.6) / 1.1) ** 2));
  const evening = 780 * Math.exp(-(((hour - 19) / 2.2) ** 2));
  return 165 + morning + evening;
}

function activity(kind: Household['kind'], hour: number): number {
  if (kind === 'public') return 0;
  if (hour < 6 || hour > 23) return 0.03;
  return hour > 16.5 && hour < 21.5 ? 0.9 : 0.4;
}

/** Indexes of the intervals of a UTC day from one hour to another. */
function span(day: number, fromHour: number, toHour: number): number[] {
  const from = (Date.UTC(2026, 10, day) + fromHour * 3_600_000 - fixtureStartMs) / intervalMs;
  return Array.from({ length: Math.round((toHour - fromHour) * 4) }, (_, index) => from + index);
}

function tellStory(delivered: (number | null)[], received: (number | null)[], bits: number[]): void {
  const set = (indexes: readonly number[], flags: number, value?: (was: number) => number | null) => {
    for (const index of indexes) {
      if (index >= bits.length) continue;
      bits[index] = flags;
      if (!value) continue;
      delivered[index] = value(delivered[index] ?? 0);
      received[index] = 0;
    }
  };
  set(span(3, 10, 14), quality.estimated, () => 96);
  set(span(9, 2, 3.25), quality.measured | quality.powerFail, () => 0);
  set(span(12, 20, 20.25), quality.edited | quality.manual, () => 410);
  set(span(15, 18, 18.75), quality.measured | quality.suspect, (was) => was + 1900);
  set(span(18, 4, 5.5), quality.missing, () => null);
  set(span(20, 13, 14.5), quality.estimated, () => 88);
  set(span(20, 17.25, 17.5), quality.measured | quality.suspect, (was) => was + 700);
  set(span(20, 3, 3.75), quality.missing, () => null);
  set(span(21, 6, 6.5), quality.estimated, () => 74);
}

/** A channel over [fromMs, toMs) as the API gives it; what is not known yet is missing. */
export function seriesOf(
  household: Household,
  readingType: 'delivered' | 'received',
  period: { readonly fromMs: number; readonly toMs: number; readonly asOfMs?: number },
): ReadingSeries {
  const recorded = recordedOf(household);
  const first = Math.floor((period.fromMs - fixtureStartMs) / intervalMs);
  const count = Math.max(0, Math.floor((period.toMs - period.fromMs) / intervalMs));
  const indexes = Array.from({ length: count }, (_, index) => first + index);
  return {
    channel: `${household.id}/${readingType}`,
    readingType,
    unit: 'Wh',
    scale: 0,
    start: instant(fixtureStartMs + first * intervalMs),
    intervalSeconds: intervalMs / 1000,
    value: indexes.map((index) => recorded[readingType][index] ?? null),
    quality: indexes.map((index) => recorded.quality[index] ?? quality.missing),
    asOf: instant(period.asOfMs ?? fixtureNowMs),
  };
}

/** An instant as the API writes it. */
export function instant(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}
