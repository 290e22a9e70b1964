/** Hand-held files: readouts of makers' meters out of the shared vectors, and tours written here for what goes wrong on the way. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before, describe } from 'node:test';
import { quality } from '@wattline/model';
import fc from 'fast-check';
import { openTrial, type Trial } from '../fixture/trial.ts';
import { context } from './exchange-fixture.ts';
import type { ExchangeContext, ExchangeRead, SeriesSource } from './exchange-format.ts';
import { readExchange } from './index.ts';

const path = join(process.env.WATTLINE_SHARED ?? '../shared', 'vectors/protocols.json');
const noVectors = existsSync(path) ? false : 'the shared vectors are not there';

/** The text of a shared vector. */
function vector(id: string): string {
  const { vectors } = JSON.parse(readFileSync(path, 'utf8')) as {
    vectors: { id: string; input: { text?: string; messages_hex?: string[] } }[];
  };
  const input = vectors.find((one) => one.id === id)?.input;
  assert.ok(input, id);
  return input.text ?? Buffer.from(input.messages_hex?.join('') ?? '', 'hex').toString('latin1');
}

/** Every meter stands at the point of its number. */
const channelOf = ({ meter, quantity: { direction, rate } }: SeriesSource) =>
  `${meter}/${direction}-${rate === 0 ? 'total' : `rate-${rate}`}`;
const noon = Date.UTC(2026, 10, 20, 12);
const everywhere: ExchangeContext = { ...context, channelOf, readAtMs: noon };

/** `channel instant value` of each reading that enters. */
function entered(read: ExchangeRead): string[] {
  return read.series.flatMap(({ channel, blocks }) =>
    blocks.map(({ startMs, value }) => `${channel} ${new Date(startMs).toISOString()} ${value.join()}`),
  );
}

/** `code line` of each problem. */
function problemsOf({ problems }: ExchangeRead): string[] {
  return problems.map(({ code, where }) => `${code.replace('mdm/exchange-', '')} ${where.line}`);
}

describe('readouts of makers’ meters', { skip: noVectors }, () => {
  test('an Iskra MT174: its registers as they stand, at its own time, without fifteen past months of each', () => {
    const read = readExchange(vector('iec21-readout-1'), { ...everywhere, zone: 'Europe/Ljubljana' });
    assert.equal(read.format, 'iec62056-21');
    const at = '2017-03-18T19:14:55.000Z';
    assert.deepEqual(entered(read), [
      `63355730/delivered-total ${at} 8048375`,
      `63355730/delivered-rate-1 ${at} 8048375`,
      `63355730/delivered-rate-2 ${at} 0`,
      `63355730/received-total ${at} 0`,
    ]);
    assert.deepEqual([problemsOf(read), read.held.length], [[], 0]);
    assert.equal(read.series[0]?.blocks[0]?.quality[0], quality.measured);
  });
  test('of which one digit was changed on the way is refused by its block check character', () => {
    const text = vector('iec21-readout-1').replace('1.8.0*255(0008048', '1.8.0*255(0008049');
    const read = readExchange(text, everywhere);
    assert.deepEqual([entered(read), problemsOf(read)], [[], ['bad-check-sum 1']]);
    assert.match(read.problems[0]?.message ?? '', /expected 67, found 66/);
  });
  test('a Siemens 2WR5 whose check character is known to be wrong is refused', () => {
    const read = readExchange(vector('iec21-readout-3'), everywhere);
    assert.equal(read.refused?.code, 'mdm/exchange-bad-check-sum');
  });
  test('a Landis+Gyr ZMD120 after the echo of what it was asked: no clock of its own, so the time of the tour', () => {
    const read = readExchange(vector('iec21-vz-zmd120'), everywhere);
    const at = '2026-11-20T12:00:00.000Z';
    assert.deepEqual(entered(read), [
      `20000/delivered-rate-1 ${at} 1846000`,
      `20000/delivered-rate-2 ${at} 0`,
      `20000/received-rate-1 ${at} 4329600`,
      `20000/delivered-total ${at} 1846000`,
      `20000/received-total ${at} 4329600`,
    ]);
  });
  test('a Hager that tells neither number nor unit is refused', () => {
    const read = readExchange(vector('iec21-vz-hager'), everywhere);
    assert.deepEqual([entered(read), problemsOf(read)], [[], ['missing-element 1']]);
  });
  test('telegrams of P1 ports: number in hexadecimal, season by its letter, CRC-16', () => {
    const read = readExchange(vector('dsmr-telegram_v5') + vector('dsmr-telegram_iskra_ie'), {
      ...everywhere,
      zone: 'Europe/Amsterdam',
    });
    assert.deepEqual(entered(read).slice(0, 4), [
      'K8EG004046395507/delivered-rate-1 2017-01-02T18:20:02.000Z 4426',
      'K8EG004046395507/delivered-rate-2 2017-01-02T18:20:02.000Z 2399',
      'K8EG004046395507/received-rate-1 2017-01-02T18:20:02.000Z 2444',
      '09610/delivered-rate-1 2023-02-02T12:27:47.000Z 10181',
    ]);
    assert.deepEqual(problemsOf(read), []);
  });
  test('one of DSMR 3 has neither CRC nor clock; one of a heat meter has no energy of electricity', () => {
    const old = readExchange(vector('dsmr-telegram_v3'), everywhere);
    assert.equal(entered(old)[0], 'K8EG004046395507/delivered-rate-1 2026-11-20T12:00:00.000Z 12345678');
    assert.deepEqual(problemsOf(old), []);
    const heat = vector('dsmr-telegram_unpadded_crc');
    assert.deepEqual(problemsOf(readExchange(vector('dsmr-telegram_v3') + heat, everywhere)), [
      'bad-record 21',
    ]);
  });
  test('any changed character of a P1 telegram is found', () => {
    const text = vector('dsmr-telegram_v5');
    const kept = text.indexOf('!');
    fc.assert(
      fc.property(fc.integer({ min: 20, max: kept - 1 }), fc.integer({ min: 1, max: 15 }), (at, bits) => {
        const changed = String.fromCharCode(text.charCodeAt(at) ^ bits);
        const read = readExchange(text.slice(0, at) + changed + text.slice(at + 1), everywhere);
        assert.deepEqual(entered(read), []);
      }),
      { numRuns: 100 },
    );
  });
});

/** A telegram as a meter sends it, its block check character worked out. */
function telegram(...lines: readonly string[]): string {
  const block = `${lines.join('\r\n')}\r\n!\r\n\x03`;
  const sum = Buffer.from(block, 'latin1').reduce((xor, octet) => xor ^ octet, 0);
  return `/LGZ5ZMD120\r\n\x02${block}${String.fromCharCode(sum)}`;
}

/** One without check, as many meters send it. */
const plain = (...lines: readonly string[]) => `/ELS5EM100\r\n\r\n${lines.join('\r\n')}\r\n!\r\n`;
const one = plain('C.1.0(1000001)', '1.8.0(000123.456*kWh)');
const three = plain('C.1.0(1000003)', '1.8.0(000789.012*kWh)');
const ends = ['1000001/delivered-total 123456', '1000003/delivered-total 789012'];
const short = (read: ExchangeRead) => entered(read).map((text) => text.replace(/ \S+Z/, ''));

describe('a tour of which one telegram is bad goes on with the next', () => {
  const bad: readonly (readonly [string, string, readonly string[]])[] = [
    ['it was cut off within a value', '/LGZ5ZMD120\r\n\x021.8.0(0001', ['half-written 6']],
    ['it was cut off within its head', '/LGZ', []],
    [
      'it was cut off, and the next meter was asked by hand',
      '/LGZ5ZMD120\r\n1.8.0(0001*kWh)\r\n/?!\r\n',
      ['half-written 6'],
    ],
    [
      'its check character is another',
      `${telegram('C.1.0(1000002)', '1.8.0(1*kWh)').slice(0, -1)}/`,
      ['bad-check-sum 6'],
    ],
    [
      'its CRC-16 is another',
      plain('C.1.0(1000002)', '1.8.0(1*kWh)').replace('!', '!0000'),
      ['bad-check-sum 6'],
    ],
    [
      'an end mark stands within a line',
      plain('C.1.0(1000002)', '1.8.0(1*kWh)', '2.8.0(1!kWh)'),
      ['bad-record 6'],
    ],
    ['its head is lost', 'C.1.0(1000002)\r\n1.8.0(1*kWh)\r\n!\r\n', ['bad-record 6']],
    ['it names no meter', plain('1.8.0(1*kWh)'), ['missing-element 6']],
    ['zeros are no name', plain('0.0.0(00000000)', '1.8.0(1*kWh)'), ['missing-element 6']],
    [
      'it has no register',
      plain('C.1.0(1000002)', '1.7.0(1*kW)', '1.8.0*01(1*kWh)', '1.8.0()'),
      ['bad-record 6'],
    ],
    [
      'a line is no data set',
      plain('C.1.0(1000002)', '1.8.0(1*kWh', 'F.F(00)'),
      ['bad-record 9', 'bad-record 6'],
    ],
    ['a register has no unit', plain('C.1.0(1000002)', '1.8.0(0001)'), ['missing-element 9']],
    ['a register is no number', plain('C.1.0(1000002)', '1.8.0(0O01*kWh)'), ['bad-number 9']],
    ['a register is too big', plain('C.1.0(1000002)', '1.8.0(99999999999999*kWh)'), ['too-big-number 9']],
  ];
  for (const [name, text, problems] of bad) {
    test(`${name}: ${problems.join(', ') || 'passed over'}`, () => {
      const read = readExchange(one + text + three, everywhere);
      assert.equal(read.refused, null);
      assert.deepEqual(short(read), ends);
      assert.deepEqual(problemsOf(read), problems);
    });
  }
  test('an amount in kW under an energy register waits', () => {
    const read = readExchange(one + plain('C.1.0(1000002)', '1.8.0(1*kW)') + three, everywhere);
    assert.deepEqual(short(read), ends);
    assert.deepEqual(
      read.held.map(({ code, source }) => [code, source.meter]),
      [['mdm/exchange-unit-mismatch', '1000002']],
    );
  });
  test('a telegram sealed with the check character it should have enters, whatever that character is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9_999_999 }), (wh) => {
        const text = telegram('C.1.0(1000002)', `1.8.0(${wh}*Wh)`);
        const read = readExchange(text + three, everywhere);
        assert.deepEqual(short(read), [`1000002/delivered-total ${wh}`, ends[1]]);
      }),
    );
  });
  test('cut off anywhere, a file gives no reading that the whole one does not give', () => {
    const whole =
      telegram('0.9.1(101500)', '0.9.2(261103)', 'C.1.0(1000002)', '1.8.0(000123.4*kWh)') + one + three;
    const inKolkata = { ...everywhere, zone: 'Asia/Kolkata' };
    const known = new Set(entered(readExchange(whole, inKolkata)));
    assert.equal(known.size, 3);
    for (let end = 0; end < whole.length; end++) {
      for (const reading of entered(readExchange(whole.slice(0, end), inKolkata))) {
        assert.ok(known.has(reading), `${end}: ${reading}`);
      }
    }
  });
  test('nothing that a file may hold makes the reader throw', () => {
    const piece = fc.constantFrom(
      '/ISk5MT',
      '!',
      '(',
      ')',
      '*kWh',
      '\r\n',
      '\x02',
      '\x03',
      '1.8.0',
      '0001',
      '/?',
      'C.1.0',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const { counts } = readExchange(`/ISk5\r\n${pieces.join('')}`, everywhere);
        assert.ok(counts.accepted >= 0);
      }),
    );
  });
});

describe('units, names and files', () => {
  test('Wh, kWh and MWh become watt-hours exactly', () => {
    const text = plain(
      'C.1.0(1)',
      '1.8.0(0009007199254.740*kWh)',
      '1.8.1(0000123*Wh)',
      '1.8.2(0029.055*MWh)',
      '2.8.0(7.5*KWH)',
    );
    assert.deepEqual(short(readExchange(text, everywhere)), [
      '1/delivered-total 9007199254740',
      '1/delivered-rate-1 123',
      '1/delivered-rate-2 29055000',
      '1/received-total 7500',
    ]);
  });
  test('several data sets may share a line, addresses may be reduced, rates that never counted are passed over', () => {
    const text = plain(
      '0-0:96.1.0*255(77)',
      '1.8(5*kWh)1-1:2.8.0(6*kWh)(2611030000)',
      '1.8.3(000.0*kWh)',
      '1.8.4(1*kWh)',
    );
    const read = readExchange(text, everywhere);
    assert.deepEqual(short(read), [
      '77/delivered-total 5000',
      '77/received-total 6000',
      '77/delivered-rate-4 1000',
    ]);
  });
  test('the owner’s number goes beside the maker’s, an address on the line does not', () => {
    const sourceOf = (number: string) => {
      const [series] = readExchange(
        plain(`0.0.0(${number})`, 'C.1.0(55)', '1.8.0(1*kWh)'),
        everywhere,
      ).series;
      return [series?.source.meter, series?.source.point];
    };
    assert.deepEqual(sourceOf('1ISK0063355730'), ['55', '1ISK0063355730']);
    assert.deepEqual(sourceOf('12'), ['55', '']);
    assert.deepEqual(sourceOf('00000000'), ['55', '']);
  });
  test('a file that an editor saved with bare line feeds keeps its check', () => {
    const text = telegram('C.1.0(1000002)', '1.8.0(1*kWh)', '2.8.0(2*kWh)').replaceAll('\r\n', '\n');
    assert.deepEqual(problemsOf(readExchange(text, everywhere)), []);
  });
  test('a zone that is none refuses the file', () => {
    assert.equal(
      readExchange(one, { ...everywhere, zone: 'Asia/Nowhere' }).refused?.code,
      'mdm/exchange-bad-time',
    );
  });
});

describe('the meter’s own clock', () => {
  const instantOf = (sets: readonly string[], zone?: string, readAtMs?: number) => {
    const text = plain('C.1.0(1)', ...sets, '1.8.0(1*kWh)');
    const read = readExchange(text, {
      ...context,
      channelOf,
      ...(zone === undefined ? {} : { zone }),
      ...(readAtMs === undefined ? {} : { readAtMs }),
    });
    return entered(read)[0]?.split(' ')[1] ?? problemsOf(read)[0];
  };
  const times: readonly (readonly [string, readonly string[], string, string])[] = [
    ['digits alone', ['0.9.1(101500)', '0.9.2(261103)'], 'Asia/Kolkata', '2026-11-03T04:45:00.000Z'],
    [
      'dashes and colons',
      ['0.9.1(10:15:00)', '0.9.2(2026-11-03)'],
      'Asia/Kolkata',
      '2026-11-03T04:45:00.000Z',
    ],
    ['no seconds', ['0.9.1(10:15)', '0.9.2(26-11-03)'], 'Asia/Kolkata', '2026-11-03T04:45:00.000Z'],
    ['one address for both', ['0.9.4(261103101500)'], 'Asia/Kolkata', '2026-11-03T04:45:00.000Z'],
    [
      'summer by its digit',
      ['0.9.1(1023000)', '0.9.2(1261025)'],
      'Europe/Berlin',
      '2026-10-25T00:30:00.000Z',
    ],
    [
      'summer said in winter',
      ['0.9.1(120000)', '0.9.2(1260201)'],
      'Europe/Berlin',
      '2026-02-01T11:00:00.000Z',
    ],
    [
      'the repeated hour in summer time',
      ['0-0:1.0.0(261025023000S)'],
      'Europe/Berlin',
      '2026-10-25T00:30:00.000Z',
    ],
    [
      'the repeated hour in winter time',
      ['0-0:1.0.0(261025023000W)'],
      'Europe/Berlin',
      '2026-10-25T01:30:00.000Z',
    ],
    ['the repeated hour unsaid', ['0-0:1.0.0(261025023000)'], 'Europe/Berlin', '2026-10-25T00:30:00.000Z'],
    [
      'winter time all the year',
      ['0.9.1(120000)', '0.9.2(0260701)'],
      'Europe/Berlin',
      '2026-07-01T11:00:00.000Z',
    ],
    ['summer south of the equator', ['0.9.4(1260101120000)'], 'Australia/Sydney', '2026-01-01T01:00:00.000Z'],
    ['UTC by its digit', ['0.9.1(120000)', '0.9.2(2260701)'], 'Europe/Berlin', '2026-07-01T12:00:00.000Z'],
  ];
  for (const [name, sets, zone, instant] of times) {
    test(name, () => assert.equal(instantOf(sets, zone), instant));
  }
  test('in UTC needs no zone; without one a local time is none', () => {
    assert.equal(instantOf(['0.9.4(2260701120000)']), '2026-07-01T12:00:00.000Z');
    assert.equal(instantOf(['0.9.1(101500)', '0.9.2(261103)']), 'bad-time 5');
  });
  test('that is none, was never set or stands in an hour that was skipped leaves it to the time of the tour', () => {
    const none: readonly (readonly [readonly string[], string])[] = [
      [[], 'bad-time 1'],
      [['0.9.1(000000)', '0.9.2(000000)'], 'bad-time 5'],
      [['0.9.1(000712)', '0.9.2(000101)'], 'bad-time 5'],
      [['0.9.1(251500)', '0.9.2(261103)'], 'bad-time 5'],
      [['0.9.1(101500)', '0.9.2(03.11.26)'], 'bad-time 5'],
      [['0.9.1(023000)', '0.9.2(260329)'], 'no-such-time 5'],
    ];
    for (const [sets, problem] of none) {
      assert.equal(instantOf(sets, 'Europe/Berlin'), problem);
      assert.equal(instantOf(sets, 'Europe/Berlin', noon), '2026-11-20T12:00:00.000Z');
    }
  });
});

describe('a hand-held’s file at the desk', () => {
  let trial: Trial;
  before(async () => {
    trial = await openTrial({ usagePoints: 2, nowMs: noon, installedMs: noon - 30 * 86_400_000 });
    await trial.registry
      .updateTable('meter')
      .set({ serial: '1000001' })
      .where('usage_point_id', '=', 'UP-1')
      .execute();
  });
  after(() => trial.close());
  const clock = ['0.9.1(101500)', '0.9.2(261103)'];
  const content =
    plain(...clock, 'C.1.0(1000001)', '1.8.0(000123.456*kWh)') +
    plain(...clock, 'C.1.0(UP-2)', '1.8.0(000001.000*kWh)') +
    plain(...clock, 'C.1.0(9999999)', '1.8.0(000009.000*kWh)');
  const tour = { name: 'tour.iec', content, zone: 'Asia/Kolkata' };
  const readAt = Date.UTC(2026, 10, 3, 4, 45);

  test('is stored by serial numbers and usage points, and says that a hand-held brought it', async () => {
    const outcome = await trial.mdm.exchange.deliver(tour);
    assert.deepEqual([outcome.format, outcome.receipt.accepted, outcome.held.length], ['iec62056-21', 2, 1]);
    const [version] = await trial.mdm.versions('UP-1/delivered-total', readAt);
    assert.deepEqual(version?.origin, { source: 'import', reference: 'hand-held: tour.iec' });
    assert.equal(await trial.mdm.register('UP-2/delivered-total', readAt), 1000);
  });
  test('delivered twice changes nothing; the meter nobody knows waits once', async () => {
    const outcome = await trial.mdm.exchange.deliver(tour);
    assert.deepEqual([outcome.receipt.accepted, outcome.receipt.duplicates, outcome.held.length], [0, 2, 1]);
    assert.equal((await trial.mdm.versions('UP-1/delivered-total', readAt)).length, 1);
    const held = await trial.mdm.exchange.held({ after: 0, limit: 10 });
    assert.deepEqual(
      held.map(({ code, name }) => [code, name]),
      [['mdm/exchange-unknown-channel', 'hand-held: tour.iec']],
    );
  });
});
