/** CMEP, the California Metering Exchange Protocol: MEPMD01 records with triplets of time, quality and value; times are UTC. */

import { quality } from '@wattline/model';
import { type Factor, type FileUnit, fileUnitOf, readFactor } from './amount.ts';
import { writeCmep } from './cmep-writer.ts';
import { lookUp } from './code-table.ts';
import { readRows } from './csv-rows.ts';
import type { ExchangeContext, ExchangeFormat, ExchangeRead } from './exchange-format.ts';
import { createIntake, type Intake, longestText, type SeriesIntake } from './intake.ts';
import { compactTime } from './time-label.ts';

/** Fields before the triplets. */
const headFields = 14;

/** First letter of the quality: raw, verified, adjusted, estimated, no value. The number after it is kept in the note. */
const flagsOfLetter: Readonly<Record<string, number>> = {
  R: quality.measured,
  V: quality.measured | quality.final,
  A: quality.edited,
  E: quality.estimated,
  N: quality.missing,
};

interface MeterRecord {
  readonly fields: readonly string[];
  readonly line: number;
  readonly count: number;
  readonly seconds: number;
  readonly unit: FileUnit;
  readonly factor: Factor;
}

function readCmep(text: string, context: ExchangeContext): ExchangeRead {
  const intake = createIntake('cmep', text, context);
  if (text.length > longestText) return intake.refuse('mdm/exchange-too-large', `${text.length} characters`);
  const { rows, isFinished } = readRows(text, ',');
  if (rows.length === 0) return intake.refuse('mdm/exchange-missing-header', 'the file is empty');
  rows.forEach(({ fields, line }, i) => {
    if (!isFinished && i === rows.length - 1) {
      // The format has no end mark: a line without line end may have lost digits of its last value.
      const values = Math.floor(Math.max(0, fields.length - headFields) / 3);
      intake.problem('mdm/exchange-half-written', `line ${line} has no line end`, { line }, values);
    } else addRecord(intake, fields, line);
  });
  return intake.finish();
}

function addRecord(intake: Intake, raw: readonly string[], line: number): void {
  const fields = raw.map((field) => field.trim());
  const values = Math.ceil(Math.max(0, fields.length - headFields) / 3);
  const refuse = (...[code, particulars]: [Parameters<Intake['problem']>[0], string]) =>
    intake.problem(code, particulars, { line }, values);
  if (fields[0] !== 'MEPMD01') {
    refuse('mdm/exchange-bad-record', `record '${fields[0]?.slice(0, 20)}'`);
    return;
  }
  const count = Number(fields[13]);
  if (!Number.isInteger(count) || fields.length !== headFields + 3 * count) {
    refuse('mdm/exchange-interval-count', `expected ${fields[13]} triplets, found ${values}`);
    return;
  }
  const factor = readFactor(fields[11] || '1');
  if (!factor) {
    refuse('mdm/exchange-bad-number', `calculation constant '${fields[11]?.slice(0, 20)}'`);
    return;
  }
  const spelled = fields[10] ?? '';
  const isRegister = spelled.endsWith('REG');
  const unit = fileUnitOf(isRegister ? spelled.slice(0, -3) : spelled);
  const meter = fields[7] ?? '';
  const series = intake.series({
    point: fields[5] || meter,
    register: spelled,
    meter: meter === '' ? null : meter,
    quantity: {
      kind: isRegister ? 'register' : 'interval',
      direction: 'delivered',
      unit: unit.unit,
      scale: unit.scale,
      rate: 0,
    },
  });
  const seconds = isRegister ? 0 : intervalOf(fields[12] ?? '');
  if (seconds === null || (!isRegister && seconds === 0)) {
    refuse('mdm/exchange-unsupported-interval', `interval '${fields[12]?.slice(0, 20)}'`);
    return;
  }
  addTriplets(intake, series, { fields, line, count, seconds, unit, factor });
}

/** Seconds of `MMDDhhmm`; months have no length of their own. */
function intervalOf(text: string): number | null {
  const match = /^(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(text);
  if (match?.[1] !== '00') return null;
  return (Number(match[2]) * 1440 + Number(match[3]) * 60 + Number(match[4])) * 60;
}

/** A time label is the end of its interval; an empty one follows the one before. */
function addTriplets(intake: Intake, series: SeriesIntake, record: MeterRecord): void {
  const { fields, line, count, seconds, unit, factor } = record;
  let endMs: number | null = null;
  for (let i = 0; i < count; i++) {
    const [label = '', code = '', text = ''] = fields.slice(headFields + 3 * i, headFields + 3 * i + 3);
    const where = { line, value: i + 1 };
    if (label !== '') endMs = label.length === 12 ? compactTime(label, 0) : null;
    else if (endMs !== null) endMs += seconds * 1000;
    if (endMs === null) {
      intake.problem('mdm/exchange-bad-time', `'${label.slice(0, 20)}'`, where, 1);
      continue;
    }
    const known = text === '' ? quality.missing : lookUp(flagsOfLetter, code.charAt(0));
    if (known === undefined) intake.problem('mdm/exchange-unknown-quality', `'${code.slice(0, 20)}'`, where);
    const flags = known ?? quality.measured | quality.suspect;
    series.add({ startMs: endMs - seconds * 1000, seconds, text, flags, code, where }, unit, factor);
  }
}

/** CMEP. */
export const cmep: ExchangeFormat = {
  id: 'cmep',
  title: 'California Metering Exchange Protocol (MEPMD01)',
  recognises: (text) => /^\uFEFF?\s*MEPMD01,/.test(text),
  read: readCmep,
  write: writeCmep,
};
