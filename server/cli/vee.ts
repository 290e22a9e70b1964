/** `wattline vee`: why an interval has the value it has, what people must look at, and what they set by hand. */
import { estimationMethods, rulePacks, rules } from '@wattline/mdm';
import { type IntervalExplanation, quality } from '@wattline/model';
import type { Command } from 'commander';
import { serverError } from '../errors.ts';
import { jsonBody } from '../server-client.ts';
import { findServer, type ServerFlags, withServer } from './running-server.ts';
import { addNoun, printJson, type Shell } from './shell.ts';
import { renderTable } from './text-table.ts';
import { addWorklist } from './vee-worklist.ts';

export function addVee(program: Command, shell: Shell): void {
  const vee = addNoun(program, 'vee', 'validation, estimation and editing');
  addWorklist(vee, shell);
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
  withServer(vee.command('edits <usage-point>'))
    .description(
      'the last hundred edits of a channel, newest first: what stood before, what was set, who and why',
    )
    .option('--reading-type <type>', 'reading type', 'delivered')
    .addHelpText('after', '\nExample:\n  wattline vee edits UP-0001')
    .action(async (usagePoint: string, flags: ServerFlags & { readingType: string }) => {
      const path = `usage-points/${encodeURIComponent(usagePoint)}/edits`;
      const { readingType } = flags;
      const list = await findServer(flags).get<{ items: ListedEdit[] }>(path, { readingType });
      if (flags.json) printJson(shell, list);
      else shell.out(renderEdits(list.items));
    });
  addPacks(vee, shell);
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

interface ListedEdit extends EditAnswer {
  readonly after: { readonly value: readonly number[]; readonly quality: readonly number[] };
  readonly author: string;
  readonly reason: string;
  readonly madeAt: string;
  readonly undoes: number | null;
}

function renderEdits(items: readonly ListedEdit[]): string {
  if (items.length === 0) return 'Nothing was edited.';
  const rows = items.map(({ number, madeAt, start, end, before, after, author, reason, undoes }) => [
    String(number),
    madeAt,
    start,
    end,
    `${before.value.join(' ')} -> ${setValues(after)}`,
    `${author}: ${reason}`,
    undoes === null ? '' : `takes back ${undoes}`,
  ]);
  return renderTable(['edit', 'made at', 'from', 'to', 'before and after', 'who and why', ''], rows);
}

/** The values that were set; - where one was left as it was. */
function setValues({ value, quality: flags }: ListedEdit['after']): string {
  const isLeft = (slot: number) => ((flags[slot] ?? 0) & quality.missing) !== 0;
  return value.map((one, slot) => (isLeft(slot) ? '-' : String(one))).join(' ');
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

/** What rules had to say, in the order in which they said it; those that merely pass share a line. */
function verdictLines(verdicts: IntervalExplanation['verdicts']): string[] {
  const isPlain = ({ outcome, detail }: (typeof verdicts)[number]) => outcome === 'pass' && detail === '';
  const telling = verdicts.filter((verdict) => !isPlain(verdict));
  // By their last word: what failed since is told above.
  const last = new Map(verdicts.map((verdict) => [verdict.rule, verdict]));
  const passed = [...last.values()].filter(isPlain).map(({ rule }) => rule);
  const lines: string[] = [];
  if (telling.length > 0) {
    const rows = telling.map(({ knownAt, rule, outcome, detail }) => [knownAt, rule, outcome, detail]);
    lines.push('', renderTable(['known at', 'rule', 'outcome', 'detail'], rows));
  }
  if (passed.length > 0) lines.push('', `Passed: ${passed.join(', ')}`);
  const spoken = new Set(verdicts.map(({ rule }) => rule));
  const silent = rules.filter(({ id }) => !spoken.has(id)).map(({ id }) => id);
  if (verdicts.length > 0 && silent.length > 0)
    lines.push('', `Had nothing to judge by: ${silent.join(', ')}`);
  return lines;
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
  parts.push(...verdictLines(verdicts));
  parts.push(...estimateLines(versions, verdicts));
  if (exchange) {
    const { id, serial, at, digest, hex } = exchange;
    parts.push('', `Read from meter ${serial} in exchange ${id} at ${at}, SHA-256 of the octets ${digest}`);
    if (hex !== null)
      parts.push(`  ${hex.length > 160 ? `${hex.slice(0, 160)}... (${hex.length / 2} octets)` : hex}`);
  }
  return parts.join('\n');
}

/** `wattline vee packs`: the thresholds of regions and how sure each is; asks no server. */
function addPacks(vee: Command, shell: Shell): void {
  vee
    .command('packs [pack]')
    .description(
      'the rule packs, or what one of them sets: each threshold read, recalled or local, with its source',
    )
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nExample:\n  wattline vee packs aemo')
    .action((id: string | undefined, flags: { readonly json?: true }) => {
      const shown = id === undefined ? rulePacks : rulePacks.filter((pack) => pack.id === id);
      if (shown.length === 0) {
        const known = rulePacks.map((pack) => pack.id).join(', ');
        throw serverError('server/bad-usage', `expected one of ${known}, found '${id}'`);
      }
      if (flags.json) return printJson(shell, shown);
      if (id === undefined) {
        const rows = rulePacks.map((pack) => [
          pack.id,
          pack.title,
          String(pack.thresholds.length),
          pack.code,
        ]);
        shell.out(renderTable(['pack', 'region', 'thresholds', 'follows'], rows));
        return shell.out(
          '\nNext: wattline vee packs <pack>, then wattline asset rule-pack <usage point> <when> <pack>.',
        );
      }
      const rows = shown.flatMap(({ thresholds }) =>
        thresholds.map(({ setting, value, certainty, source }) => [
          setting,
          JSON.stringify(value),
          certainty,
          source,
        ]),
      );
      if (rows.length === 0) return shell.out(`${id}: every threshold at its default.`);
      return shell.out(renderTable(['setting', 'value', 'certainty', 'source'], rows));
    });
}
