/** `wattline asset multiplier|rescale`: what a meter's value is worth. */
import { type Command, InvalidArgumentError } from 'commander';
import {
  type PeriodFlags,
  pathOf,
  type SaidFlags,
  type TypeFlags,
  tellChange,
  wholeAmount,
  withSaid,
} from './said-flags.ts';
import type { Shell } from './shell.ts';

interface Factor {
  readonly numerator: number;
  readonly denominator: number;
}

/** Commands about what a meter's value is worth. */
export function addFactorChanges(asset: Command, shell: Shell): void {
  withSaid(asset.command('multiplier <usage-point> <when> <factor>'))
    .description('from when on a meter’s values are worth so many times as much, as 40 or 100/5')
    .option('--reading-type <type>', 'one reading type alone; all energies when left out')
    .option('--read <type:value>', 'what a register showed at that instant, Wh; repeatable', addDisplay, [])
    .addHelpText(
      'after',
      `
Values that come later are multiplied as they come; what is stored already is put right by wattline asset rescale. Without what
the registers showed at that instant the day across it cannot be checked against them.

Example:
  wattline asset multiplier UP-0001 2026-11-01T10:07:00Z 100/5 --read delivered-total:5405300 \\
    --author Asha --reason "current transformer"`,
    )
    .action(async (usagePoint: string, from: string, factor: string, flags: MultiplierFlags) => {
      const { author, reason, readingType, read: reads } = flags;
      const body = { readingType, from, ...factorOf(factor), reads, author, reason };
      await tellChange(shell, flags, `${pathOf(usagePoint)}/multipliers`, body);
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
      await tellChange(shell, flags, `${pathOf(usagePoint)}/rescales`, body);
    });
}

interface MultiplierFlags extends SaidFlags {
  readonly readingType?: string;
  readonly read: readonly { readonly readingType: string; readonly value: number }[];
}

/** Collects `--read type:value`. */
function addDisplay(text: string, before: MultiplierFlags['read']): MultiplierFlags['read'] {
  const [readingType = '', value = '', ...rest] = text.split(':');
  if (rest.length > 0) throw new InvalidArgumentError(`expected type:value, found '${text}'`);
  return [...before, { readingType, value: wholeAmount(value) }];
}

function factorOf(text: string): Factor {
  const match = /^(\d{1,9})(?:\/(\d{1,9}))?$/.exec(text);
  if (!match) throw new InvalidArgumentError(`expected a factor as 40 or 100/5, found '${text}'`);
  return { numerator: Number(match[1]), denominator: Number(match[2] ?? '1') };
}
