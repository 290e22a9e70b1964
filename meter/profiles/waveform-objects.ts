/** Objects of the wave: angles and distortion as registers with standard codes, harmonics and samples in one object of our own. */
import { supplyEventKinds, waveformObis, waveOrigins } from '@wattline/model';
import type { AxdrWriter } from '@wattline/protocols/dlms';
import type { MeterShape } from '../cosem/built-profile.ts';
import { writeTime } from '../cosem/clock.ts';
import type { CosemObject } from '../cosem/cosem-object.ts';
import type { MeterParts } from '../meter-parts.ts';
import type { SnapshotEvent, SnapshotPhase, WaveformSnapshot } from '../quantities/waveform-snapshot.ts';
import { phaseGroups } from './energy-objects.ts';
import { dataObject, type RegisterRow, registers, writeScaled } from './value-objects.ts';

const degrees = (rad: number) => (rad * 180) / Math.PI;
/** Codes of the angles, 81.7.E (IEC 62056-6-1, table of extended phase angles; recalled): tens: which, ones: to which. */
const voltageAngleCodes = [0, 10, 20] as const;
const lagCodes = [40, 51, 62] as const;
/** Value group E of total harmonic distortion (IEC 62056-6-1, table of harmonics; recalled). */
const thdCode = 124;

const ofPhase = (phase: number, pick: (of: SnapshotPhase) => number) => (parts: MeterParts) => {
  const found = parts.waveform()?.phases[phase];
  return found ? pick(found) : 0;
};

/** The objects of a meter of a shape. */
export function waveformObjects({ phases }: MeterShape): CosemObject[] {
  return [
    ...registers(phaseGroups.slice(0, phases).flatMap((groups, phase) => phaseRows(groups, phase))),
    dataObject(waveformObis, (writer, parts) => writeWaveform(writer, parts.waveform(), parts)),
  ];
}

function phaseRows(groups: (typeof phaseGroups)[number], phase: number): RegisterRow[] {
  const angle = { unit: '°', scaler: -1, as: 'long' } as const;
  const share = { unit: '%', scaler: -2, as: 'long-unsigned' } as const;
  const rows: RegisterRow[] = [
    {
      obis: `1.0.81.7.${lagCodes[phase]}.255`,
      ...angle,
      value: ofPhase(phase, ({ lagRad }) => degrees(lagRad)),
    },
    {
      obis: `1.0.${groups.voltage}.7.${thdCode}.255`,
      ...share,
      value: ofPhase(phase, ({ thdVoltage }) => 100 * thdVoltage),
    },
    {
      obis: `1.0.${groups.current}.7.${thdCode}.255`,
      ...share,
      value: ofPhase(phase, ({ thdCurrent }) => 100 * thdCurrent),
    },
  ];
  if (phase === 0) return rows;
  const obis = `1.0.81.7.${voltageAngleCodes[phase]}.255`;
  return [
    { obis, ...angle, value: ofPhase(phase, ({ voltageAngleRad }) => degrees(voltageAngleRad)) },
    ...rows,
  ];
}

/** The value that `waveformObis` in model describes; null-data when there is no wave. */
function writeWaveform(
  writer: AxdrWriter,
  snapshot: WaveformSnapshot | undefined,
  { clock }: MeterParts,
): AxdrWriter {
  if (!snapshot) return writer.nullData();
  const unsigned = (value: number, scaler: number) =>
    writeScaled(writer, value, { as: 'double-long-unsigned', scaler });
  writer.structure(7).enumerate(waveOrigins.indexOf(snapshot.origin));
  unsigned(snapshot.frequencyHz, -3);
  unsigned(snapshot.voltsPerCode, -6);
  unsigned(snapshot.ampsPerCode, -6);
  unsigned(snapshot.sampleRateHz, 0);
  writer.array(snapshot.phases.length);
  for (const phase of snapshot.phases) writePhase(writer, phase);
  writer.array(snapshot.events.length);
  for (const event of snapshot.events) writeEvent(writer, event, clock);
  return writer;
}

function writePhase(writer: AxdrWriter, phase: SnapshotPhase): void {
  writer.structure(8);
  writeScaled(writer, degrees(phase.voltageAngleRad), { as: 'long', scaler: -2 });
  writeScaled(writer, degrees(phase.lagRad), { as: 'long', scaler: -2 });
  writeScaled(writer, 100 * phase.thdVoltage, { as: 'long-unsigned', scaler: -2 });
  writeScaled(writer, 100 * phase.thdCurrent, { as: 'long-unsigned', scaler: -2 });
  for (const [harmonics, scaler] of [
    [phase.voltageHarmonicsV, -3],
    [phase.currentHarmonicsA, -4],
  ] as const) {
    writer.array(harmonics.length - 1);
    for (const value of harmonics.subarray(1))
      writeScaled(writer, value, { as: 'double-long-unsigned', scaler });
  }
  writer.octetString(bigEndian(phase.voltage)).octetString(bigEndian(phase.current));
}

function writeEvent(
  writer: AxdrWriter,
  { kind, startMs, durationMs, extremeV, phase }: SnapshotEvent,
  clock: MeterParts['clock'],
): void {
  writer.structure(5).enumerate(supplyEventKinds.indexOf(kind));
  writeTime(writer, clock, clock.at(startMs));
  writeScaled(writer, durationMs, { as: 'double-long-unsigned', scaler: 0 });
  writeScaled(writer, extremeV, { as: 'double-long-unsigned', scaler: -3 });
  writer.unsigned(phase + 1);
}

function bigEndian(codes: Int16Array): Uint8Array {
  const octets = new DataView(new ArrayBuffer(2 * codes.length));
  for (const [n, code] of codes.entries()) octets.setInt16(2 * n, code);
  return new Uint8Array(octets.buffer);
}
