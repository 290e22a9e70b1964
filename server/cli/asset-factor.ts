/** `wattline asset multiplier|rescale`: what a meter's value is worth. */
import { type Command, InvalidArgumentError } from 'commander';
import { type PeriodFlags, pathOf, type TypeFlags, tellChange, withSaid } from './said-flags.ts';
import type { Shell } from './shell.ts';

interface Factor {
  readonly numerator: number;
  readonly denominator: number;
}

/** Commands about what a meter's value is worth. */
export function addFactorChanges(asset: Command, shell: Shell): void {
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

function factorOf(text: string): Factor {
  const match = /^(\d{1,9})(?:\/(\d{1,9}))?$/.exec(text);
  if (!match) throw new InvalidArgumentError(`expected a factor as 40 or 100/5, found '${text}'`);
  return { numerator: Number(match[1]), denominator: Number(match[2] ?? '1') };
}
