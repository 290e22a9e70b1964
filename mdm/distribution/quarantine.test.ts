/** What could not enter waits with its reason and its values, and is released when the reason has passed. */
import assert from 'node:assert/strict';
import test, { after, before, describe } from 'node:test';
import { virtualClock } from '@wattline/base';
import { addUsagePoint, openTrial, type Trial } from '../fixture/trial.ts';

const dayMs = 86_400_000;
const start = Date.UTC(2026, 2, 2);
const by = { author: 'Asha', reason: 'looked at with the participant' };
const header = 'channel,meter,start,intervalSeconds,value,unit,quality';

let trial: Trial;
const clock = virtualClock(start + dayMs);
before(async () => {
  trial = await openTrial({ usagePoints: 3, clock, installedMs: start });
});
after(() => trial.close());

let files = 0;
async function deliver(...rows: readonly string[]) {
  const content = `${[header, ...rows].join('\n')}\n`;
  return trial.mdm.exchange.deliver({ name: `${++files}.csv`, content });
}
const row = (
  point: string,
  at: string,
  value: number | string,
  more: { meter?: string; unit?: string } = {},
) => `${point}/delivered,${more.meter ?? ''},2026-03-${at}Z,900,${value},${more.unit ?? 'Wh'},measured`;
const heldRow = async (id: number | undefined) =>
  (await trial.mdm.exchange.held({ after: (id ?? 0) - 1, limit: 1 }))[0];
const valueAt = async (point: string, at: string) => {
  const startMs = Date.parse(`2026-03-${at}Z`);
  const { value } = await trial.mdm.series(`${point}/delivered`, { startMs, endMs: startMs + 900_000 });
  return value[0];
};

describe('the quarantine', () => {
  test('keeps a value of the future until its time has come; the rest of its file entered at once', async () => {
    const { receipt, held } = await deliver(row('UP-1', '02T00:00:00', 5), row('UP-1', '05T00:00:00', 6));
    assert.deepEqual([receipt.accepted, (await heldRow(held[0]))?.code], [1, 'mdm/exchange-future']);
    const release = () => trial.mdm.exchange.release(held[0] as number, null, by);
    await assert.rejects(release(), { code: 'mdm/future' });
    assert.equal((await heldRow(held[0]))?.state, 'held', 'it waits on');
    await clock.advance(4 * dayMs);
    assert.equal((await release()).accepted, 1);
    assert.equal(await valueAt('UP-1', '05T00:00:00'), 6);
    await assert.rejects(release(), { code: 'mdm/already-decided' });
  });
  test('keeps the second of two values for one time: released it is a new version over the first', async () => {
    const { receipt, held } = await deliver(row('UP-1', '02T01:00:00', 5), row('UP-1', '02T01:00:00', 9));
    assert.deepEqual([receipt.accepted, (await heldRow(held[0]))?.code], [1, 'mdm/exchange-overlap']);
    assert.equal(await valueAt('UP-1', '02T01:00:00'), 5);
    assert.equal((await trial.mdm.exchange.releasePlaced(by)).left >= 1, true, 'that wants a person');
    await trial.mdm.exchange.release(held[0] as number, null, by);
    assert.equal(await valueAt('UP-1', '02T01:00:00'), 9);
    const versions = await trial.mdm.versions('UP-1/delivered', Date.parse('2026-03-02T01:00:00Z'));
    assert.deepEqual(
      versions.map(({ value }) => value),
      [5, 9],
    );
  });
  test('keeps both of two meters mixed in one file; each is given its channel', async () => {
    const { receipt, held } = await deliver(
      row('UP-2', '02T00:00:00', 11, { meter: 'A1' }),
      row('UP-2', '02T00:00:00', 12, { meter: 'B7' }),
    );
    assert.deepEqual([receipt.accepted, held.length], [0, 2]);
    assert.equal((await heldRow(held[1]))?.code, 'mdm/exchange-ambiguous-channel');
    await trial.mdm.exchange.release(held[0] as number, 'UP-2/delivered', by);
    await trial.mdm.exchange.release(held[1] as number, 'UP-3/delivered', by);
    assert.deepEqual([await valueAt('UP-2', '02T00:00:00'), await valueAt('UP-3', '02T00:00:00')], [11, 12]);
  });
  test('keeps what another meter says beside the one that stands there, at whatever time; so does one of another point', async () => {
    const { receipt, held } = await deliver(
      row('UP-2', '03T00:00:00', 31, { meter: 'M-UP-2' }),
      row('UP-2', '03T01:00:00', 32, { meter: 'STRANGER' }),
      row('UP-3', '03T01:00:00', 33, { meter: 'M-UP-1' }),
    );
    assert.equal(receipt.accepted, 1);
    for (const id of held) assert.equal((await heldRow(id))?.code, 'mdm/exchange-ambiguous-channel');
    assert.equal(held.length, 2);
    await trial.mdm.exchange.release(held[0] as number, 'UP-2/delivered', by);
    assert.equal(await valueAt('UP-2', '03T01:00:00'), 32);
    await trial.mdm.exchange.discard(held[1] as number, by);
  });
  test('keeps the one value of a series that is off the grid, and no other series of its channel', async () => {
    const { receipt, held } = await deliver(
      row('UP-1', '04T00:00:00', 41),
      row('UP-1', '04T00:22:00', 42),
      row('UP-1', '04T01:00:00', 43),
    );
    const [kept] = await Promise.all(held.map(heldRow));
    assert.deepEqual([receipt.accepted, held.length, kept?.code], [2, 1, 'mdm/off-grid']);
    assert.deepEqual(
      JSON.parse(kept?.blocks ?? '[]').map((block: { value: number[] }) => block.value),
      [[42]],
    );
    assert.match(kept?.message ?? '', /start 2026-03-04T00:22:00Z/);
    await trial.mdm.exchange.discard(held[0] as number, by);
  });
  test('keeps word of what could not be read, with how often and where first', async () => {
    const name = 'numbers.csv';
    const rows = [
      row('UP-1', '04T02:00:00', 5),
      row('UP-1', '04T02:15:00', '9007199254740993'),
      row('UP-1', '04T02:30:00', '9007199254740992'),
    ];
    const content = `${[header, ...rows].join('\n')}\n${row('UP-1', '04T02:45:00', 5).slice(0, -4)}`;
    const { receipt } = await trial.mdm.exchange.deliver({ name, content });
    assert.equal(receipt.accepted, 1);
    const words = (await trial.mdm.exchange.held({ after: 0, limit: 100 })).filter(
      (one) => one.name === name,
    );
    assert.deepEqual(
      words.map(({ code, message }) => [code, message.split(':')[0]]),
      [
        ['mdm/exchange-too-big-number', '2 times, first at line 3'],
        ['mdm/exchange-half-written', '1 times, first at line 5'],
      ],
    );
    for (const { id } of words) await trial.mdm.exchange.discard(id, by);
  });
  test('keeps what a meter that is read was refused, a row a day and reason, and lets it go when its time has come', async () => {
    const block = (at: string) => ({
      channel: 'UP-3/delivered',
      startMs: Date.parse(at),
      intervalSeconds: 900,
      value: Float64Array.of(7, 8),
      quality: Uint16Array.of(1, 1),
    });
    const origin = { source: 'dlms', reference: 'exchange 7' } as const;
    const push = (id: string, at: string) =>
      trial.mdm.ingest({ id, origin, receivedMs: clock.now(), blocks: [block(at)] });
    const later = new Date(Math.ceil(clock.now() / dayMs) * dayMs + 3_600_000).toISOString();
    assert.equal((await push('early-1', later)).rejected[0]?.code, 'mdm/future');
    await push('early-2', later);
    const kept = (await trial.mdm.exchange.held({ after: 0, limit: 100 })).filter(
      ({ format }) => format === 'dlms',
    );
    assert.deepEqual(
      kept.map(({ code, name }) => [code, name]),
      [['mdm/future', 'exchange 7']],
    );
    await clock.advance(2 * dayMs);
    const receipt = await trial.mdm.exchange.release(kept[0]?.id as number, null, by);
    assert.equal(receipt.accepted, 2);
  });
  test('gives nothing of a wrong unit to a channel, whoever says so', async () => {
    const { held } = await deliver(row('UP-1', '02T02:00:00', 5, { unit: 'kvarh' }));
    assert.equal((await heldRow(held[0]))?.code, 'mdm/exchange-unit-mismatch');
    const release = trial.mdm.exchange.release(held[0] as number, 'UP-1/delivered', by);
    await assert.rejects(release, { code: 'mdm/unit-mismatch' });
    await trial.mdm.exchange.discard(held[0] as number, by);
  });
  test('keeps word of a file that was refused as half-written, once; there is nothing to release', async () => {
    const content = '100,NEM12,202603020000,A,B\r\n200,UP-1,E1,E1,E1,,M1,kWh,15,\r\n';
    for (const _ of [1, 2]) {
      const { refused, held } = await trial.mdm.exchange.deliver({ name: 'cut.csv', content });
      assert.deepEqual([refused?.code, held], ['mdm/exchange-half-written', []]);
    }
    const rows = (await trial.mdm.exchange.held({ after: 0, limit: 100 })).filter(
      ({ name }) => name === 'cut.csv',
    );
    assert.deepEqual(
      rows.map(({ code }) => code),
      ['mdm/exchange-half-written'],
    );
    const id = rows[0]?.id as number;
    await assert.rejects(trial.mdm.exchange.release(id, 'UP-1/delivered', by), { code: 'mdm/nothing-held' });
    await trial.mdm.exchange.discard(id, by);
  });
  test('lets all go at once whose points have become known; what wants a person and what is early waits on', async () => {
    const unknown = await deliver(row('UP-8', '02T00:00:00', 21), row('UP-9', '02T00:00:00', 22));
    const wrong = await deliver(row('UP-1', '02T03:00:00', 1), row('UP-1', '02T03:00:00', 2));
    const early = await deliver(row('UP-1', '20T00:00:00', 3));
    assert.deepEqual([unknown.held.length, wrong.held.length, early.held.length], [2, 1, 1]);
    await addUsagePoint(trial.registry, 'UP-8', { installedMs: start });
    assert.deepEqual(await trial.mdm.exchange.releasePlaced(by), {
      released: 1,
      accepted: 1,
      duplicates: 0,
      left: 3,
    });
    assert.equal(await valueAt('UP-8', '02T00:00:00'), 21);
    const left = (await trial.mdm.exchange.held({ after: 0, limit: 100 })).map(({ code }) => code);
    assert.deepEqual(left, ['mdm/exchange-unknown-channel', 'mdm/exchange-overlap', 'mdm/exchange-future']);
  });
});
