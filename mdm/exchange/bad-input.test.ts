import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { quality } from '@wattline/model';
import fc from 'fast-check';
import { context, glanceOf } from './exchange-fixture.ts';
import { exchangeProblems } from './exchange-problems.ts';
import { batchIdOf, batchOf, exchangeFormats, octetFormats, readExchange, releaseSeries } from './index.ts';

const head = 'channel,meter,start,intervalSeconds,value,unit,quality';

function csv(...rows: readonly string[]): string {
  return `${[head, ...rows].join('\n')}\n`;
}

function nem12(...records: readonly string[]): string {
  return `${['100,NEM12,202401010000,A,B', ...records, '900'].join('\n')}\n`;
}

const stream = '200,NMI1,E1,E1,E1,,M1,kWh,720,';

describe('bad values are rejected one by one; nothing else waits', () => {
  const good = 'P/delivered,,2024-01-01T00:00:00Z,900,5,Wh,measured';
  const cases: readonly (readonly [string, string, string])[] = [
    ['2^53', 'P/delivered,,2024-01-02T00:00:00Z,900,9007199254740992,Wh,', 'mdm/exchange-too-big-number'],
    [
      '2^53 in kWh',
      'P/delivered,,2024-01-02T00:00:00Z,900,9007199254741,kWh,',
      'mdm/exchange-too-big-number',
    ],
    ['no number', 'P/delivered,,2024-01-02T00:00:00Z,900,five,Wh,', 'mdm/exchange-bad-number'],
    ['NaN', 'P/delivered,,2024-01-02T00:00:00Z,900,NaN,Wh,', 'mdm/exchange-bad-number'],
    ['no time', 'P/delivered,,yesterday,900,5,Wh,', 'mdm/exchange-bad-time'],
    ['the 30th of February', 'P/delivered,,2024-02-30T00:00:00Z,900,5,Wh,', 'mdm/exchange-bad-time'],
    ['a local time without a zone', 'P/delivered,,2024-01-02T00:00:00,900,5,Wh,', 'mdm/exchange-bad-time'],
    [
      'an unknown quality',
      'P/delivered,,2024-01-02T00:00:00Z,900,5,Wh,constructor',
      'mdm/exchange-bad-record',
    ],
    ['an unknown reading type', 'P/toString,,2024-01-02T00:00:00Z,900,5,Wh,', 'mdm/exchange-bad-record'],
    [
      'an interval without length',
      'P/delivered,,2024-01-02T00:00:00Z,0,5,Wh,',
      'mdm/exchange-unsupported-interval',
    ],
  ];
  for (const [name, row, code] of cases) {
    test(`${name}: ${code}`, () => {
      const read = readExchange(csv(good, row), context);
      assert.equal(read.refused, null);
      assert.deepEqual(glanceOf(read), ['P/delivered 5']);
      assert.deepEqual([read.counts.accepted, read.counts.rejected], [1, 1]);
      assert.equal(read.problems[0]?.code, code);
      assert.deepEqual(read.problems[0]?.where, { line: 3 });
    });
  }
  const waiting: readonly (readonly [string, string, string, number])[] = [
    ['a future time', 'P/delivered,,2031-01-01T00:00:00Z,900,7,Wh,', 'mdm/exchange-future', 7],
    [
      'another value for a known time',
      'P/delivered,,2024-01-01T00:00:00Z,900,6,Wh,',
      'mdm/exchange-overlap',
      6,
    ],
    [
      'an interval into its neighbour',
      'P/delivered,,2024-01-01T00:05:00Z,900,8,Wh,',
      'mdm/exchange-overlap',
      8,
    ],
  ];
  for (const [name, row, code, value] of waiting) {
    test(`${name} waits by itself with its value: ${code}`, () => {
      const read = readExchange(csv(good, row), context);
      assert.deepEqual([read.refused, glanceOf(read)[0]], [null, 'P/delivered 5']);
      assert.deepEqual([read.counts.accepted, read.counts.held, read.counts.rejected], [1, 1, 0]);
      assert.deepEqual([read.problems[0]?.code, read.problems[0]?.where], [code, { line: 3 }]);
      const [held] = read.held;
      assert.deepEqual([held?.code, held?.source.point, held?.blocks[0]?.value[0]], [code, 'P', value]);
    });
  }
  test('a file of future values alone is no refused file: all of it waits', () => {
    const read = readExchange(csv('P/delivered,,2031-01-01T00:00:00Z,900,7,Wh,'), context);
    assert.deepEqual([read.refused, read.series.length, read.held.length], [null, 0, 1]);
  });
  test('a row said twice alike is a duplicate, no problem', () => {
    const read = readExchange(csv(good, good), context);
    assert.deepEqual([read.counts.accepted, read.counts.duplicates, read.problems.length], [1, 1, 0]);
  });
  test('a value and the word that it is missing: the value counts, in either order', () => {
    const missing = good.replace(',5,Wh,measured', ',0,Wh,missing');
    for (const rows of [
      [good, missing],
      [missing, good],
    ]) {
      const read = readExchange(csv(...rows), context);
      assert.deepEqual(glanceOf(read), ['P/delivered 5']);
      assert.deepEqual(read.counts, { accepted: 1, held: 0, missing: 0, rejected: 0, duplicates: 0 });
    }
  });
  test('digits below a watt-hour are rounded half to even, and it is told', () => {
    const read = readExchange(csv('P/delivered,,2024-01-01T00:00:00Z,900,0.0125,kWh,'), context);
    assert.deepEqual(glanceOf(read), ['P/delivered 12']);
    assert.equal(read.problemCounts['mdm/exchange-rounded'], 1);
  });
  test('of 5,000 bad rows all are counted and 100 are listed', () => {
    const read = readExchange(
      csv(good, ...new Array<string>(5000).fill('P/delivered,,x,900,5,Wh,')),
      context,
    );
    assert.equal(read.problems.length, 100);
    assert.equal(read.problemCounts['mdm/exchange-bad-time'], 5000);
    assert.equal(read.counts.rejected, 5000);
  });
});

describe('what cannot be placed is held with its reason', () => {
  const row = 'P/delivered,M1,2024-01-01T00:00:00Z,900,5,Wh,measured';
  test('an unknown channel', () => {
    const read = readExchange(csv(row), { ...context, channelOf: () => null });
    assert.equal(read.held[0]?.code, 'mdm/exchange-unknown-channel');
    assert.equal(read.counts.held, 1);
  });
  test('a unit that contradicts the reading type', () => {
    const read = readExchange(csv(row.replace('Wh', 'kvarh')), context);
    assert.equal(read.held[0]?.code, 'mdm/exchange-unit-mismatch');
  });
  test('a reactive series that a mapping sends to an energy channel', () => {
    const text = nem12('200,NMI1,Q1,Q1,Q1,,M1,kvarh,720,', '300,20240101,1,2,A,,,,');
    const read = readExchange(text, { ...context, channelOf: () => 'NMI1/delivered' });
    assert.equal(read.held[0]?.code, 'mdm/exchange-unit-mismatch');
  });
  test('an energy suffix in kvarh', () => {
    const read = readExchange(nem12(stream.replace('kWh', 'kvarh'), '300,20240101,1,2,A,,,,'), context);
    assert.equal(read.held[0]?.code, 'mdm/exchange-unit-mismatch');
  });
  test('two meters mixed in one channel at the same time: both wait', () => {
    const read = readExchange(csv(row, row.replace('M1', 'M2').replace(',5,', ',7,')), context);
    assert.deepEqual(
      read.held.map(({ code, source }) => [code, source.meter]),
      [
        ['mdm/exchange-ambiguous-channel', 'M1'],
        ['mdm/exchange-ambiguous-channel', 'M2'],
      ],
    );
    assert.equal(read.counts.accepted, 0);
  });
  test('two meters one after the other are a meter change: both enter', () => {
    const read = readExchange(csv(row, row.replace('M1', 'M2').replace('T00:00', 'T00:15')), context);
    assert.deepEqual([read.series.length, read.held.length], [2, 0]);
  });
  test('two registers of one point enter when the registry says which channel each is', () => {
    const day = '300,20240101,1,2,A,,,,';
    const text = nem12(stream, day, stream.replaceAll('E1', 'E2'), day);
    assert.equal(readExchange(text, context).held.length, 2);
    const read = readExchange(text, {
      ...context,
      channelOf: ({ point, register }) => `${point}-${register}/delivered`,
    });
    assert.deepEqual(glanceOf(read), ['NMI1-E1/delivered 3000', 'NMI1-E2/delivered 3000']);
  });
  test('a held series is released under the channel found for it, as a delivery of its own', () => {
    const read = readExchange(csv(row), { ...context, channelOf: () => null });
    const held = read.held[0];
    assert.ok(held);
    const series = [releaseSeries(held, 'UP-7/delivered')];
    const batch = batchOf(
      { batchId: batchIdOf(series[0]?.blocks ?? []), series },
      { name: 'a', receivedMs: 1 },
    );
    assert.equal(batch.blocks[0]?.channel, 'UP-7/delivered');
    assert.notEqual(batch.id, read.batchId);
  });
});

describe('half-written and repeated files', () => {
  test('a CSV whose last line has no end loses that line only: its digits may be cut', () => {
    const text = csv(
      'P/delivered,,2024-01-01T00:00:00Z,900,5,Wh,',
      'P/delivered,,2024-01-01T00:15:00Z,900,12,Wh,',
    );
    const read = readExchange(text.slice(0, -5), context);
    assert.deepEqual([read.counts.accepted, read.counts.rejected], [1, 1]);
    assert.equal(read.problems[0]?.code, 'mdm/exchange-half-written');
  });
  const texts: readonly (readonly [string, string])[] = [
    ['NEM12 without its 900 record', nem12(stream, '300,20240101,1,2,A,,,,').replace('900\n', '')],
    ['XML that stops', '<MeterReadings><MeterReading>'],
    ['MSCONS without UNZ', "UNB+UNOC:3+a+b+240101:0000+1'UNH+1+MSCONS:D:04B:UN:2.4c'UNT+2+1'"],
    ['MSCONS with lost segments', "UNB+UNOC:3+a+b'UNH+1+MSCONS:D:04B:UN:2.4c'UNT+9+1'UNZ+1+1'"],
    ['CIM JSON that stops', '{"NotifyValidatedMeasureData_MarketDocument": {"type": {"value": "E66"}'],
  ];
  for (const [name, text] of texts) {
    test(`${name} is refused`, () => {
      assert.equal(readExchange(text, context).refused?.code, 'mdm/exchange-half-written');
    });
  }
  test('the same file again has the same ids; another value makes another batch', () => {
    const text = nem12(stream, '300,20240101,1,2,A,,,,');
    const [a, b] = [readExchange(text, context), readExchange(text, context)];
    assert.deepEqual([a.contentId, a.batchId], [b.contentId, b.batchId]);
    assert.notEqual(readExchange(text.replace(',2,A', ',3,A'), context).batchId, a.batchId);
    assert.notEqual(readExchange(text.replace(',2,A', ',2,E52'), context).batchId, a.batchId);
  });
  test('the same readings under a new header are the same batch', () => {
    const text = nem12(stream, '300,20240101,1,2,A,,,,');
    const resent = readExchange(text.replace('202401010000', '202401020000'), context);
    assert.equal(resent.batchId, readExchange(text, context).batchId);
    assert.notEqual(resent.contentId, readExchange(text, context).contentId);
  });
});

describe('the rules of NEM12 and NEM13', () => {
  const bad: readonly (readonly [string, readonly string[], string])[] = [
    ['a V day without ranges', ['300,20240101,1,2,V,,,,'], 'mdm/exchange-quality-ranges'],
    [
      'ranges that leave a slot out',
      ['300,20240101,1,2,V,,,,', '400,1,1,A,,'],
      'mdm/exchange-quality-ranges',
    ],
    [
      'ranges that overlap',
      ['300,20240101,1,2,V,,,,', '400,1,2,A,,', '400,2,2,E52,,'],
      'mdm/exchange-quality-ranges',
    ],
    ['a range of V', ['300,20240101,1,2,V,,,,', '400,1,2,V,,'], 'mdm/exchange-quality-ranges'],
    [
      'ranges of a day that has one quality',
      ['300,20240101,1,2,A,,,,', '400,1,2,A,,'],
      'mdm/exchange-quality-ranges',
    ],
    ['an estimate without method', ['300,20240101,1,2,E,,,,'], 'mdm/exchange-bad-record'],
    ['a day that is none', ['300,20240230,1,2,A,,,,'], 'mdm/exchange-bad-time'],
  ];
  for (const [name, records, code] of bad) {
    test(`${name} is rejected, the next day enters`, () => {
      const read = readExchange(nem12(stream, ...records, '300,20240301,1,2,A,,,,'), context);
      assert.deepEqual(glanceOf(read), ['NMI1/delivered 3000']);
      assert.equal(read.problems[0]?.code, code);
      assert.equal(read.counts.rejected, 2);
    });
  }
  test('null data is missing whatever its number says', () => {
    const read = readExchange(nem12(stream, '300,20240101,1,7,V,,,,', '400,1,1,A,,', '400,2,2,N,,'), context);
    assert.deepEqual([...(read.series[0]?.blocks[0]?.value ?? [])], [1000, 0]);
    assert.deepEqual(read.series[0]?.blocks[0]?.quality[1], quality.missing);
    assert.equal(read.counts.missing, 1);
  });
  test('a power outage reason marks zeros only', () => {
    const read = readExchange(nem12(stream, '300,20240101,0,7,A,79,,,'), context);
    const flags = [...(read.series[0]?.blocks[0]?.quality ?? [])];
    assert.deepEqual(flags, [quality.measured | quality.powerFail, quality.measured]);
  });
  test('records after the 900 record refuse the file', () => {
    const read = readExchange(`${nem12(stream)}${stream}\n`, context);
    assert.equal(read.refused?.code, 'mdm/exchange-bad-structure');
  });
});

describe('the version rules of MSCONS', () => {
  const frame = (body: string, count: number) =>
    `UNB+UNOC:3+a+b'UNH+1+MSCONS:D:04B:UN:2.4c'${body}UNT+${count}+1'UNZ+1+1'`;
  test('a register, a provisional value and a released separator', () => {
    const body = [
      "LOC+172+DE?+1'LIN+1'PIA+5+1-0?:1.8.0:SRW'QTY+220:4250.465'DTM+9:202401010000?+01:303'",
      "LIN+2'PIA+5+1-0?:1.29.0:SRW'QTY+Z18:1.5'DTM+163:202401010000?+00:303'DTM+164:202401010015?+00:303'STS+Z34++Z78'",
    ].join('');
    const read = readExchange(frame(body, 13), context);
    assert.deepEqual(glanceOf(read), ['DE+1/delivered-total 4250465', 'DE+1/delivered 1500']);
    assert.equal(read.series[0]?.blocks[0]?.startMs, Date.UTC(2023, 11, 31, 23));
    assert.equal(read.series[1]?.blocks[0]?.quality[0], quality.measured | quality.suspect);
    assert.equal(read.series[1]?.notes[0]?.code, 'Z18 Z34++Z78');
  });
  test('another message type is refused', () => {
    const read = readExchange("UNB+UNOC:3+a+b'UNH+1+INVOIC:D:06A:UN:2.8'UNT+2+1'UNZ+1+1'", context);
    assert.equal(read.refused?.code, 'mdm/exchange-unsupported-version');
  });
});

describe('nothing that can be sent throws', () => {
  const seeds = [
    nem12(stream, '300,20240101,1,2,V,,,,', '400,1,1,A,,', '400,2,2,N,,'),
    csv('P/delivered,,2024-01-01T00:00:00Z,900,5,Wh,', '"P/delivered",,2024-01-01T00:15:00Z,900,5,Wh,'),
    'MEPMD01,1,S,C,R,P,202401010000,M,OK,E,KWH,1.0,00000100,1,202401010100,R0,5\n',
    "UNB+UNOC:3+a+b'UNH+1+MSCONS:D:04B:UN:2.4c'LOC+172+X'PIA+5+1-0?:1.8.0'QTY+220:1'DTM+9:202401010000?+00:303'UNT+6+1'UNZ+1+1'",
    '<feed xmlns="http://www.w3.org/2005/Atom"><entry><content><IntervalBlock/></content></entry></feed>',
    '<MeterReadings><MeterReading><Readings><ReadingType ref="0.0.0.1.1.1.12.0.0.0.0.0.0.0.0.3.72.0"/></Readings></MeterReading></MeterReadings>',
    '{"NotifyValidatedMeasureData_MarketDocument":{"type":{"value":"E66"},"process.processType":{"value":"E23"},"Series":[{"mRID":"constructor"}]}}',
    'metering_point_id;quantity;quality;observation_time\n1;1;constructor;2024-01-01T00:00:00Z\n',
    '100,NEM13,1,A,B\n250,N,11,1,11,11,M,constructor,1,20240101000000,A,,,2,20240102000000,A,,,1,kWh,,,\n900\n',
  ];
  const mutated = fc
    .record({
      seed: fc.constantFrom(...seeds),
      cuts: fc.array(fc.record({ at: fc.nat(400), drop: fc.nat(6), put: fc.string({ maxLength: 6 }) }), {
        maxLength: 4,
      }),
    })
    .map(({ seed, cuts }) =>
      cuts.reduce((text, { at, drop, put }) => {
        const from = at % (text.length + 1);
        return text.slice(0, from) + put + text.slice(from + drop);
      }, seed),
    );
  test('in any format, any text, any change of a good text', () => {
    fc.assert(
      fc.property(fc.oneof(mutated, mutated, fc.string()), (text) => {
        for (const format of exchangeFormats) {
          const read = format.read?.(text, context);
          assert.ok(read && (read.refused || read.series.length + read.held.length > 0));
        }
        readExchange(text, context);
      }),
      { numRuns: 1500 },
    );
  });
  test('a code such as constructor is no code', () => {
    const text = seeds.find((seed) => seed.startsWith('metering_point_id')) ?? '';
    const read = readExchange(text, context);
    assert.equal(read.held[0]?.blocks[0]?.quality[0], quality.measured | quality.suspect);
    assert.equal(read.problemCounts['mdm/exchange-unknown-quality'], 1);
  });
  test('every problem has its words', () => {
    for (const [code, { text }] of Object.entries(exchangeProblems)) {
      assert.match(code, /^mdm\/exchange-[a-z0-9-]+$/);
      assert.match(text, /^[A-Z].*\.$/);
    }
  });
});

describe('the page on exchange formats', () => {
  const page = readFileSync('docs/reference/exchange-formats.md', 'utf8');
  test('lists every code with its outcome and words', () => {
    for (const [code, { outcome, text }] of Object.entries(exchangeProblems)) {
      assert.ok(page.includes(`| \`${code}\` | ${outcome} | ${text} |`), code);
    }
  });
  test('says of every format whether it is read and written', () => {
    const octets = octetFormats.map(({ id, open, write }) => ({ id, read: open, write }));
    for (const { id, read, write } of [...exchangeFormats, ...octets]) {
      const row = page.split('\n').find((line) => line.startsWith(`| \`${id}\` |`));
      const cells = row?.split('|').map((cell) => cell.trim()) ?? [];
      assert.deepEqual([cells[3], cells[4]], [read ? '✓' : '', write ? '✓' : ''], id);
    }
  });
});
