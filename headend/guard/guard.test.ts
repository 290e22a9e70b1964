/** The parts of the guard: the table of what can darken, the ledger's chain, shedding in turn, previews, settings. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openRegistry } from '@wattline/store/registry';
import { batchHash, readBatch } from './batch.ts';
import { canonicalJson } from './canonical-json.ts';
import { type Command, commandOf, darkening, directionOf, isPartOf } from './darkening.ts';
import { createGuardBook } from './guard-book.ts';
import type { GuardedMeter, LedgerEntry } from './guard-state.ts';
import { openLedger } from './ledger.ts';
import { previewBatch } from './preview.ts';
import { defaultGuardSettings, settingReasons } from './settings.ts';
import { planShedding } from './shedding.ts';

const batch = {
  key: 'k',
  tenant: 'T',
  command: 'disconnect',
  lane: 'ordinary',
  meters: ['M1', 'M2'],
  reason: 'tenant moved out',
  requestedBy: 'anna',
  deadlineMs: 1000,
} as const;

describe('what can darken a home', () => {
  test('remote_disconnect, control_mode, limiter thresholds, image activation, key transfer and calendars are in the table', () => {
    const rows = [
      ['action', 70, '0.0.96.3.10.255', 1, 'disconnect'],
      ['action', 70, '0.0.96.3.10.255', 2, 'reconnect'],
      ['set', 70, '0.0.96.3.10.255', 4, 'disconnect'],
      ['action', 70, '0.1.96.3.20.255', 2, 'relay'],
      ['set', 71, '0.0.17.0.0.255', 4, 'limiter'],
      ['action', 18, '0.0.44.0.0.255', 4, 'firmware-activation'],
      ['action', 64, '0.0.43.0.0.255', 2, 'key-change'],
      ['action', 20, '0.0.13.0.0.255', 1, 'tariff-activation'],
      ['action', 9, '0.0.10.0.106.255', 1, 'load-limit-write'],
      ['action', 9, '0.0.10.0.1.255', 1, 'demand-reset'],
      ['set', 9, '0.0.10.0.1.255', 2, 'load-limit-write'],
      ['action', 18, '0.0.44.0.0.255', 2, 'firmware-transfer'],
      ['set', 7, '1.0.99.1.0.255', 4, 'capture-period'],
      ['set', 7, '1.0.99.1.0.255', 3, 'unlisted'],
      ['action', 7, '1.0.99.1.0.255', 1, 'unlisted'],
      ['set', 40, '0.0.25.9.0.255', 3, 'push-setup'],
      ['set', 1, '0.0.96.13.0.255', 2, 'display-text'],
      ['set', 1, '0.0.96.13.1.255', 2, 'demand-response'],
      ['set', 113, '0.0.19.20.0.255', 5, 'prepaid-cut-off'],
      ['action', 8, '0.0.1.0.0.255', 6, 'clock-shift'],
      ['set', 8, '0.0.1.0.0.255', 2, 'unlisted'],
      ['set', 1, '0.0.96.1.0.255', 2, 'unlisted'],
    ] as const;
    for (const [service, classId, obis, member, expected] of rows) {
      assert.equal(
        commandOf({ service, classId, obis, member }),
        expected,
        `${service} ${classId}/${member}`,
      );
    }
  });
  test('reconnection and arming light; what moves no supply is named one by one, all else darkens', () => {
    const of = (direction: string) =>
      (Object.keys(darkening) as Command[]).filter((command) => directionOf(command) === direction);
    assert.deepEqual(of('light'), ['reconnect', 'arm']);
    assert.deepEqual(of('none'), [
      'demand-reset',
      'firmware-transfer',
      'clock-shift',
      'capture-period',
      'push-setup',
      'display-text',
      'demand-response',
    ]);
  });
  test('a request belongs to one command: arming may close the switch, no other command may borrow that', () => {
    const reconnect = { service: 'action', classId: 70, obis: '0.0.96.3.10.255', member: 2 } as const;
    const asking = (Object.keys(darkening) as Command[]).filter((command) => isPartOf(command, reconnect));
    assert.deepEqual(asking, ['reconnect', 'arm']);
    const activate = { service: 'action', classId: 18, obis: '0.0.44.0.0.255', member: 4 } as const;
    assert.equal(isPartOf('firmware-transfer', activate), false);
  });
});

test('every setting has its reason', () => {
  assert.deepEqual(Object.keys(settingReasons).sort(), Object.keys(defaultGuardSettings).sort());
});

describe('a batch is what people sign', () => {
  test('the order of fields does not change the hash; a meter, a word or the installation does', () => {
    const hash = batchHash(batch, 'works');
    assert.equal(
      batchHash(Object.fromEntries(Object.entries(batch).reverse()) as typeof batch, 'works'),
      hash,
    );
    assert.notEqual(batchHash({ ...batch, meters: ['M1'] }, 'works'), hash);
    assert.notEqual(batchHash({ ...batch, reason: 'other' }, 'works'), hash);
    assert.notEqual(batchHash(batch, 'other works'), hash);
  });
  test('numbers that programs write differently are refused', () => {
    assert.throws(() => canonicalJson({ limitW: 0.1 }), RangeError);
    assert.equal(canonicalJson({ b: [1, null], a: 'é"' }), '{"a":"é\\"","b":[1,null]}');
  });
  test('fields that nobody knows, or of another type, are refused', () => {
    assert.equal(readBatch(batch).ok, true);
    for (const bad of [
      null,
      [],
      { ...batch, also: 1 },
      { ...batch, command: 'toString' },
      { ...batch, lane: 'fast' },
      { ...batch, meters: 'M1' },
      { ...batch, meters: [''] },
      { ...batch, deadlineMs: -1 },
      { ...batch, limitW: 1.5 },
      { ...batch, evidence: [{}] },
    ]) {
      assert.equal(readBatch(bad).ok, false, JSON.stringify(bad));
    }
  });
});

describe('the ledger', () => {
  const pull: LedgerEntry = { kind: 'red-switch', by: 'anna' };
  test('lines come back in order after a restart, with the same head', async (t) => {
    const registry = await openRegistry(':memory:');
    t.after(() => registry.destroy());
    const ledger = await openLedger(registry, () => {});
    await Promise.all([ledger.append(5, pull), ledger.append(7, pull, { ...pull, by: 'bela' })]);
    const told: string[] = [];
    const again = await openLedger(registry, ({ seq, atMs, entry }) =>
      told.push(`${seq} ${atMs} ${entry.kind === 'red-switch' ? entry.by : ''}`),
    );
    assert.deepEqual(told, ['1 5 anna', '2 7 anna', '3 7 bela']);
    assert.equal(again.head(), ledger.head());
    assert.equal(again.lastMs(), 7);
  });
  test('a line written while the clock stood behind the last one carries the later instant', async (t) => {
    const registry = await openRegistry(':memory:');
    t.after(() => registry.destroy());
    const ledger = await openLedger(registry, () => {});
    await ledger.append(9, pull);
    await ledger.append(3, pull);
    assert.equal(ledger.lastMs(), 9);
  });
  test('two processes on one ledger: the second to write is refused and writes nothing', async (t) => {
    const registry = await openRegistry(':memory:');
    t.after(() => registry.destroy());
    const [one, two] = [await openLedger(registry, () => {}), await openLedger(registry, () => {})];
    await one.append(1, pull);
    await assert.rejects(two.append(2, pull));
    const rows = await registry.selectFrom('guard_ledger').selectAll().execute();
    assert.equal(rows.length, 1);
  });
});

/** Six homes of 4 kW on one transformer, the last on life support. */
const meters = new Map(
  [1, 2, 3, 4, 5, 6].map((number): [string, GuardedMeter] => [
    `M${number}`,
    {
      serial: `M${number}`,
      tenant: 'T',
      substation: 'S',
      feeder: 'F',
      transformer: 'X',
      loadW: 4_000,
      isLifeSupport: number === 6,
    },
  ]),
);

describe('load shedding', () => {
  test('takes those in turn that were shed least and longest ago, never life support, and stops at the limit', () => {
    const limits = [{ scope: 'transformer', windowMs: 3_600_000, meters: 2, watts: 100_000 }] as const;
    const settings = { ...defaultGuardSettings, limits, shedRestMs: 0 };
    const book = createGuardBook({ settings, meters, people: new Map() });
    const turns: string[] = [];
    for (let nowMs = 0; nowMs < 6 * 3_600_000; nowMs += 3_600_000) {
      const plan = planShedding({ tenant: 'T', watts: 1_000_000, limitW: 500 }, book.state, nowMs);
      assert.deepEqual([plan.meters.length, plan.watts], [2, 7_000]);
      turns.push(plan.meters.join(' '));
      const hash = `shed ${nowMs}`;
      const shed = { ...batch, key: hash, command: 'limiter', lane: 'shed', meters: plan.meters } as const;
      book.apply({ kind: 'filed', hash, batch: { ...shed, deadlineMs: nowMs + 1 }, approvals: [] }, nowMs);
      book.apply({ kind: 'allowed', hash, people: [] }, nowMs);
      for (const serial of plan.meters) {
        book.apply({ kind: 'sealed', hash, serial }, nowMs);
        book.apply({ kind: 'settled', hash, serial, isSwitched: true, result: '-' }, nowMs);
      }
    }
    assert.deepEqual(turns.slice(0, 4), ['M1 M2', 'M3 M4', 'M1 M5', 'M2 M3']);
    const counts = [...book.state.sheds.values()].map(({ count }) => count);
    assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, counts.join(' '));
    assert.equal(book.state.sheds.has('M6'), false);
  });
});

describe('a preview', () => {
  test('shows meters and watts by place and what the limits leave', () => {
    const book = createGuardBook({ settings: defaultGuardSettings, meters, people: new Map() });
    const { places, unknown } = previewBatch({ ...batch, meters: ['M1', 'M2', 'M9'] }, book.state, 0);
    assert.deepEqual(places[0], {
      scope: 'transformer',
      place: 'X',
      meters: 2,
      watts: 8_000,
      metersLeft: 10,
      wattsLeft: 60_000,
    });
    assert.deepEqual(
      places.map(({ scope }) => scope),
      ['transformer', 'feeder', 'substation', 'tenant', 'fleet'],
    );
    assert.deepEqual(unknown, ['M9']);
  });

  test('of what can neither darken nor light says that nothing limits it', () => {
    const book = createGuardBook({ settings: defaultGuardSettings, meters, people: new Map() });
    const { places } = previewBatch({ ...batch, command: 'display-text', meters: ['M1'] }, book.state, 0);
    assert.deepEqual([places[0]?.meters, places[0]?.metersLeft, places[0]?.wattsLeft], [1, null, null]);
  });

  test('of a batch that was allowed leaves out what it has moved itself', () => {
    const book = createGuardBook({ settings: defaultGuardSettings, meters, people: new Map() });
    book.apply({ kind: 'filed', hash: 'h', batch: { ...batch, meters: ['M1'] }, approvals: [] }, 0);
    book.apply({ kind: 'allowed', hash: 'h', people: ['asha'] }, 0);
    const leftBy = (hash: string) =>
      previewBatch({ ...batch, hash, meters: ['M1'] }, book.state, 0).places[0]?.metersLeft;
    assert.deepEqual([leftBy('h'), leftBy('another')], [10, 9]);
  });
});
