/** `wattline tariff list|show`: tariffs of the running server. */
import type { Page, Tariff } from '@wattline/model';
import type { Command } from 'commander';
import { findServer, type ServerFlags, withServer } from './running-server.ts';
import { addNoun, printJson, type Shell, wholeNumber } from './shell.ts';
import { renderTable } from './text-table.ts';

export function addTariff(program: Command, shell: Shell): void {
  const tariff = addNoun(program, 'tariff', 'tariffs of the running server');
  withServer(tariff.command('list'))
    .description('every version of every tariff')
    .addHelpText('after', '\nExample:\n  wattline tariff list')
    .action(async (flags: ServerFlags) => {
      const page = await findServer(flags).get<Page<Tariff>>('tariffs');
      if (flags.json) return printJson(shell, page);
      const rows = page.items.map((entry) => [
        entry.id,
        String(entry.version),
        entry.name,
        entry.currency,
        entry.standingPerDay,
        entry.rates.map(({ name }) => name).join(', '),
      ]);
      shell.out(renderTable(['id', 'version', 'name', 'currency', 'standing a day', 'rates'], rows));
    });

  withServer(tariff.command('show <tariff>'))
    .description('a tariff: rates, steps, calendar, tax')
    .option('--tariff-version <number>', 'version; default: the newest', wholeNumber(1, 1_000_000))
    .addHelpText('after', '\nExample:\n  wattline tariff show WTL-HOME-TOU')
    .action(async (id: string, flags: ServerFlags & { tariffVersion?: number }) => {
      const version = flags.tariffVersion === undefined ? undefined : String(flags.tariffVersion);
      const answer = await findServer(flags).get<Tariff>(`tariffs/${encodeURIComponent(id)}`, { version });
      if (flags.json) printJson(shell, answer);
      else shell.out(renderTariff(answer));
    });
}

function renderTariff(tariff: Tariff): string {
  const nameOf = (rate: number) => tariff.rates.find((entry) => entry.rate === rate)?.name ?? String(rate);
  const steps = tariff.rates.flatMap(({ rate, name, tiers }) =>
    tiers.map(({ uptoKwh, pricePerKwh }) => [String(rate), name, uptoKwh ?? 'no end', pricePerKwh]),
  );
  const calendar = tariff.calendar.map(({ days, from, rate }) => [days.join(' '), from, nameOf(rate)]);
  const { scheme, receivedPerKwh } = tariff.received;
  return [
    `${tariff.name} (${tariff.id}, version ${tariff.version}), ${tariff.currency}, ${tariff.zone}`,
    `Standing charge ${tariff.standingPerDay} a day; ${tariff.taxName} ${tariff.taxPercent} %`,
    `Energy received: ${scheme === 'none' ? 'not paid' : `${scheme}, ${receivedPerKwh} per kWh`}`,
    '',
    renderTable(['rate', 'name', 'up to kWh a month', 'price per kWh'], steps),
    ...(calendar.length > 0 ? ['', renderTable(['days', 'from', 'rate'], calendar)] : []),
    '',
    `Source: ${tariff.source}`,
  ].join('\n');
}
