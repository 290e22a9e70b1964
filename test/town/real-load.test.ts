/** The town on load that was measured: London and Sydney, with what is wrong in the files. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { About, Bill, ExceptionPage, Page, ReadingSeries } from '@wattline/model';
import { quality } from '@wattline/model';
import { startTestTown } from './running-town.ts';

const data = join(process.env.WATTLINE_SHARED ?? '../shared', 'data');
const files = [
  {
    place: 'London',
    file: 'A01_lcl_london_30min_2013.csv.gz',
    zone: 'Europe/London',
    code: 'sim/load-row-missing',
  },
  {
    place: 'Sydney',
    file: 'A02_sgsc_nsw_30min_2012_2014.csv.gz',
    zone: 'Australia/Sydney',
    code: 'sim/load-row-repeated',
  },
] as const;

for (const { place, file, zone, code } of files) {
  const path = join(data, file);
  const skip = existsSync(path) ? false : `${path} is not there`;
  test(`a town on ${place}'s load is read, billed in its own zone, and its registers agree`, {
    skip,
  }, async () => {
    const town = await startTestTown({ meters: 8, load: path });
    try {
      assert.equal((await town.get<About>('/api/v1/about')).zone, zone);
      let closed = 0;
      for (const id of ['UP-0001', 'UP-0002', 'UP-0003']) {
        const { items } = await town.get<Page<Bill>>(`/api/v1/usage-points/${id}/bills`);
        const bill = items.find((item) => item.state === 'closed');
        if (!bill) continue;
        assert.equal(bill.zone, zone);
        const isWhole = bill.determinants.every(
          (determinant) => determinant.estimated === 0 && determinant.missing === 0,
        );
        if (isWhole) assert.equal(bill.registerCheck.agrees, true, id);
        closed++;
      }
      assert.equal(closed, 3);
      const { items } = await town.get<ExceptionPage>('/api/v1/operations/exceptions?limit=100');
      assert.ok(
        items.some((item) => item.code === code),
        `what is wrong with the file is listed: ${code}`,
      );
    } finally {
      await town.stop();
    }
  });
}

describe('a load file of our own with a missing hour, a repeated hour, a negative value and junk', () => {
  test('each is a coded exception or a quality mark, and the town stands', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'wattline-load-'));
    const path = join(folder, 'load.csv');
    writeFileSync(path, faultyLoad());
    const town = await startTestTown({ meters: 1, load: path });
    try {
      const { items } = await town.get<ExceptionPage>('/api/v1/operations/exceptions?limit=100');
      const codes = new Set(items.map((item) => item.code));
      for (const code of ['missing', 'repeated', 'negative', 'invalid'])
        assert.ok(codes.has(`sim/load-row-${code}`), code);
      const readings = await town.get<ReadingSeries>(
        `/api/v1/usage-points/UP-0001/readings?from=${new Date(town.plan.startMs).toISOString()}`,
      );
      const estimated = readings.quality.filter((flags) => (flags & quality.estimated) !== 0).length;
      const missing = readings.quality.filter((flags) => (flags & quality.missing) !== 0).length;
      assert.ok(estimated + missing > 0, 'slots without a value are marked');
      assert.ok(readings.quality.some((flags) => flags === quality.measured));
    } finally {
      await town.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

/** Sixty days of one household in London's format; every week has a fault of each kind. */
function faultyLoad(): string {
  const lines = ['LCLid,tstp,energy(kWh/hh)'];
  const start = Temporal.PlainDateTime.from('2013-01-01T00:00');
  for (let halfHour = 0; halfHour < 60 * 48; halfHour++) {
    const at = start
      .add({ minutes: 30 * halfHour })
      .toString({ smallestUnit: 'second' })
      .replace('T', ' ');
    const ofWeek = halfHour % 336;
    if (ofWeek === 20 || ofWeek === 21) continue;
    const value = ofWeek === 60 ? '-0.5' : ofWeek === 100 ? 'abc' : '0.250';
    lines.push(`MAC1,${at},${value}`);
    if (ofWeek === 140 || ofWeek === 141) lines.push(`MAC1,${at},0.300`);
  }
  return `${lines.join('\n')}\n`;
}
