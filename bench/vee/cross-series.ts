/** Real points with more than one channel, for the rules that lay channels beside each other. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ReadingTypeId } from '@wattline/model';
import { DayGatherer, folder, linesOf, type RealMeter } from './real-series.ts';

/** A point with the channels that were measured beside the one under review. */
export interface CrossSet {
  readonly id: string;
  readonly title: string;
  readonly intervalSeconds: number;
  /** Rated generation, W. */
  readonly generationW: number;
  readonly read: () => {
    readonly main: RealMeter;
    readonly related: Partial<Record<ReadingTypeId, RealMeter>>;
  };
}

const files = {
  ireland: 'A08_esb_ie_hdf_import_export_30min.csv.gz',
  steel: 'A10_steel_kr_15min_2018.csv.gz',
} as const;

/** Rows are newest first, labelled `DD-MM-YYYY HH:MM` with the end of the interval. */
function readIreland() {
  const gatherer = new DayGatherer(1800);
  for (const line of linesOf(files.ireland).slice(1)) {
    const [, , kwh, type = '', label = ''] = line.split(',');
    const [day, month, year, hour, minute] = label.split(/[- :]/).map(Number);
    const end = Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute);
    gatherer.add(type.includes('Export') ? 'received' : 'delivered', end - 1_800_000, kwh);
  }
  return pairOf(gatherer.finish(), 'delivered', ['received']);
}

/** Rows are labelled with the end; the last of a date has 00:00 of the same date. */
function readSteel() {
  const gatherer = new DayGatherer(900);
  for (const line of linesOf(files.steel).slice(1)) {
    const [label = '', kwh, lagging, leading, , , , seconds] = line.split(',');
    const [day, month, year] = (label.split(' ')[0] ?? '').split('/').map(Number);
    const end = Number(seconds) === 0 ? 86_400 : Number(seconds);
    const at = Date.UTC(year ?? 0, (month ?? 1) - 1, day) + (end - 900) * 1000;
    gatherer.add('delivered', at, kwh);
    gatherer.add('delivered-reactive', at, String(Number(lagging) + Number(leading)));
  }
  return pairOf(gatherer.finish(), 'delivered', ['delivered-reactive']);
}

function pairOf(meters: readonly RealMeter[], main: string, others: readonly ReadingTypeId[]) {
  const named = (id: string) => meters.find((meter) => meter.id === id) as RealMeter;
  return { main: named(main), related: Object.fromEntries(others.map((id) => [id, named(id)])) };
}

export const crossSets: readonly CrossSet[] = [
  {
    id: 'A08',
    title: 'An Irish home with a roof, half-hours both ways, 2022 to 2024',
    intervalSeconds: 1800,
    generationW: 5000,
    read: readIreland,
  },
  {
    id: 'A10',
    title: 'A steel plant in Korea, quarter-hours of active and reactive energy, 2018',
    intervalSeconds: 900,
    generationW: 0,
    read: readSteel,
  },
].filter(({ id }) => existsSync(join(folder, id === 'A08' ? files.ireland : files.steel)));
