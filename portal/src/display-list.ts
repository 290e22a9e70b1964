/** What a meter's display shows one after the other, out of what was read: the registers, then the values of the moment. */
import type { MeterMoment } from '@wattline/model';

/** One page of the display. */
export interface DisplayPage {
  /** The code as displays show it: C.D.E. */
  readonly code: string;
  readonly name: string;
  readonly value: string;
  readonly unit: string;
}

/** The pages; a display shows energy in kilo-units with three digits after the point. */
export function displayPages({ registers, phases, frequencyHz }: MeterMoment): DisplayPage[] {
  const energy = registers.map(({ obis, name, value, unit }) => ({
    code: obis.split('.').slice(2, 5).join('.'),
    name,
    ...inKilo(value, unit),
  }));
  const momentary = phases.flatMap(({ voltageV, currentA }, phase) => [
    pageOf(`${32 + 20 * phase}.7.0`, `U L${phase + 1}`, voltageV, 1, 'V'),
    pageOf(`${31 + 20 * phase}.7.0`, `I L${phase + 1}`, currentA, 2, 'A'),
  ]);
  const frequency = pageOf('14.7.0', 'f', frequencyHz, 2, 'Hz');
  return [...energy, ...momentary.filter((page) => page !== null), ...(frequency ? [frequency] : [])];
}

function pageOf(
  code: string,
  name: string,
  value: number | null,
  digits: number,
  unit: string,
): DisplayPage | null {
  return value === null ? null : { code, name, value: value.toFixed(digits), unit };
}

/** Exact: the point moves, nothing is rounded. */
function inKilo(value: string, unit: string): { readonly value: string; readonly unit: string } {
  if (!/^\d+$/.test(value) || !/h$/.test(unit)) return { value, unit };
  const padded = value.padStart(4, '0');
  return { value: `${padded.slice(0, -3)}.${padded.slice(-3)}`, unit: `k${unit}` };
}

/** The arrows of a display: which way energy flows, and whether the switch is open. */
export function annunciators({ activeW, isConnected, phases }: MeterMoment): string[] {
  return [
    ...phases.flatMap(({ voltageV }, phase) => (voltageV !== null && voltageV > 0 ? [`L${phase + 1}`] : [])),
    ...(activeW === null || activeW === 0 ? [] : [activeW > 0 ? '+P' : '\u2212P']),
    ...(isConnected === false ? ['OFF'] : []),
  ];
}
