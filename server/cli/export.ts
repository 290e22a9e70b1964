/** `wattline export`: readings of the running server as CSV or JSON, and as files of interchange formats. */
import { writeFileSync } from 'node:fs';
import { formatInstant, messageOf } from '@wattline/base';
import { octetFormats, writableFormats } from '@wattline/mdm';
import { qualityFlags, type ReadingSeries } from '@wattline/model';
import { type Command, Option } from 'commander';
import { importColumns } from '../api/import-rows.ts';
import { serverError } from '../errors.ts';
import { addExportChanges } from './export-changes.ts';
import { findServer, type ServerFlags, withServer } from './running-server.ts';
import { addNoun, printJson, type Shell } from './shell.ts';

interface ExportFlags extends ServerFlags {
  readonly from?: string;
  readonly to?: string;
  readonly format: 'csv' | 'json';
  readonly readingType: string;
  readonly asOf?: string;
}

export function addExport(program: Command, shell: Shell): void {
  const noun = addNoun(program, 'export', 'take data out of the running server');
  addExportFile(noun, shell);
  addExportChanges(noun, shell);
  withServer(noun.command('readings <usage-point>'))
    .description('export the readings of a channel; the CSV is what wattline import readings takes')
    .option('--from <when>', 'instant or local date; default: a day before --to')
    .option('--to <when>', 'instant or local date; default: now')
    .addOption(new Option('--format <format>', 'format').choices(['csv', 'json']).default('csv'))
    .option('--reading-type <type>', 'reading type', 'delivered')
    .option('--as-of <instant>', 'readings as they were known then')
    .addHelpText(
      'after',
      '\nExample:\n  wattline export readings UP-0001 --from 2026-11-01 --to 2026-12-01 > november.csv',
    )
    .action(async (usagePoint: string, flags: ExportFlags) => {
      const { from, to, readingType, asOf } = flags;
      const path = `usage-points/${encodeURIComponent(usagePoint)}/readings`;
      const series = await findServer(flags).get<ReadingSeries>(path, { from, to, readingType, asOf });
      if (flags.json || flags.format === 'json') printJson(shell, series);
      else shell.out(renderCsv(usagePoint, series));
    });
}

/** `wattline export file`: a channel in an interchange format. */
function addExportFile(noun: Command, shell: Shell): void {
  withServer(noun.command('file <usage-point>'))
    .description('export a channel in an interchange format')
    .addOption(new Option('--format <format>', 'format').choices(writableFormats).default('nem12'))
    .option('--from <when>', 'instant or local date; default: a day before --to')
    .option('--to <when>', 'instant or local date; default: now')
    .option('--reading-type <type>', 'reading type', 'delivered')
    .option('--output <file>', 'where the file goes; the terminal takes text alone')
    .addHelpText(
      'after',
      `
Examples:
  wattline export file UP-0001 --format espi --from 2026-11-01 --to 2026-12-01 > november.xml
  wattline export file UP-0001 --format parquet --from 2026-11-01 --to 2026-12-01 --output november.parquet`,
    )
    .action(async (usagePoint: string, flags: ExportFileFlags) => {
      const { format, from, to, readingType, output } = flags;
      if (output === undefined && octetFormats.some(({ id }) => id === format)) {
        throw serverError('server/bad-usage', `--output: ${format} is no text, name the file it goes to`);
      }
      const file = await findServer(flags).getFile(`exports/${format}`, {
        usagePoint,
        from,
        to,
        readingType,
      });
      if (output === undefined) shell.out(new TextDecoder().decode(file));
      else writeOutput(output, file);
    });
}

interface ExportFileFlags extends ServerFlags {
  readonly format: string;
  readonly from?: string;
  readonly to?: string;
  readonly readingType: string;
  readonly output?: string;
}

function writeOutput(path: string, file: Uint8Array): void {
  try {
    writeFileSync(path, file);
  } catch (error) {
    throw serverError('server/no-file', `${path} cannot be written: ${messageOf(error)}`, { path }, error);
  }
}

/** A row a slot; slots between register readings are left out. */
function renderCsv(usagePoint: string, series: ReadingSeries): string {
  const startMs = Temporal.Instant.from(series.start).epochMilliseconds;
  const lines = [importColumns.join(',')];
  series.value.forEach((value, slot) => {
    const bits = series.quality[slot] ?? 0;
    if (bits === 0) return;
    const start = formatInstant(startMs + slot * series.intervalSeconds * 1000);
    lines.push([usagePoint, series.readingType, start, value ?? '', qualityFlags(bits).join('+')].join(','));
  });
  return lines.join('\n');
}
