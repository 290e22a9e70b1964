/** `wattline rollout`: install orders with their notices, meters that nobody can ask, and which transformer a meter hangs on. */
import { readFileSync } from 'node:fs';
import { messageOf } from '@wattline/base';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { serverError } from '../errors.ts';
import { findServer, jsonBody, type ServerFlags, withServer } from './running-server.ts';
import { addNoun, printJson, type Shell, wholeNumber } from './shell.ts';
import { renderTable } from './text-table.ts';

interface SaidFlags extends ServerFlags {
  readonly author: string;
  readonly reason: string;
}

const amount = wholeNumber(0, 999_999_999_999_999);

export function addRollout(program: Command, shell: Shell): void {
  const rollout = addNoun(
    program,
    'rollout',
    'install orders, notices, meters read by hand, consumer indexing',
  );
  addOrders(rollout, shell);
  addNotices(rollout, shell);
  addOneWay(rollout, shell);
  addIndex(rollout, shell);
}

function withSaid(command: Command): Command {
  return withServer(command)
    .requiredOption('--author <name>', 'who says it')
    .requiredOption('--reason <reason>', 'why');
}

function addOrders(rollout: Command, shell: Shell): void {
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
      await post(shell, flags, 'install-orders', body, `${id} is planned`);
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
      'what the fitter wrote down: final and first read join the register, the transformer is noted',
    )
    .option('--final <wh>', 'last read of the old meter, Wh', amount)
    .option('--first <wh>', 'first read of the new meter, Wh', amount)
    .option('--transformer <id>', 'the transformer it hangs on, as found')
    .addHelpText(
      'after',
      '\nExample:\n  wattline rollout done WO-7 2026-12-01T10:07:00Z --final 5405300 --first 77 --author Asha --reason "work sheet 12"',
    )
    .action(
      async (
        id: string,
        done: string,
        flags: SaidFlags & { final?: number; first?: number; transformer?: string },
      ) => {
        const { author, reason, final: finalRead, first: initialRead, transformer } = flags;
        const body = { done, finalRead, initialRead, transformer, author, reason };
        await post(shell, flags, `install-orders/${encodeURIComponent(id)}/done`, body, `${id} is done`);
      },
    );
  withSaid(rollout.command('cancel <order>'))
    .description('cancel an order')
    .addHelpText(
      'after',
      '\nExample:\n  wattline rollout cancel WO-7 --author Asha --reason "customer moved"',
    )
    .action(async (id: string, flags: SaidFlags) => {
      const { author, reason } = flags;
      const path = `install-orders/${encodeURIComponent(id)}/cancel`;
      await post(shell, flags, path, { author, reason }, `${id} is cancelled`);
    });
}

function addNotices(rollout: Command, shell: Shell): void {
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
      await post(shell, flags, `notices/${encodeURIComponent(notice)}/sent`, {}, `notice ${notice} was sent`);
    });
}

function addOneWay(rollout: Command, shell: Shell): void {
  withSaid(rollout.command('add <file>'))
    .description(
      'add usage points whose meters are read by hand or heard by whoever drives by, out of a JSON file',
    )
    .addHelpText(
      'after',
      `
The file is a list of points as the API takes them: id, customer, address, kind, zone, substation, feeder, transformer,
tariffId, latitude, longitude, meter, installed, registers.

Example:
  wattline rollout add old-meters.json --author Asha --reason "meters of the old town"`,
    )
    .action(async (file: string, flags: SaidFlags) => {
      const { author, reason } = flags;
      const points = readPoints(file);
      for (const point of points) {
        await findServer(flags).post<object>('usage-points', {}, jsonBody({ ...point, author, reason }));
      }
      if (flags.json) printJson(shell, { added: points.length });
      else shell.out(`${points.length} usage points added`);
    });
  withSaid(rollout.command('read <usage-point> <when> <value>'))
    .description('type in what a display shows, Wh; --confirmed keeps one that runs backwards, doubted')
    .option('--reading-type <type>', 'register', 'delivered-total')
    .option('--confirmed', 'somebody looked again')
    .addHelpText(
      'after',
      '\nExample:\n  wattline rollout read UP-0001 2026-12-01 5405300 --author Asha --reason "card 12"',
    )
    .action(async (usagePoint: string, at: string, value: string, flags: SaidFlags & ReadFlags) => {
      const { author, reason, readingType, confirmed: isConfirmed = false } = flags;
      const body = { readingType, at, value: amount(value), isConfirmed, author, reason };
      const path = `usage-points/${encodeURIComponent(usagePoint)}/register-reads`;
      await post(shell, flags, path, body, `${usagePoint} at ${at}: ${value}`);
    });
  withServer(rollout.command('reads <usage-point>'))
    .description('register readings at whatever instants they were read')
    .option('--reading-type <type>', 'register', 'delivered-total')
    .option('--from <when>', 'instant or local date; default: a day before --to')
    .option('--to <when>', 'instant or local date; default: now')
    .addHelpText('after', '\nExample:\n  wattline rollout reads UP-0001 --from 2026-01-01 --to 2026-12-31')
    .action(async (usagePoint: string, flags: ServerFlags & ReadFlags & { from?: string; to?: string }) => {
      const { readingType, from, to } = flags;
      const path = `usage-points/${encodeURIComponent(usagePoint)}/register-reads`;
      const reads = await findServer(flags).get<Reads>(path, { readingType, from, to });
      if (flags.json) printJson(shell, reads);
      else shell.out(renderReads(reads));
    });
}

function addIndex(rollout: Command, shell: Shell): void {
  withServer(rollout.command('index <feeder>'))
    .description(
      'which transformer each meter of a feeder hangs on, by its voltage and its outages; it proposes only',
    )
    .option('--from <when>', 'instant or local date; default: a day before --to')
    .option('--to <when>', 'instant or local date; default: now')
    .option('--all', 'those too that are where they are written down')
    .addHelpText('after', '\nExample:\n  wattline rollout index F1 --from 2026-11-01 --to 2026-11-20')
    .action(async (feeder: string, flags: ServerFlags & { from?: string; to?: string; all?: true }) => {
      const { from, to, all } = flags;
      const found = await findServer(flags).get<{ items: Finding[] }>('grid/consumer-index', {
        feeder,
        from,
        to,
      });
      const items = found.items.filter(({ isDoubted }) => all || isDoubted);
      if (flags.json) printJson(shell, { items });
      else shell.out(renderFindings(items, found.items.length));
    });
}

interface OrderFlags extends ServerFlags {
  readonly kind: string;
  readonly old?: string;
  readonly new?: string;
}
interface ReadFlags {
  readonly readingType: string;
  readonly confirmed?: true;
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
interface Reads {
  readonly channel: string;
  readonly unit: string;
  readonly items: readonly {
    readonly at: string;
    readonly value: number;
    readonly flags: readonly string[];
  }[];
}
interface Fit {
  readonly node: string;
  readonly voltage: number | null;
  readonly outages: number | null;
}
interface Finding {
  readonly id: string;
  readonly own: Fit;
  readonly best: Fit;
  readonly isDoubted: boolean;
}

async function post(
  shell: Shell,
  flags: ServerFlags,
  path: string,
  body: object,
  said: string,
): Promise<void> {
  const answer = await findServer(flags).post<object>(path, {}, jsonBody(body));
  if (flags.json) printJson(shell, answer);
  else shell.out(said);
}

function readPoints(path: string): object[] {
  let points: unknown;
  try {
    points = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw serverError('server/no-file', `${path} cannot be read: ${messageOf(error)}`, { path }, error);
  }
  if (Array.isArray(points)) return points;
  throw new InvalidArgumentError(`expected a list of points in ${path}`);
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

function renderReads({ channel, unit, items }: Reads): string {
  if (items.length === 0) return `${channel}: no reading`;
  const rows = items.map(({ at, value, flags }) => [at, String(value), flags.join(', ')]);
  return `${channel}\n\n${renderTable(['at', unit, 'quality'], rows)}`;
}

function renderFindings(items: readonly Finding[], count: number): string {
  if (items.length === 0) return `${count} meters, none in doubt.`;
  const fit = ({ voltage, outages }: Fit) =>
    [voltage, outages].map((part) => (part === null ? '-' : part.toFixed(2))).join(' / ');
  const rows = items.map(({ id, own, best, isDoubted }) => [
    id,
    own.node,
    fit(own),
    best.node,
    fit(best),
    isDoubted ? 'look' : '',
  ]);
  return renderTable(
    ['usage point', 'written down at', 'voltage / outages', 'fits best', 'voltage / outages', ''],
    rows,
  );
}
