/** `wattline vee worklist|close`: what rules put before people, and how people end it, one by one or all of a rule. */
import type { WorkPage } from '@wattline/model';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { jsonBody } from '../server-client.ts';
import { findServer, type ServerFlags, withServer } from './running-server.ts';
import { type SaidFlags, wholeAmount, withSaid } from './said-flags.ts';
import { printJson, type Shell } from './shell.ts';
import { renderTable } from './text-table.ts';

const tasksAtOnce = 1000;

export function addWorklist(vee: Command, shell: Shell): void {
  withServer(vee.command('worklist'))
    .description('what rules put before people, oldest first')
    .option('--rule <rule>', 'of one rule')
    .addHelpText('after', '\nExample:\n  wattline vee worklist --rule frozen')
    .action(async (flags: ServerFlags & { rule?: string }) => {
      const page = await findServer(flags).get<WorkPage>('operations/worklist', { rule: flags.rule });
      if (flags.json) printJson(shell, page);
      else shell.out(renderWork(page));
    });
  withSaid(vee.command('close [tasks...]'))
    .description('end tasks by their numbers, or all open ones of a rule')
    .addOption(
      new Option('--as <how>', 'accept: the values stand; dismiss: it was nothing')
        .choices(['accept', 'dismiss'])
        .makeOptionMandatory(),
    )
    .option('--rule <rule>', 'all open tasks of this rule')
    .addHelpText(
      'after',
      `
Examples:
  wattline vee close 12 13 --as accept --author Asha --reason "photo of the display"
  wattline vee close --rule frozen --as dismiss --author Asha --reason "street lamps"`,
    )
    .action(async (texts: string[], flags: CloseFlags) => {
      const { author, reason, as: action, rule } = flags;
      if (texts.length > 0 === (rule !== undefined))
        throw new InvalidArgumentError('expected the numbers of tasks, or --rule');
      const server = findServer(flags);
      const close = (ids: readonly number[]) =>
        server.post<{ closed: number }>(
          'operations/worklist/close',
          {},
          jsonBody({ ids, action, author, reason }),
        );
      let closed = 0;
      if (rule === undefined) closed = (await close(texts.map(wholeAmount))).closed;
      else
        for (;;) {
          const { items } = await server.get<WorkPage>('operations/worklist', {
            rule,
            limit: String(tasksAtOnce),
          });
          if (items.length === 0) break;
          const done = await close(items.map(({ id }) => id));
          closed += done.closed;
          // Somebody else ends them too: what is not open any more does not come again.
          if (done.closed === 0) break;
        }
      if (flags.json) printJson(shell, { closed });
      else shell.out(`${closed} tasks ended`);
    });
}

interface CloseFlags extends SaidFlags {
  readonly as: 'accept' | 'dismiss';
  readonly rule?: string;
}

function renderWork({ items, counts, next }: WorkPage): string {
  if (items.length === 0) return 'Nothing waits.';
  const rows = items.map(({ id, channel, start, rule, detail }) => [
    String(id),
    channel,
    start,
    rule,
    detail,
  ]);
  const totals = counts.map(({ rule, count }) => `${rule} ${count}`).join(', ');
  return [
    renderTable(['task', 'channel', 'day from', 'rule', 'what it saw'], rows),
    '',
    `Open: ${totals}${next === null ? '' : `; the oldest ${items.length} are shown`}`,
    'Next: wattline vee explain <usage point> <day from> --reading-type <after the slash>, then vee edit or vee close.',
  ].join('\n');
}
