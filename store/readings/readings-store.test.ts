/** The readings store on the embedded engine: what every store does, and what only it does. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before, describe } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { codeOf, silentLog } from '@wattline/base';
import { batchOf, segmentOf } from './fixture/batches.ts';
import { readingsStoreContract } from './fixture/contract.ts';
import { openReadingsStore, type ReadingsStore } from './readings-store.ts';
import type { StoredBlock } from './record.ts';

const measured = 1;
const missing = 2;

const london = join(process.env.WATTLINE_SHARED ?? '../shared', 'data/A01_lcl_london_30min_2013.csv.gz');
const londonText = await readFile(london).catch(() => null);

readingsStoreContract('a store on the engine in this process', (root) =>
  openReadingsStore({ directory: join(root, 'store'), log: silentLog }),
);

describe('the engine in this process', () => {
  let root = '';
  let store: ReadingsStore;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'wattline-store-'));
    store = await openReadingsStore({ directory: join(root, 'store'), log: silentLog });
  });
  after(async () => {
    await store.close();
    await rm(root, { recursive: true });
  });

  test('a second data directory in one process is refused and says why', async () => {
    const second = openReadingsStore({ directory: join(root, 'second'), log: silentLog });
    await assert.rejects(second, (error) => codeOf(error) === 'store/engine-busy');
  });

  test('a year of London households takes at most 1.3 octets a reading, keys and knowledge times included', {
    skip: londonText ? false : `${london} is absent`,
  }, async () => {
    const blocks = londonDays(gunzipSync(londonText as Buffer).toString(), 12);
    const batches = blocks.map((block, index) => batchOf(1000 + index, { blocks: [block] }));
    const segment = await segmentOf(join(root, 'london'), batches);
    const before = await octetsUnder(join(root, 'store', 'store'));
    await store.insertSegment({ ...segment, onlyAbsent: false });
    const octets = (await octetsUnder(join(root, 'store', 'store'))) - before;
    const readings = blocks.reduce((sum, block) => sum + block.value.length, 0);
    assert(readings > 190_000);
    // Batch identities are stored too, one per delivery; here each delivery is a single day.
    const perReading = octets / readings;
    assert(perReading <= 1.3, `${perReading.toFixed(3)} octets a reading`);
  });
});

function londonDays(text: string, households: number): StoredBlock[] {
  const days = new Map<string, StoredBlock>();
  const numbers = new Map<string, number>();
  for (const line of text.split('\n').slice(1)) {
    const [id = '', stamp = '', kwh = ''] = line.split(',');
    if (!numbers.has(id)) numbers.set(id, 5000 + numbers.size);
    if (numbers.size > households) break;
    const second = Temporal.Instant.from(`${stamp.replace(' ', 'T')}Z`).epochMilliseconds / 1000;
    const wh = Math.round(Number(kwh) * 1000);
    const start = Math.floor(second / 86_400) * 86_400;
    const key = `${id} ${start}`;
    let block = days.get(key);
    if (!block) {
      const quality = new Uint16Array(48).fill(missing);
      const channel = numbers.get(id) as number;
      const value = new Float64Array(48);
      block = { channel, start, intervalSeconds: 1800, method: '', liesOver: false, value, quality };
      days.set(key, block);
    }
    block.value[(second - start) / 1800] = wh;
    block.quality[(second - start) / 1800] = measured;
  }
  return [...days.values()];
}

async function octetsUnder(directory: string): Promise<number> {
  let octets = 0;
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) octets += (await stat(join(entry.parentPath, entry.name))).size;
  }
  return octets;
}
