/** `wattline rollout`: install orders with their notices, meters that nobody can ask, and which transformer a meter hangs on. */
import type { Command } from 'commander';
import { addNotices, addOrders } from './rollout-orders.ts';
import { addOneWay } from './rollout-reads.ts';
import { findServer, type ServerFlags, withServer } from './running-server.ts';
import { addNoun, printJson, type Shell } from './shell.ts';
import { renderTable } from './text-table.ts';

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
