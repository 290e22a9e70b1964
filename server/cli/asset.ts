/** `wattline asset`: what stood at a usage point when, and the commands that say what became of it. */
import type { Command } from 'commander';
import { addFactorChanges } from './asset-factor.ts';
import { addMeterChanges } from './asset-meter.ts';
import { addPlaceChanges } from './asset-place.ts';
import { addTermChanges } from './asset-terms.ts';
import { findServer, type ServerFlags, withServer } from './running-server.ts';
import { pathOf, postSaying, type SaidFlags, wholeAmount, withSaid } from './said-flags.ts';
import { addNoun, printJson, type Shell } from './shell.ts';
import { renderTable } from './text-table.ts';

export function addAsset(program: Command, shell: Shell): void {
  const asset = addNoun(program, 'asset', 'meters, registers, multipliers and places in the grid, over time');
  addShow(asset, shell);
  addHistory(asset, shell);
  addMeterChanges(asset, shell);
  addFactorChanges(asset, shell);
  addPlaceChanges(asset, shell);
  addTermChanges(asset, shell);
  withSaid(asset.command('undo <facts...>'))
    .description('take facts back by their numbers: they are known never to have been true')
    .addHelpText('after', '\nExample:\n  wattline asset undo 12 13 --author Asha --reason "another house"')
    .action(async (texts: string[], { author, reason, ...flags }: SaidFlags) => {
      const facts = texts.map(wholeAmount);
      const said = `Taken back: ${facts.join(' ')}. What is right instead is said anew.`;
      await postSaying(shell, flags, 'asset-changes/undo', { facts, author, reason }, said);
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

interface AssetView {
  readonly transformer?: string;
  readonly feeder?: string;
  readonly substation?: string;
  readonly tariff?: string;
  readonly rulePack?: string;
  readonly usagePointId: string;
  readonly at: string;
  readonly meter: string | null;
  readonly channels: readonly {
    readonly id: string;
    readonly intervalSeconds: number;
    readonly multiplier: { readonly numerator: number; readonly denominator: number };
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

function renderView({
  usagePointId,
  at,
  meter,
  transformer,
  feeder,
  substation,
  tariff,
  rulePack,
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
    `tariff ${tariff}, rule pack ${rulePack}`,
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
