/** Remote configuration over octets: every parameter of the meter, who may change it, what is audited. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Data } from '@wattline/protocols/dlms';
import { dataOf } from '../cosem/data-type.ts';
import { elementsIn, numberIn, obisIn } from '../cosem/fields.ts';
import { at, connect, testMeter } from '../meter-fixture.ts';
import { carbonObis, carbonProfileObis, selfConsumptionObis } from './carbon-objects.ts';
import { companionProfile, companionProfiles } from './companion-profiles.ts';
import { auditObis, parameterCodes, parameterObis } from './parameter-objects.ts';

const startMs = at('2026-10-01T12:00:00Z');
const { array, number, obis, structure } = dataOf;
const text = (value: unknown): Data => ({ type: 'utf8-string', value: JSON.stringify(value) });
const jsonOf = (data: Data | string) => {
  assert.ok(typeof data === 'object' && data.type === 'utf8-string', JSON.stringify(data));
  return JSON.parse(data.value) as unknown;
};

/** Parameters that a class of the standard sets, or objects at standard names. */
const setByClass: Readonly<Record<string, string>> = {
  'demand-period': 'class 5, period and number_of_periods',
  'control-mode': 'class 70, control_mode',
  'load-limit': 'class 71',
  tariff: 'class 20, passive calendar',
  'register-mask': 'class 6, active_mask',
  'transformer-ratios': '1-0:0.4.2 to 0.4.6',
  'long-outage': '0-0:96.7.20',
  'load-profile': 'class 7, capture_period',
  'profile/powerQuality': 'class 7, capture_objects and capture_period',
  'firmware-activation': 'class 22 at 0-0:15.0.2, which runs the script of 0-0:10.0.107',
  'billing-close': 'capture of the billing profile, by class 22 at 0-0:15.0.0',
};

async function managed() {
  const made = testMeter({ startMs, profile: 'generic' });
  return { ...made, client: await connect(made.meter, 'management') };
}

describe('parameters by DLMS', () => {
  test('every parameter of the meter has a class or an object', async () => {
    const { meter } = await managed();
    const names = [...meter.configuration.parameters.keys()].sort();
    assert.deepEqual([...Object.keys(parameterCodes), ...Object.keys(setByClass)].sort(), names);
  });
  test('what is set holds, and is audited with client, old and new value', async () => {
    const { meter, client } = await managed();
    const lists = { automatic: ['power'], manual: [], dwellS: 5 };
    assert.equal(await client.set(1, parameterObis('scroll-lists'), 2, text(lists)), 'success');
    assert.deepEqual(meter.display.lists, lists);
    assert.deepEqual(jsonOf(await client.get(1, parameterObis('scroll-lists'), 2)), lists);
    const [entry] = jsonOf(await client.get(1, auditObis, 2)) as {
      by: string;
      parameter: string;
      after: unknown;
    }[];
    assert.deepEqual([entry?.by, entry?.parameter, entry?.after], ['management', 'scroll-lists', lists]);
  });
  test('thresholds of tamper conditions and filters of events and alarms are set from afar', async () => {
    const { meter, client } = await managed();
    const magnet = { magnet: { occurrenceS: 1 } };
    assert.equal(await client.set(1, parameterObis('conditions'), 2, text(magnet)), 'success');
    const filters = { notCaptured: ['magnetRestored'], notAlarmed: ['magnetOccurred'] };
    assert.equal(await client.set(1, parameterObis('event-filter'), 2, text(filters)), 'success');
    const alarms: string[] = [];
    meter.eventRecorder.onAlarm = ({ event }) => alarms.push(event);
    const pass = (isNear: boolean, seconds: number) => {
      meter.sense({ magnet: isNear });
      const from = meter.countedToMs;
      meter.accumulate({ startMs: from, endMs: from + 1000 * seconds, deliveredMws: 0, receivedMws: 0 });
    };
    pass(true, 2);
    pass(false, 120);
    const codes = meter.events.entries().map(({ code }) => code);
    assert.ok(codes.includes(42) && !codes.includes(43), String(codes));
    // Not logged and not alarmed are two things.
    assert.deepEqual(alarms, ['magnetRestored']);
  });
  test('text that is no JSON, and values that do not fit, are refused; a reader sets nothing', async () => {
    const { meter, client } = await managed();
    const name = parameterObis('demand-lockout');
    assert.equal(await client.set(1, name, 2, { type: 'utf8-string', value: '{seconds' }), 'other-reason');
    assert.equal(await client.set(1, name, 2, text({ seconds: -1 })), 'other-reason');
    const reader = await connect(meter, 'reader');
    assert.equal(await reader.set(1, name, 2, text({ seconds: 60 })), 'read-write-denied');
    assert.equal(meter.books.demands.lockoutSeconds, 0);
    assert.equal(meter.configuration.audit.length, 0);
  });
});

test('the README of the room lists every object with a code of our own', () => {
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
  for (const profile of Object.keys(companionProfiles)) {
    for (const { classId, obis } of companionProfile(profile, { phases: 3, rates: 2 }).objects) {
      const isOurs = obis
        .split('.')
        .some((group, index) => (index === 2 || index === 3) && Number(group) >= 128);
      if (isOurs) assert.ok(readme.includes(`| ${obis} | ${classId} |`), `${profile}: ${classId}/${obis}`);
    }
  }
});

describe('a profile whose capture objects are chosen by a client', () => {
  const quality = '1.0.99.14.0.255';
  const capture = (classId: number, name: string) =>
    structure(number('long-unsigned', classId), obis(name), number('integer', 2), number('long-unsigned', 0));
  test('captures them from then on, at its new period', async () => {
    const { client, interval } = await managed();
    const chosen = array(
      capture(8, '0.0.1.0.0.255'),
      capture(3, '1.0.1.8.0.255'),
      capture(3, '1.0.32.27.0.255'),
    );
    assert.equal(await client.set(7, quality, 3, chosen), 'success');
    assert.equal(await client.set(7, quality, 4, number('double-long-unsigned', 900)), 'success');
    await interval(250);
    const [row] = elementsIn((await client.get(7, quality, 2)) as Data);
    const [, energy, voltage] = elementsIn(row);
    assert.deepEqual(
      [energy, voltage].map((one) => numberIn(one as Data)),
      [250, 2300],
    );
    assert.deepEqual(await client.get(7, quality, 3), chosen);
  });
  test('refuses what it cannot capture, a list without the clock before it, and a period that divides no day', async () => {
    const { client } = await managed();
    const before = await client.get(7, quality, 3);
    const clock = capture(8, '0.0.1.0.0.255');
    assert.equal(await client.set(7, quality, 3, array(clock, capture(3, '1.0.99.8.0.255'))), 'other-reason');
    assert.equal(await client.set(7, quality, 3, array(capture(3, '1.0.1.8.0.255'))), 'other-reason');
    assert.equal(await client.set(7, quality, 3, array()), 'other-reason');
    assert.equal(await client.set(7, quality, 4, number('double-long-unsigned', 7)), 'other-reason');
    assert.deepEqual(await client.get(7, quality, 3), before);
  });
  test('under the names of its companion specification', async () => {
    const { meter, interval } = testMeter({ startMs, profile: 'is15959', intervalSeconds: 900 });
    const management = meter.clients.find(({ role }) => role === 'management');
    const client = await connect(meter, management?.name ?? '');
    const block = '1.0.99.1.0.255';
    const chosen = array(capture(8, '0.0.1.0.0.255'), capture(3, '1.0.12.27.0.255'));
    assert.equal(await client.set(7, block, 3, chosen), 'success');
    assert.equal(await client.set(7, block, 4, number('double-long-unsigned', 900)), 'success');
    await interval(10);
    assert.deepEqual(await client.get(7, block, 3), chosen);
    assert.equal(
      obisIn(elementsIn(elementsIn((await client.get(7, block, 3)) as Data)[1])[1]),
      '1.0.12.27.0.255',
    );
    const [row] = elementsIn((await client.get(7, block, 2)) as Data);
    assert.equal(numberIn(elementsIn(row)[1]), 2300);
    // The register of the last block's voltage finds its column wherever it stands.
    assert.equal(numberIn((await client.get(3, '1.0.12.27.0.255', 2)) as Data), 2300);
    assert.equal(numberIn((await client.get(3, '1.0.1.29.0.255', 2)) as Data), 0);
  });
});

describe('carbon and own consumption by DLMS', () => {
  test('milligrams of each interval by the factors that a client set, nothing before them', async () => {
    const { client, interval } = await managed();
    await interval(100);
    const factors = [
      { fromMs: startMs + 900_000, milligramsPerWattHour: 380, source: 'invented for this test' },
      { fromMs: startMs + 1_800_000, milligramsPerWattHour: 120, source: 'invented for this test' },
    ];
    assert.equal(await client.set(1, parameterObis('carbon-factors'), 2, text(factors)), 'success');
    await interval(250);
    await interval(250);
    assert.equal(numberIn((await client.get(3, carbonObis, 2)) as Data), 30_000);
    // kg by 10^-6.
    const [scaler, unit] = elementsIn((await client.get(3, carbonObis, 3)) as Data);
    assert.deepEqual(
      [scaler, unit].map((one) => numberIn(one as Data)),
      [-6, 20],
    );
    const rows = elementsIn((await client.get(7, carbonProfileObis, 2)) as Data).map(
      (row) => elementsIn(row)[1],
    );
    assert.deepEqual(rows, [
      { type: 'null-data' },
      number('double-long-unsigned', 95_000),
      number('double-long-unsigned', 30_000),
    ]);
  });
  test('the meter says what it takes for itself: more while its display is lit', async () => {
    const { meter, client } = await managed();
    const dark = numberIn((await client.get(3, selfConsumptionObis, 2)) as Data);
    meter.display.press('scroll', startMs);
    const lit = numberIn((await client.get(3, selfConsumptionObis, 2)) as Data);
    assert.ok(dark > 500 && dark < 2000, `${dark} mW`);
    assert.equal(lit - dark, 250);
  });
});
