/** What companion profiles say of time: which instant names an entry of a profile, read over octets; and registers of power failures. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Data, decodeDateTime } from '@wattline/protocols/dlms';
import { dataOf } from '../cosem/data-type.ts';
import { elementsIn, numberIn, octetsIn } from '../cosem/fields.ts';
import { at, connect, testMeter } from '../meter-fixture.ts';
import { entryLabels } from '../registers/entry-label.ts';
import { companionProfiles } from './companion-profiles.ts';

/** 23:00 and 00:00 in London. */
const eveningMs = at('2026-11-10T23:00:00Z');
const midnightMs = at('2026-11-11T00:00:00Z');
const [loadProfile, dailyProfile] = ['1.0.99.1.0.255', '1.0.99.2.0.255'];

/** Labels of the entries of a profile, as a reader gets them. */
async function labelsOf(client: Awaited<ReturnType<typeof connect>>, obis: string): Promise<number[]> {
  return elementsIn((await client.get(7, obis, 2)) as Data).map((row) => {
    const decoded = decodeDateTime(octetsIn(elementsIn(row)[0]));
    assert.ok(decoded.ok);
    return decoded.value.instantMs;
  });
}

async function reading(profile: string) {
  const made = testMeter({ profile, startMs: eveningMs, intervalSeconds: 1800 });
  const reader = made.meter.clients.find(({ role }) => role === 'reader');
  return { ...made, client: await connect(made.meter, reader?.name ?? '') };
}

describe('entries of profiles', () => {
  test('every companion profile says which instant names them', () =>
    assert.deepEqual(Object.keys(entryLabels).sort(), Object.keys(companionProfiles).sort()));
  for (const [profile, label] of Object.entries(entryLabels)) {
    test(`of ${profile} are named by their ${label}: 00:00 closes yesterday, in the load profile as in the daily one`, async () => {
      const { interval, client } = await reading(profile);
      await interval(10);
      await interval(20);
      assert.deepEqual(await labelsOf(client, loadProfile), [midnightMs - 1_800_000, midnightMs]);
      assert.deepEqual(await labelsOf(client, dailyProfile), [midnightMs]);
    });
  }
});

describe('power failures', () => {
  for (const profile of Object.keys(companionProfiles)) {
    test(`of ${profile}: long ones are counted apart, summed and logged; what is long can be set`, async () => {
      const { meter, client } = await reading(profile);
      const management = meter.clients.find(({ role }) => role === 'management');
      const admin = await connect(meter, management?.name ?? '');
      const fail = (seconds: number) => {
        meter.powerDown();
        meter.powerUp(meter.countedToMs + seconds * 1000);
      };
      fail(60);
      fail(400);
      assert.equal(await admin.set(1, '0.0.96.7.20.255', 2, dataOf.number('long-unsigned', 30)), 'success');
      fail(60);
      const number = async (classId: number, obis: string) =>
        numberIn((await client.get(classId, obis, 2)) as Data);
      assert.equal(await number(1, '0.0.96.7.21.255'), 3);
      assert.equal(await number(1, '0.0.96.7.9.255'), 2);
      assert.equal(await number(3, '0.0.96.8.10.255'), 460);
      assert.equal(await number(3, '0.0.96.7.19.255'), 60);
      const durations = elementsIn((await client.get(7, '1.0.99.97.0.255', 2)) as Data).map((row) =>
        numberIn(elementsIn(row)[1]),
      );
      assert.deepEqual(durations, [400, 60]);
    });
  }
});
