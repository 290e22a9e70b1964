/** The profiles over the bytes: ranges, clock changes, blocks, and sums that agree. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fromHex, localDay } from '@wattline/base';
import { type Data, encodeEntryRange, encodeRange, parseObis } from '@wattline/protocols/dlms';
import { at, connect, history, quarterMs } from '../meter-fixture.ts';

const loadProfile = '1.0.99.1.0.255';
const numberOf = (data: Data | string) =>
  typeof data !== 'string' && data.type === 'double-long-unsigned' ? data.value : data;

describe('the load profile over the bytes', () => {
  test('forty days come in blocks, and their sum is the register', async () => {
    const { meter } = await history(40);
    const client = await connect(meter, 'reader');
    const { rows, columns } = await client.columns(loadProfile);
    assert.equal(rows, 3840);
    const [clock, status, delivered, received] = columns;
    assert.ok(
      clock?.kind === 'instant' &&
        status?.kind === 'integer' &&
        delivered?.kind === 'integer' &&
        received?.kind === 'integer',
    );
    assert.equal(clock.instantMs[0], at('2026-09-30T23:15:00Z'));
    assert.equal(sum(delivered.value), numberOf(await client.get(3, '1.0.1.8.0.255', 2)));
    assert.equal(sum(received.value), numberOf(await client.get(3, '1.0.2.8.0.255', 2)));
  });
  for (const [date, intervals] of [
    ['2026-10-25', 100],
    ['2027-03-28', 92],
    ['2026-11-02', 96],
  ] as const) {
    test(`the range of ${date} has ${intervals} entries`, async () => {
      const day = localDay(date, 'Europe/London');
      const { meter } = await history(3, day.startMs - 86_400_000);
      const client = await connect(meter, 'reader');
      const { columns } = await client.columns(
        loadProfile,
        encodeRange(day.startMs + quarterMs, day.endMs, 0),
      );
      const [clock] = columns;
      assert.ok(clock?.kind === 'instant');
      const expected = Array.from({ length: intervals }, (_, n) => day.startMs + (n + 1) * quarterMs);
      assert.deepEqual([...clock.instantMs], expected);
    });
  }
  test('a range in wall clock without deviation takes both runs of the repeated hour', async () => {
    const { meter } = await history(2, at('2026-10-24T23:00:00Z'));
    const client = await connect(meter, 'reader');
    const access = encodeRange(0, 0, 0);
    assert.ok(access.parameters.type === 'structure');
    const [column, , , all] = access.parameters.value;
    const wall = (text: string): Data => ({ type: 'octet-string', value: fromHex(text) });
    const value = [
      column,
      wall('07EA0A1907010F0000 8000 FF'),
      wall('07EA0A1907012D0000 8000 FF'),
      all,
    ] as Data[];
    const { rows } = await client.columns(loadProfile, {
      selector: 1,
      parameters: { type: 'structure', value },
    });
    // 01:15 of the first run up to 01:45 of the second.
    assert.equal(rows, 7);
  });
  test('an empty range is an empty array, a range by another column is refused', async () => {
    const { meter } = await history(1);
    const client = await connect(meter, 'reader');
    assert.deepEqual(await client.get(7, loadProfile, 2, encodeRange(0, 1000, 0)), {
      type: 'array',
      value: [],
    });
    const access = encodeRange(0, 1, 0);
    assert.ok(access.parameters.type === 'structure');
    const other: Data = {
      type: 'structure',
      value: [
        { type: 'long-unsigned', value: 3 },
        { type: 'octet-string', value: parseObis('1.0.1.29.0.255') },
        { type: 'integer', value: 2 },
        { type: 'long-unsigned', value: 0 },
      ],
    };
    const parameters: Data = { type: 'structure', value: [other, ...access.parameters.value.slice(1)] };
    assert.equal(
      await client.get(7, loadProfile, 2, { selector: 1, parameters }),
      'scope-of-access-violated',
    );
    assert.equal(
      await client.get(7, loadProfile, 2, { selector: 9, parameters }),
      'scope-of-access-violated',
    );
    assert.equal(
      await client.get(7, loadProfile, 2, { selector: 1, parameters: { type: 'null-data' } }),
      'type-unmatched',
    );
  });
  test('entries and columns are selected by number', async () => {
    const { meter } = await history(1);
    const client = await connect(meter, 'reader');
    const { rows, columns } = await client.columns(
      loadProfile,
      encodeEntryRange({ fromEntry: 3, toEntry: 5, fromColumn: 3, toColumn: 3 }),
    );
    assert.equal(rows, 3);
    assert.equal(columns.length, 1);
    assert.deepEqual(columns[0]?.kind === 'integer' && [...columns[0].value], [74, 111, 148]);
    assert.equal(
      (await client.columns(loadProfile, encodeEntryRange({ fromEntry: 90, toEntry: 0 }))).rows,
      7,
    );
  });
  test('midnight registers and the intervals between them agree', async () => {
    const { meter } = await history(10);
    const client = await connect(meter, 'reader');
    const daily = (await client.columns('1.0.99.2.0.255')).columns;
    const [days, , total, rate1, rate2] = daily;
    const { columns } = await client.columns(loadProfile);
    const [clock, , delivered] = columns;
    assert.ok(
      days?.kind === 'instant' &&
        total?.kind === 'integer' &&
        rate1?.kind === 'integer' &&
        rate2?.kind === 'integer',
    );
    assert.ok(clock?.kind === 'instant' && delivered?.kind === 'integer');
    assert.equal(days.instantMs.length, 11);
    for (let day = 1; day < days.instantMs.length; day++) {
      const [fromMs, toMs] = [days.instantMs[day - 1] as number, days.instantMs[day] as number];
      const between: Float64Array = delivered.value.filter(
        (_, row) => (clock.instantMs[row] as number) > fromMs && (clock.instantMs[row] as number) <= toMs,
      );
      assert.equal(sum(between), (total.value[day] as number) - (total.value[day - 1] as number));
      assert.equal((rate1.value[day] as number) + (rate2.value[day] as number), total.value[day]);
    }
  });
});

function sum(values: Float64Array): number {
  return values.reduce((all, value) => all + value, 0);
}
