/** Waveforms in CSV: a header names the channels, the first column may be time; each line is one sample. */
import { type RecordedChannel, type Recording, recordingError } from './recording.ts';

/**
 * Reads a CSV record. A first column whose header holds "time" is passed over: the sample rate is stated, not derived.
 * @throws CodedError `meter/recording-unreadable` naming the line.
 */
export function readCsvRecording(text: string, sampleRateHz: number): Recording {
  if (!(sampleRateHz > 0)) throw recordingError('expected a sample rate above 0', { sampleRateHz });
  const lines = text.split(/\r?\n/);
  while (lines.at(-1) === '') lines.pop();
  const header = (lines[0] ?? '').split(',').map((name) => name.trim());
  const skipped = /time/i.test(header[0] ?? '') ? 1 : 0;
  const names = header.slice(skipped);
  const length = lines.length - 1;
  if (names.length === 0 || length < 1) throw recordingError('expected a header and samples', { line: 1 });
  const channels: RecordedChannel[] = names.map((name) => ({
    name,
    unit: unitOf(name),
    samples: new Float64Array(length),
  }));
  for (let n = 0; n < length; n++) {
    const cells = (lines[n + 1] as string).split(',');
    if (cells.length !== header.length) {
      throw recordingError(`expected ${header.length} columns, found ${cells.length}`, { line: n + 2 });
    }
    for (const [index, channel] of channels.entries()) {
      const cell = cells[index + skipped] as string;
      const value = Number(cell);
      if (cell.trim() === '' || !Number.isFinite(value)) {
        throw recordingError(`expected a number, found ${JSON.stringify(cell)}`, { line: n + 2 });
      }
      channel.samples[n] = value;
    }
  }
  return { sampleRateHz, channels, length };
}

function unitOf(name: string): RecordedChannel['unit'] {
  if (/(^|_)v|volt/i.test(name) && !/(^|_)i[abcn]?(_|$)/i.test(name)) return 'V';
  return /(^|_)i|amp|current/i.test(name) ? 'A' : '';
}
