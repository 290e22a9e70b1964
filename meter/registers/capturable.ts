/** What of a meter can be captured, derived from tables: energies as registers and as growth, demand, momentary values and their means. */
import type { Quantities } from '../quantities/phasor.ts';
import type { CapturableQuantity, CaptureReference } from './capture-profile.ts';
import type { DemandSet } from './demand.ts';
import { energyKindNames, energyKinds } from './energy-kind.ts';
import type { EnergySet } from './energy-set.ts';

/** Where the values come from. */
export interface CapturableSource {
  readonly energies: EnergySet;
  readonly demands: DemandSet;
  readonly phases: number;
  quantities(): Quantities;
}

interface Momentary {
  readonly title: string;
  /** Value group C; by phase L1, L2, L3 where it has phases. */
  readonly c: number | readonly number[];
  readonly scaler: number;
  readonly unit: string;
  readonly storage: 'uint16' | 'int16' | 'uint32' | 'int32';
  read(quantities: Quantities, phase: number): number;
}

const power = { scaler: 0, unit: 'W', storage: 'uint32' } as const;

const momentaries: readonly Momentary[] = [
  {
    title: 'Voltage',
    c: [32, 52, 72],
    scaler: -1,
    unit: 'V',
    storage: 'uint16',
    read: ({ phases }, phase) => (phases[phase]?.voltageV ?? 0) * 10,
  },
  {
    title: 'Current',
    c: [31, 51, 71],
    scaler: -2,
    unit: 'A',
    storage: 'uint32',
    read: ({ phases }, phase) => (phases[phase]?.currentA ?? 0) * 100,
  },
  {
    title: 'Power factor',
    c: [33, 53, 73],
    scaler: -3,
    unit: 'none',
    storage: 'int16',
    read({ phases }, phase) {
      const { activeW = 0, apparentVa = 0 } = phases[phase] ?? {};
      return apparentVa === 0 ? 1000 : (activeW / apparentVa) * 1000;
    },
  },
  {
    title: 'Power factor, all phases',
    c: 13,
    scaler: -3,
    unit: 'none',
    storage: 'int16',
    read: ({ powerFactor }) => powerFactor * 1000,
  },
  {
    title: 'Frequency',
    c: 14,
    scaler: -2,
    unit: 'Hz',
    storage: 'uint16',
    read: ({ frequencyHz }) => frequencyHz * 100,
  },
  { ...power, title: 'Active power delivered', c: 1, read: ({ activeW }) => Math.max(0, activeW) },
  { ...power, title: 'Active power received', c: 2, read: ({ activeW }) => Math.max(0, -activeW) },
  { ...power, title: 'Active power with sign', c: 16, storage: 'int32', read: ({ activeW }) => activeW },
  {
    ...power,
    title: 'Reactive power with sign',
    c: 3,
    unit: 'var',
    storage: 'int32',
    read: ({ reactiveVar }) => reactiveVar,
  },
  { ...power, title: 'Apparent power', c: 9, unit: 'VA', read: ({ apparentVa }) => apparentVa },
];

/** Value group D of what is kept of a momentary value. */
const keptMomentary = { last: 7, mean: 27, highest: 6, lowest: 3 } as const;

/** Every quantity that a meter can capture. */
export function capturableQuantities(source: CapturableSource): CapturableQuantity[] {
  return [...energyQuantities(source), ...demandQuantities(source), ...momentaryQuantities(source)];
}

/** The quantity that a capture object refers to. */
export function findCapturable(
  quantities: readonly CapturableQuantity[],
  { classId, obis, attribute }: CaptureReference,
): CapturableQuantity | undefined {
  return quantities.find(
    (one) => one.obis === obis && one.attribute === attribute && one.classId === classId,
  );
}

function energyQuantities({ energies }: CapturableSource): CapturableQuantity[] {
  const rates = Array.from({ length: energies.rateCount + 1 }, (_, rate) => rate);
  return energyKindNames.flatMap((kind): CapturableQuantity[] => {
    const { c, title, unit } = energyKinds[kind];
    const register = { classId: 3, attribute: 2, scaler: 0, unit };
    return [
      ...rates.map(
        (rate): CapturableQuantity => ({
          ...register,
          title: rate === 0 ? title : `${title}, rate ${rate}`,
          obis: `1.0.${c}.8.${rate}.255`,
          storage: 'float64',
          keep: 'last',
          read: () => energies.read(kind, rate),
        }),
      ),
      {
        ...register,
        title: `${title} of the interval`,
        obis: `1.0.${c}.29.0.255`,
        storage: 'uint32',
        keep: 'growth',
        read: () => energies.read(kind),
      },
    ];
  });
}

function demandQuantities({ demands }: CapturableSource): CapturableQuantity[] {
  return demands.demands.flatMap((demand): CapturableQuantity[] => {
    const { c, title, unit } = energyKinds[demand.kind];
    const shared = { scaler: 0, unit: unit.replace('h', ''), storage: 'uint32', keep: 'last' } as const;
    return [
      {
        ...shared,
        title: `Demand of ${title}`,
        classId: 5,
        attribute: 3,
        obis: `1.0.${c}.4.0.255`,
        read: () => demand.last.value,
      },
      {
        ...shared,
        title: `Maximum demand of ${title}`,
        classId: 4,
        attribute: 2,
        obis: `1.0.${c}.6.0.255`,
        read: () => demand.maximum().value,
      },
    ];
  });
}

function momentaryQuantities(source: CapturableSource): CapturableQuantity[] {
  return momentaries.flatMap(({ c, read, title, ...momentary }) =>
    (typeof c === 'number' ? [c] : c.slice(0, source.phases)).flatMap((group, phase) =>
      Object.entries(keptMomentary).map(
        ([keep, d]): CapturableQuantity => ({
          ...momentary,
          title: typeof c === 'number' ? title : `${title} L${phase + 1}`,
          classId: 3,
          attribute: 2,
          obis: `1.0.${group}.${d}.0.255`,
          keep: keep as keyof typeof keptMomentary,
          read: () => Math.round(read(source.quantities(), phase)),
        }),
      ),
    ),
  );
}
