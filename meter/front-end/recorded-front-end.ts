/**
 * A front end on a recorded waveform: whole cycles of the record again and again, through instrument transformers, sensors and converter.
 * A sensor acts on the harmonics of the record up to the 40th, found over its whole cycles; what lies between passes as it is.
 */
import { type ConverterSpec, createConverter, quantise } from './converter.ts';
import { blockLength, type FrontEnd, type SampleBlock } from './front-end.ts';
import { type ChannelChoice, type Recording, recordingError } from './recording.ts';
import type { Sensor } from './sensor.ts';

/** How it is built. */
export interface RecordedFrontEndSpec extends ConverterSpec {
  readonly choice: ChannelChoice;
  /** Mains frequency of the record, Hz: it decides how many samples are whole cycles. */
  readonly frequencyHz: number;
  /** Ratios of the instrument transformers before the meter: it sees the record divided by them. Default 1. */
  readonly voltageRatio?: number;
  readonly currentRatio?: number;
  readonly voltageSensor?: Sensor;
  readonly currentSensor?: Sensor;
  readonly temperatureC?: number;
}

const highestOrder = 40;
const referenceC = 23;
/** Room above the largest value of a record. */
const headroom = 1.25;

/** The front end, and the record in it. */
export interface RecordedFrontEnd extends FrontEnd {
  /** Samples after which the record begins again. */
  readonly loopLength: number;
  /** RMS of the first voltage as the meter sees it, V. */
  readonly voltageV: number;
}

/** @throws CodedError `meter/recording-unreadable` when the record holds no whole cycle or lacks a channel. */
export function createRecordedFrontEnd(recording: Recording, spec: RecordedFrontEndSpec): RecordedFrontEnd {
  const { sampleRateHz, length } = recording;
  const { frequencyHz, choice, voltageRatio = 1, currentRatio = 1 } = spec;
  const cycles = Math.floor((length * frequencyHz) / sampleRateHz);
  if (!(cycles >= 1)) throw recordingError('expected a whole cycle at least', { length, frequencyHz });
  const loopLength = Math.min(length, Math.round((cycles * sampleRateHz) / frequencyHz));
  const converter = createConverter(spec);
  const loopsOf = (indexes: readonly number[], ratio: number, sensor: Sensor | undefined) =>
    indexes.map((index) => {
      const channel = recording.channels[index];
      if (!channel)
        throw recordingError(`expected channel ${index}`, { channels: recording.channels.length });
      const wave = channel.samples.slice(0, loopLength).map((value) => value / ratio);
      if (sensor)
        applySensor(wave, { sensor, cycles, frequencyHz, temperatureC: spec.temperatureC ?? referenceC });
      return wave;
    });
  const voltages = loopsOf(choice.voltages, voltageRatio, spec.voltageSensor);
  const currents = loopsOf(choice.currents, currentRatio, spec.currentSensor);
  const fullScaleV = headroom * largestOf(voltages);
  const fullScaleA = headroom * largestOf(currents);
  const block: SampleBlock = {
    voltages: voltages.map(() => new Int32Array(blockLength)),
    currents: currents.map(() => new Int32Array(blockLength)),
  };
  const wave = new Float64Array(blockLength);
  let at = 0;
  const convert = (loop: Float64Array, codes: Int32Array, count: number, codesPerUnit: number) => {
    for (let n = 0; n < count; n++) wave[n] = loop[(at + n) % loopLength] as number;
    quantise(codes, wave, count, codesPerUnit, converter);
  };
  return {
    sampleRateHz,
    voltsPerCode: fullScaleV / converter.top,
    ampsPerCode: fullScaleA / converter.top,
    loopLength,
    voltageV: rmsOf(voltages[0] as Float64Array),
    read(count) {
      for (const [phase, loop] of voltages.entries()) {
        convert(loop, block.voltages[phase] as Int32Array, count, converter.top / fullScaleV);
      }
      for (const [phase, loop] of currents.entries()) {
        convert(loop, block.currents[phase] as Int32Array, count, converter.top / fullScaleA);
      }
      at = (at + count) % loopLength;
      return block;
    },
  };
}

/** Turns and scales each harmonic of a wave of whole cycles as the sensor does. */
function applySensor(
  wave: Float64Array,
  of: {
    readonly sensor: Sensor;
    readonly cycles: number;
    readonly frequencyHz: number;
    readonly temperatureC: number;
  },
): void {
  const { sensor, cycles, frequencyHz, temperatureC } = of;
  const whole = wave.slice();
  let fundamental = 0;
  for (let order = 1; order <= highestOrder; order++) {
    const turn = (2 * Math.PI * cycles * order) / wave.length;
    let re = 0;
    let im = 0;
    for (let n = 0; n < wave.length; n++) {
      re += (whole[n] as number) * Math.cos(turn * n);
      im -= (whole[n] as number) * Math.sin(turn * n);
    }
    re *= 2 / wave.length;
    im *= 2 / wave.length;
    if (order === 1) fundamental = Math.hypot(re, im) / Math.SQRT2;
    const at = { hz: order * frequencyHz, fundamentalHz: frequencyHz, rms: fundamental, temperatureC };
    const { gain, angleRad } = sensor(at);
    const addedRe = re * (gain * Math.cos(angleRad) - 1) - im * gain * Math.sin(angleRad);
    const addedIm = im * (gain * Math.cos(angleRad) - 1) + re * gain * Math.sin(angleRad);
    for (let n = 0; n < wave.length; n++) {
      wave[n] = (wave[n] as number) + addedRe * Math.cos(turn * n) - addedIm * Math.sin(turn * n);
    }
  }
}

function largestOf(channels: readonly Float64Array[]): number {
  let most = 0;
  for (const channel of channels) for (const value of channel) most = Math.max(most, Math.abs(value));
  return most === 0 ? 1 : most;
}

function rmsOf(wave: Float64Array): number {
  let sum = 0;
  for (const value of wave) sum += value * value;
  return Math.sqrt(sum / wave.length);
}
