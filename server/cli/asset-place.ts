/** `wattline asset move|uncross|node-meter`: where a point hangs, and whose meter is whose. */
import type { Command } from 'commander';
import { type PeriodFlags, pathOf, type SaidFlags, tellChange, withSaid } from './said-flags.ts';
import type { Shell } from './shell.ts';

/** Commands about where a point hangs and whose meter is whose. */
export function addPlaceChanges(asset: Command, shell: Shell): void {
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
      await tellChange(shell, flags, `${pathOf(usagePoint)}/moves`, body);
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
      await tellChange(shell, flags, `${pathOf(usagePoint)}/uncross`, { other, from, to, author, reason });
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
        await tellChange(shell, flags, 'grid/meters', body);
      },
    );
}

interface Place {
  readonly transformer?: string;
  readonly feeder?: string;
  readonly substation?: string;
}
