/** `wattline headend held|discover|routes`: who waits to be taken in, what a meter says it is, how it was reached. */
import { readFileSync } from 'node:fs';
import { messageOf } from '@wattline/base';
import type { DiscoveryItem, HeldMeterItem, MeterRouteItem, Page } from '@wattline/model';
import type { Command } from 'commander';
import { serverError } from '../errors.ts';
import { findServer, type ServerFlags, withServer } from './running-server.ts';
import { addNoun, printJson, type Shell } from './shell.ts';
import { renderTable } from './text-table.ts';

export function addHeadendFleet(headend: Command, shell: Shell): void {
  addHeld(addNoun(headend, 'held', 'meters that pushed before anybody provisioned them'), shell);

  withServer(headend.command('discover <serial>'))
    .description(
      'read the object list of a meter now: which companion profile fits it, its firmware, logical devices and associations',
    )
    .addHelpText('after', '\nExample:\n  wattline headend discover WTL10000001')
    .action(async (serial: string, flags: ServerFlags) => {
      const path = `meters/${encodeURIComponent(serial)}/discovery`;
      const found = await findServer(flags).post<DiscoveryItem>(path);
      if (flags.json) return printJson(shell, found);
      const fits = found.fits.length === 0 ? 'none that is known' : found.fits.join(', ');
      const clients = found.associations.map(({ clientSap, mechanism }) => `${clientSap} (${mechanism})`);
      const parts = [
        `${serial}: ${found.objects.length} objects; companion profiles that fit: ${fits}`,
        `firmware ${found.firmware ?? 'not told'}; logical devices ${found.logicalDevices.map(({ sap, name }) => `${sap} ${name}`).join(', ') || 'not told'}`,
        `clients with an association ${clients.join(', ') || 'not told'}`,
      ];
      shell.out(parts.join('\n'));
    });

  withServer(headend.command('routes <serial>'))
    .description('how a meter was reached, and from when on')
    .addHelpText('after', '\nExample:\n  wattline headend routes WTL10000001')
    .action(async (serial: string, flags: ServerFlags) => {
      const page = await findServer(flags).get<Page<MeterRouteItem>>(
        `meters/${encodeURIComponent(serial)}/routes`,
      );
      if (flags.json) return printJson(shell, page);
      const rows = page.items.map(({ from, host, port, route, link }) => [
        ...[from, `${host}:${port}`, route ?? '', link],
      ]);
      shell.out(renderTable(['from', 'address', 'route', 'link'], rows));
    });
}

function addHeld(held: Command, shell: Shell): void {
  withServer(held.command('list'))
    .description('newest first')
    .addHelpText('after', '\nExample:\n  wattline headend held list')
    .action(async (flags: ServerFlags) => {
      const page = await findServer(flags).get<Page<HeldMeterItem>>('operations/held-meters');
      if (flags.json) return printJson(shell, page);
      shell.out(page.items.length === 0 ? 'nobody is held' : renderHeld(page.items));
    });

  withServer(held.command('approve <title>'))
    .description('take a held meter in')
    .requiredOption('--row <file>', 'its row of a shipment as a JSON object, keys of the reader included')
    .requiredOption('--by <person>', 'who decides')
    .addHelpText(
      'after',
      '\nExample:\n  wattline headend held approve 57544C0000000001 --row meter.json --by asha',
    )
    .action(async (title: string, flags: ServerFlags & { row: string; by: string }) => {
      const content = readRow(flags.row);
      const path = `operations/held-meters/${encodeURIComponent(title)}/approve`;
      const body = { type: 'application/json', content };
      const item = await findServer(flags).post<HeldMeterItem>(path, { by: flags.by }, body);
      if (flags.json) printJson(shell, item);
      else shell.out(`${item.systemTitle} is meter ${item.serial}`);
    });

  withServer(held.command('reject <title>'))
    .description('turn a held meter away')
    .requiredOption('--by <person>', 'who decides')
    .addHelpText('after', '\nExample:\n  wattline headend held reject 57544C0000000001 --by asha')
    .action(async (title: string, flags: ServerFlags & { by: string }) => {
      const path = `operations/held-meters/${encodeURIComponent(title)}/reject`;
      const item = await findServer(flags).post<HeldMeterItem>(path, { by: flags.by });
      if (flags.json) printJson(shell, item);
      else shell.out(`${item.systemTitle} is turned away`);
    });
}

function readRow(path: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    throw serverError('server/no-file', `${path}: ${messageOf(error)}`);
  }
}

function renderHeld(items: readonly HeldMeterItem[]): string {
  const rows = items.map(({ systemTitle, peer, first, last, pushes, state, serial }) => [
    ...[systemTitle, state, serial ?? '', peer, first, last, String(pushes)],
  ]);
  return renderTable(['system title', 'state', 'meter', 'from', 'first', 'last', 'pushes'], rows);
}
