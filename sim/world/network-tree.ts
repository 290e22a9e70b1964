/** The feeder tree: one substation, feeders that leave it like spokes, transformers along them, a street at each. */
import type { Random } from '@wattline/base';
import type { Place } from './place.ts';

/** A distribution transformer and where it stands. */
export interface Transformer {
  readonly id: string;
  readonly ratedKva: number;
  readonly latitude: number;
  readonly longitude: number;
}

/** A medium-voltage feeder with its transformers in order of distance from the substation. */
export interface Feeder {
  readonly id: string;
  readonly transformers: readonly Transformer[];
}

/** The town's network. */
export interface NetworkTree {
  readonly substation: string;
  readonly feeders: readonly Feeder[];
}

/** Where a premises hangs on the network and stands in its street. */
export interface Plot {
  readonly substation: string;
  readonly feeder: string;
  readonly transformer: string;
  readonly street: string;
  readonly number: number;
  readonly latitude: number;
  readonly longitude: number;
}

const substation = 'SS-WATT';
const premisesPerTransformer = 25;
const transformersPerFeeder = 6;
const ratingsKva = [50, 100, 160, 200, 315, 500];
/** Diversified demand of one premises with room for growth, kVA. */
const kvaPerPremises = 5;
const metresPerDegree = 111_320;

/** Streets named after things found at the end of a wire, none after a person. */
const streets = [
  'Meter Lane',
  'Copper Row',
  'Lantern Street',
  'Kettle Close',
  'Feeder Road',
  'Spark Hill',
  'Cable Way',
  'Dynamo Drive',
  'Fuse Mews',
  'Busbar Avenue',
  'Relay Gardens',
  'Switch Street',
  'Solar Rise',
  'Conductor Crescent',
  'Insulator Yard',
  'Millrace Lane',
  'Turbine Terrace',
  'Windmill Walk',
  'Pylon Park',
  'Socket Square',
];
const quarters = ['', 'Upper ', 'Lower ', 'North ', 'South ', 'East ', 'West ', 'Old ', 'New ', 'Little '];

/** Lays out the tree for so many premises, and the plot of each, in order along the streets. */
export function layOutNetwork(of: {
  readonly premises: number;
  readonly place: Place;
  readonly random: Random;
}): { readonly tree: NetworkTree; readonly plots: readonly Plot[] } {
  const { premises, place, random } = of;
  // A handful of meters hangs on one transformer; from six on there are two, so that an outage darkens a part only.
  const transformers = premises < 6 ? 1 : Math.max(2, Math.round(premises / premisesPerTransformer));
  const feeders = transformers === 1 ? 1 : Math.max(2, Math.ceil(transformers / transformersPerFeeder));
  const tree: { id: string; transformers: Transformer[] }[] = [];
  const plots: Plot[] = [];
  const turn = random.next() * 2 * Math.PI;
  for (let t = 0; t < transformers; t++) {
    const feeder = Math.floor((t * feeders) / transformers);
    tree[feeder] ??= { id: `F-${twoDigits(feeder + 1)}`, transformers: [] };
    const branch = tree[feeder] as (typeof tree)[number];
    const ordinal = branch.transformers.length;
    const bearing = turn + (2 * Math.PI * feeder) / feeders + random.normal() * 0.04;
    const distanceM = 320 + 280 * ordinal;
    const at = stepFrom(place, {
      eastM: distanceM * Math.sin(bearing),
      northM: distanceM * Math.cos(bearing),
    });
    const first = Math.ceil((t * premises) / transformers);
    const count = Math.ceil(((t + 1) * premises) / transformers) - first;
    const id = `TX-${twoDigits(feeder + 1)}-${twoDigits(ordinal + 1)}`;
    branch.transformers.push({ id, ratedKva: ratingFor(count), ...at });
    const street = streetName(t);
    for (let k = 0; k < count; k++) {
      const corner = { substation, feeder: branch.id, transformer: id, street, number: k + 1 };
      plots.push({ ...corner, ...alongStreet({ at, bearing, index: k, count }) });
    }
  }
  return { tree: { substation, feeders: tree }, plots };
}

/** Odd numbers on one side of the street, even ones on the other; the street crosses the feeder at the transformer. */
function alongStreet(of: {
  readonly at: { readonly latitude: number; readonly longitude: number };
  readonly bearing: number;
  readonly index: number;
  readonly count: number;
}): { readonly latitude: number; readonly longitude: number } {
  const alongM = (Math.floor(of.index / 2) - of.count / 4) * 16;
  const acrossM = of.index % 2 === 0 ? 14 : -14;
  const sin = Math.sin(of.bearing);
  const cos = Math.cos(of.bearing);
  return stepFrom(of.at, { eastM: alongM * cos + acrossM * sin, northM: acrossM * cos - alongM * sin });
}

function stepFrom(
  from: { readonly latitude: number; readonly longitude: number },
  step: { readonly eastM: number; readonly northM: number },
): { readonly latitude: number; readonly longitude: number } {
  const east = metresPerDegree * Math.cos((from.latitude * Math.PI) / 180);
  return {
    latitude: toMicroDegree(from.latitude + step.northM / metresPerDegree),
    longitude: toMicroDegree(from.longitude + step.eastM / east),
  };
}

function toMicroDegree(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6;
}

function ratingFor(premises: number): number {
  return ratingsKva.find((kva) => kva >= premises * kvaPerPremises) ?? (ratingsKva.at(-1) as number);
}

function streetName(index: number): string {
  const name = streets[index % streets.length] as string;
  const round = Math.floor(index / streets.length);
  const quarter = quarters[round];
  return quarter === undefined ? `${name} ${round + 1}` : quarter + name;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
