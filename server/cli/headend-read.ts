/** `wattline headend sweep|read|sla`: reading the fleet or one meter now, and the service-level ledger. */
import type { MissingIntervals, Page, ServiceLevelItem, SilentMeter, SweepOutcome } from '@wattline/model';
import type { Command } from 'commander';
import { exitCodes } from './exit-codes.ts';
import { findServer, type ServerFlags, withServer } from './running-server.ts';
import { printJson, type Shell, wholeNumber } from './shell.ts';
import { renderTable } from './text-table.ts';

interface Outcome {
  readonly exchangeId: string;
  readonly outcome: string;
  readonly code: string | null;
  readonly message: string | null;
  readonly readings: number;
}

export function addHeadendRead(headend: Command, shell: Shell): void {
  withServer(headend.command('sweep'))
    .description('read what is missing from every meter once; 1 when one did not answer')
    .addHelpText('after', '\nExample:\n  wattline headend sweep')
    .action(async (flags: ServerFlags) => {
      const swept = await findServer(flags).post<SweepOutcome>('operations/sweep');
      if (flags.json) printJson(shell, swept);
      else shell.out(`${swept.answers} of ${swept.meters} meters answered in ${swept.seconds} s`);
      if (swept.answers < swept.meters) shell.end(exitCodes.failed);
    });

  withServer(headend.command('read <serial>'))
    .description('read what is missing from one meter now; 1 when it does not answer')
    .addHelpText('after', '\nExample:\n  wattline headend read WTL10000001')
    .action(async (serial: string, flags: ServerFlags) => {
      const read = await findServer(flags).post<Outcome>(`meters/${encodeURIComponent(serial)}/read`);
      const why = read.code === null ? '' : `: ${read.message} (${read.code})`;
      if (flags.json) printJson(shell, read);
      else
        shell.out(
          `${serial}: ${read.outcome}, ${read.readings} interval values, exchange ${read.exchangeId}${why}`,
        );
      if (read.outcome !== 'answer') shell.end(exitCodes.failed);
    });

  withServer(headend.command('sla'))
    .description('intervals expected and received, and why the others are missing')
    .option('--by <group>', 'all, route, model, firmware or day', 'all')
    .option('--hours <number>', 'hours back from now', wholeNumber(1, 960), 24)
    .option('--meter <serial>', 'what is missing of one meter')
    .option('--silent', 'meters without contact in these hours')
    .addHelpText(
      'after',
      '\nExamples:\n  wattline headend sla --by day --hours 72\n  wattline headend sla --silent --hours 24\n  wattline headend sla --meter WTL10000001',
    )
    .action(async (flags: ServerFlags & { by: string; hours: number; meter?: string; silent?: true }) => {
      const server = findServer(flags);
      const hours = String(flags.hours);
      if (flags.silent) {
        const page = await server.get<Page<SilentMeter>>('operations/silent-meters', { hours });
        if (flags.json) printJson(shell, page);
        else shell.out(renderSilent(page.items, flags.hours));
        return;
      }
      if (flags.meter !== undefined) {
        const path = `meters/${encodeURIComponent(flags.meter)}/missing`;
        const page = await server.get<Page<MissingIntervals>>(path, { hours });
        if (flags.json) printJson(shell, page);
        else shell.out(renderMissing(page.items));
        return;
      }
      const page = await server.get<Page<ServiceLevelItem>>('operations/service-level', {
        by: flags.by,
        hours,
      });
      if (flags.json) printJson(shell, page);
      else shell.out(renderRows(page.items));
    });
}

function renderSilent(items: readonly SilentMeter[], hours: number): string {
  if (items.length === 0) return `every meter answered within ${hours} h`;
  const rows = items.map(({ serial, usagePointId, lastContact }) => [
    ...[serial, usagePointId, lastContact ?? 'never'],
  ]);
  return renderTable(['meter', 'usage point', 'last contact'], rows);
}

function renderMissing(items: readonly MissingIntervals[]): string {
  if (items.length === 0) return 'nothing is missing';
  return renderTable(
    ['from', 'until', 'cause'],
    items.map(({ start, end, cause }) => [start, end, cause]),
  );
}

function renderRows(items: readonly ServiceLevelItem[]): string {
  const causes = Object.keys(items[0]?.missing ?? {});
  const rows = items.map(({ group, expected, received, rate, missing }) => [
    group,
    String(expected),
    String(received),
    `${(rate * 100).toFixed(2)} %`,
    ...causes.map((cause) => String(missing[cause as keyof typeof missing])),
  ]);
  return renderTable(['group', 'expected', 'received', 'rate', ...causes], rows);
}
