/** The front end: source through sensors into converter codes, a block of samples at a time; the same seed gives the same codes. */
import { type ConverterSpec, createConverter, quantise } from './converter.ts';
import { idealSensor, type Sensor } from './sensor.ts';
import { addComponents, type BlockPosition, type Component, disturb, type SourceSpec } from './source.ts';

/** Codes of a block: signed integers of at most 24 bits, one array for each channel; `neutral` where it is measured. */
export interface SampleBlock {
  readonly voltages: readonly Int32Array[];
  readonly currents: readonly Int32Array[];
  readonly neutral?: Int32Array;
}

/** How a front end is built. Full scales are peaks at the primary side. */
export interface FrontEndSpec extends ConverterSpec {
  readonly sampleRateHz: number;
  readonly fullScaleV: number;
  readonly fullScaleA: number;
  readonly voltageSensor?: Sensor;
  readonly currentSensor?: Sensor;
  readonly temperatureC?: number;
}

/** A front end on a source. */
export interface FrontEnd {
  readonly sampleRateHz: number;
  /** Volts and amperes of one code by the name plate; what the sensors add is for the calibration to find. */
  readonly voltsPerCode: number;
  readonly ampsPerCode: number;
  /** The next block, at most `blockLength` samples; the arrays are used again by the next call. */
  read(count: number): SampleBlock;
}

/** Longest block a front end gives. */
export const blockLength = 8192;
const referenceC = 23;

/** Builds a front end that reads a source from its first sample. */
export function createFrontEnd(source: SourceSpec, spec: FrontEndSpec): FrontEnd {
  const { sampleRateHz, fullScaleV, fullScaleA } = spec;
  const converter = createConverter(spec);
  const { top } = converter;
  const sense = (components: readonly Component[], sensor: Sensor = idealSensor) =>
    sensed(components, sensor, source.frequencyHz, spec.temperatureC ?? referenceC);
  const voltages = source.voltages.map((components) => sense(components, spec.voltageSensor));
  const currents = source.currents.map((components) => sense(components, spec.currentSensor));
  const neutral = source.neutral && sense(source.neutral, spec.currentSensor);
  const codesOf = (channels: readonly unknown[]) => channels.map(() => new Int32Array(blockLength));
  const block: SampleBlock = {
    voltages: codesOf(voltages),
    currents: codesOf(currents),
    ...(neutral ? { neutral: new Int32Array(blockLength) } : {}),
  };
  const wave = new Float64Array(blockLength);
  let firstSample = 0;
  const convert = (
    codes: Int32Array,
    components: readonly Component[],
    at: BlockPosition,
    fullScale: number,
  ) => {
    wave.fill(0, 0, at.count);
    addComponents(wave, components, source.frequencyHz, at);
    return (phase: number) => {
      if (phase >= 0) disturb(wave, source, phase, at);
      quantise(codes, wave, at.count, top / fullScale, converter);
    };
  };
  return {
    sampleRateHz,
    voltsPerCode: fullScaleV / top,
    ampsPerCode: fullScaleA / top,
    read(count) {
      const at = { firstSample, count, sampleRateHz };
      for (const [phase, components] of voltages.entries()) {
        convert(block.voltages[phase] as Int32Array, components, at, fullScaleV)(phase);
      }
      for (const [phase, components] of currents.entries()) {
        convert(block.currents[phase] as Int32Array, components, at, fullScaleA)(-1);
      }
      if (neutral && block.neutral) convert(block.neutral, neutral, at, fullScaleA)(-1);
      firstSample += count;
      return block;
    },
  };
}

/** The components as the sensor gives them on. */
function sensed(
  components: readonly Component[],
  sensor: Sensor,
  fundamentalHz: number,
  temperatureC: number,
): Component[] {
  const fundamental = components.find(({ order }) => order === 1)?.rms ?? 0;
  return components.map(({ order, rms, angleRad }) => {
    const { gain, angleRad: turn } = sensor({
      hz: order * fundamentalHz,
      fundamentalHz,
      rms: fundamental,
      temperatureC,
    });
    return { order, rms: rms * gain, angleRad: angleRad + turn };
  });
}
