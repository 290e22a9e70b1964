/** Virtual meters of two companion profiles over TCP, UDP, HDLC and an optical port: collected alike, and known by their object list. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadTariffs } from '@wattline/apps/billing';
import { realClock, secureRandom, silentLog } from '@wattline/base';
import { openHeadend } from '@wattline/headend';
import {
  createMeter,
  keysFromSeed,
  serialOf,
  serveMeter,
  serveMeterOnUdp,
  volatileMemory,
} from '@wattline/meter';
import type { MeterShipment, SystemEvent } from '@wattline/model';
import { tcpDialer } from '@wattline/network';
import { openRegistry } from '@wattline/store/registry';
import { shipmentOf, stepMs, supply } from '../../bench/headend/bench-meter.ts';
import { memorySink } from '../../bench/headend/memory-sink.ts';

const clock = realClock();
const random = secureRandom();
const dayMs = 86_400_000;
const todayMs = Math.floor(clock.now() / dayMs) * dayMs;
const place = { host: '127.0.0.1', port: 0 };
const optical = { manufacturer: 'WTL', identification: 'VIRTUAL', isFast: true };

const street = [
  { link: 'tcp', profile: 'demo' },
  { link: 'udp', profile: 'idis' },
  { link: 'hdlc', profile: 'idis' },
  { link: 'mode-e', profile: 'demo' },
] as const;

/** The demo meter shows each client its own association alone, the IDIS meter all. */
const clientsSeen = { demo: ['2 gmac'], idis: ['1 gmac', '102 gmac', '16 none', '2 gmac'] };
const mechanismOf = ({ clientSap, mechanism }: { clientSap: number; mechanism: string }) =>
  `${clientSap} ${mechanism}`;

function meterOf(i: number, profile: 'demo' | 'idis') {
  const [tariff] = loadTariffs('UTC');
  assert.ok(tariff);
  const serial = serialOf(30_000_001 + i);
  const keys = {
    reader: keysFromSeed('carriers', serial, 'reader'),
    management: keysFromSeed('carriers', serial, 'management'),
  };
  const spec = { serial, profile, zone: 'UTC', intervalSeconds: stepMs / 1000, phases: 1 as const };
  const meter = createMeter(
    { ...spec, keys, tariff, profileDays: 60, startMs: todayMs - 2 * dayMs },
    { clock, memory: volatileMemory() },
  );
  supply(meter, i, todayMs);
  return meter;
}

test('a day comes over each carrier, with logs of one vocabulary; the object list tells which profile each has', async (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'wattline-carriers-'));
  const rows: MeterShipment[] = [];
  for (const [i, { link, profile }] of street.entries()) {
    const meter = meterOf(i, profile);
    const options = { clock, random };
    const served = await (link === 'udp'
      ? serveMeterOnUdp(meter.device, place, options)
      : serveMeter(meter.device, place, {
          ...options,
          ...(link === 'hdlc' ? { hdlc: {} } : link === 'mode-e' ? { hdlc: {}, optical } : {}),
        }));
    context.after(() => served.close());
    const row = shipmentOf(meter, i, { host: place.host, port: served.address.port });
    rows.push({ ...row, meter: { ...row.meter, link } });
  }
  const registry = await openRegistry(':memory:');
  const sink = memorySink(clock);
  const reported: SystemEvent[] = [];
  const headend = await openHeadend({
    ...{ registry, clock, random, sink, progress: sink, log: silentLog, dialer: tcpDialer, push: place },
    events: { report: async (event) => void reported.push(event) },
    keyFile: join(directory, 'keys.bin'),
    policy: { historySinceMs: todayMs - dayMs },
  });
  context.after(async () => {
    await headend.close();
    await registry.destroy();
    rmSync(directory, { recursive: true });
  });
  await headend.provision(JSON.stringify(rows), 'json');
  for (const [i, { meter }] of rows.entries()) {
    const outcome = await headend.collect(meter.serial);
    assert.deepEqual([outcome.outcome, outcome.code], ['answer', null], `over ${meter.link}`);
    for (let at = todayMs - dayMs; at < todayMs; at += stepMs) {
      assert.ok(
        sink.cameMs(`${meter.usagePointId}/delivered`, at),
        `${meter.link} ${new Date(at).toISOString()}`,
      );
    }
    const { objects, fits, ...makeUp } = await headend.discover(meter.serial);
    assert.equal(fits[0], street[i]?.profile, `${fits.join(', ')} of ${objects.length} objects`);
    const name = { sap: 1, name: `WTL${meter.serial.replace(/^WTL/, '').padStart(13, '0')}` };
    assert.deepEqual(makeUp.logicalDevices, [name]);
    assert.deepEqual(makeUp.associations.map(mechanismOf).sort(), clientsSeen[street[i]?.profile ?? 'demo']);
  }
  assert.ok(
    reported.every(({ kind }) => kind !== 'meter-event'),
    'every code of a log has its name',
  );
});
