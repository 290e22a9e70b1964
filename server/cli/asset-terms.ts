/** `wattline asset rule-pack|service|tariff`: by what a point is judged and billed. */
import type { Command } from 'commander';
import { pathOf, type SaidFlags, tellChange, wholeAmount, withSaid } from './said-flags.ts';
import type { Shell } from './shell.ts';

/** Commands about the rule pack, the service limit and the tariff of a point. */
export function addTermChanges(asset: Command, shell: Shell): void {
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
}
