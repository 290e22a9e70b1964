/** `wattline headend status`: how the fleet stands. */
import type { About, HeldMeterItem, MeterStatus, OutageItem, Page, ReadRate } from '@wattline/model';
import type { Command } from 'commander';
import { addHeadendCampaign } from './headend-campaign.ts';
import { addHeadendDevice } from './headend-device.ts';
import { addHeadendEvents } from './headend-events.ts';
import { addHeadendFleet } from './headend-fleet.ts';
import { addHeadendJob } from './headend-job.ts';
import { addHeadendKeys } from './headend-keys.ts';
import { addHeadendProvision } from './headend-provision.ts';
import { addHeadendRead } from './headend-read.ts';
import { addHeadendShipment } from './headend-shipment.ts';
import { addHeadendSigner } from './headend-signer.ts';
import { addHeadendWorker } from './headend-worker.ts';
import { findServer, type ServerFlags, withServer } from './running-server.ts';
import { addNoun, printJson, type Shell } from './shell.ts';
import { renderTable } from './text-table.ts';

/** States an operator looks into, worst first. */
const troubled = ['refused', 'unreachable', 'late'] as const;
const mostShown = 20;

export function addHeadend(program: Command, shell: Shell): void {
  const headend = addNoun(program, 'headend', 'the head-end of the running server');
  addHeadendRead(headend, shell);
  addHeadendFleet(headend, shell);
  addHeadendDevice(headend, shell);
  addHeadendEvents(headend, shell);
  addHeadendJob(headend, shell);
  addHeadendKeys(headend, shell);
  addHeadendCampaign(headend, shell);
  addHeadendSigner(headend, shell);
  addHeadendShipment(headend, shell);
  addHeadendWorker(headend, shell);
  addHeadendProvision(headend, shell);
  withServer(headend.command('status'))
    .description('read rate, and the meters that are late, unreachable or refuse')
    .addHelpText('after', '\nExample:\n  wattline headend status')
    .action(async (flags: ServerFlags) => {
      const server = findServer(flags);
      const about = await server.get<About>('about');
      const readRate = await server.get<ReadRate>('operations/read-rate');
      const meters: MeterStatus[] = [];
      for (const state of troubled) {
        const page = await server.get<Page<MeterStatus>>('meters', { state, limit: String(mostShown) });
        meters.push(...page.items);
      }
      const { items: outages } = await server.get<Page<OutageItem>>('operations/outages');
      const { items: held } = await server.get<Page<HeldMeterItem>>('operations/held-meters');
      const heldCount = held.filter((one) => one.state === 'held').length;
      if (flags.json) printJson(shell, { about, readRate, meters, outages, held: heldCount });
      else shell.out([renderStatus(about, readRate, meters), ...renderNews(outages, heldCount)].join('\n'));
    });
}

function renderNews(outages: readonly OutageItem[], held: number): string[] {
  const out = outages.map(
    ({ transformer, dark, since }) =>
      `Outage: transformer ${transformer}, ${dark} meters dark since ${since}`,
  );
  return held === 0
    ? out
    : [...out, `${held} meters pushed and are not provisioned: wattline headend held list`];
}

function renderRate({ rate, received, expected, estimated, missing }: ReadRate): string {
  if (expected === 0) return 'Read rate: no interval was due yet';
  return `Read rate: ${(rate * 100).toFixed(2)} % (${received} of ${expected} intervals received, ${estimated} estimated, ${missing} missing)`;
}

function renderStatus(about: About, rate: ReadRate, meters: readonly MeterStatus[]): string {
  const { commissioned, reachable, unreachable } = rate.meters;
  const head = [
    `Wattline ${about.version}, ${about.mode}, ${about.now}${about.ready ? '' : ' (still collecting the history)'}`,
    `Meters: ${commissioned} commissioned, ${reachable} reachable, ${unreachable} unreachable`,
    renderRate(rate),
  ];
  if (meters.length === 0) return head.join('\n');
  const rows = meters.map((meter) => [
    meter.serial,
    meter.usagePointId,
    meter.state,
    String(meter.failures),
    meter.lastContact ?? 'never',
    meter.lastOutcome ?? '',
    meter.address,
  ]);
  const headings = ['meter', 'usage point', 'state', 'failures', 'last contact', 'last outcome', 'address'];
  return [...head, '', renderTable(headings, rows)].join('\n');
}
