/** `wattline headend meter|models`: what the registry holds of a meter, and which makes and models there are. */
import type { DeviceItem, DeviceModelItem, HeldBetween, Page } from '@wattline/model';
import type { Command } from 'commander';
import { findServer, type ServerFlags, withServer } from './running-server.ts';
import { printJson, type Shell } from './shell.ts';
import { renderTable } from './text-table.ts';

export function addHeadendDevice(headend: Command, shell: Shell): void {
  withServer(headend.command('meter <serial>'))
    .description(
      'what the registry holds of a meter: make, firmware, routes, logical devices, associations, key dates',
    )
    .addHelpText(
      'after',
      `
What says "profile" was never told by the meter itself: wattline headend discover asks it.

Example:
  wattline headend meter WTL10000001`,
    )
    .action(async (serial: string, flags: ServerFlags) => {
      const device = await findServer(flags).get<DeviceItem>(`meters/${encodeURIComponent(serial)}/device`);
      if (flags.json) printJson(shell, device);
      else shell.out(renderDevice(device));
    });

  withServer(headend.command('models'))
    .description(
      'makes and models of the meters that stand, their firmware and what their profile says of them',
    )
    .addHelpText('after', '\nExample:\n  wattline headend models')
    .action(async (flags: ServerFlags) => {
      const page = await findServer(flags).get<Page<DeviceModelItem>>('models');
      if (flags.json) printJson(shell, page);
      else shell.out(page.items.length === 0 ? 'no meters are provisioned' : renderModels(page.items));
    });
}

function renderDevice(device: DeviceItem): string {
  const { make, model, profile, systemTitle, intervalSeconds, installed, removed } = device;
  const kind = [make, model].filter((part) => part).join(' ');
  const since = removed === null ? `since ${installed}` : `from ${installed} to ${removed}`;
  const head = [
    `Meter ${device.serial}: ${kind}, profile ${profile}, system title ${systemTitle}, an interval each ${intervalSeconds} s`,
    `At ${device.usagePointId} ${since}`,
  ];
  if (device.isKeyChanging) head.push('Other keys of the client that reads are on their way.');
  const { firmware, routes, logicalDevices, associations, keys } = device;
  return [
    ...head,
    table('Firmware', ['version', 'told by'], firmware, ({ version, toldBy }) => [version, toldBy]),
    table(
      'Reached',
      ['address', 'route', 'link'],
      routes.map((route, i) => ({ ...route, until: routes[i + 1]?.from ?? null })),
      ({ host, port, route, link }) => [`${host}:${port}`, route ?? '', link],
    ),
    table('Logical devices', ['SAP', 'name', 'told by'], logicalDevices, ({ sap, name, toldBy }) => [
      ...[String(sap), name, toldBy],
    ]),
    table(
      'Associations',
      ['client', 'server', 'mechanism', 'context', 'objects', 'told by'],
      associations,
      (row) => [
        ...[String(row.clientSap), String(row.serverSap), row.mechanism, row.context ?? ''],
        ...[row.objects === null ? '' : String(row.objects), row.toldBy],
      ],
    ),
    table('Keys', ['client', 'came by'], keys, ({ client, toldBy }) => [client, toldBy]),
  ].join('\n');
}

/** A table of what held, its instants at the end of each row. */
function table<T extends HeldBetween>(
  title: string,
  headings: readonly string[],
  items: readonly T[],
  cellsOf: (item: T) => readonly string[],
): string {
  if (items.length === 0) return `\n${title}: nothing is known`;
  const rows = items.map((item) => [...cellsOf(item), item.from ?? '', item.until ?? '']);
  return `\n${title}\n${renderTable([...headings, 'from', 'until'], rows)}`;
}

function renderModels(items: readonly DeviceModelItem[]): string {
  const rows = items.map(({ make, model, profile, meters, firmware, associations, readingTypes }) => [
    ...[make, model ?? '', profile, String(meters)],
    Object.entries(firmware)
      .map(([version, count]) => `${version}: ${count}`)
      .join(', '),
    associations.map(({ clientSap, mechanism }) => `${clientSap} ${mechanism}`).join(', '),
    String(readingTypes.length),
  ]);
  return renderTable(
    ['make', 'model', 'profile', 'meters', 'by firmware', 'clients of the profile', 'reading types'],
    rows,
  );
}
