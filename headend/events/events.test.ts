/** Events of meters: codes of two lists in one vocabulary, logs told once, many gasps one outage. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { virtualClock } from '@wattline/base';
import { eventKinds, type SystemEvent } from '@wattline/model';
import { headendWith } from '../headend-fixture.ts';
import { testMeter } from '../test-server.ts';
import { eventCodes, meaningOf } from './event-codes.ts';
import { createOutageWatch } from './outage-watch.ts';

const dayMs = 86_400_000;
const startMs = Date.UTC(2025, 9, 1);

describe('codes', () => {
  test('rows ascend without overlap, so that a code has one meaning', () => {
    for (const rows of Object.values(eventCodes)) {
      for (const [i, { from, to }] of rows.entries()) {
        assert.ok(from <= to);
        assert.ok(i === 0 || from > (rows[i - 1]?.to ?? 0), `${from}`);
      }
    }
  });

  test('one happening has one name in both lists, with the severity an operator goes by', () => {
    const same = [
      [1, 101, 'power-fail', 'warning'],
      [2, 102, 'power-restore', 'info'],
      [44, 251, 'tamper-cover', 'alarm'],
      [42, 201, 'tamper-magnet', 'alarm'],
      [91, 51, 'tamper-wiring', 'alarm'],
      [79, 7, 'voltage-fault', 'warning'],
      [62, 301, 'supply-disconnected', 'warning'],
      [68, 253, 'supply-switch-failed', 'alarm'],
    ] as const;
    for (const [idis, is15959, kind, severity] of same) {
      assert.equal(meaningOf('idis', idis).kind, kind);
      assert.equal(meaningOf('is15959', is15959).kind, kind);
      assert.equal(eventKinds[kind].severity, severity);
    }
    assert.equal(meaningOf('is15959', 202).kind, 'fault-ended');
    assert.deepEqual(
      [14, 15, 16].map((code) => meaningOf('idis', code).kind),
      ['meter-fault', 'meter-restarted', 'meter-fault'],
    );
    assert.deepEqual(meaningOf('idis', 201), { kind: 'meter-event', title: 'code 201' });
  });
});

describe('the meter’s own log', () => {
  test('its entries are told once, also across a restart, and new ones are asked for from the last on', async (context) => {
    const clock = virtualClock(startMs + dayMs);
    const meter = testMeter(1, { clock, installedAtMs: startMs, zone: 'UTC' });
    meter.events = [
      { atMs: startMs + 3_600_000, code: 44 },
      { atMs: startMs + 3_700_000, code: 45 },
      { atMs: startMs + 7_200_000, code: 42 },
    ];
    const { headend, events } = await headendWith(context, { clock, meters: [meter] });
    await headend.collect('WTL000001');
    const told = () => events.reported.filter(({ code }) => code?.startsWith('idis/'));
    assert.deepEqual(
      told().map(({ kind, occurredMs, code }) => [kind, occurredMs - startMs, code]),
      [
        ['tamper-cover', 3_600_000, 'idis/44'],
        ['fault-ended', 3_700_000, 'idis/45'],
        ['tamper-magnet', 7_200_000, 'idis/42'],
      ],
    );
    await clock.advance(7 * 3_600_000);
    meter.events.push({ atMs: clock.now() - 60_000, code: 8 });
    await headend.collect('WTL000001');
    assert.deepEqual(
      told()
        .slice(3)
        .map(({ kind }) => kind),
      ['battery-low'],
    );
  });

  test('an outage that a push told of is not told again by the log', async (context) => {
    const clock = virtualClock(startMs + dayMs);
    const meter = testMeter(1, { clock, installedAtMs: startMs, zone: 'UTC' });
    const failedMs = startMs + dayMs - 600_000;
    meter.events = [
      { atMs: failedMs, code: 1 },
      { atMs: failedMs + 300_000, code: 2 },
    ];
    const { headend, events, registry } = await headendWith(context, { clock, meters: [meter] });
    await registry
      .insertInto('event')
      .values({
        ...{ kind: 'power-fail', occurred_ms: failedMs + 5_000, received_ms: failedMs + 6_000 },
        ...{ serial: 'WTL000001', usage_point_id: 'UP-0001', code: null, message: '' },
      })
      .execute();
    await headend.collect('WTL000001');
    const told = events.reported.filter(({ code }) => code?.startsWith('idis/'));
    assert.deepEqual(
      told.map(({ kind }) => kind),
      ['power-restore'],
      'the return of power was never pushed',
    );
  });

  test('a log that floods is cut to its newest entries', async (context) => {
    const clock = virtualClock(startMs + dayMs);
    const meter = testMeter(1, { clock, installedAtMs: startMs, zone: 'UTC' });
    meter.events = Array.from({ length: 2_000 }, (_, i) => ({ atMs: startMs + 1_000 * i + 1_000, code: 47 }));
    const { headend, events } = await headendWith(context, { clock, meters: [meter] });
    assert.equal((await headend.collect('WTL000001')).outcome, 'answer');
    const told = events.reported.filter(({ code }) => code === 'idis/47');
    assert.deepEqual([told.length, told.at(-1)?.occurredMs], [500, startMs + 2_000_000]);
  });
});

describe('alarms that chatter', () => {
  test('a loose cover is one alarm an hour with how often it came back; the rest is kept and raises none', async (context) => {
    const clock = virtualClock(startMs + dayMs);
    const meter = testMeter(1, { clock, installedAtMs: startMs, zone: 'UTC' });
    const minuteMs = 60_000;
    // Opened and closed (44, 45) five times in twenty minutes, and again two hours later; the magnet (42) is another condition.
    const opened = [0, 5, 10, 15, 20, 120].map((minute) => startMs + 3_600_000 + minute * minuteMs);
    meter.events = [
      ...opened.flatMap((atMs) => [
        { atMs, code: 44 },
        { atMs: atMs + minuteMs, code: 45 },
      ]),
      { atMs: startMs + 9 * 3_600_000, code: 42 },
    ];
    const { headend, events } = await headendWith(context, { clock, meters: [meter] });
    await headend.collect('WTL000001');
    const told = events.reported.filter(({ code }) => code === 'idis/44' || code === 'idis/42');
    assert.deepEqual(
      told.map(({ kind }) => kind),
      ['tamper-cover', ...Array(4).fill('alarm-held'), 'tamper-cover', 'tamper-magnet'],
    );
    assert.deepEqual(
      told.slice(0, 6).map(({ occurredMs }) => occurredMs),
      opened,
      'nothing is lost',
    );
    assert.match(told[5]?.message ?? '', /4 times more since 2025-10-01T01:00/);
    assert.equal(eventKinds['alarm-held'].severity, 'info');
    assert.equal(eventKinds['alarm-held'].exception, false);
  });

  test('switches, power and faults of the meter itself are told each time', async (context) => {
    const clock = virtualClock(startMs + dayMs);
    const meter = testMeter(1, { clock, installedAtMs: startMs, zone: 'UTC' });
    // Watchdog, remote disconnection and reconnection, power down and up.
    meter.events = [15, 62, 63, 62, 15, 1, 2, 1].map((code, i) => ({
      ...{ atMs: startMs + 60_000 * (i + 1) },
      code,
    }));
    const { headend, events } = await headendWith(context, { clock, meters: [meter] });
    await headend.collect('WTL000001');
    const told = events.reported.filter(({ code }) => code?.startsWith('idis/'));
    assert.equal(told.length, 8);
    assert.ok(told.every(({ kind }) => kind !== 'alarm-held'));
  });
});

describe('a route', () => {
  const meterOn = (number: number, route: string | undefined, clock: ReturnType<typeof virtualClock>) => {
    const meter = testMeter(number, { clock, installedAtMs: startMs, zone: 'UTC' });
    const { shipment } = meter;
    const placed = { ...shipment.meter, ...(route === undefined ? {} : { route }) };
    return Object.assign(meter, { shipment: { ...shipment, meter: placed } });
  };

  test('whose meters fall silent together is one alarm; the others behind it raise none, and the first that answers ends it', async (context) => {
    const clock = virtualClock(startMs + dayMs);
    const meters = [1, 2, 3, 4, 5].map((number) => meterOn(number, 'DC-1', clock));
    const alone = meterOn(6, undefined, clock);
    const { headend, events } = await headendWith(context, {
      ...{ clock, meters: [...meters, alone], policy: { unreachableAfter: 1 } },
    });
    const sweep = async () => {
      const before = events.reported.length;
      for (const { shipment } of [...meters, alone]) await headend.collect(shipment.meter.serial);
      return events.reported.slice(before).map(({ kind }) => kind);
    };
    await sweep();
    for (const meter of [...meters, alone]) meter.isUnreachable = true;
    assert.deepEqual(await sweep(), [
      ...['meter-unreachable', 'meter-unreachable', 'meter-unreachable', 'route-silent'],
      ...['alarm-held', 'alarm-held', 'meter-unreachable'],
    ]);
    await clock.advance(3_600_000);
    assert.deepEqual(await sweep(), [], 'and it is told once');
    for (const meter of meters) meter.isUnreachable = false;
    assert.deepEqual(await sweep(), [
      ...['meter-recovered', 'route-back', 'meter-recovered', 'meter-recovered'],
      ...['meter-recovered', 'meter-recovered'],
    ]);
    const [silent] = events.reported.filter(({ kind }) => kind === 'route-silent');
    assert.match(silent?.message ?? '', /route DC-1, 3 of 5 meters so far/);
  });

  test('of which a few of many are silent is none', async (context) => {
    const clock = virtualClock(startMs + dayMs);
    const meters = Array.from({ length: 12 }, (_, i) => meterOn(i + 1, 'DC-2', clock));
    const { headend, events } = await headendWith(context, {
      ...{ clock, meters, policy: { unreachableAfter: 1 } },
    });
    for (const meter of meters.slice(0, 4)) meter.isUnreachable = true;
    for (const { shipment } of meters) await headend.collect(shipment.meter.serial);
    assert.ok(!events.kinds().includes('route-silent') && !events.kinds().includes('alarm-held'));
  });
});

describe('outages', () => {
  const place = { transformer: 'T1', meters: 10 };
  const gasp = (number: number, atMs: number, kind: SystemEvent['kind'] = 'power-fail'): SystemEvent => ({
    ...{ kind, occurredMs: atMs, receivedMs: atMs, serial: `M${number}`, message: '' },
  });

  test('gasps of enough meters under one transformer are one outage, which ends when the last has power', () => {
    const watch = createOutageWatch({ now: () => startMs });
    const seen = [0, 1, 2, 3, 4].map((i) => watch.take(gasp(i, startMs + i * 1_000), place)?.kind);
    assert.deepEqual(seen, [undefined, undefined, 'outage', undefined, undefined]);
    assert.deepEqual(watch.outages(), [{ transformer: 'T1', dark: 5, sinceMs: startMs }]);
    const back = [0, 1, 2, 3, 4].map(
      (i) => watch.take(gasp(i, startMs + 3_600_000 + i, 'power-restore'), place)?.message,
    );
    assert.deepEqual(back, [
      undefined,
      undefined,
      undefined,
      undefined,
      'Outage over: transformer T1, after 60 min',
    ]);
    assert.deepEqual(watch.outages(), []);
  });

  test('meters that go dark hours apart, or a few of many, are no outage', () => {
    const watch = createOutageWatch({ now: () => startMs });
    const apart = [0, 1, 2, 3].map((i) => watch.take(gasp(i, startMs + i * 3_600_000), place));
    assert.ok(apart.every((event) => event === undefined));
    const crowd = createOutageWatch({ now: () => startMs });
    const few = [0, 1, 2, 3].map((i) => crowd.take(gasp(i, startMs + i), { transformer: 'T2', meters: 200 }));
    assert.ok(few.every((event) => event === undefined));
  });

  test('a return of power that is older than the darkness lights nobody', () => {
    const watch = createOutageWatch({ now: () => startMs });
    for (const i of [0, 1, 2]) watch.take(gasp(i, startMs), place);
    assert.equal(watch.take(gasp(0, startMs - 60_000, 'power-restore'), place), undefined);
    assert.equal(watch.outages()[0]?.dark, 3);
  });
});
