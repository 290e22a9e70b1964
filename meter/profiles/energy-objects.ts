/** Registers of energy and of the moment, as companion profiles share them: rows by quantity. */
import type { MeterParts } from '../meter-parts.ts';
import type { PhaseQuantities } from '../quantities/phasor.ts';
import { type EnergyKind, energyKindNames, energyKinds } from '../registers/energy-kind.ts';
import type { RegisterRow } from './value-objects.ts';

const positive = (value: number) => Math.max(0, value);

/** Delivered energy of a rate. */
export const rateWh =
  (rate: number) =>
  ({ metrology }: MeterParts) =>
    metrology.delivered.rate(rate);
export const deliveredWh = ({ metrology }: MeterParts) => metrology.delivered.total.wattHours;
/** Energy of a kind in whole units: the total, or a rate from 1. */
export const energyTotal =
  (kind: EnergyKind, rate = 0) =>
  ({ metrology }: MeterParts) =>
    metrology.energies.read(kind, rate);
export const receivedWh = ({ metrology }: MeterParts) => metrology.received.wattHours;

/** Totals of reactive energy by quadrant and of apparent energy. */
export function furtherTotals(): RegisterRow[] {
  return energyKindNames
    .filter((kind) => kind !== 'delivered' && kind !== 'received')
    .map((kind) => {
      const { c, unit, title } = energyKinds[kind];
      return { ...energyRow(`1.0.${c}.8.0.255`, energyTotal(kind), { label: title }), unit };
    });
}

/** The rate that counts now. */
export const activeRate = ({ metrology }: MeterParts) => metrology.activeRate;

export const importW = (parts: MeterParts) => positive(parts.quantities().activeW);
export const exportW = (parts: MeterParts) => positive(-parts.quantities().activeW);
export const frequencyHz = (parts: MeterParts) => parts.quantities().frequencyHz;
export const powerFactor = (parts: MeterParts) => parts.quantities().powerFactor;

/** A quantity of one phase, from 0; 0 where the meter has no such phase. */
export const ofPhase = (phase: number, pick: (of: PhaseQuantities) => number) => (parts: MeterParts) => {
  const found = parts.quantities().phases[phase];
  return found ? pick(found) : 0;
};

/** Group C of voltage, current and active power +P by phase L1, L2, L3 (IEC 62056-6-1, table 3). */
export const phaseGroups = [
  { voltage: 32, current: 31, power: 21, powerFactor: 33 },
  { voltage: 52, current: 51, power: 41, powerFactor: 53 },
  { voltage: 72, current: 71, power: 61, powerFactor: 73 },
] as const;

/** Voltage and current of each phase, instantaneous (D = 7). */
export function phaseRegisters(phases: 1 | 3): RegisterRow[] {
  return phaseGroups.slice(0, phases).flatMap(({ voltage, current }, phase): RegisterRow[] => [
    {
      obis: `1.0.${voltage}.7.0.255`,
      label: `Instantaneous voltage L${phase + 1}`,
      unit: 'V',
      scaler: -1,
      as: 'long-unsigned',
      value: ofPhase(phase, ({ voltageV }) => voltageV),
    },
    {
      obis: `1.0.${current}.7.0.255`,
      label: `Instantaneous current L${phase + 1}`,
      unit: 'A',
      scaler: -2,
      as: 'long-unsigned',
      value: ofPhase(phase, ({ currentA }) => currentA),
    },
  ]);
}

/** Power of the moment, frequency, power factor. */
export const momentaryRegisters: readonly RegisterRow[] = [
  {
    obis: '1.0.1.7.0.255',
    label: 'Instantaneous active import power (+A)',
    unit: 'W',
    scaler: 0,
    as: 'double-long-unsigned',
    value: importW,
  },
  {
    obis: '1.0.2.7.0.255',
    label: 'Instantaneous active export power (-A)',
    unit: 'W',
    scaler: 0,
    as: 'double-long-unsigned',
    value: exportW,
  },
  {
    obis: '1.0.14.7.0.255',
    label: 'Frequency',
    unit: 'Hz',
    scaler: -2,
    as: 'long-unsigned',
    value: frequencyHz,
  },
  { obis: '1.0.13.7.0.255', label: 'Power factor', unit: 'none', scaler: -3, as: 'long', value: powerFactor },
];

/** An energy register in watt-hours. */
export function energyRow(
  obis: string,
  value: (parts: MeterParts) => number,
  options: Pick<RegisterRow, 'isPublic' | 'label'> = {},
): RegisterRow {
  return { obis, unit: 'Wh', scaler: 0, as: 'counter', value, ...options };
}
