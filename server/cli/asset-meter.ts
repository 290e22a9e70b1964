/** `wattline asset exchange|reset|dials|interval`: what became of a meter and its registers. */
import type { Command } from 'commander';
import {
  addRead,
  pathOf,
  type RegisterReads,
  type SaidFlags,
  type TypeFlags,
  tellChange,
  wholeAmount,
  withSaid,
} from './said-flags.ts';
import type { Shell } from './shell.ts';

/** Commands about the meter and its registers. */
export function addMeterChanges(asset: Command, shell: Shell): void {
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
      await tellChange(shell, flags, `${pathOf(usagePoint)}/meter-exchanges`, body);
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
      await tellChange(shell, flags, `${pathOf(usagePoint)}/register-resets`, body);
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
      await tellChange(shell, flags, `${pathOf(usagePoint)}/dials`, {
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
      await tellChange(shell, flags, `${pathOf(usagePoint)}/interval-lengths`, body);
    });
}

interface ExchangeFlags extends SaidFlags {
  readonly old?: string;
  readonly new?: string;
  readonly read: readonly RegisterReads[];
}
