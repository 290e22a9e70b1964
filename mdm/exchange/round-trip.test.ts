import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { quality, type ReadingBlock } from '@wattline/model';
import fc from 'fast-check';
import { context, noSamples, sampleText } from './exchange-fixture.ts';
import type { ExchangeRead, WrittenSeries } from './exchange-format.ts';
import { batchOf, exchangeFormatOf, readExchange } from './index.ts';

const created = { createdMs: Date.UTC(2026, 0, 1), sender: 'S', receiver: 'R' };
const dayMs = 86_400_000;
const first = Date.UTC(2024, 2, 30);

/** What feeds of meter data say of a value, as a rule. */
const nearlyAll = [
  quality.measured,
  quality.missing,
  quality.measured | quality.suspect,
  quality.estimated,
  quality.edited,
  quality.measured | quality.final,
];

/** Flags and channels that a format can say and read back; `csv` says all flags. */
const sayable: Readonly<
  Record<string, { readonly flags: readonly number[]; readonly channels: readonly string[] }>
> = {
  csv: {
    flags: [
      quality.measured,
      quality.missing,
      quality.measured | quality.suspect,
      quality.estimated | quality.final,
      quality.edited | quality.manual,
      quality.measured | quality.powerFail | quality.clockDoubtful,
    ],
    channels: ['UP-1/delivered', 'UP 2, "b"/received', 'UP-1/delivered-total'],
  },
  nem12: {
    flags: [quality.measured, quality.missing, quality.estimated, quality.estimated | quality.final],
    channels: ['UP-1/delivered', 'UP-2/received'],
  },
  espi: {
    flags: nearlyAll,
    channels: ['UP-1/delivered', 'UP 2, "b"/received', 'UP-1/delivered-total'],
  },
  'cim-notify-validated-measure-data': {
    flags: [
      quality.measured,
      quality.missing,
      quality.measured | quality.suspect,
      quality.estimated,
      quality.edited,
    ],
    channels: ['UP-1/delivered', 'UP-2/received'],
  },
  mscons: {
    flags: [quality.measured, quality.missing, quality.measured | quality.suspect, quality.estimated],
    channels: ["UP-1:a+b?'c/delivered", 'UP-2/received-reactive', 'UP-1/delivered-rate-2'],
  },
  cmep: {
    flags: [
      quality.measured,
      quality.missing,
      quality.estimated,
      quality.edited,
      quality.measured | quality.final,
    ],
    channels: ['UP-1/delivered', 'UP-2/delivered-reactive', 'UP-1/delivered-total'],
  },
  'iec61968-9-meter-readings': {
    flags: nearlyAll,
    channels: ['UP-1/delivered-apparent', 'UP <2> & "b"/received', 'UP-1/delivered-rate-1'],
  },
};

/** Series of up to three channels with gapless or gapped blocks on a grid; missing slots hold 0. */
function seriesOf({ flags, channels }: (typeof sayable)[string]): fc.Arbitrary<WrittenSeries[]> {
  const slot = fc.record({ value: fc.integer({ min: 0, max: 2 ** 40 }), flags: fc.constantFrom(...flags) });
  const block = (channel: string, seconds: number) =>
    fc
      .record({
        at: fc.nat(300),
        slots: fc.array(slot, { minLength: 1, maxLength: seconds === 0 ? 1 : 120 }),
      })
      .map(({ at, slots }): ReadingBlock => {
        const isMissing = (one: { flags: number }) => (one.flags & quality.missing) !== 0;
        return {
          channel,
          startMs: first + at * (seconds || 900) * 1000,
          intervalSeconds: seconds,
          value: Float64Array.from(slots, (one) => (isMissing(one) ? 0 : one.value)),
          quality: Uint16Array.from(slots, (one) => one.flags),
        };
      });
  return fc.tuple(
    ...channels.map((channel) => {
      const isRegister = /-(total|rate-\d)$/.test(channel);
      return fc
        .constantFrom(...(isRegister ? [0] : [300, 900, 1800]))
        .chain((seconds) => fc.record({ channel: fc.constant(channel), one: block(channel, seconds) }))
        .map(({ one }): WrittenSeries => ({ channel, blocks: [one] }));
    }),
  );
}

/** Values that are there, by channel and time, with their flags. */
function heldValues(blocks: readonly ReadingBlock[]): string[] {
  return blocks
    .flatMap(({ channel, startMs, intervalSeconds, value, quality: flags }) =>
      Array.from(value, (number, i) =>
        ((flags[i] as number) & quality.missing) !== 0
          ? ''
          : `${channel} ${startMs + i * intervalSeconds * 1000} ${intervalSeconds} ${number} ${flags[i]}`,
      ),
    )
    .filter((text) => text !== '')
    .sort();
}

function blocksOf(read: ExchangeRead): ReadingBlock[] {
  return read.series.flatMap((entry) => entry.blocks);
}

describe('what is written is read back with its values, times and qualities', () => {
  for (const [id, said] of Object.entries(sayable)) {
    test(id, () => {
      const format = exchangeFormatOf(id);
      assert.ok(format?.read && format.write);
      const { read, write } = format;
      fc.assert(
        fc.property(seriesOf(said), (series) => {
          const text = write(series, created);
          assert.ok(format.recognises(text));
          const back = read(text, context);
          const blocks = series.flatMap((one) => one.blocks);
          const expected = heldValues(blocks);
          if (expected.length === 0) return;
          assert.equal(back.held.length, 0);
          assert.deepEqual(heldValues(blocksOf(back)), expected);
          assert.equal(back.counts.rejected, 0);
          // The same readings in a new envelope are the same delivery.
          const again = read(write(series, { ...created, createdMs: created.createdMs + dayMs }), context);
          assert.equal(again.batchId, back.batchId);
          // And what was read can be written again without change.
          const third = read(write(seriesRead(back), created), context);
          assert.equal(third.batchId, back.batchId);
        }),
        { numRuns: 60 },
      );
    });
  }
});

describe('registers as NEM13', () => {
  const { read, write } = exchangeFormatOf('nem13') ?? {};
  const flags = [quality.measured, quality.estimated, quality.estimated | quality.final];
  const reads = fc.array(
    fc.record({
      days: fc.integer({ min: 1, max: 90 }),
      used: fc.nat(10 ** 7),
      flags: fc.constantFrom(...flags),
    }),
    { minLength: 2, maxLength: 12 },
  );
  const registerOf = (channel: string, steps: readonly { days: number; used: number; flags: number }[]) => {
    let [atMs, value] = [first, 0];
    const blocks = steps.map(({ days, used, flags: bits }): ReadingBlock => {
      atMs += days * dayMs + 1000;
      value += used;
      return {
        channel,
        startMs: atMs,
        intervalSeconds: 0,
        value: Float64Array.of(value),
        quality: Uint16Array.of(bits),
      };
    });
    return { channel, meter: 'M 1', blocks };
  };
  test('come back with their values, times and qualities, and each quantity is the difference of its readings', () => {
    assert.ok(read && write);
    fc.assert(
      fc.property(reads, reads, (one, other) => {
        const series = [registerOf('UP-1/delivered-total', one), registerOf('UP-1/received-total', other)];
        const back = read(write(series, created), context);
        assert.deepEqual(heldValues(blocksOf(back)), heldValues(series.flatMap(({ blocks }) => blocks)));
        assert.deepEqual([back.held.length, back.problems.length], [0, 0]);
        assert.equal(back.counts.duplicates, one.length + other.length - 4);
        assert.equal(read(write(seriesRead(back), created), context).batchId, back.batchId);
      }),
      { numRuns: 60 },
    );
  });
  test('of which there is one reading, or one that went back, are no record', () => {
    const step = { days: 1, used: 5, flags: quality.measured };
    const refused = { code: 'mdm/exchange-cannot-write' };
    assert.throws(() => write?.([registerOf('UP-1/delivered-total', [step])], created), refused);
    const backwards = registerOf('UP-1/delivered-total', [step, { ...step, used: -1 }]);
    assert.throws(() => write?.([backwards], created), refused);
    assert.throws(() => write?.([registerOf('UP-1/delivered', [step, step])], created), refused);
  });
  test('of the market read, written and read again keep their readings', { skip: noSamples }, () => {
    const text = sampleText('samples/mdms/nem12-nem13/Example_NEM13_consumption_data.csv');
    const original = read?.(text, context);
    assert.ok(original);
    const again = read?.(write?.(seriesRead(original), created) ?? '', context);
    assert.equal(again?.batchId, original.batchId);
    assert.equal(again?.counts.accepted, 2);
  });
});

function seriesRead(read: ExchangeRead): WrittenSeries[] {
  return read.series.map(({ channel, blocks }) => ({ channel, blocks }));
}

describe('an export goes from one format into another', () => {
  test('the same readings make the same delivery in every format that can be written', () => {
    const block: ReadingBlock = {
      channel: 'UP-1/delivered',
      // A whole market day, so that NEM12 has nothing to fill.
      startMs: Date.UTC(2024, 2, 30, 14),
      intervalSeconds: 1800,
      value: Float64Array.from({ length: 48 }, (_, i) => i * 1001),
      quality: new Uint16Array(48).fill(quality.measured),
    };
    const ids = Object.keys(sayable).map((id) => {
      const text =
        exchangeFormatOf(id)?.write?.([{ channel: block.channel, blocks: [block] }], created) ?? '';
      const read = readExchange(text, context);
      assert.equal(read.format, id);
      return batchOf(read, { name: `${id}.txt`, receivedMs: 1 }).id;
    });
    assert.equal(new Set(ids).size, 1);
  });
  test('what a format cannot say is refused with a code', () => {
    const block = {
      channel: 'UP-1/delivered-total',
      startMs: first,
      intervalSeconds: 0,
      value: Float64Array.of(1),
      quality: Uint16Array.of(quality.measured),
    };
    const unsayable: readonly (readonly [id: string, block: ReadingBlock])[] = [
      ['nem12', block],
      ['cim-notify-validated-measure-data', block],
      ['mscons', { ...block, channel: 'UP-1/delivered-apparent', intervalSeconds: 900 }],
      ['mscons', { ...block, startMs: first + 1 }],
      ['cmep', { ...block, channel: 'UP-1/received', intervalSeconds: 900 }],
      ['cmep', { ...block, channel: 'UP,1/delivered-total' }],
      ['cmep', { ...block, channel: 'UP-1/delivered', intervalSeconds: 30 }],
      ['iec61968-9-meter-readings', { ...block, channel: 'UP-1/delivered', intervalSeconds: 450 }],
      ['iec61968-9-meter-readings', { ...block, channel: 'UP-1/voltage', intervalSeconds: 900 }],
    ];
    for (const [id, one] of unsayable) {
      assert.throws(
        () => exchangeFormatOf(id)?.write?.([{ channel: one.channel, blocks: [one] }], created),
        { code: 'mdm/exchange-cannot-write' },
        `${id} ${one.channel}`,
      );
    }
  });
});

describe('a sample of others, read, written and read again, keeps its readings', { skip: noSamples }, () => {
  const samples = [
    ['mscons', 'samples/mdms/mscons/MSCONS_D99A_1.6_swiss_LG.txt', 'mscons'],
    ['mscons', 'samples/mdms/mscons/MSCONS_D04B_2.2e_swiss_13008.txt', 'mscons'],
    ['nem12', 'samples/mdms/nem12-nem13/Example_NEM12_actual_interval.csv', 'cmep'],
    ['nem12', 'samples/mdms/nem12-nem13/Example_NEM12_actual_interval.csv', 'iec61968-9-meter-readings'],
    ['nem12', 'samples/mdms/nem12-nem13/Example_NEM12_actual_interval.csv', 'mscons'],
    ['espi', 'samples/mdms/espi/test_usage_data_01.xml', 'iec61968-9-meter-readings'],
  ] as const;
  for (const [source, path, target] of samples) {
    test(`${path} as ${target}`, () => {
      const original = exchangeFormatOf(source)?.read?.(sampleText(path), context);
      assert.ok(original && original.counts.accepted > 20);
      const text = exchangeFormatOf(target)?.write?.(seriesRead(original), created) ?? '';
      const back = readExchange(text, context);
      assert.equal(back.format, target);
      assert.deepEqual(heldValues(blocksOf(back)), heldValues(blocksOf(original)));
    });
  }
});
