/** The front end: what sensors and converter make of a source, and what files are refused. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { nominalCalibration } from '../engine/calibration.ts';
import { MetrologyEngine } from '../engine/metrology-engine.ts';
import type { WindowReading } from '../engine/window-reading.ts';
import { readComtradeRecording } from './comtrade-recording.ts';
import { readCsvRecording } from './csv-recording.ts';
import { createFrontEnd } from './front-end.ts';
import { type ChannelChoice, quantiseRecording, type Recording } from './recording.ts';
import { currentTransformer, rogowskiCoil, shunt } from './sensor.ts';
import { balancedSource, neutralOf } from './source.ts';

const folder = `${process.env.WATTLINE_SHARED ?? '../shared'}/samples/metrology/waveforms`;
const skip = existsSync(folder) ? false : `${folder} is not there`;
const load = { frequencyHz: 50, voltageV: 230, currentA: 5, lagRad: 0, phases: 3 } as const;
const spec = { sampleRateHz: 8000, fullScaleV: 600, fullScaleA: 16 } as const;
const refused = { code: 'meter/recording-unreadable' };

describe('the front end', () => {
  test('gives the same codes for the same seed, others for another, in blocks of any length', () => {
    const codes = (seed: number, blocks: readonly number[]) => {
      const frontEnd = createFrontEnd(balancedSource(load), { ...spec, noiseDb: 80, seed });
      return blocks.flatMap((count) => [
        ...(frontEnd.read(count).voltages[1] as Int32Array).subarray(0, count),
      ]);
    };
    assert.deepEqual(codes(1, [500]), codes(1, [500]));
    assert.notDeepEqual(codes(1, [500]), codes(2, [500]));
    const quiet = (blocks: readonly number[]) => {
      const frontEnd = createFrontEnd(balancedSource(load), spec);
      return blocks.flatMap((count) => [
        ...(frontEnd.read(count).currents[0] as Int32Array).subarray(0, count),
      ]);
    };
    assert.deepEqual(quiet([500]), quiet([123, 377]));
  });
  test('a converter of 12 bits clips at its range and never beyond', () => {
    const frontEnd = createFrontEnd(balancedSource({ ...load, voltageV: 600 }), { ...spec, bits: 12 });
    const codes = (frontEnd.read(400).voltages[0] ?? new Int32Array()).subarray(0, 400);
    assert.deepEqual([Math.min(...codes), Math.max(...codes)], [-2048, 2047]);
  });
  test('a transformer errs more at a hundredth of its current, a shunt turns with frequency, a coil forward', () => {
    const at = { hz: 50, fundamentalHz: 50, temperatureC: 23 };
    const transformer = currentTransformer({
      ratedA: 5,
      ratioError: -1e-3,
      angleRad: 1e-3,
      exponent: 0.3,
      ppmPerK: 0,
    });
    assert.ok(transformer({ ...at, rms: 0.05 }).gain < transformer({ ...at, rms: 5 }).gain);
    assert.ok(transformer({ ...at, rms: 0.05 }).angleRad > transformer({ ...at, rms: 5 }).angleRad);
    const resistor = shunt({
      gainError: 0,
      ppmPerK: 50,
      selfHeatingPpm: 0,
      ratedA: 100,
      timeConstantS: 1e-6,
    });
    assert.ok(resistor({ ...at, hz: 1000, rms: 1 }).angleRad > resistor({ ...at, rms: 1 }).angleRad);
    assert.ok(Math.abs(resistor({ ...at, temperatureC: 33, rms: 1 }).gain - 1.0005) < 1e-6);
    assert.ok(rogowskiCoil({ gainError: 0, cornerHz: 1, ppmPerK: 0 })({ ...at, rms: 1 }).angleRad > 0.019);
  });
  test('third harmonics of three phases meet in the neutral, fundamentals cancel', () => {
    const { currents } = balancedSource({
      ...load,
      currentHarmonics: [{ order: 3, share: 0.2, angleRad: 0 }],
    });
    const neutral = neutralOf(currents);
    assert.ok((neutral.find(({ order }) => order === 1)?.rms ?? 1) < 1e-12);
    assert.ok(Math.abs((neutral.find(({ order }) => order === 3)?.rms ?? 0) - 3) < 1e-12);
  });
});

describe('recorded waveforms', () => {
  /** Mean over a window of so many cycles from the start of the record. */
  const measure = (recording: Recording, choice: ChannelChoice, nominalHz: 50 | 60, windowCycles: number) => {
    const { block, voltsPerCode, ampsPerCode } = quantiseRecording(recording, choice);
    let first: WindowReading | undefined;
    const engine = new MetrologyEngine({
      wiring: 'three-phase four-wire',
      sampleRateHz: recording.sampleRateHz,
      nominalHz,
      windowCycles,
      removesDc: false,
      declaredV: 3500,
      calibration: nominalCalibration({ serial: 'record', voltsPerCode, ampsPerCode, phases: 3 }),
      onWindow: (reading) => {
        first ??= structuredClone(reading);
      },
    });
    engine.push(block, recording.length);
    assert.ok(first);
    return first;
  };
  const compare = (found: WindowReading, expected: ExpectedSegment, unit: number) => {
    for (const [phase, reading] of found.phases.entries()) {
      const near = (value: number, wanted: number, share: number, what: string) =>
        assert.ok(
          Math.abs(value / wanted - 1) < share,
          `${what} of phase ${phase + 1}: ${value} for ${wanted}`,
        );
      near(reading.voltageV, (expected.plain.vrms[phase] as number) * unit, 1e-3, 'U');
      near(reading.currentA, expected.plain.irms[phase] as number, 1e-3, 'I');
      near(reading.activeW, (expected.plain.p_mean_vi[phase] as number) * unit, 1e-3, 'P');
      const [v, i] = [expected.lsfit.v[phase], expected.lsfit.i[phase]];
      near(reading.fundamentalV, (v?.h1_rms ?? 0) * unit, 1e-3, 'U1');
      near(reading.fundamentalA, i?.h1_rms ?? 0, 1e-3, 'I1');
    }
    assert.ok(Math.abs(found.frequencyHz - expected.lsfit.f_hz) < 0.01, `${found.frequencyHz} Hz`);
  };
  test('a 50 kHz record of a 60 Hz generator (MHKiT) agrees with the reference over 8 cycles', {
    skip,
  }, () => {
    const recording = readCsvRecording(
      readFileSync(`${folder}/mhkit_2020224_181521_PowRaw.csv`, 'utf8'),
      50_000,
    );
    assert.deepEqual(
      [recording.length, recording.channels.map(({ unit }) => unit).join('')],
      [8000, 'VVVAAA'],
    );
    const found = measure(recording, { voltages: [0, 1, 2], currents: [3, 4, 5] }, 60, 8);
    compare(found, segmentOf('mhkit_expected.json', 0, 6667), 1);
    assert.ok(found.activeW < 0, 'this generator exports');
  });
  test('a COMTRADE record of a generator (binary, 1999) agrees with the reference over 10 cycles', {
    skip,
  }, () => {
    const recording = readComtradeRecording(
      readFileSync(`${folder}/pycomtrade_test1.cfg`, 'latin1'),
      readFileSync(`${folder}/pycomtrade_test1.dat`),
    );
    assert.deepEqual([recording.sampleRateHz, recording.length], [5760, 24_768]);
    const found = measure(recording, { voltages: [3, 4, 5], currents: [0, 1, 2] }, 50, 10);
    compare(found, segmentOf('pycomtrade_test1_expected.json', 0, 1152), 1000);
  });
  test('a line with a word, a missing column or no samples is refused by its number', () => {
    assert.throws(() => readCsvRecording('time,Va,Ia\n0,1,x', 8000), { ...refused, where: { line: 2 } });
    assert.throws(() => readCsvRecording('time,Va,Ia\n0,1', 8000), { ...refused, where: { line: 2 } });
    assert.throws(() => readCsvRecording('time,Va,Ia\n', 8000), refused);
    assert.throws(() => readCsvRecording('Va\n1', 0), refused);
  });
  const cfg = (type: string) =>
    [
      'station,1,1999',
      '2,2A,0D',
      '1,UA,A,,kV,0.5,1,0,0,9,1,1,P',
      '2,IA,A,,A,2,0,0,0,9,1,1,P',
      '50',
      '1',
      '1000,2',
      'a',
      'b',
      type,
      '1',
    ].join('\r\n');
  test('ASCII and binary data say the same; kilovolts become volts', () => {
    const ascii = readComtradeRecording(
      cfg('ASCII'),
      new TextEncoder().encode('1,0,10,-3\r\n2,1000,20,4\r\n'),
    );
    assert.deepEqual(
      ascii.channels.map(({ samples }) => [...samples]),
      [
        [6000, 11_000],
        [-6, 8],
      ],
    );
    const octets = new DataView(new ArrayBuffer(24));
    for (const [index, value] of [10, -3].entries()) octets.setInt16(8 + 2 * index, value, true);
    for (const [index, value] of [20, 4].entries()) octets.setInt16(20 + 2 * index, value, true);
    assert.deepEqual(readComtradeRecording(cfg('BINARY'), new Uint8Array(octets.buffer)), ascii);
  });
  test('data that are shorter than the configuration says, or of another type, are refused', () => {
    assert.throws(() => readComtradeRecording(cfg('BINARY'), new Uint8Array(23)), refused);
    assert.throws(() => readComtradeRecording(cfg('ASCII'), new Uint8Array()), refused);
    assert.throws(() => readComtradeRecording(cfg('FLOAT32'), new Uint8Array(24)), refused);
    assert.throws(() => readComtradeRecording('nothing', new Uint8Array(24)), refused);
  });
});

interface ExpectedSegment {
  readonly start: number;
  readonly stop: number;
  readonly plain: Readonly<Record<'vrms' | 'irms' | 'p_mean_vi', readonly number[]>>;
  readonly lsfit: {
    readonly f_hz: number;
    readonly v: readonly { readonly h1_rms: number }[];
    readonly i: readonly { readonly h1_rms: number }[];
  };
}

function segmentOf(name: string, start: number, stop: number): ExpectedSegment {
  const { segments } = JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')) as {
    readonly segments: readonly ExpectedSegment[];
  };
  const found = segments.find((segment) => segment.start === start && segment.stop === stop);
  assert.ok(found, `no reference for ${start} to ${stop}`);
  return found;
}
