/** `wattline asset move|uncross|node-meter`: where a point hangs, and whose meter is whose. */
import type { Command } from 'commander';
import { type PeriodFlags, pathOf, type SaidFlags, tellChange, wholeAmount, withSaid } from './said-flags.ts';
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
  withSaid(asset.command('rule-pack <usage-point> <when> <pack>'))
    .description(
      'by which rule pack a point is judged from when on; `all` for every point of which none was told',
    )
    .addHelpText(
      'after',
      '\nThe packs: wattline vee packs\n\nExample:\n  wattline asset rule-pack UP-0001 2026-11-01 aemo --author Asha --reason "moved to the NEM"',
    )
    .action(async (usagePoint: string, from: string, rulePack: string, flags: SaidFlags) => {
      const { author, reason } = flags;
      const path = usagePoint === 'all' ? 'rule-packs/standing' : `${pathOf(usagePoint)}/rule-packs`;
      await tellChange(shell, flags, path, { from, rulePack, author, reason });
    });
  withSaid(asset.command('service <usage-point> <when> <watts>'))
    .description('what the service of a point can carry from when on, W; more is put before people')
    .addHelpText(
      'after',
      '\nExample:\n  wattline asset service UP-0001 2026-11-01 160000 --author Asha --reason "supply agreement 12"',
    )
    .action(async (usagePoint: string, from: string, watts: string, flags: SaidFlags) => {
      const { author, reason } = flags;
      const body = { from, watts: wholeAmount(watts), author, reason };
      await tellChange(shell, flags, `${pathOf(usagePoint)}/service-limits`, body);
    });
  withSaid(asset.command('tariff <usage-point> <when> <tariff>'))
    .description('what a point is billed by from when on: a month by the tariff that stood when it began')
    .addHelpText(
      'after',
      '\nExample:\n  wattline asset tariff UP-0001 2026-12-01 WTL-SHOP-TOU --author Asha --reason "contract 12"',
    )
    .action(async (usagePoint: string, from: string, tariff: string, flags: SaidFlags) => {
      const { author, reason } = flags;
      await tellChange(shell, flags, `${pathOf(usagePoint)}/tariffs`, { from, tariff, author, reason });
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
