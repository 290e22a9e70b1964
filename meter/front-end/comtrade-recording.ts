/** COMTRADE records (IEEE C37.111-1991 and -1999, IEC 60255-24): configuration and ASCII or 16-bit binary data. */
import { type RecordedChannel, type Recording, recordingError } from './recording.ts';

interface AnalogueChannel {
  readonly name: string;
  readonly unit: string;
  readonly a: number;
  readonly b: number;
}

interface Configuration {
  readonly analogue: readonly AnalogueChannel[];
  readonly digitalCount: number;
  readonly sampleRateHz: number;
  readonly length: number;
  readonly fileType: string;
}

/**
 * Reads a record of one sample rate; values are a x + b in the unit of the channel, kilo-units converted.
 * @throws CodedError `meter/recording-unreadable` naming line or octet.
 */
export function readComtradeRecording(cfg: string, dat: Uint8Array): Recording {
  const configuration = readConfiguration(cfg);
  const { analogue, length, sampleRateHz, fileType } = configuration;
  const channels: RecordedChannel[] = analogue.map(({ name, unit }) => ({
    name,
    unit: /v$/i.test(unit) ? 'V' : /a$/i.test(unit) ? 'A' : '',
    samples: new Float64Array(length),
  }));
  if (fileType === 'BINARY') readBinary(dat, configuration, channels);
  else if (fileType === 'ASCII') readAscii(new TextDecoder().decode(dat), configuration, channels);
  else throw recordingError(`expected ASCII or BINARY data, found ${fileType}`, { file: 'cfg' });
  return { sampleRateHz, channels, length };
}

function readConfiguration(cfg: string): Configuration {
  const lines = cfg.split(/\r?\n/);
  const cells = (line: number) => (lines[line] ?? '').split(',').map((cell) => cell.trim());
  const number = (cell: string | undefined, line: number) => {
    const value = Number.parseFloat(cell ?? '');
    if (!Number.isFinite(value)) {
      throw recordingError(`expected a number, found ${String(cell)}`, { line: line + 1 });
    }
    return value;
  };
  const [, analogueText, digitalText] = cells(1);
  const analogueCount = number(analogueText, 1);
  const digitalCount = number(digitalText, 1);
  const analogue = Array.from({ length: analogueCount }, (_, index) => {
    const line = 2 + index;
    const [, name = '', , , unit = '', a, b] = cells(line);
    return { name, unit, a: number(a, line), b: number(b, line) };
  });
  const rateLine = 2 + analogueCount + digitalCount + 1;
  const rates = number(cells(rateLine)[0], rateLine);
  if (rates !== 1) {
    throw recordingError(`expected one sample rate, found ${rates}`, { line: rateLine + 1 });
  }
  const [rate, last] = cells(rateLine + 1);
  const fileTypeLine = rateLine + 4;
  return {
    analogue,
    digitalCount,
    sampleRateHz: number(rate, rateLine + 1),
    length: number(last, rateLine + 1),
    fileType: (cells(fileTypeLine)[0] ?? '').toUpperCase(),
  };
}

function store(channel: RecordedChannel, of: AnalogueChannel, n: number, raw: number): void {
  const kilo = /^k/i.test(of.unit) ? 1000 : 1;
  channel.samples[n] = (of.a * raw + of.b) * kilo;
}

function readBinary(
  dat: Uint8Array,
  { analogue, digitalCount, length }: Configuration,
  channels: readonly RecordedChannel[],
): void {
  const size = 8 + 2 * analogue.length + 2 * Math.ceil(digitalCount / 16);
  if (dat.length < size * length) {
    throw recordingError(`expected ${size * length} octets, found ${dat.length}`, { file: 'dat' });
  }
  const view = new DataView(dat.buffer, dat.byteOffset, dat.byteLength);
  for (let n = 0; n < length; n++) {
    for (const [index, of] of analogue.entries()) {
      store(channels[index] as RecordedChannel, of, n, view.getInt16(n * size + 8 + 2 * index, true));
    }
  }
}

function readAscii(
  text: string,
  { analogue, length }: Configuration,
  channels: readonly RecordedChannel[],
): void {
  const lines = text.split(/\r?\n/);
  for (let n = 0; n < length; n++) {
    const cells = (lines[n] ?? '').split(',');
    for (const [index, of] of analogue.entries()) {
      const raw = Number.parseFloat(cells[2 + index] ?? '');
      if (!Number.isFinite(raw)) throw recordingError('expected a number', { file: 'dat', line: n + 1 });
      store(channels[index] as RecordedChannel, of, n, raw);
    }
  }
}
