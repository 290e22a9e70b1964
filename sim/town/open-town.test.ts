/** The town as it listens, pushes and goes on: in this process on virtual time, and in its own process. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fromHex, realClock, secureRandom, virtualClock } from '@wattline/base';
import type { MeterShipment } from '@wattline/model';
import { type Dialer, type Link, memoryLinkPair } from '@wattline/network';
import { decodePush, type Push } from '@wattline/protocols/dlms';
import { createWorld } from '../world/world.ts';
import { openTown, type TownEvent } from './open-town.ts';
import { runSingleMeter } from './single.ts';
import { spawnTown } from './spawn.ts';
import {
  dayMs,
  quarterMs,
  readMeter,
  startMs,
  staysOpen,
  tariffs,
  townOptions,
  zone,
} from './town-fixture.ts';
import { parseTownOptions } from './town-options.ts';

const folder = mkdtempSync(join(tmpdir(), 'wattline-town-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const random = secureRandom();
const wallMs = realClock().now();

const shipmentsOf = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as MeterShipment[];

/** A dialer that keeps what comes in. */
function listeningPost(): { readonly dialer: Dialer; readonly received: Uint8Array[] } {
  const received: Uint8Array[] = [];
  const dial = async (): Promise<Link> => {
    const [near, far] = memoryLinkPair();
    far.receive((octets) => received.push(octets));
    return near;
  };
  return { dialer: { dial }, received };
}

describe('an outage while the town lives', () => {
  test('darkens the meters behind it: each pushes its last gasp, closes its links, and tells of the return', async () => {
    const meters = 30;
    const world = createWorld({ seed: '1', startMs, meters, zone, intervalSeconds: 900 });
    const outage = world.outages(startMs, startMs + 10 * dayMs).find(({ level }) => level === 'transformer');
    assert.ok(outage);
    const hit = world.premises
      .filter(({ transformer }) => transformer === outage.element)
      .map(({ id }) => id);
    assert.ok(hit.length > 0 && hit.length < meters);
    const clock = virtualClock(outage.startMs - 60_000);
    const { dialer, received } = listeningPost();
    const events: TownEvent[] = [];
    const options = townOptions(join(folder, 'outage'), 0, {
      meters,
      pushPort: 4059,
      anchor: { townMs: 0, wallMs: 0, speed: 1 },
    });
    const town = await openTown(options, { clock, random, dialer, onEvent: (event) => events.push(event) });
    try {
      const shipments = shipmentsOf(town.shipmentPath);
      const [dark] = shipments.filter(({ usagePoint }) => hit.includes(usagePoint.id));
      assert.ok(dark);
      assert.equal(await staysOpen(dark.meter), true);
      // Within the debounce nobody has said anything; the back-off spreads who speaks.
      await clock.advance(60_500);
      assert.equal(received.length, 0);
      await clock.advance(59_500);
      assert.equal(received.length, hit.length);
      assert.equal(events.filter(({ event }) => event === 'power-fail').length, hit.length);
      assert.equal(await staysOpen(dark.meter), false);
      await clock.advance(outage.endMs - clock.now() + 10_000);
      assert.equal(events.filter(({ event }) => event === 'power-restore').length, hit.length);
      assert.equal(await staysOpen(dark.meter), true);
      const codes = received.map((octets) => eventOf(octets, shipments));
      const seconds = Math.round((outage.endMs - outage.startMs) / 1000);
      assert.deepEqual(
        codes
          .filter(([code]) => code === 1)
          .map(([, , id]) => id)
          .sort(),
        [...hit].sort(),
      );
      assert.deepEqual(
        codes
          .filter(([code]) => code === 2)
          .map(([, , id]) => id)
          .sort(),
        [...hit].sort(),
      );
      assert.ok(codes.every(([code, outageSeconds]) => outageSeconds === (code === 2 ? seconds : 0)));
    } finally {
      await town.close();
    }
  });
});

function eventOf(octets: Uint8Array, shipments: readonly MeterShipment[]): readonly [number, number, string] {
  const of = (title: Uint8Array) =>
    shipments.find(({ meter }) => Buffer.compare(fromHex(meter.systemTitle), title) === 0);
  const push = decodePush(octets, {
    keysOf(title) {
      const keys = of(title)?.keys.reader;
      return keys && { suite: 0, ek: fromHex(keys.ek), ak: fromHex(keys.ak) };
    },
    replayOf: () => undefined,
  });
  assert.ok(push.ok, push.ok ? '' : push.error.message);
  const { body, systemTitle }: Push = push.value;
  const [, , , code, seconds] = body.type === 'structure' ? body.value : [];
  assert.ok(code?.type === 'unsigned' && seconds?.type === 'double-long-unsigned');
  return [code.value, seconds.value, of(systemTitle)?.usagePoint.id ?? '?'];
}

test('a flicker shorter than the debounce is no last gasp: the meter tells of its return alone', async () => {
  const clock = virtualClock(startMs + dayMs);
  const { dialer, received } = listeningPost();
  const options = townOptions(join(folder, 'flicker'), 0, { meters: 1, pushPort: 4059 });
  const town = await openTown(options, { clock, random, dialer, onEvent: () => {} });
  try {
    const [one] = town.meters;
    assert.ok(one);
    one.meter.powerDown();
    one.meter.powerUp(one.meter.countedToMs);
    await clock.advance(60_000);
    const shipments = shipmentsOf(town.shipmentPath);
    assert.deepEqual(
      received.map((octets) => eventOf(octets, shipments)[0]),
      [2],
    );
  } finally {
    await town.close();
  }
});

describe('the present', () => {
  test('registers grow within the interval and close it with exactly the energy of the world', async () => {
    const clock = virtualClock(startMs + dayMs);
    const options = townOptions(join(folder, 'present'), 0);
    const town = await openTown(options, { clock, random, onEvent: () => {} });
    const wattHours = () =>
      town.meters.reduce((sum, one) => sum + one.meter.metrology.delivered.total.wattHours, 0);
    const before = wattHours();
    await clock.advance(quarterMs / 2);
    const half = wattHours();
    await clock.advance(quarterMs / 2);
    const world = town.meters.reduce(
      (sum, { premises }) => sum + town.world.energy(premises.index, 96).deliveredWh,
      0,
    );
    assert.ok(half > before && half < before + world);
    assert.equal(wattHours() - before, world);
    for (const { meter } of town.meters) {
      assert.equal(meter.metrology.loadProfile.entries().at(-1)?.labelMs, startMs + dayMs + quarterMs);
    }
    await town.close();
  });
});

describe('the process of the town', () => {
  test('reads over TCP as shipped, and started again from the same directory it is the same town with higher counters', async () => {
    const options = townOptions(join(folder, 'process'), wallMs);
    const first = await spawnTown(options);
    assert.equal(first.meters, 5);
    assert.equal(first.loadNote, null);
    const shipped = shipmentsOf(first.shipmentPath);
    const before = await readMeter(shipped[0] as MeterShipment);
    assert.equal(before.loadProfile.rows, 3 * 96);
    // As a crash would: no word to the process.
    process.kill(first.pid, 'SIGKILL');
    assert.equal((await first.ended)?.code, 'sim/town-died');
    const second = await spawnTown(options);
    const again = shipmentsOf(second.shipmentPath);
    assert.deepEqual(
      again.map(({ keys }) => keys),
      shipped.map(({ keys }) => keys),
    );
    const after = await readMeter(again[0] as MeterShipment, 1_000_000);
    assert.deepEqual(after.loadProfile, before.loadProfile);
    assert.ok(after.totalWh >= before.totalWh);
    assert.ok(after.counter > before.counter + 1000, `${after.counter} after ${before.counter}`);
    await second.stop();
    assert.equal(await second.ended, null);
    const csv = readFileSync(second.shipmentPath.replace(/json$/, 'csv'), 'utf8').trim().split('\n');
    assert.equal(csv.length, 6);
    assert.ok(csv[1]?.includes(again[0]?.keys.reader.ek ?? '-'));
  });
  test('ends with a coded error when it cannot start', async () => {
    const cases = [
      [{ tariffs: [] }, 'sim/unknown-tariff'],
      [{ intervalSeconds: 700 }, 'sim/bad-option'],
      [{ load: join(folder, 'no-such-load.csv') }, 'sim/load-unreadable'],
    ] as const;
    for (const [change, code] of cases) {
      await assert.rejects(spawnTown(townOptions(join(folder, 'refused'), wallMs, change)), { code });
    }
  });
});

describe('options of the process', () => {
  const good = townOptions('/tmp', 0);
  test('are read back as they were written', () =>
    assert.deepEqual(parseTownOptions(JSON.stringify(good)), good));
  const bad: readonly (readonly [string, unknown])[] = [
    ['meters', 1.5],
    ['seed', ''],
    ['pushPort', 70_000],
    ['anchor', { townMs: 0, wallMs: 0, speed: 0 }],
    ['tariffs', [{ id: 'x' }]],
    ['speling', 1],
  ];
  for (const [field, value] of bad) {
    test(`${field} ${JSON.stringify(value)} is refused`, () => {
      assert.throws(() => parseTownOptions(JSON.stringify({ ...good, [field]: value })), {
        code: 'sim/bad-option',
        where: { field },
      });
    });
  }
  test('what is no JSON is refused', () =>
    assert.throws(() => parseTownOptions('{'), { code: 'sim/bad-option' }));
});

describe('a single meter', () => {
  test('has forty days, answers its reader, and its counters go on in the next run', async () => {
    const clock = virtualClock(startMs + 40 * dayMs + 3_600_000);
    const options = {
      profile: 'demo',
      port: 0,
      seed: '7',
      intervalSeconds: 900,
      zone,
      clock,
      memoryPath: join(folder, 'single.memory'),
    };
    let lastCounter = 0;
    for (const run of [1, 2]) {
      const single = await runSingleMeter(options);
      assert.deepEqual(
        single.clients.map(({ name, sap }) => [name, sap]),
        [
          ['public', 16],
          ['reader', 2],
          ['management', 1],
        ],
      );
      const reader = single.clients.find(({ name }) => name === 'reader');
      const keys = { ek: reader?.ek ?? '', ak: reader?.ak ?? '' };
      const shipment = {
        meter: { ...single.address, systemTitle: single.systemTitle },
        keys: { reader: keys, management: keys },
      };
      const { loadProfile, counter } = await readMeter(shipment as MeterShipment, run * 2_000_000);
      assert.equal(loadProfile.rows, 40 * 96 + 4);
      assert.ok(counter > lastCounter);
      lastCounter = counter;
      await single.stop();
    }
  });
  test('of an unknown companion profile is refused', async () => {
    const options = {
      profile: 'nobody',
      port: 0,
      seed: '7',
      intervalSeconds: 900,
      zone,
      memoryPath: join(folder, 'none.memory'),
    };
    await assert.rejects(runSingleMeter(options), { code: 'meter/profile-unknown' });
  });
  test('premises of the town carry tariffs that the town knows', () => {
    const world = createWorld({ seed: '1', startMs, meters: 50, zone, intervalSeconds: 900 });
    const known = new Set(tariffs.map(({ id }) => id));
    assert.ok(world.premises.every(({ tariffId }) => known.has(tariffId)));
  });
});
