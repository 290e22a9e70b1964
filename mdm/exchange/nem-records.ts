/** The frame of NEM12 and NEM13 files: 100 first, 900 last, comma-separated records between. */
import type { ExchangeRead } from './exchange-format.ts';
import { type Intake, longestText } from './intake.ts';

/** A record and its line. */
export interface NemRecord {
  readonly kind: string;
  readonly fields: readonly string[];
  readonly line: number;
}

/** The records between header and end, or the refusal of the file. */
export type NemFile =
  | { readonly ok: true; readonly records: readonly NemRecord[] }
  | { readonly ok: false; readonly read: ExchangeRead };

/** Reads the frame. The format forbids quotes and commas in fields, so a record is a plain split. */
export function readNemFile(version: 'NEM12' | 'NEM13', text: string, intake: Intake): NemFile {
  const refused = (...reason: Parameters<Intake['refuse']>) => ({
    ok: false as const,
    read: intake.refuse(...reason),
  });
  if (text.length > longestText) return refused('mdm/exchange-too-large', `${text.length} characters`);
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const records: NemRecord[] = [];
  let end = 0;
  for (let i = 0; i < lines.length; i++) {
    const content = lines[i] as string;
    if (content.trim() === '') continue;
    const line = i + 1;
    if (end > 0)
      return refused('mdm/exchange-bad-structure', `records after the 900 of line ${end}`, { line });
    const fields = content.split(',');
    const kind = (fields[0] as string).trim();
    if (records.length === 0 && (kind !== '100' || fields[1]?.trim() !== version)) {
      const isCutOff = `100,${version}`.startsWith(content.trim());
      const code = isCutOff ? 'mdm/exchange-half-written' : 'mdm/exchange-missing-header';
      return refused(code, `expected 100,${version}, found '${content.slice(0, 20)}'`, { line });
    }
    if (kind === '900') end = line;
    else records.push({ kind, fields, line });
  }
  if (records.length === 0) return refused('mdm/exchange-missing-header', 'the file is empty');
  if (end === 0) return refused('mdm/exchange-half-written', 'no 900 record', { line: lines.length });
  return { ok: true, records: records.slice(1) };
}
