/** `wattline meter conformance`: the waveform meter judged against the accuracy tables of its class. */
import { writeFileSync } from 'node:fs';
import { CodedError, messageOf } from '@wattline/base';
import type { ConformanceReport } from '@wattline/meter';
import { type Command, Option } from 'commander';
import { exitCodes } from './exit-codes.ts';
import { printJson, type Shell } from './shell.ts';
import { renderTable } from './text-table.ts';

interface ConformanceFlags {
  readonly class: ConformanceReport['class'];
  readonly rate: '4' | '8' | '16';
  readonly threeWire?: true;
  readonly brief?: true;
  readonly html?: string;
  readonly json?: true;
}

export function addMeterConformance(meter: Command, shell: Shell): void {
  meter
    .command('conformance')
    .description('judge the waveform meter at a tenth of the limits of its class; 1 when a row fails')
    .addOption(
      new Option('--class <class>', 'accuracy class')
        .choices(['0.2S', '0.5S', '1', '2', '1 on transformers', '2 on transformers'])
        .default('0.5S'),
    )
    .addOption(new Option('--rate <kHz>', 'samples a second').choices(['4', '8', '16']).default('8'))
    .option('--three-wire', 'a meter of two elements: what loads one phase alone is left out')
    .option('--brief', 'the accuracy rows of the first table alone')
    .option('--html <file>', 'write the report with error curves as a page')
    .option('--json', 'print the report as JSON')
    .addHelpText('after', '\nExample:\n  wattline meter conformance --class 0.2S --html report.html')
    .action(async (flags: ConformanceFlags) => {
      const { conformancePage, runConformance } = await import('@wattline/meter');
      shell.err('judging, about ten seconds ...');
      const report = runConformance({
        class: flags.class,
        isBrief: flags.brief === true,
        sampleRateHz: (Number(flags.rate) * 1000) as 4000 | 8000 | 16_000,
        ...(flags.threeWire ? { wiring: 'three-phase three-wire' } : {}),
      });
      if (flags.html !== undefined) writePage(flags.html, conformancePage(report));
      if (flags.json) printJson(shell, report);
      else shell.out(renderReport(report));
      if (!report.isPassed) shell.end(exitCodes.failed);
    });
}

function writePage(path: string, page: string): void {
  try {
    writeFileSync(path, page);
  } catch (error) {
    throw new CodedError(
      'server/bad-usage',
      `--html ${path} cannot be written: ${messageOf(error)}`,
      { path },
      error,
    );
  }
}

function renderReport({ class: accuracy, rows, passShare, isPassed }: ConformanceReport): string {
  const lines = rows.map(({ standard, title, limitPercent, worst, unit, verdict }) => [
    standard,
    title,
    unit === '%' ? `${limitPercent}` : '',
    `${Number(worst.toPrecision(3))} ${unit}`,
    verdict,
  ]);
  const count = (verdict: string) => rows.filter((row) => row.verdict === verdict).length;
  return [
    renderTable(['standard', 'row', 'limit %', 'worst', 'verdict'], lines),
    '',
    `Class ${accuracy}: ${isPassed ? 'passed' : 'FAILED'} at ${passShare * 100} % of the limits: ${count('passed')} passed, ` +
      `${count('failed')} failed, ${count('model-declared')} model-declared (our own coefficients: nothing is proved)`,
    'Tested with public tables; nobody has certified it.',
  ].join('\n');
}
