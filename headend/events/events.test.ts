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
