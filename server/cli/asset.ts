/** `wattline asset`: what stood at a usage point when, and the commands that say what became of it. */
import { type Command, InvalidArgumentError } from 'commander';
import { findServer, jsonBody, type ServerFlags, withServer } from './running-server.ts';
import { addNoun, printJson, type Shell } from './shell.ts';
import { renderTable } from './text-table.ts';

interface SaidFlags extends ServerFlags {
  readonly author: string;
  readonly reason: string;
}

interface Factor {
  readonly numerator: number;
  readonly denominator: number;
}

export function addAsset(program: Command, shell: Shell): void {
  const asset = addNoun(program, 'asset', 'meters, registers, multipliers and places in the grid, over time');
  addShow(asset, shell);
  addHistory(asset, shell);
  addMeterChanges(asset, shell);
  addFactorChanges(asset, shell);
  addPlaceChanges(asset, shell);
  withSaid(asset.command('undo <facts...>'))
    .description('take facts back by their numbers: they are known never to have been true')
    .addHelpText('after', '\nExample:\n  wattline asset undo 12 13 --author Asha --reason "another house"')
    .action(async (texts: string[], { author, reason, ...flags }: SaidFlags) => {
      const facts = texts.map(wholeAmount);
      await tell(shell, flags, 'asset-changes/undo', { facts, author, reason });
    });
}

function addShow(asset: Command, shell: Shell): void {
  withServer(asset.command('show <usage-point>'))
    .description('what stood at a point at an instant, as known now or then')
    .option('--at <when>', 'instant or local date; default: now')
    .option('--known-at <instant>', 'as known then; default: now')
    .addHelpText('after', '\nExample:\n  wattline asset show UP-0001 --at 2026-11-20')
    .action(async (usagePoint: string, flags: ServerFlags & { at?: string; knownAt?: string }) => {
      const { at, knownAt } = flags;
      const view = await findServer(flags).get<AssetView>(`${pathOf(usagePoint)}/assets`, { at, knownAt });
      if (flags.json) printJson(shell, view);
      else shell.out(renderView(view));
    });
}

function addHistory(asset: Command, shell: Shell): void {
  withServer(asset.command('history <usage-point>'))
    .description('everything that was said of a point’s assets, newest first, what was taken back too')
    .addHelpText('after', '\nExample:\n  wattline asset history UP-0001')
    .action(async (usagePoint: string, flags: ServerFlags) => {
      const { items } = await findServer(flags).get<{ items: AssetRecord[] }>(
        `${pathOf(usagePoint)}/asset-history`,
      );
      if (flags.json) printJson(shell, { items });
      else shell.out(renderHistory(items));
    });
}

/** Commands about the meter and its registers. */
function addMeterChanges(asset: Command, shell: Shell): void {
  withSaid(asset.command('exchange <usage-point> <when>'))
    .description('one meter took another’s place, at any instant')
    .option('--old <serial>', 'meter taken down')
    .option('--new <serial>', 'meter put up')
    .option(
      '--read <type:final:initial>',
      'last read of the old and first of the new meter, Wh; repeatable',
      addRead,
      [],
    )
    .addHelpText(
      'after',
      `
Example:
  wattline asset exchange UP-0001 2026-11-20T10:07:00Z --old A1 --new B7 --read delivered-total:5405300:77 \\
    --author Asha --reason "work order 7"`,
    )
    .action(async (usagePoint: string, at: string, flags: ExchangeFlags) => {
      const { author, reason, old: oldSerial, new: newSerial, read: reads } = flags;
      const body = { at, oldSerial, newSerial, reads, author, reason };
      await tell(shell, flags, `${pathOf(usagePoint)}/meter-exchanges`, body);
    });
  withSaid(asset.command('reset <usage-point> <when> <before> <after>'))
    .description('a register was set: it showed <before> and goes on from <after>, Wh')
    .option('--reading-type <type>', 'register', 'delivered-total')
    .addHelpText(
      'after',
      '\nExample:\n  wattline asset reset UP-0001 2026-11-20T10:00:00Z 5405300 0 --author Asha --reason "display changed"',
    )
    .action(async (usagePoint: string, at: string, before: string, after: string, flags: TypeFlags) => {
      const { author, reason, readingType } = flags;
      const amounts = { before: wholeAmount(before), after: wholeAmount(after) };
      const body = { readingType, at, ...amounts, author, reason };
      await tell(shell, flags, `${pathOf(usagePoint)}/register-resets`, body);
    });
  withSaid(asset.command('dials <usage-point> <when> <digits> <unit>'))
    .description('from when on a register has so many dials, the last of which counts <unit> Wh')
    .option('--reading-type <type>', 'register', 'delivered-total')
    .addHelpText(
      'after',
      '\nExample:\n  wattline asset dials UP-0001 2026-01-01 5 100 --author Asha --reason "type plate"',
    )
    .action(async (usagePoint: string, from: string, digits: string, unit: string, flags: TypeFlags) => {
      const { author, reason, readingType } = flags;
      const dials = { digits: wholeAmount(digits), unit: wholeAmount(unit) };
      await tell(shell, flags, `${pathOf(usagePoint)}/dials`, {
        readingType,
        from,
        ...dials,
        author,
        reason,
      });
    });
  withSaid(asset.command('interval <usage-point> <when> <seconds>'))
    .description('from when on a meter’s intervals are so long; what came before stays in its length')
    .addHelpText(
      'after',
      '\nExample:\n  wattline asset interval UP-0001 2026-11-20T12:00:00Z 300 --author Asha --reason "capture period set"',
    )
    .action(async (usagePoint: string, from: string, length: string, flags: SaidFlags) => {
      const { author, reason } = flags;
      const body = { from, seconds: wholeAmount(length), author, reason };
      await tell(shell, flags, `${pathOf(usagePoint)}/interval-lengths`, body);
    });
}

/** Commands about what a meter's value is worth. */
function addFactorChanges(asset: Command, shell: Shell): void {
  withSaid(asset.command('multiplier <usage-point> <when> <factor>'))
    .description('from when on a meter’s values are worth so many times as much, as 40 or 100/5')
    .option('--reading-type <type>', 'reading type', 'delivered')
    .addHelpText(
      'after',
      '\nExample:\n  wattline asset multiplier UP-0001 2026-11-01 100/5 --author Asha --reason "current transformer"',
    )
    .action(async (usagePoint: string, from: string, factor: string, flags: TypeFlags) => {
      const { author, reason, readingType } = flags;
      const body = { readingType, from, ...factorOf(factor), author, reason };
      await tell(shell, flags, `${pathOf(usagePoint)}/multipliers`, body);
    });
  withSaid(asset.command('rescale <usage-point> <was> <is>'))
    .description('scale what is stored of a period anew: it was scaled by <was> and should have been by <is>')
    .requiredOption('--from <when>', 'instant or local date')
    .requiredOption('--to <when>', 'instant or local date')
    .option('--reading-type <type>', 'reading type; registers too, or they refute the intervals', 'delivered')
    .addHelpText(
      'after',
      '\nExample:\n  wattline asset rescale UP-0001 1 100/5 --from 2026-11-01 --to 2026-11-08 --author Asha --reason "told late"',
    )
    .action(async (usagePoint: string, was: string, is: string, flags: TypeFlags & PeriodFlags) => {
      const { author, reason, readingType, from, to } = flags;
      const body = { readingType, from, to, was: factorOf(was), is: factorOf(is), author, reason };
      await tell(shell, flags, `${pathOf(usagePoint)}/rescales`, body);
    });
}

/** Commands about where a point hangs and whose meter is whose. */
function addPlaceChanges(asset: Command, shell: Shell): void {
  withSaid(asset.command('move <usage-point> <when>'))
    .description('hang a point on another place of the grid from when on')
    .option('--transformer <id>', 'transformer')
    .option('--feeder <id>', 'feeder')
    .option('--substation <id>', 'substation')
    .addHelpText(
      'after',
      '\nExample:\n  wattline asset move UP-0001 2026-11-20 --transformer T-9 --author Asha --reason "line rebuilt"',
    )
    .action(async (usagePoint: string, from: string, flags: SaidFlags & Place) => {
      const { author, reason, transformer, feeder, substation } = flags;
      const body = { from, transformer, feeder, substation, author, reason };
      await tell(shell, flags, `${pathOf(usagePoint)}/moves`, body);
    });
  withSaid(asset.command('uncross <usage-point> <other>'))
    .description(
      'two meters were taken for one another: readings of the period change places; again, it is as before',
    )
    .requiredOption('--from <when>', 'instant or local date')
    .requiredOption('--to <when>', 'instant or local date')
    .addHelpText(
      'after',
      '\nExample:\n  wattline asset uncross UP-0001 UP-0002 --from 2026-11-01 --to 2026-11-20 --author Asha --reason "crossed tails"',
    )
    .action(async (usagePoint: string, other: string, flags: SaidFlags & PeriodFlags) => {
      const { author, reason, from, to } = flags;
      await tell(shell, flags, `${pathOf(usagePoint)}/uncross`, { other, from, to, author, reason });
    });
  withSaid(asset.command('node-meter <level> <node> <when> [channel]'))
    .description(
      'from when on a channel measures what flows into a node of the grid; without a channel, no longer',
    )
    .addHelpText(
      'after',
      '\nExample:\n  wattline asset node-meter transformer T-9 2026-11-01 DT-9/delivered --author Asha --reason "meter fitted"',
    )
    .action(
      async (level: string, node: string, from: string, channel: string | undefined, flags: SaidFlags) => {
        const { author, reason } = flags;
        const body = { level, node, from, channel: channel ?? null, author, reason };
        await tell(shell, flags, 'grid/meters', body);
      },
    );
}

interface TypeFlags extends SaidFlags {
  readonly readingType: string;
}
interface PeriodFlags {
  readonly from: string;
  readonly to: string;
}
interface Place {
  readonly transformer?: string;
  readonly feeder?: string;
  readonly substation?: string;
}
interface Read {
  readonly readingType: string;
  readonly final: number;
  readonly initial: number;
}
interface ExchangeFlags extends SaidFlags {
  readonly old?: string;
  readonly new?: string;
  readonly read: readonly Read[];
}
interface AssetView extends Place {
  readonly usagePointId: string;
  readonly at: string;
  readonly meter: string | null;
  readonly channels: readonly {
    readonly id: string;
    readonly intervalSeconds: number;
    readonly multiplier: Factor;
    readonly rollsOverAt: number | null;
  }[];
}
interface AssetRecord {
  readonly number: number;
  readonly subject: string;
  readonly attribute: string;
  readonly from: string;
  readonly value: string;
  readonly recordedAt: string;
  readonly author: string;
  readonly reason: string;
  readonly undoes: number | null;
  readonly undoneBy: number | null;
}

function withSaid(command: Command): Command {
  return withServer(command)
    .requiredOption('--author <name>', 'who says it')
    .requiredOption('--reason <reason>', 'why');
}

function pathOf(usagePoint: string): string {
  return `usage-points/${encodeURIComponent(usagePoint)}`;
}

/** Posts a change and says what it recorded. */
async function tell(shell: Shell, flags: ServerFlags, path: string, body: object): Promise<void> {
  const answer = await findServer(flags).post<{ facts?: number[]; accepted?: number }>(
    path,
    {},
    jsonBody(body),
  );
  if (flags.json) printJson(shell, answer);
  else if (answer.facts) shell.out(`Facts ${answer.facts.join(' ')}`);
  else shell.out(`${answer.accepted} values have a new version`);
}

function wholeAmount(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError(`expected a whole number, found '${text}'`);
}

function factorOf(text: string): Factor {
  const match = /^(\d{1,9})(?:\/(\d{1,9}))?$/.exec(text);
  if (!match) throw new InvalidArgumentError(`expected a factor as 40 or 100/5, found '${text}'`);
  return { numerator: Number(match[1]), denominator: Number(match[2] ?? '1') };
}

function addRead(text: string, before: readonly Read[]): Read[] {
  const [readingType = '', final = '', initial = '', ...rest] = text.split(':');
  if (rest.length > 0) throw new InvalidArgumentError(`expected type:final:initial, found '${text}'`);
  return [...before, { readingType, final: wholeAmount(final), initial: wholeAmount(initial) }];
}

function renderView({
  usagePointId,
  at,
  meter,
  transformer,
  feeder,
  substation,
  channels,
}: AssetView): string {
  const rows = channels.map(({ id, intervalSeconds, multiplier, rollsOverAt }) => [
    id,
    intervalSeconds === 0 ? 'register' : `${intervalSeconds} s`,
    multiplier.denominator === 1
      ? String(multiplier.numerator)
      : `${multiplier.numerator}/${multiplier.denominator}`,
    rollsOverAt === null ? '' : String(rollsOverAt),
  ]);
  return [
    `${usagePointId} at ${at}: meter ${meter ?? 'none'}`,
    `transformer ${transformer}, feeder ${feeder}, substation ${substation}`,
    '',
    renderTable(['channel', 'intervals', 'multiplier', 'rolls over at'], rows),
  ].join('\n');
}

function renderHistory(items: readonly AssetRecord[]): string {
  if (items.length === 0) return 'Nothing was said.';
  const rows = items.map(
    ({ number, subject, attribute, from, value, recordedAt, author, reason, undoes, undoneBy }) => [
      String(number),
      recordedAt,
      subject,
      undoes === null ? `${attribute} ${value}` : `takes back ${undoes}`,
      from,
      `${author}: ${reason}`,
      undoneBy === null ? '' : `taken back by ${undoneBy}`,
    ],
  );
  return renderTable(['fact', 'recorded at', 'about', 'what', 'from', 'who and why', ''], rows);
}
