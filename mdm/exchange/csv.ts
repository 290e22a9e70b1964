/** Wattline's own CSV: one value a row, columns by name, times with offset or as a local clock, labels at begin or end. */
import { formatInstant } from '@wattline/base';
import { csvField, readRows } from './csv-rows.ts';
import type { ExchangeContext, ExchangeFormat, ExchangeRead, WrittenSeries } from './exchange-format.ts';
import { createIntake, longestText } from './intake.ts';
import { isZone } from './time-label.ts';
import { rowReader, valueColumns, valueRows } from './value-rows.ts';

const written = ['channel', 'meter', 'start', 'intervalSeconds', 'value', 'unit', 'quality'];

function readCsv(text: string, context: ExchangeContext): ExchangeRead {
  const intake = createIntake('csv', text, context);
  if (text.length > longestText) return intake.refuse('mdm/exchange-too-large', `${text.length} characters`);
  if (context.zone !== undefined && !isZone(context.zone)) {
    return intake.refuse('mdm/exchange-bad-time', `zone '${context.zone}'`);
  }
  const firstLine = text.slice(0, text.indexOf('\n') < 0 ? undefined : text.indexOf('\n'));
  const { rows, isFinished } = readRows(text, firstLine.includes(';') ? ';' : ',');
  const addRow = rowReader(intake, rows[0]?.fields ?? []);
  if (!addRow) {
    const code = isFinished ? 'mdm/exchange-missing-header' : 'mdm/exchange-half-written';
    return intake.refuse(code, `expected columns ${valueColumns.join(', ')}`, { line: 1 });
  }
  for (let i = 1; i < rows.length; i++) {
    const { fields, line } = rows[i] as (typeof rows)[number];
    if (!isFinished && i === rows.length - 1) {
      // The last digits of an unfinished line may be lost without a trace.
      intake.problem('mdm/exchange-half-written', `line ${line} has no line end`, { line }, 1);
    } else addRow(fields, { line });
  }
  return intake.finish();
}

function writeCsv(series: readonly WrittenSeries[]): string {
  const lines = [written.join(',')];
  for (const { startMs, ...row } of valueRows(series)) {
    const { channel, meter, intervalSeconds, value, unit, quality } = row;
    const cells = [channel, meter, formatInstant(startMs), intervalSeconds, value, unit, quality];
    lines.push(cells.map((cell) => csvField(String(cell), ',')).join(','));
  }
  return `${lines.join('\n')}\n`;
}

/** Wattline CSV. */
export const csv: ExchangeFormat = {
  id: 'csv',
  title: 'Wattline CSV',
  recognises: (text) =>
    /^\uFEFF?[^\n]*\bvalue\b/i.test(text) && /^\uFEFF?[^\n]*\b(?:start|end)\b/i.test(text),
  read: readCsv,
  write: writeCsv,
};
