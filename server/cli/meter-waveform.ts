/** The recorded waveform of `wattline meter run --waveform`: a file, its channels, and the supply that the meter lives on. */
import { readFileSync } from 'node:fs';
import { CodedError, messageOf } from '@wattline/base';
import type { Recording } from '@wattline/meter';
import type { WaveformSupply } from '@wattline/sim';
import type { Command } from 'commander';
import { serverError } from '../errors.ts';
import { positiveNumber } from './shell.ts';

/** The flags. */
export interface WaveformFlags {
  readonly waveform?: string;
  readonly rate?: number;
  readonly voltageRatio: number;
  readonly currentRatio: number;
}

export function addWaveformOptions(command: Command): void {
  command
    .option(
      '--waveform <file>',
      'live on a recorded waveform, again and again: COMTRADE (.cfg beside its .dat) or CSV with a header',
    )
    .option('--rate <hertz>', '--waveform: samples a second of a CSV file', positiveNumber)
    .option(
      '--voltage-ratio <n>',
      '--waveform: ratio of voltage transformers before the meter',
      positiveNumber,
      1,
    )
    .option(
      '--current-ratio <n>',
      '--waveform: ratio of current transformers before the meter',
      positiveNumber,
      1,
    );
}

/**
 * The supply out of the file; nothing when none is named.
 * @throws CodedError `server/bad-usage`, `meter/recording-unreadable`
 */
export async function waveformOf(flags: WaveformFlags): Promise<{ readonly waveform?: WaveformSupply }> {
  const { waveform: path, voltageRatio, currentRatio } = flags;
  if (path === undefined) return {};
  const { chooseChannels, createRecordedFrontEnd, frequencyOfRecord } = await import('@wattline/meter');
  const recording = await readRecording(path, flags.rate);
  const choice = chooseChannels(recording);
  const first = recording.channels[choice.voltages[0] ?? 0]?.samples ?? new Float64Array();
  const frequencyHz = frequencyOfRecord(first, recording.sampleRateHz);
  if (frequencyHz === undefined) {
    throw new CodedError('meter/recording-unreadable', `${path}: the first voltage has no cycles`, { path });
  }
  const frontEnd = createRecordedFrontEnd(recording, { choice, frequencyHz, voltageRatio, currentRatio });
  const nominalHz = frequencyHz > 55 ? 60 : 50;
  return { waveform: { frontEnd, phases: choice.phases, nominalHz, declaredV: frontEnd.voltageV } };
}

async function readRecording(path: string, rate: number | undefined): Promise<Recording> {
  const { readComtradeRecording, readCsvRecording } = await import('@wattline/meter');
  if (/\.cfg$/i.test(path)) {
    const data = path.replace(/cfg$/, 'dat').replace(/CFG$/, 'DAT');
    return readComtradeRecording(readFile(path).toString('latin1'), readFile(data));
  }
  if (rate === undefined) {
    throw serverError(
      'server/bad-usage',
      '--rate: a CSV file does not say how many samples a second it has',
      {
        flag: '--rate',
      },
    );
  }
  return readCsvRecording(readFile(path).toString('utf8'), rate);
}

function readFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const what = `--waveform: ${path} cannot be read: ${messageOf(error)}`;
    throw serverError('server/bad-usage', what, { path }, error);
  }
}
