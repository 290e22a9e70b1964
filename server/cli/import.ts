/** `wattline import`: readings out of a CSV, and files of interchange formats, into the running server. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { messageOf } from '@wattline/base';
import { readableFormats } from '@wattline/mdm';
import { type Command, Option } from 'commander';
import type { ImportReport } from '../api/import-readings.ts';
import { serverError } from '../errors.ts';
import { exitCodes } from './exit-codes.ts';
import { addHeld } from './import-held.ts';
import { findServer, type ServerFlags, withServer } from './running-server.ts';
import { addNoun, printJson, type Shell } from './shell.ts';
import { renderTable } from './text-table.ts';

/** Refused rows printed one by one. */
const mostShown = 20;

export function addImport(program: Command, shell: Shell): void {
  const noun = addNoun(program, 'import', 'bring data into the running server');
  addImportFile(noun, shell);
  addImportTemperatures(noun, shell);
  addHeld(noun, shell);
  withServer(noun.command('readings <file>'))
    .description('import readings out of a CSV; exit code 5 when a row was refused, the others are stored')
    .addHelpText(
      'after',
      `
Columns: usage_point, reading_type, start, value and, if wanted, quality. The start is an instant with its offset
(2026-03-29T01:30:00Z) or a local time of the usage point that happened exactly once; the value is an integer of the
reading type's unit (Wh). The same file imported again changes nothing.

Example:
  wattline import readings readings.csv`,
    )
    .action(async (file: string, flags: ServerFlags) => {
      const server = findServer(flags);
      const body = { type: 'text/csv', content: readInput(file) };
      const report = await server.post<ImportReport>('imports/readings', { name: basename(file) }, body);
      if (flags.json) printJson(shell, report);
      else shell.out(renderReport(report));
      if (report.refused > 0) shell.end(exitCodes.badInput);
    });
}

/** `wattline import file`: a file of an interchange format, found by how it begins unless it is named. */
function addImportFile(noun: Command, shell: Shell): void {
  withServer(noun.command('file <file>'))
    .description('import a file of an interchange format; exit code 5 when the file was refused')
    .addOption(
      new Option('--format <format>', 'format; found by how the file begins when left out').choices(
        readableFormats,
      ),
    )
    .option('--zone <zone>', 'IANA zone of local times without offset')
    .option('--read-at <instant>', 'when the values were read, where the file does not say')
    .option('--keys <file>', 'keys of sealed wM-Bus telegrams: meter number and 32 digits a line')
    .addHelpText(
      'after',
      `
Points are found by the id of the usage point or the serial number of its meter; series of others wait in the quarantine.
Readouts of a hand-held (IEC 62056-21) stand at the meter's own clock in --zone, else at --read-at.
The same file imported again changes nothing. Keys are used for this file and kept nowhere.

Example:
  wattline import file NEM12_20261120.csv
  wattline import file tour.txt --keys tour-keys.csv
  wattline import file tour.iec --zone Asia/Kolkata`,
    )
    .action(async (file: string, flags: FileFlags) => {
      const content = flags.keys === undefined ? readInput(file) : withKeys(readInput(file), flags.keys);
      const body = { type: 'application/octet-stream', content };
      const { format, zone, readAt } = flags;
      const query = { name: basename(file), format, zone, readAt };
      const outcome = await findServer(flags).post<FileOutcome>('imports/files', query, body);
      if (flags.json) printJson(shell, outcome);
      else shell.out(renderOutcome(outcome));
      if (outcome.refused) shell.end(exitCodes.badInput);
    });
}

/** `wattline import temperatures`: what weather-day estimation chooses like days by. */
function addImportTemperatures(noun: Command, shell: Shell): void {
  withServer(noun.command('temperatures <file>'))
    .description('import mean temperatures by date, or by hour, of the utility’s area')
    .addHelpText(
      'after',
      `
Columns: date, or time or timestamp with offset; celsius or temperature, or fahrenheit. A date told again takes the later word.

Example:
  wattline import temperatures november.csv`,
    )
    .action(async (file: string, flags: ServerFlags) => {
      const body = { type: 'text/csv', content: readInput(file) };
      const report = await findServer(flags).post<{ days: number; rejected: number }>(
        'imports/temperatures',
        {},
        body,
      );
      if (flags.json) printJson(shell, report);
      else shell.out(`${report.days} days kept, ${report.rejected} lines rejected`);
      if (report.rejected > 0) shell.end(exitCodes.badInput);
    });
}

/** A drive-by file behind its keys, as lines that the format knows. */
function withKeys(content: Uint8Array<ArrayBuffer>, path: string): Uint8Array<ArrayBuffer> {
  const keys = new TextDecoder()
    .decode(readInput(path))
    .split('\n')
    .map((one) => one.trim())
    .filter((one) => one !== '')
    .map((one) => `key ${one}\n`);
  return new Uint8Array(Buffer.concat([new TextEncoder().encode(keys.join('')), content]));
}

interface FileFlags extends ServerFlags {
  readonly keys?: string;
  readonly format?: string;
  readonly zone?: string;
  readonly readAt?: string;
}

interface FileOutcome {
  readonly format: string;
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: number;
  readonly held: readonly number[];
  readonly refused: FileProblem | null;
  readonly problems: readonly FileProblem[];
}

interface FileProblem {
  readonly code: string;
  readonly message: string;
  /** Line, segment or element. */
  readonly where: string;
}

function renderOutcome({
  format,
  accepted,
  duplicates,
  rejected,
  held,
  refused,
  problems,
}: FileOutcome): string {
  const parts = [
    `${format}: ${accepted} values stored, ${duplicates} known already, ${rejected} rejected, ${held.length} series held`,
  ];
  if (refused) parts.push(`refused: ${problemText(refused)}`);
  parts.push(...problems.slice(0, mostShown).map(problemText));
  if (problems.length > mostShown) parts.push(`... and ${problems.length - mostShown} more`);
  if (held.length > 0) parts.push('What waits and why: wattline import held');
  return parts.join('\n');
}

function problemText({ code, message, where }: FileProblem): string {
  return `${where === '' ? '' : `${where}: `}${message} (${code})`;
}

function readInput(path: string): Uint8Array<ArrayBuffer> {
  try {
    return readFileSync(path);
  } catch (error) {
    throw serverError('server/no-file', `${path} cannot be read: ${messageOf(error)}`, { path }, error);
  }
}

function renderReport(report: ImportReport): string {
  const { rows, accepted, duplicates, refused, errors, refusedRows, held } = report;
  const parts = [`${rows} rows: ${accepted} values stored, ${duplicates} known already, ${refused} refused`];
  if (errors.length > 0) {
    const counts = errors.map(({ code, count, firstLine, message }) => [
      code,
      String(count),
      firstLine === null ? '' : String(firstLine),
      message,
    ]);
    parts.push('', renderTable(['code', 'count', 'first line', 'meaning'], counts));
  }
  if (refusedRows.length > 0) {
    parts.push('', ...refusedRows.slice(0, mostShown).map(({ line, message }) => `line ${line}: ${message}`));
    if (refused > mostShown) parts.push(`... and ${refused - mostShown} more`);
  }
  if (held.length > 0) parts.push('', 'What waits and why: wattline import held');
  return parts.join('\n');
}
