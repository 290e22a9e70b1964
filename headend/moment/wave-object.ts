/** Reads the object of the waveform (`waveformObis` in model) out of its Data: the meter's word in our shape. */
import { formatInstant } from '@wattline/base';
import {
  type MeterMoment,
  type MomentSupplyEvent,
  type MomentWave,
  supplyEventKinds,
  waveOrigins,
} from '@wattline/model';
import type { Data } from '@wattline/protocols/dlms';
import { elementsOf, instantOf, numberOf, octetsOf } from './moment-values.ts';

/** The wave, or null when the meter shows none or something else. */
export function waveOf(data: Data | undefined): MeterMoment['wave'] {
  const [origin, , voltsPerCode, ampsPerCode, rate, phases, events] = elementsOf(data) ?? [];
  const name = waveOrigins[numberOf(origin) ?? -1];
  const scale = { volts: numberOf(voltsPerCode, -6), amps: numberOf(ampsPerCode, -6) };
  const sampleRateHz = numberOf(rate);
  if (!name || !sampleRateHz || scale.volts === undefined || scale.amps === undefined) return null;
  const { volts, amps } = scale;
  const waves = (elementsOf(phases) ?? []).map((phase) => phaseOf(phase, { volts, amps }));
  return {
    origin: name,
    sampleRateHz,
    phases: waves.filter((wave) => wave !== undefined),
    events: (elementsOf(events) ?? []).map(eventOf).filter((event) => event !== undefined),
  };
}

function phaseOf(
  data: Data,
  { volts, amps }: { readonly volts: number; readonly amps: number },
): MomentWave | undefined {
  const [angle, lag, thdVoltage, thdCurrent, voltages, currents, voltage, current] = elementsOf(data) ?? [];
  const numbers = [angle, lag, thdVoltage, thdCurrent].map((one) => numberOf(one, -2));
  const [voltageAngleDeg, lagDeg, thdVoltagePercent, thdCurrentPercent] = numbers;
  if (voltageAngleDeg === undefined || lagDeg === undefined) return undefined;
  if (thdVoltagePercent === undefined || thdCurrentPercent === undefined) return undefined;
  const harmonics = (of: Data | undefined, scaler: number) =>
    (elementsOf(of) ?? []).map((one) => numberOf(one, scaler) ?? 0);
  return {
    ...{ voltageAngleDeg, lagDeg, thdVoltagePercent, thdCurrentPercent },
    voltageHarmonicsV: harmonics(voltages, -3),
    currentHarmonicsA: harmonics(currents, -4),
    voltage: samplesOf(voltage, volts),
    current: samplesOf(current, amps),
  };
}

/** Signed 16-bit codes, high octet first; six significant digits are more than they hold. */
function samplesOf(data: Data | undefined, unitsPerCode: number): number[] {
  const octets = octetsOf(data) ?? new Uint8Array();
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  return Array.from({ length: octets.length >> 1 }, (_, n) =>
    Number((view.getInt16(2 * n) * unitsPerCode).toPrecision(6)),
  );
}

function eventOf(data: Data): MomentSupplyEvent | undefined {
  const [kind, start, durationMs, extreme, phase] = elementsOf(data) ?? [];
  const name = supplyEventKinds[numberOf(kind) ?? -1];
  const startMs = instantOf(start);
  if (!name || startMs === undefined) return undefined;
  return {
    kind: name,
    start: formatInstant(startMs),
    durationMs: numberOf(durationMs) ?? 0,
    extremeV: numberOf(extreme, -3) ?? 0,
    phase: numberOf(phase) ?? 0,
  };
}
