/** NEM13, accumulation metering data of the Australian market (AEMO Meter Data File Format 2.x, record types 250 and 550). */

import { type FileUnit, fileUnitOf, readAmount } from './amount.ts';
import { lookUp } from './code-table.ts';
import type { ExchangeContext, ExchangeFormat, ExchangeRead } from './exchange-format.ts';
import { createIntake, type Intake, type SeriesIntake } from './intake.ts';
import { marketOffsetMinutes, nemFlags, nemNote } from './nem-codes.ts';
import { type NemRecord, readNemFile } from './nem-records.ts';
import { writeNem13 } from './nem13-writer.ts';
import { compactTime } from './time-label.ts';

/** The previous and the current reading of a 250 record lie in these fields: value, time, method, reason, text. */
const readingFields = [8, 13] as const;

const directions: Readonly<Record<string, 'delivered' | 'received'>> = { E: 'delivered', I: 'received' };

function readNem13(text: string, context: ExchangeContext): ExchangeRead {
  const intake = createIntake('nem13', text, context);
  const file = readNemFile('NEM13', text, intake);
  if (!file.ok) return file.read;
  for (const record of file.records) {
    if (record.kind === '250') addReads(intake, record);
    else if (record.kind !== '550') {
      const particulars = `record '${record.kind.slice(0, 20)}'`;
      intake.problem('mdm/exchange-bad-record', particulars, { line: record.line });
    }
  }
  return intake.finish();
}

function addReads(intake: Intake, { fields: raw, line }: NemRecord): void {
  const fields = raw.map((field) => field.trim());
  const [, point = '', , , suffix = '', , meter = '', sign = ''] = fields;
  const direction = lookUp(directions, sign);
  if (fields.length < 20 || point === '' || direction === undefined) {
    const particulars = `${fields.length} fields, NMI '${point}', direction '${sign.slice(0, 20)}'`;
    intake.problem('mdm/exchange-bad-record', particulars, { line }, readingFields.length);
    return;
  }
  const unit = fileUnitOf(fields[19] as string);
  const series = intake.series({
    point,
    register: suffix,
    meter: meter === '' ? null : meter,
    quantity: { kind: 'register', direction, unit: unit.unit, scale: unit.scale, rate: 0 },
  });
  for (const first of readingFields) addRead(intake, series, fields, first, unit, line);
  checkQuantity(intake, fields, line);
}

function addRead(
  intake: Intake,
  series: SeriesIntake,
  fields: readonly string[],
  first: number,
  unit: FileUnit,
  line: number,
): void {
  const [text = '', time = '', method = '', reason = '', description = ''] = fields.slice(first, first + 5);
  const startMs = time.length === 14 ? compactTime(time, marketOffsetMinutes) : null;
  const flags = nemFlags(method, reason);
  if (startMs === null || flags === null) {
    const particulars = `read at '${time.slice(0, 20)}' with quality '${method.slice(0, 20)}'`;
    intake.problem(
      startMs === null ? 'mdm/exchange-bad-time' : 'mdm/exchange-bad-record',
      particulars,
      { line },
      1,
    );
    return;
  }
  series.add(
    {
      startMs,
      seconds: 0,
      text,
      flags,
      code: nemNote(method, reason, description),
      where: { line, field: first + 1 },
    },
    unit,
  );
}

/** The stated quantity must be the difference of the readings, rollover of the dials allowed for. */
function checkQuantity(intake: Intake, fields: readonly string[], line: number): void {
  const [previous = '', current = '', quantity = ''] = [fields[8], fields[13], fields[18]];
  const [a, b, q] = [previous, current, quantity].map((text) => readAmount(text, 3));
  if (typeof a !== 'object' || typeof b !== 'object' || typeof q !== 'object') return;
  const dials = previous.replace(/\..*$/, '').length;
  const round = 10 ** Math.min(dials, 12) * 1000;
  const difference = b.value - a.value;
  if (difference === q.value || difference + round === q.value) return;
  intake.problem('mdm/exchange-sum-mismatch', `${previous} to ${current} is stated as ${quantity}`, { line });
}

/** NEM13. */
export const nem13: ExchangeFormat = {
  id: 'nem13',
  title: 'AEMO MDFF NEM13 register readings',
  recognises: (text) => /^\uFEFF?\s*(?:100,NEM13|250,)/.test(text),
  read: readNem13,
  write: writeNem13,
};
