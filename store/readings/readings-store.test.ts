/** The readings store on the embedded engine: a segment is stored once, whatever was interrupted, and asked in every way. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before, describe } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { codeOf, silentLog } from '@wattline/base';
import { machineDisk, openWriteAheadLog } from '../log/index.ts';
import { openReadingsStore, type ReadingsStore } from './readings-store.ts';
import { encodeBatch, type StoredBatch, type StoredBlock } from './record.ts';
import type { SegmentContent } from './tables.ts';

const day = 1_767_225_600; // 2026-01-01T00:00:00Z
const measured = 1;
const missing = 2;

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

function blockOf(block: Partial<StoredBlock> & { channel: number; values: readonly number[] }): StoredBlock {
  const value = Float64Array.from(block.values);
  const quality = new Uint16Array(value.length).fill(measured);
  return { start: day, intervalSeconds: 900, method: '', liesOver: false, value, quality, ...block };
}

function batchOf(batch: number, parts: Partial<StoredBatch>): StoredBatch {
  const origin = { source: 'dlms', reference: `exchange-${batch}` } as const;
  return {
    batch,
    knownMs: batch * 1000,
    receivedMs: 0,
    id: `id-${batch}`,
    origin,
    blocks: [],
    verdicts: [],
    ...parts,
  };
}

/** Writes batches through a real log and seals it. */
async function segmentOf(name: string, batches: readonly StoredBatch[]) {
  const log = await openWriteAheadLog({ directory: join(root, name), disk: machineDisk() });
  for (const batch of batches) await log.append(encodeBatch(batch));
  const sealed = await log.seal();
  await log.close();
  assert(sealed);
  const numbers = batches.map((batch) => batch.batch);
  const content: SegmentContent = {
    firstBatch: Math.min(...numbers),
    lastBatch: Math.max(...numbers),
    blocks: batches.reduce((sum, batch) => sum + batch.blocks.length, 0),
    verdicts: batches.reduce((sum, batch) => sum + batch.verdicts.length, 0),
  };
  return { path: sealed.path, content };
}

describe('a log segment in the store', () => {
  test('is inserted as it lies, and once only, however often it is replayed', async () => {
    const verdicts = [{ channel: 1, start: day, rule: 'missing', hasFailed: true, detail: 'two of 96' }];
    const segment = await segmentOf('replayed', [
      batchOf(1, { blocks: [blockOf({ channel: 1, values: [1, 2, 3] })] }),
      batchOf(2, { blocks: [blockOf({ channel: 2, values: [4] })], verdicts }),
    ]);
    await store.insertSegment({ ...segment, onlyAbsent: false });
    await store.insertSegment({ ...segment, onlyAbsent: true });
    await store.insertSegment({ ...segment, onlyAbsent: true });
    const blocks = await store.blocks([1, 2], { start: day, end: day + 86_400 });
    assert.deepEqual(
      blocks.map(({ channel, value, knownMs }) => ({ channel, value: [...value], knownMs })),
      [
        { channel: 1, value: [1, 2, 3], knownMs: 1000 },
        { channel: 2, value: [4], knownMs: 2000 },
      ],
    );
    assert.equal((await store.verdicts(1, [day])).length, 1);
    assert.deepEqual((await store.tail(10)).ids, ['id-1', 'id-2']);
  });

  test('of which a part got through before a crash is completed, not doubled', async () => {
    const first = batchOf(11, { blocks: [blockOf({ channel: 11, values: [1] })] });
    const second = batchOf(12, { blocks: [blockOf({ channel: 11, start: day + 900, values: [2] })] });
    await store.insertSegment({ ...(await segmentOf('part', [first])), onlyAbsent: false });
    await store.insertSegment({ ...(await segmentOf('whole', [first, second])), onlyAbsent: true });
    const blocks = await store.blocks([11], { start: day, end: day + 86_400 });
    assert.deepEqual(
      blocks.map((block) => [...block.value]),
      [[1], [2]],
    );
  });
});

describe('a question to the store', () => {
  before(async () => {
    const flagged = Uint16Array.of(missing, measured | 4);
    const segment = await segmentOf('questions', [
      batchOf(21, { blocks: [blockOf({ channel: 21, values: [10, 20, 30] })] }),
      batchOf(22, {
        origin: { source: 'estimate', reference: 'review/1' },
        blocks: [{ ...blockOf({ channel: 21, values: [0, 25], method: 'linear' }), quality: flagged }],
        verdicts: [
          { channel: 21, start: day, rule: 'spike', hasFailed: true, detail: 'first' },
          { channel: 21, start: day + 900, rule: 'spike', hasFailed: false, detail: '' },
        ],
      }),
      batchOf(23, {
        verdicts: [{ channel: 21, start: day, rule: 'spike', hasFailed: false, detail: 'second' }],
        blocks: [
          blockOf({
            channel: 22,
            start: day + 86_400,
            intervalSeconds: 0,
            values: [Number.MAX_SAFE_INTEGER],
          }),
        ],
      }),
    ]);
    await store.insertSegment({ ...segment, onlyAbsent: false });
  });

  test('about an earlier time is answered with what was known then', async () => {
    const span = { start: day, end: day + 86_400 };
    assert.equal((await store.blocks([21], span, 21_000)).length, 1);
    assert.equal((await store.blocks([21], span, 22_000)).length, 2);
    assert.equal((await store.blocks([21], span, 20_999)).length, 0);
  });

  test('about the history of one channel lays its blocks out that begin in the span, in order of knowledge, holes left as they were', async () => {
    const told = async (span: { start: number; end: number }, asOfMs?: number) => {
      const slots = {
        start: day - 900,
        intervalSeconds: 900,
        value: new Float64Array(4),
        quality: new Uint16Array(4).fill(missing),
      };
      await store.layHistory(21, span, slots, asOfMs);
      return [...slots.value].map((value, slot) => (slots.quality[slot] === missing ? null : value));
    };
    assert.deepEqual(await told({ start: day, end: day + 1 }), [null, 10, 25, 30]);
    assert.deepEqual(await told({ start: day, end: day + 1 }, 21_999), [null, 10, 20, 30]);
    assert.deepEqual(await told({ start: day + 1, end: day + 86_400 }), [null, null, null, null]);
    assert.deepEqual(await told({ start: day - 86_400, end: day }), [null, null, null, null]);
  });

  test('about the versions of an interval tells each with method and origin, holes left out', async () => {
    const second = await store.versions(21, day + 900);
    assert.deepEqual(second, [
      {
        knownMs: 21_000,
        value: 20,
        quality: 1,
        method: '',
        origin: { source: 'dlms', reference: 'exchange-21' },
      },
      {
        knownMs: 22_000,
        value: 25,
        quality: 5,
        method: 'linear',
        origin: { source: 'estimate', reference: 'review/1' },
      },
    ]);
    assert.equal(
      (await store.versions(21, day)).length,
      1,
      'the estimate says nothing of the first interval',
    );
    assert.deepEqual(await store.versions(21, day + 2700), []);
    assert.deepEqual(await store.versions(21, day + 901), []);
  });

  test('about a register gives the reading exactly, up to the largest safe integer', async () => {
    const versions = await store.versions(22, day + 86_400);
    assert.deepEqual(
      versions.map((version) => version.value),
      [Number.MAX_SAFE_INTEGER],
    );
  });

  test('about verdicts gives all of them, or the last of each rule', async () => {
    const all = await store.verdicts(21, [day]);
    assert.deepEqual(
      all.map((verdict) => verdict.detail),
      ['first', 'second'],
    );
    const last = await store.lastVerdicts([21], { start: day, end: day + 1 });
    assert.deepEqual(
      last.map(({ detail, hasFailed }) => ({ detail, hasFailed })),
      [{ detail: 'second', hasFailed: false }],
    );
    const starts = await store.lastVerdictStarts(0);
    assert.equal(starts.find((row) => row.channel === 21)?.start, day + 900);
  });

  test('about what is held gives stretches, patched days, peaks and counts by day', async () => {
    const extents = (await store.extents(0)).of(21);
    assert.deepEqual(
      extents.map(({ slots, held, isDerived }) => ({ slots, held, isDerived })),
      [
        { slots: 3, held: 3, isDerived: false },
        { slots: 2, held: 1, isDerived: true },
      ],
    );
    const patched = (await store.patchedBlocks(0)).filter((block) => block.channel === 21);
    assert.deepEqual(
      patched.map((block) => block.method),
      ['', 'linear'],
    );
    assert.deepEqual(await store.peaks([21], { start: day, end: day + 1 }), [
      { channel: 21, start: day, peak: 30, sum: 60 },
    ]);
    const counts = await store.heldByDay({ start: day, end: day + 86_400 });
    assert.equal(counts.find((row) => row.channel === 21)?.held, 3);
  });
});

test('a second data directory in one process is refused and says why', async () => {
  const second = openReadingsStore({ directory: join(root, 'second'), log: silentLog });
  await assert.rejects(second, (error) => codeOf(error) === 'store/engine-busy');
});

const london = join(process.env.WATTLINE_SHARED ?? '../shared', 'data/A01_lcl_london_30min_2013.csv.gz');
const londonText = await readFile(london).catch(() => null);

test('a year of London households takes at most 1.3 octets a reading, keys and knowledge times included', {
  skip: londonText ? false : `${london} is absent`,
}, async () => {
  const blocks = londonDays(gunzipSync(londonText as Buffer).toString(), 12);
  const batches = blocks.map((block, index) => batchOf(1000 + index, { blocks: [block] }));
  const segment = await segmentOf('london', batches);
  const before = await octetsUnder(join(root, 'store', 'store'));
  await store.insertSegment({ ...segment, onlyAbsent: false });
  const octets = (await octetsUnder(join(root, 'store', 'store'))) - before;
  const readings = blocks.reduce((sum, block) => sum + block.value.length, 0);
  assert(readings > 190_000);
  // Batch identities are stored too, one per delivery; here each delivery is a single day.
  const perReading = octets / readings;
  assert(perReading <= 1.3, `${perReading.toFixed(3)} octets a reading`);
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
