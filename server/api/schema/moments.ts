/** Shapes of the present moment of a meter. */
import { displaySigns, supplyEventKinds, waveOrigins } from '@wattline/model';
import {
  flag,
  instant,
  integer,
  listOf,
  named,
  nullable,
  number,
  oneOf,
  record,
  type Schema,
  text,
} from './parts.ts';

/** By name. */
export const momentSchemas: Readonly<Record<string, Schema>> = {
  MeterMoment: record(
    {
      serial: text('Serial number, as the meter says.'),
      at: instant('By the clock of the meter.'),
      activeW: nullable(number('Active power, W; negative is received from the customer.')),
      frequencyHz: nullable(number('Frequency, Hz.')),
      powerFactor: nullable(number('Power factor, -1 to 1.')),
      isConnected: nullable(flag('Whether the switch lets current flow.')),
      phases: listOf(
        record({
          voltageV: nullable(number('RMS voltage, V.')),
          currentA: nullable(number('RMS current, A.')),
        }),
        'L1 first.',
      ),
      registers: listOf(
        record({
          obis: text('OBIS code.'),
          name: text('What it counts.'),
          value: text('Exact decimal.'),
          unit: text('Unit.'),
        }),
      ),
      log: listOf(
        record({
          at: instant('When, by the clock of the meter.'),
          code: integer('Code of the companion profile.'),
        }),
        'The last entries of the standard event log, newest first.',
      ),
      display: nullable(named('MeterDisplay')),
      wave: nullable(named('MeterWave')),
    },
    'What a meter shows of the present moment, read now; null is what it has no object for.',
  ),
  DisplayPage: record({
    code: text('OBIS code as the display abbreviates it, C.D.E.'),
    digits: text('Eight characters from the left.'),
    decimals: integer('Places behind the point; 0 for none.'),
    unit: text('Unit.'),
    segments: listOf(
      integer('Segments of a place: bit 0 is a (top), then b to f clockwise, g in the middle.'),
    ),
  }),
  MeterDisplay: record(
    {
      isLit: flag('Whether the light is on.'),
      dwellS: number('Seconds for which each page of the automatic list stands.'),
      signs: listOf(oneOf('Annunciator.', displaySigns), 'Annunciators that are on.'),
      quadrant: nullable(integer('Quadrant of the present power, 1 to 4; null without load.')),
      rate: integer('Rate that counts now.'),
      now: named('DisplayPage'),
      automatic: listOf(named('DisplayPage'), 'What it shows by itself, one after the other.'),
      manual: listOf(named('DisplayPage'), 'What the button adds.'),
    },
    'The display as the meter drives it.',
  ),
  MeterWave: record({
    origin: oneOf(
      '`sampled` by the converter of the meter, or `modelled` about the phasors of one that has none.',
      waveOrigins,
    ),
    sampleRateHz: number('Samples a second.'),
    phases: listOf(
      record({
        voltageAngleDeg: number('Angle of the fundamental voltage to that of L1, degrees.'),
        lagDeg: number('Angle by which the fundamental current lags its voltage, degrees.'),
        thdVoltagePercent: number('Total harmonic distortion of the voltage, %.'),
        thdCurrentPercent: number('Total harmonic distortion of the current, %.'),
        voltageHarmonicsV: listOf(number('V.'), 'From order 1.'),
        currentHarmonicsA: listOf(number('A.'), 'From order 1.'),
        voltage: listOf(number('V.'), 'Two cycles.'),
        current: listOf(number('A.'), 'Two cycles.'),
      }),
    ),
    events: listOf(
      record({
        kind: oneOf('Kind.', supplyEventKinds),
        start: instant('Start.'),
        durationMs: integer('Duration, ms.'),
        extremeV: number('Residual or highest voltage, or largest change, V.'),
        phase: integer('Phase, from 1.'),
      }),
      'Dips, swells, interruptions and rapid changes that ended, oldest first.',
    ),
  }),
};
