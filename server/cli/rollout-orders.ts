/** `wattline rollout plan|orders|done|failed|cancel|notices|sent`: visits to meters, and the notices that go with them. */
import { type Command, Option } from 'commander';
import { jsonBody } from '../server-client.ts';
import { findServer, type ServerFlags, withServer } from './running-server.ts';
import {
  addRead,
  factsText,
  postSaying,
  type RegisterReads,
  type SaidFlags,
  withSaid,
} from './said-flags.ts';
import { printJson, type Shell, wholeNumber } from './shell.ts';
import { renderTable } from './text-table.ts';

const amount = wholeNumber(0, 999_999_999_999_999);

export function addOrders(rollout: Command, shell: Shell): void {
  withServer(rollout.command('plan <order> <usage-point> <when>'))
    .description('plan a visit; the customer’s notice is due a week before it')
    .addOption(
      new Option('--kind <kind>', 'what is done')
        .choices(['install', 'exchange', 'remove'])
        .default('exchange'),
    )
    .option('--old <serial>', 'meter taken down')
    .option('--new <serial>', 'meter put up')
    .addHelpText('after', '\nExample:\n  wattline rollout plan WO-7 UP-0001 2026-12-01 --old A1 --new B7')
    .action(async (id: string, usagePointId: string, planned: string, flags: OrderFlags) => {
      const { kind, old: oldSerial, new: newSerial } = flags;
      const body = { id, usagePointId, kind, oldSerial, newSerial, planned };
      await postSaying(shell, flags, 'install-orders', body, `${id} is planned`);
    });
  withServer(rollout.command('orders'))
    .description('orders of a state, by the day they are planned for')
    .option('--state <state>', 'planned, noticed, done, failed or cancelled', 'planned')
    .addHelpText('after', '\nExample:\n  wattline rollout orders --state done')
    .action(async (flags: ServerFlags & { state: string }) => {
      const { state } = flags;
      const list = await findServer(flags).get<{ items: Order[] }>('install-orders', { state });
      if (flags.json) printJson(shell, list);
      else shell.out(renderOrders(list.items));
    });
  withSaid(rollout.command('done <order> <when>'))
    .description(
      'what the fitter wrote down: final and first read join the register, the transformer is noted, the customer is told',
    )
    .option('--final <wh>', 'last read of the old meter, Wh', amount)
    .option('--first <wh>', 'first read of the new meter, Wh', amount)
    .option(
      '--read <type:final:initial>',
      'reads of another register, as received-total, Wh; repeatable',
      addRead,
      [],
    )
    .option('--transformer <id>', 'the transformer it hangs on, as found')
    .addHelpText(
      'after',
      '\nExample:\n  wattline rollout done WO-7 2026-12-01T10:07:00Z --final 5405300 --first 77 --author Asha --reason "work sheet 12"',
    )
    .action(async (id: string, done: string, flags: DoneFlags) => {
      const { author, reason, final: finalRead, first: initialRead, read: reads, transformer } = flags;
      const body = { done, finalRead, initialRead, reads, transformer, author, reason };
      const path = `install-orders/${encodeURIComponent(id)}/done`;
      const answer = await findServer(flags).post<{ facts: number[] }>(path, {}, jsonBody(body));
      if (flags.json) printJson(shell, answer);
      else shell.out(`${id} is done. ${factsText(answer.facts)}`);
    });
  withSaid(rollout.command('failed <order>'))
    .description('the visit was in vain: the customer is told, and another order is to be planned')
    .addHelpText(
      'after',
      '\nExample:\n  wattline rollout failed WO-7 --author Asha --reason "nobody at home"',
    )
    .action(async (id: string, flags: SaidFlags) => {
      const { author, reason } = flags;
      const path = `install-orders/${encodeURIComponent(id)}/failed`;
      await postSaying(shell, flags, path, { author, reason }, `${id} has failed; plan another order`);
    });
  withSaid(rollout.command('cancel <order>'))
    .description('cancel an order; a customer who was told of the visit is told that it is off')
    .addHelpText(
      'after',
      '\nExample:\n  wattline rollout cancel WO-7 --author Asha --reason "customer moved"',
    )
    .action(async (id: string, flags: SaidFlags) => {
      const { author, reason } = flags;
      const path = `install-orders/${encodeURIComponent(id)}/cancel`;
      await postSaying(shell, flags, path, { author, reason }, `${id} is cancelled`);
    });
}

export function addNotices(rollout: Command, shell: Shell): void {
  withServer(rollout.command('notices'))
    .description('notices to customers that are due and were not sent')
    .addHelpText('after', '\nExample:\n  wattline rollout notices')
    .action(async (flags: ServerFlags) => {
      const list = await findServer(flags).get<{ items: Notice[] }>('notices');
      if (flags.json) printJson(shell, list);
      else shell.out(renderNotices(list.items));
    });
  withServer(rollout.command('sent <notice>'))
    .description('say that a notice was sent')
    .addHelpText('after', '\nExample:\n  wattline rollout sent 12')
    .action(async (notice: string, flags: ServerFlags) => {
      await postSaying(
        shell,
        flags,
        `notices/${encodeURIComponent(notice)}/sent`,
        {},
        `notice ${notice} was sent`,
      );
    });
}

interface OrderFlags extends ServerFlags {
  readonly kind: string;
  readonly old?: string;
  readonly new?: string;
}
interface DoneFlags extends SaidFlags {
  readonly final?: number;
  readonly first?: number;
  readonly read: readonly RegisterReads[];
  readonly transformer?: string;
}
interface Order {
  readonly id: string;
  readonly usagePointId: string;
  readonly kind: string;
  readonly state: string;
  readonly plannedAt: string;
  readonly oldSerial: string | null;
  readonly newSerial: string | null;
}
interface Notice {
  readonly id: number;
  readonly orderId: string;
  readonly usagePointId: string;
  readonly dueAt: string;
  readonly text: string;
}

function renderOrders(items: readonly Order[]): string {
  if (items.length === 0) return 'There are no such orders.';
  const rows = items.map(({ id, usagePointId, kind, state, plannedAt, oldSerial, newSerial }) => [
    id,
    usagePointId,
    kind,
    state,
    plannedAt,
    oldSerial ?? '',
    newSerial ?? '',
  ]);
  return renderTable(
    ['order', 'usage point', 'what', 'state', 'planned for', 'old meter', 'new meter'],
    rows,
  );
}

function renderNotices(items: readonly Notice[]): string {
  if (items.length === 0) return 'Nothing is due.';
  const rows = items.map(({ id, orderId, usagePointId, dueAt, text }) => [
    String(id),
    orderId,
    usagePointId,
    dueAt,
    text,
  ]);
  return renderTable(['notice', 'order', 'usage point', 'due', 'text'], rows);
}
