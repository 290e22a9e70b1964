/** An estimate gives way to the value that comes late: for whoever asks, for whoever is told, and with its reason. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Change, totalsOf } from '@wattline/mdm';
import { quality } from '@wattline/model';
import { type ServedSystem, serveSystem } from './fixture/served-system.ts';
import { type SignedAsker, signedAsker } from './fixture/signed-asker.ts';

const point = 'UP-0002';
/** A local day of London in winter. */
const day = Date.parse('2026-11-12T00:00:00Z');
const stepMs = 1_800_000;
const instant = (slot: number) => new Date(day + slot * stepMs).toISOString();
/** Six half-hours never came. */
const gap = [20, 21, 22, 23, 24, 25];

describe('values that come late', () => {
  let served: ServedSystem;
  let ask: SignedAsker;
  before(async () => {
    served = await serveSystem();
    ask = await signedAsker(served);
    const { mdm } = served.system;
    const value = new Float64Array(48).fill(100);
    const flags = new Uint16Array(48).fill(quality.measured);
    for (const slot of gap) {
      value[slot] = 0;
      flags[slot] = quality.missing;
    }
    const register = (slot: number, wh: number) => ({
      channel: `${point}/delivered-total`,
      startMs: day + slot * stepMs,
      intervalSeconds: 0,
      value: Float64Array.of(wh),
      quality: Uint16Array.of(quality.measured),
    });
    const block = {
      channel: `${point}/delivered`,
      startMs: day,
      intervalSeconds: 1800,
      value,
      quality: flags,
    };
    const origin = { source: 'dlms', reference: 'x' } as const;
    // The register leaves 1,200 Wh for the gap: 200 a half-hour.
    const blocks = [block, register(0, 1_000_000), register(48, 1_005_400)];
    await mdm.ingest({ id: 'day', origin, receivedMs: day, blocks });
    await mdm.review(point, { startMs: day, endMs: day + 48 * stepMs });
  });
  after(() => served.close());

  const readings = () =>
    ask<{ value: number[]; quality: number[] }>(
      'getReadings',
      `usage-points/${point}/readings?from=${instant(0)}&to=${instant(48)}`,
    );
  const changes = async (after: number) =>
    ask<{ changes: (Omit<Change, 'startMs'> & { start: string })[]; position: number }>(
      'listChanges',
      `changes?after=${after}&limit=1000`,
    );

  test('take the place of their estimates as soon as they are acknowledged; what is left is shared out anew to the register', async () => {
    const estimated = await readings();
    assert.deepEqual(
      gap.map((slot) => [estimated.value[slot], estimated.quality[slot]]),
      gap.map(() => [200, quality.estimated]),
    );
    const { position } = await changes(0);
    const rows = [20, 21, 22, 23].map((slot) => `${point},delivered,${instant(slot)},150`);
    const file = `usage_point,reading_type,start,value\n${rows.join('\n')}\n`;
    const answer = await served.ask('/api/v1/imports/readings', {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
      body: file,
      isSignedIn: true,
    });
    assert.equal(((await answer.json()) as { accepted: number }).accepted, 4);
    const real = await readings();
    assert.deepEqual(
      [20, 21, 22, 23].map((slot) => [real.value[slot], real.quality[slot]]),
      [150, 150, 150, 150].map((wh) => [wh, quality.measured]),
    );
    await served.system.mdm.settled();
    const after = await readings();
    // 1,200 Wh less four times 150 leave 600 for the two that are missing still, on the line from 150 down to 100.
    assert.deepEqual(
      [24, 25].map((slot) => [after.value[slot], after.quality[slot]]),
      [
        [319, quality.estimated],
        [281, quality.estimated],
      ],
    );
    const { sum } = totalsOf(Float64Array.from(after.value), Uint16Array.from(after.quality));
    assert.equal(sum, 5400, 'the day is its register again');
    const told = await changes(position);
    assert.deepEqual(
      told.changes.map(({ start, method }) => [start.slice(11, 16), method]),
      [
        ['10:00', ''],
        ['12:00', 'linear'],
      ],
    );
  });

  test('leave the estimate in the history, with why it was made', async () => {
    const path = `usage-points/${point}/intervals/${instant(20)}/explanation?readingType=delivered`;
    const { versions } = await served.get<{ versions: { value: number; source: string; method: string }[] }>(
      `/api/v1/${path}`,
    );
    assert.deepEqual(
      versions.map(({ value, source }) => [value, source]),
      [
        [200, 'estimate'],
        [150, 'import'],
      ],
    );
  });
});
