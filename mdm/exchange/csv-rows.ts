/** Rows of delimited text (RFC 4180): quotes, doubled quotes, CRLF; tells when the last line was not finished. */
import { cannotWrite } from './exchange-format.ts';

/** One row and the line it begins on. */
export interface CsvRow {
  readonly line: number;
  readonly fields: readonly string[];
}

/** Rows that are not blank; `isFinished` is false when the text does not end with a line end. */
export interface CsvText {
  readonly rows: readonly CsvRow[];
  readonly isFinished: boolean;
}

/** Cuts a text into rows. An open quote runs to the end of the text, and the text is then not finished. */
export function readRows(text: string, delimiter: string): CsvText {
  const rows: CsvRow[] = [];
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  let line = 1;
  let isFinished = true;
  while (at < text.length) {
    const end = text.indexOf('\n', at);
    const stop = end < 0 ? text.length : end;
    const plain = text.slice(at, stop);
    if (!plain.includes('"')) {
      const clean = plain.endsWith('\r') ? plain.slice(0, -1) : plain;
      if (clean.trim() !== '') rows.push({ line, fields: clean.split(delimiter) });
      isFinished = end >= 0;
      at = stop + 1;
      line++;
      continue;
    }
    const quoted = readQuotedRow(text, at, delimiter);
    rows.push({ line, fields: quoted.fields });
    isFinished = quoted.isFinished;
    line += quoted.lines;
    at = quoted.next;
  }
  return { rows, isFinished };
}

function readQuotedRow(text: string, start: number, delimiter: string) {
  const fields: string[] = [];
  let field = '';
  let isQuoted = false;
  let lines = 1;
  let at = start;
  for (; at < text.length; at++) {
    const sign = text[at] as string;
    if (sign === '\n') lines++;
    if (isQuoted && sign === '"' && text[at + 1] === '"') {
      field += '"';
      at++;
    } else if (sign === '"') isQuoted = !isQuoted;
    else if (isQuoted || (sign !== delimiter && sign !== '\n')) field += sign;
    else {
      fields.push(sign === '\n' && field.endsWith('\r') ? field.slice(0, -1) : field);
      field = '';
      if (sign === '\n') return { fields, next: at + 1, lines: lines - 1, isFinished: true };
    }
  }
  fields.push(field);
  return { fields, next: at, lines, isFinished: false };
}

/** A field quoted where it must be. */
export function csvField(text: string, delimiter: string): string {
  const mustQuote = text.includes(delimiter) || /["\r\n]/.test(text);
  return mustQuote ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * A field of a format that knows no quotes.
 * @throws CodedError `mdm/exchange-cannot-write` when it holds a sign of the syntax
 */
export function plainField(text: string): string {
  if (/[,\r\n"]/.test(text)) throw cannotWrite(`'${text}' has a comma, quote or line end`);
  return text;
}
