/** `wattline vee`: why an interval has the value it has, what people must look at, and what they set by hand. */
import { estimationMethods } from '@wattline/mdm';
import type { IntervalExplanation, WorkPage } from '@wattline/model';
import type { Command } from 'commander';
import { findServer, jsonBody, type ServerFlags, withServer } from './running-server.ts';
import { addNoun, printJson, type Shell } from './shell.ts';
import { renderTable } from './text-table.ts';

export function addVee(program: Command, shell: Shell): void {
  const vee = addNoun(program, 'vee', 'validation, estimation and editing');
  withServer(vee.command('worklist'))
    .description('what rules put before people, oldest first')
    .option('--rule <rule>', 'of one rule')
    .addHelpText('after', '\nExample:\n  wattline vee worklist --rule frozen')
    .action(async (flags: ServerFlags & { rule?: string }) => {
      const page = await findServer(flags).get<WorkPage>('operations/worklist', { rule: flags.rule });
      if (flags.json) printJson(shell, page);
      else shell.out(renderWork(page));
    });
  withServer(vee.command('edit <usage-point> <start> <values...>'))
    .description('set interval values by hand from a start on; - leaves one as it is')
    .requiredOption('--author <name>', 'who decides')
    .requiredOption('--reason <reason>', 'why')
    .option('--reading-type <type>', 'reading type', 'delivered')
    .addHelpText(
      'after',
      '\nExample:\n  wattline vee edit UP-0001 2026-11-20T00:30:00Z 120 - 118 --author Asha --reason "photo of the display"',
    )
    .action(async (usagePoint: string, start: string, texts: string[], flags: EditFlags) => {
      const values = texts.map((text) => (text === '-' ? null : Number(text)));
      const { author, reason, readingType } = flags;
      const path = `usage-points/${encodeURIComponent(usagePoint)}/edits`;
      const edit = await findServer(flags).post<EditAnswer>(
        path,
        {},
        jsonBody({ readingType, start, values, author, reason }),
      );
      if (flags.json) printJson(shell, edit);
      else
        shell.out(`Edit ${edit.number}: ${edit.start} to ${edit.end}, before ${edit.before.value.join(' ')}`);
    });
  withServer(vee.command('undo <edit>'))
    .description('take an edit back')
    .requiredOption('--author <name>', 'who decides')
    .requiredOption('--reason <reason>', 'why')
    .addHelpText('after', '\nExample:\n  wattline vee undo 12 --author Asha --reason "wrong house"')
    .action(async (number: string, { author, reason, ...flags }: EditFlags) => {
      const path = `edits/${encodeURIComponent(number)}/undo`;
      const edit = await findServer(flags).post<EditAnswer>(path, {}, jsonBody({ author, reason }));
      if (flags.json) printJson(shell, edit);
      else shell.out(`Edit ${edit.number}: edit ${number} is taken back`);
    });
  withServer(vee.command('explain <usage-point> <interval-start>'))
    .description('explain an interval: every version, what the rules said, the frame it came in')
    .option('--reading-type <type>', 'reading type', 'delivered')
    .addHelpText('after', '\nExample:\n  wattline vee explain UP-0001 2026-11-20T00:30:00Z')
    .action(async (usagePoint: string, start: string, flags: ServerFlags & { readingType: string }) => {
      const path = `usage-points/${encodeURIComponent(usagePoint)}/intervals/${encodeURIComponent(start)}/explanation`;
      const answer = await findServer(flags).get<IntervalExplanation>(path, {
        readingType: flags.readingType,
      });
      if (flags.json) printJson(shell, answer);
      else shell.out(renderInterval(answer));
    });
}

interface EditFlags extends ServerFlags {
  readonly author: string;
  readonly reason: string;
  readonly readingType: string;
}

interface EditAnswer {
  readonly number: number;
  readonly start: string;
  readonly end: string;
  readonly before: { readonly value: readonly number[] };
}

function renderWork({ items, counts }: WorkPage): string {
  if (items.length === 0) return 'Nothing waits.';
  const rows = items.map(({ id, usagePointId, start, rule, detail }) => [
    String(id),
    usagePointId,
    start,
    rule,
    detail,
  ]);
  const totals = counts.map(({ rule, count }) => `${rule} ${count}`).join(', ');
  return `${renderTable(['task', 'usage point', 'day from', 'rule', 'what it saw'], rows)}\n\nOpen: ${totals}`;
}

/** How the value that stands was estimated: by which step of the ladder, from what, between which bounds, give or take what. */
function estimateLines(
  versions: IntervalExplanation['versions'],
  verdicts: IntervalExplanation['verdicts'],
): string[] {
  const method = versions.at(-1)?.method ?? '';
  if (!Object.hasOwn(estimationMethods, method)) return [];
  const { detail } = verdicts.findLast(({ rule }) => rule === 'estimation') ?? {};
  const told = (detail ?? '').split('; ').filter((line) => line !== '');
  return [
    '',
    `Estimated by ${method}: ${estimationMethods[method as keyof typeof estimationMethods]}`,
    ...told.map((line) => `  ${line}`),
  ];
}

function renderInterval({
  channel,
  start,
  intervalSeconds,
  versions,
  verdicts,
  exchange,
}: IntervalExplanation) {
  const parts = [`${channel} ${start}, ${intervalSeconds} s`, ''];
  if (versions.length === 0) parts.push('No value is known for this interval.');
  else {
    const rows = versions.map(({ knownAt, value, flags, method, source, reference }) => [
      knownAt,
      String(value ?? ''),
      flags.join(', '),
      method || 'as it came',
      `${source} ${reference}`,
    ]);
    parts.push(renderTable(['known at', 'value', 'quality', 'method', 'from'], rows));
  }
  if (verdicts.length > 0) {
    const rows = verdicts.map(({ knownAt, rule, outcome, detail }) => [knownAt, rule, outcome, detail]);
    parts.push('', renderTable(['known at', 'rule', 'outcome', 'detail'], rows));
  }
  parts.push(...estimateLines(versions, verdicts));
  if (exchange) {
    const { id, serial, at, digest, hex } = exchange;
    parts.push('', `Read from meter ${serial} in exchange ${id} at ${at}, SHA-256 of the octets ${digest}`);
    if (hex !== null)
      parts.push(`  ${hex.length > 160 ? `${hex.slice(0, 160)}... (${hex.length / 2} octets)` : hex}`);
  }
  return parts.join('\n');
}
