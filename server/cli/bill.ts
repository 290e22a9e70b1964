/** `wattline bill run|show|explain|replay`: bills of the running server. */
import { renderBill, renderExplanation } from '@wattline/apps/billing';
import type { Bill, BillExplanation, Page } from '@wattline/model';
import { type Command, InvalidArgumentError } from 'commander';
import { serverError } from '../errors.ts';
import type { RunningServer } from '../server-client.ts';
import { findServer, type ServerFlags, withServer } from './running-server.ts';
import { addNoun, printJson, type Shell } from './shell.ts';

type BillFlags = ServerFlags & { readonly month?: string };

export function addBill(program: Command, shell: Shell): void {
  const bill = addNoun(program, 'bill', 'bills of the running server');
  const month = [
    '--month <month>',
    'local month as 2026-10; default: the newest that is kept',
    parseMonth,
  ] as const;

  withServer(bill.command('run <usage-point>'))
    .description('compute the bill of a month; a new version is kept when it differs from the last')
    .requiredOption('--month <month>', 'local month as 2026-10', parseMonth)
    .addHelpText('after', '\nExample:\n  wattline bill run UP-0001 --month 2026-10')
    .action(async (usagePoint: string, flags: BillFlags) => {
      const path = `usage-points/${encodeURIComponent(usagePoint)}/bills`;
      const answer = await findServer(flags).post<Bill>(path, { month: flags.month });
      show(shell, flags, answer, renderBill);
    });

  withServer(bill.command('show <usage-point>'))
    .description('show the bill of a month')
    .option(...month)
    .addHelpText('after', '\nExample:\n  wattline bill show UP-0001 --month 2026-10')
    .action(async (usagePoint: string, flags: BillFlags) => {
      show(shell, flags, await newestBill(findServer(flags), usagePoint, flags.month), renderBill);
    });

  withServer(bill.command('explain <usage-point>'))
    .description('explain every line of a bill down to the days and readings it stands on')
    .option(...month)
    .addHelpText('after', '\nExample:\n  wattline bill explain UP-0001 --month 2026-10')
    .action(async (usagePoint: string, flags: BillFlags) => {
      const server = findServer(flags);
      const kept = await newestBill(server, usagePoint, flags.month);
      const explanation = await server.get<BillExplanation>(
        `bills/${encodeURIComponent(kept.id)}/explanation`,
      );
      show(shell, flags, explanation, (answer) => renderExplanation(answer, kept));
    });

  withServer(bill.command('replay <usage-point>'))
    .description('compute a bill again from what was known then, and compare; exit code 1 when it differs')
    .option(...month)
    .addHelpText('after', '\nExample:\n  wattline bill replay UP-0001 --month 2026-10')
    .action(async (usagePoint: string, flags: BillFlags) => {
      const server = findServer(flags);
      const kept = await newestBill(server, usagePoint, flags.month);
      const replay = await server.get<{ isSame: boolean; bill: Bill }>(
        `bills/${encodeURIComponent(kept.id)}/replay`,
      );
      show(shell, flags, replay, () => `${kept.id}: computed again, the same to the last byte`);
    });
}

function show<T>(shell: Shell, flags: ServerFlags, answer: T, render: (answer: T) => string): void {
  if (flags.json) printJson(shell, answer);
  else shell.out(render(answer));
}

/** The newest version of the bill of a month, or of the newest month. */
async function newestBill(
  server: RunningServer,
  usagePoint: string,
  month: string | undefined,
): Promise<Bill> {
  const { items } = await server.get<Page<Bill>>(`usage-points/${encodeURIComponent(usagePoint)}/bills`);
  const found = items.find((bill) => month === undefined || bill.month === month);
  if (found) return found;
  const what = `${usagePoint} has no bill${month === undefined ? '' : ` for ${month}`}: compute one with wattline bill run`;
  throw serverError('server/unknown-bill', what, { usagePoint, month: month ?? null });
}

function parseMonth(text: string): string {
  if (/^\d{4}-(0[1-9]|1[0-2])$/.test(text)) return text;
  throw new InvalidArgumentError('expected a month as 2026-10');
}
