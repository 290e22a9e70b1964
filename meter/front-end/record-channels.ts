/** What of a record is which: voltages and currents by unit, and the frequency of its mains. */
import { type ChannelChoice, type Recording, recordingError } from './recording.ts';

/**
 * Voltages and currents of a record in its order: one of each, or three.
 * @throws CodedError `meter/recording-unreadable` when there are not as many of one as of the other.
 */
export function chooseChannels({ channels }: Recording): ChannelChoice & { readonly phases: 1 | 3 } {
  const of = (unit: 'V' | 'A') =>
    channels.flatMap((channel, index) => (channel.unit === unit ? [index] : []));
  const voltages = of('V');
  const currents = of('A');
  const phases = voltages.length >= 3 && currents.length >= 3 ? 3 : 1;
  if (voltages.length === 0 || currents.length === 0) {
    const names = channels.map(({ name, unit }) => `${name} (${unit || 'no unit'})`).join(', ');
    throw recordingError(`expected voltages and currents, found ${names}`, { channels: channels.length });
  }
  return { voltages: voltages.slice(0, phases), currents: currents.slice(0, phases), phases };
}

/**
 * Frequency of a channel, Hz, from its rising zero crossings, placed between samples; crossings closer than half a cycle of 70 Hz are
 * those of distortion. `undefined` when there are fewer than two.
 */
export function frequencyOfRecord(samples: Float64Array, sampleRateHz: number): number | undefined {
  const leastApart = sampleRateHz / 140;
  let first = Number.NaN;
  let last = Number.NaN;
  let cycles = 0;
  for (let n = 1; n < samples.length; n++) {
    const [before, now] = [samples[n - 1] as number, samples[n] as number];
    if (before >= 0 || now < 0) continue;
    const place = n - now / (now - before);
    if (Number.isNaN(first)) first = place;
    else if (place - last > leastApart) cycles++;
    else continue;
    last = place;
  }
  return cycles > 0 ? (cycles * sampleRateHz) / (last - first) : undefined;
}
