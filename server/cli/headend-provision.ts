/** `wattline headend provision`: the meters of a shipment, taken into the running server. */
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { messageOf } from '@wattline/base';
import { type EnrolReport, enrolShipmentFile, type ProvisionReport } from '@wattline/headend';
import type { Command } from 'commander';
import { expectNoSignersKeys } from '../api/shipments.ts';
import { serverError } from '../errors.ts';
import { exitCodes } from './exit-codes.ts';
import { findServer, type ServerFlags, withServer } from './running-server.ts';
import { printJson, type Shell } from './shell.ts';
import { renderTable } from './text-table.ts';

/** Refused rows printed one by one. */
const mostShown = 20;

export function addHeadendProvision(headend: Command, shell: Shell): void {
  withServer(headend.command('provision <shipment>'))
    .description('take in the meters of a shipment, CSV or JSON by its name; 5 when a row was refused')
    .option('--signer <directory>', 'enrol its management keys in this directory first; they go no further')
    .addHelpText(
      'after',
      `
Each row stands or falls alone, and the same file again changes nothing. A shipment that holds management keys is sent
only without them: name the signer’s directory, or use wattline headend enrol on the machine where the signer lives.

Examples:
  wattline headend provision for-headend.csv
  wattline headend provision shipment.csv --signer data/signer`,
    )
    .action(async (path: string, flags: ServerFlags & { readonly signer?: string }) => {
      const format = extname(path) === '.csv' ? 'csv' : 'json';
      const server = findServer(flags);
      const enrolled = flags.signer === undefined ? undefined : await enrolShipmentFile(flags.signer, path);
      const content = new TextEncoder().encode(enrolled?.stripped ?? readStripped(path, format));
      const type = format === 'csv' ? 'text/csv' : 'application/json';
      const report = await server.post<ProvisionReport>('meters/shipments', { format }, { type, content });
      if (flags.json) printJson(shell, { ...report, enrolled: enrolled?.report ?? null });
      else shell.out(renderReport(report, enrolled?.report));
      if (report.refused.length + (enrolled?.report.refused.length ?? 0) > 0) shell.end(exitCodes.badInput);
    });
}

/** A shipment that was enrolled before: it may leave this process only without keys of the signer. */
function readStripped(path: string, format: 'csv' | 'json'): string {
  const text = readText(path);
  expectNoSignersKeys(text, format);
  return text;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw serverError('server/no-shipment', `the shipment file ${path} cannot be read: ${messageOf(error)}`, {
      path,
    });
  }
}

function renderReport(
  { added, updated, unchanged, refused }: ProvisionReport,
  enrolled: EnrolReport | undefined,
): string {
  const sums = `${added} meters added, ${updated} updated, ${unchanged} unchanged, ${refused.length} refused`;
  const atSigner = enrolled
    ? [`at the signer: ${enrolled.enrolled} enrolled, ${enrolled.without} without keys`]
    : [];
  const rows = [
    ...refused.map(({ row, code, message }) => [String(row), code, message]),
    ...(enrolled?.refused ?? []).map(({ row, code }) => [String(row), code, 'refused at the signer']),
  ];
  if (rows.length === 0) return [sums, ...atSigner].join('\n');
  const more = rows.length > mostShown ? [`and ${rows.length - mostShown} more`] : [];
  const table = renderTable(['row', 'code', 'why'], rows.slice(0, mostShown));
  return [sums, ...atSigner, table, ...more].join('\n');
}
