/** `wattline headend events`: what happened, newest first, by severity, kind and meter. */
import { type EventItem, type EventKind, eventKinds, type Page } from '@wattline/model';
import { type Command, Option } from 'commander';
import { findServer, type ServerFlags, withServer } from './running-server.ts';
import { printJson, type Shell } from './shell.ts';
import { renderTable } from './text-table.ts';

interface EventFlags extends ServerFlags {
  readonly severity?: string;
  readonly kind?: EventKind;
  readonly meter?: string;
  readonly last: string;
}

export function addHeadendEvents(headend: Command, shell: Shell): void {
  const kinds = Object.keys(eventKinds);
  withServer(headend.command('events'))
    .description('events of meters and of the system, newest first, with their severity')
    .addOption(new Option('--severity <severity>', 'of this severity').choices(['alarm', 'warning', 'info']))
    .addOption(new Option('--kind <kind>', 'of this kind').choices(kinds))
    .option('--meter <serial>', 'of this meter')
    .option('--last <count>', 'so many at most, up to 500', '20')
    .addHelpText('after', '\nExample:\n  wattline headend events --severity alarm --last 50')
    .action(async ({ severity, kind, meter, last, ...flags }: EventFlags) => {
      const page = await findServer(flags).get<Page<EventItem>>('operations/events', {
        ...{ limit: last },
        ...(severity ? { severity } : {}),
        ...(kind ? { kind } : {}),
        ...(meter ? { serial: meter } : {}),
      });
      if (flags.json) printJson(shell, page);
      else shell.out(page.items.length === 0 ? 'nothing of it happened' : renderEvents(page.items));
    });
}

function renderEvents(events: readonly EventItem[]): string {
  const rows = events.map(({ occurred, severity, serial, code, message }) => [
    ...[occurred, severity, serial ?? '', code ?? '', message],
  ]);
  return renderTable(['occurred', 'severity', 'meter', 'code', 'what'], rows);
}
