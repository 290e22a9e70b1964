/** A recorded waveform as a source: channels by name, quantised to 24 bits for the engine. */
import { CodedError } from '@wattline/base';
import type { SampleBlock } from './front-end.ts';

/** A record: samples in units of the channel. */
export interface Recording {
  readonly sampleRateHz: number;
  readonly channels: readonly RecordedChannel[];
  readonly length: number;
}

/** One channel; volts and amperes (kilo-units are converted when read). */
export interface RecordedChannel {
  readonly name: string;
  readonly unit: 'V' | 'A' | '';
  readonly samples: Float64Array;
}

/** Which channels of a record are which, by index. */
export interface ChannelChoice {
  readonly voltages: readonly number[];
  readonly currents: readonly number[];
}

/** A record made ready: codes for the engine and the size of one. */
export interface RecordedBlock {
  readonly block: SampleBlock;
  readonly voltsPerCode: number;
  readonly ampsPerCode: number;
}

const top = 2 ** 23 - 1;

/** A file that is not what it says. */
export function recordingError(
  message: string,
  where: Readonly<Record<string, string | number>>,
): CodedError {
  return new CodedError('meter/recording-unreadable', message, where);
}

/** Codes of chosen channels; the largest voltage and the largest current of the record take the whole range. */
export function quantiseRecording(recording: Recording, choice: ChannelChoice): RecordedBlock {
  const pick = (indexes: readonly number[]) =>
    indexes.map((index) => {
      const channel = recording.channels[index];
      if (!channel)
        throw recordingError(`expected channel ${index}`, { channels: recording.channels.length });
      return channel.samples;
    });
  const voltages = pick(choice.voltages);
  const currents = pick(choice.currents);
  const voltsPerCode = largest(voltages) / top;
  const ampsPerCode = largest(currents) / top;
  const codes = (samples: Float64Array, size: number) =>
    Int32Array.from(samples, (x) => Math.round(x / size));
  return {
    voltsPerCode,
    ampsPerCode,
    block: {
      voltages: voltages.map((samples) => codes(samples, voltsPerCode)),
      currents: currents.map((samples) => codes(samples, ampsPerCode)),
    },
  };
}

function largest(channels: readonly Float64Array[]): number {
  let most = 0;
  for (const samples of channels) for (const x of samples) most = Math.max(most, Math.abs(x));
  return most === 0 ? 1 : most;
}
