/** A file's way into the store: through the ingest of meter data management, once however often it comes. */
import assert from 'node:assert/strict';
import test, { after, before, describe } from 'node:test';
import { quality } from '@wattline/model';
import { openTrial, type Trial } from '../fixture/trial.ts';
import type { ExchangeContext } from './exchange-format.ts';
import { batchOf, exchangeFormatOf, readExchange } from './index.ts';

const dayMs = 86_400_000;
/** 1 March 2026, 00:00 market time. */
const start = Date.UTC(2026, 1, 28, 14);
const now = start + 10 * dayMs;
const channel = 'UP-1/delivered';

let trial: Trial;
before(async () => {
  trial = await openTrial({ usagePoints: 3, nowMs: now, installedMs: start - 10 * dayMs });
});
after(() => trial.close());

const context: ExchangeContext = {
  nowMs: now,
  channelOf: ({ point }) => (point.startsWith('NMI') ? `UP-${point.slice(3)}/delivered` : null),
};

function file(created: string, point: string, day: string, value: string): string {
  const values = new Array<string>(96).fill(value).join(',');
  return [
    `100,NEM12,${created},A,B`,
    `200,${point},E1,E1,E1,,M1,kWh,15,`,
    `300,${day},${values},V,,,,`,
    '400,1,40,A,,',
    '400,41,96,S14,,',
    '900',
  ].join('\r\n');
}

async function deliver(text: string) {
  const read = readExchange(text, context);
  return { read, receipt: await trial.mdm.ingest(batchOf(read, { name: 'file', receivedMs: now })) };
}

describe('a delivered file', () => {
  test('is stored with its qualities, and known again by its readings when it is sent anew', async () => {
    const { receipt } = await deliver(file('202603020000', 'NMI1', '20260301', '0.250'));
    assert.deepEqual(receipt, { accepted: 96, duplicates: 0, rejected: [] });
    const again = await deliver(file('202603030000', 'NMI1', '20260301', '0.25'));
    assert.deepEqual(again.receipt, { accepted: 0, duplicates: 96, rejected: [] });
    const series = await trial.mdm.series(channel, { startMs: start, endMs: start + dayMs });
    assert.equal(
      series.value.reduce((sum, value) => sum + value, 0),
      24_000,
    );
    assert.deepEqual([series.quality[0], series.quality[95]], [quality.measured, quality.estimated]);
  });
  test('that corrects a day makes new versions', async () => {
    const { receipt } = await deliver(file('202603040000', 'NMI1', '20260301', '0.300'));
    assert.equal(receipt.accepted, 96);
    assert.equal((await trial.mdm.versions(channel, start)).length, 2);
  });
  test('of a meter nobody knows waits, the others do not', async () => {
    const known = file('202603040000', 'NMI2', '20260302', '0.100').replace(/\r\n900$/, '');
    const stranger = file('202603040000', 'X9', '20260302', '0.100').replace(/^.*\r\n/, '');
    const { read, receipt } = await deliver(`${known}\r\n${stranger}`);
    assert.equal(receipt.accepted, 96);
    assert.deepEqual(
      read.held.map(({ code, source }) => [code, source.point]),
      [['mdm/exchange-unknown-channel', 'X9']],
    );
  });
  test('goes out as Green Button and comes back as what is known already', async () => {
    const period = { startMs: start, endMs: start + dayMs };
    const { startMs, intervalSeconds, value, quality: flags } = await trial.mdm.series(channel, period);
    const block = { channel, startMs, intervalSeconds, value, quality: flags };
    const text = exchangeFormatOf('espi')?.write?.([{ channel, blocks: [block] }], { createdMs: now }) ?? '';
    const read = readExchange(text, { nowMs: now });
    const receipt = await trial.mdm.ingest(batchOf(read, { name: 'feed', receivedMs: now }));
    assert.deepEqual(receipt, { accepted: 0, duplicates: 96, rejected: [] });
  });
});
