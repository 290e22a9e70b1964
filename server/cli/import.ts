/** `wattline import readings`: readings out of a CSV into the running server. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { messageOf } from '@wattline/base';
import type { Command } from 'commander';
import type { ImportReport } from '../api/import-readings.ts';
import { serverError } from '../errors.ts';
import { exitCodes } from './exit-codes.ts';
import { findServer, type ServerFlags, withServer } from './running-server.ts';
import { addNoun, printJson, type Shell } from './shell.ts';
import { renderTable } from './text-table.ts';

/** Refused rows printed one by one. */
const mostShown = 20;

export function addImport(program: Command, shell: Shell): void {
  const noun = addNoun(program, 'import', 'bring data into the running server');
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

function readInput(path: string): Uint8Array<ArrayBuffer> {
  try {
    return readFileSync(path);
  } catch (error) {
    throw serverError('server/no-file', `${path} cannot be read: ${messageOf(error)}`, { path }, error);
  }
}

function renderReport({ rows, accepted, duplicates, refused, errors, refusedRows }: ImportReport): string {
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
  return parts.join('\n');
}
