/** `wattline import held|release|discard`: series of delivered files that wait, and what a person decides about them. */
import type { ReleasedPlaced } from '@wattline/mdm';
import type { Command } from 'commander';
import { jsonBody } from '../server-client.ts';
import { findServer, type ServerFlags, withServer } from './running-server.ts';
import { type SaidFlags, withSaid } from './said-flags.ts';
import { printJson, type Shell } from './shell.ts';
import { renderTable } from './text-table.ts';

interface Held {
  readonly id: number;
  readonly name: string;
  readonly format: string;
  readonly code: string;
  readonly message: string;
  readonly source: string;
  readonly values: number;
  readonly receivedAt: string;
}

interface HeldPage {
  readonly items: readonly Held[];
  readonly next: string | null;
}

interface Decided {
  readonly id: number;
  readonly accepted: number;
  readonly duplicates: number;
}

export function addHeld(noun: Command, shell: Shell): void {
  withServer(noun.command('held'))
    .description('series of delivered files that wait for a decision, oldest first')
    .addHelpText('after', '\nExample:\n  wattline import held')
    .action(async (flags: ServerFlags) => {
      const page = await findServer(flags).get<HeldPage>('operations/quarantine');
      if (flags.json) printJson(shell, page);
      else shell.out(renderHeld(page));
    });
  withSaid(noun.command('release <number> [channel]'))
    .description(
      'put a held series on a channel and store it; without a channel where its point belongs by now',
    )
    .addHelpText(
      'after',
      '\nExample:\n  wattline import release 12 UP-0001/delivered --author Asha --reason "meter 7 hangs at UP-0001"',
    )
    .action(async (number: string, channel: string | undefined, flags: SaidFlags) => {
      const { author, reason } = flags;
      const path = `operations/quarantine/${encodeURIComponent(number)}/release`;
      const decided = await findServer(flags).post<Decided>(path, {}, jsonBody({ channel, author, reason }));
      if (flags.json) printJson(shell, decided);
      else shell.out(`${number}: ${decided.accepted} values stored, ${decided.duplicates} known already`);
    });
  withSaid(noun.command('release-placed'))
    .description(
      'store every held series whose point has become known or whose time has come; the others wait on',
    )
    .addHelpText(
      'after',
      '\nExample:\n  wattline import release-placed --author Asha --reason "list of points of 3 March"',
    )
    .action(async (flags: SaidFlags) => {
      const { author, reason } = flags;
      const path = 'operations/quarantine/release';
      const done = await findServer(flags).post<ReleasedPlaced>(path, {}, jsonBody({ author, reason }));
      if (flags.json) printJson(shell, done);
      else {
        const { released, accepted, duplicates, left } = done;
        shell.out(
          `${released} series released: ${accepted} values stored, ${duplicates} known already; ${left} wait on`,
        );
      }
    });
  withSaid(noun.command('discard <number>'))
    .description('give a held series up; what it was is kept')
    .addHelpText('after', '\nExample:\n  wattline import discard 12 --author Asha --reason "not our meter"')
    .action(async (number: string, flags: SaidFlags) => {
      const { author, reason } = flags;
      const path = `operations/quarantine/${encodeURIComponent(number)}/discard`;
      const decided = await findServer(flags).post<Decided>(path, {}, jsonBody({ author, reason }));
      if (flags.json) printJson(shell, decided);
      else shell.out(`${number} is given up`);
    });
}

function renderHeld({ items, next }: HeldPage): string {
  if (items.length === 0) return 'Nothing waits.';
  const rows = items.map(({ id, receivedAt, name, format, source, values, code, message }) => {
    const { point, register, meter } = JSON.parse(source) as Record<string, string | null>;
    const whose = [point, register, meter].filter((part) => part).join(' / ');
    const why = values === 0 ? `not readable: ${message}` : message;
    return [String(id), receivedAt, name, format, whose, String(values), code, why];
  });
  const table = renderTable(
    ['number', 'received at', 'file', 'format', 'point / register / meter', 'values', 'code', 'why'],
    rows,
  );
  const more =
    next === null ? '' : `The oldest ${items.length} are shown: decide on them, and the others follow.\n`;
  return `${table}\n\n${more}Next: wattline import release <number> [channel], release-placed, or discard <number>.`;
}
