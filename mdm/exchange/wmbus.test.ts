import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { context, noData, sampleCollection } from './exchange-fixture.ts';
import { exchangeFormatOf, readExchange } from './index.ts';
import { readTelegram } from './wmbus-frame.ts';

/** A 32-bit total of 8,765 x 10 Wh and 12 x 10 Wh backwards, of meter 12345678 made by ABC, without encryption. */
const records = '04043D220000' + '04843C0C000000';
const telegram = (body: string, ci = '7A01000000') => {
  const rest = `44${'4304'}${'78563412'}0102${ci}${body}`;
  return (rest.length / 2).toString(16).padStart(2, '0') + rest;
};
const instant = '2026-05-03T10:15:00Z';

describe('a drive-by file', () => {
  test('gives the totals of electricity meters both ways, at the instant they were heard', () => {
    const read = readExchange(`${instant} ${telegram(records)}\n`, {
      ...context,
      channelOf: ({ meter, quantity }) => (meter === '12345678' ? `UP-1/${quantity.direction}-total` : null),
    });
    assert.equal(read.format, 'wmbus');
    assert.deepEqual(
      read.series.map(({ channel, blocks }) => [channel, blocks[0]?.startMs, blocks[0]?.value[0]]),
      [
        ['UP-1/delivered-total', Date.parse(instant), 87_650],
        ['UP-1/received-total', Date.parse(instant), 120],
      ],
    );
  });
  test('takes the instant of the trip where lines have none, and refuses values without any', () => {
    const text = `# street 4\ntelegram=|${telegram(records)}|+5\n`;
    assert.equal(readExchange(text, context).refused?.code, 'mdm/exchange-bad-time');
    const read = readExchange(text, { ...context, readAtMs: 5000 });
    assert.equal(read.held[0]?.blocks[0]?.startMs, 5000);
  });
  test('may hear a meter twice: the same total at the same instant is one', () => {
    const line = `${instant};${telegram(records)}\n`;
    assert.deepEqual(readExchange(line + line, context).counts.duplicates, 2);
  });
  test('of which a line is broken keeps the others and says where', () => {
    const good = `${instant} ${telegram(records)}`;
    const broken = [
      [good.slice(0, -4), 'mdm/exchange-half-written'],
      [`${good}00`, 'mdm/exchange-bad-record'],
      [good.slice(0, -1), 'mdm/exchange-bad-record'],
      [`yesterday-1-1T ${telegram(records)}`, 'mdm/exchange-bad-record'],
      [`2026-02-31T10:00:00Z ${telegram(records)}`, 'mdm/exchange-bad-time'],
      [`${instant} ${telegram('A1B2C3D4', '7A01002025')}`, 'mdm/exchange-encrypted'],
      [`${instant} ${telegram('0FAABB')}`, 'mdm/exchange-bad-record'],
      [`${instant} ${telegram(records, '55')}`, 'mdm/exchange-bad-record'],
    ] as const;
    for (const [line, code] of broken) {
      const read = readExchange(`${line}\n${good}\n`, { ...context, readAtMs: 1 });
      assert.deepEqual([read.problems[0]?.code, read.problems[0]?.where.line], [code, 1], line);
      assert.equal(read.counts.held, 2, line);
    }
    const cut = readExchange(`${good}\n${good}`, context);
    assert.equal(cut.problems.find(({ code }) => code === 'mdm/exchange-half-written')?.where.line, 2);
  });
  test('says in words what of a meter is not read: compact frames, fragments, modes of encryption', () => {
    const read = (body: string, ci: string) =>
      readExchange(`${instant} ${telegram(body, ci)}\n`, { ...context, readAtMs: 1 }).problems[0]?.message ??
      '';
    assert.match(read('AABBCCDD', '79'), /a compact frame/);
    assert.match(read('020040AABBCC', '90'), /several fragments/);
    assert.match(read('A1B2C3D4', '7A01000009'), /security mode 9, no key of meter 12345678/);
  });
  test('is answered whatever the octets of a telegram are', () => {
    const whole = Uint8Array.fromHex(telegram(records));
    for (let length = 0; length <= whole.length; length++) readTelegram(whole.subarray(0, length));
    for (let at = 0; at < whole.length; at++) {
      for (let octet = 0; octet < 256; octet++) {
        const changed = whole.slice();
        changed[at] = octet;
        readTelegram(changed);
      }
    }
  });
});

/** What the other reader made of a telegram. */
interface Theirs {
  readonly id: string;
  readonly total_m3?: number;
  readonly total_energy_consumption_kwh?: number;
  readonly total_energy_production_kwh?: number;
}

/**
 * One line of the collection expects 6.548 of 0C 13 48 56 00 00: eight digits of BCD, the lowest octet first, in thousandths of a
 * cubic metre (EN 13757-3), which is 5.648. The line before it expects 5.548 of 48 55 00 00, read as we do: two digits changed places.
 */
const isSlip = (wanted: number) => wanted === 6.548;

describe('telegrams that another reader of wM-Bus read too', { skip: noData }, () => {
  const pairs = () =>
    Object.values(sampleCollection('data/F06_wmbus_telegrams.json.gz')).flatMap((text) => {
      const lines = text.split('\n');
      return lines.flatMap((line, i) => {
        const next = lines[i + 1] ?? '';
        return line.startsWith('telegram=|') && next.startsWith('{')
          ? [{ line, theirs: JSON.parse(next) as Theirs }]
          : [];
      });
    });
  const totalsOf = (line: string) => {
    const read = exchangeFormatOf('wmbus')?.read?.(`${line}\n`, { ...context, readAtMs: 1 });
    return (read?.held ?? []).map(({ source, blocks }) => ({
      id: source.meter,
      direction: source.quantity.direction,
      unit: source.quantity.unit,
      value: (blocks[0]?.value[0] ?? Number.NaN) * 10 ** source.quantity.scale,
    }));
  };

  test('have the same number and the same total, or are refused because their maker speaks a language of its own', () => {
    let same = 0;
    const silent = new Set<string>();
    for (const { line, theirs } of pairs()) {
      const wanted = theirs.total_m3 ?? theirs.total_energy_consumption_kwh;
      if (wanted === undefined || isSlip(wanted)) continue;
      const ours = totalsOf(line).filter(
        ({ direction, unit }) => direction === 'delivered' && !unit.startsWith('J'),
      );
      const isVolume = theirs.total_m3 !== undefined;
      const found = ours.find(({ unit }) => unit.startsWith('m3') === isVolume);
      if (!found) silent.add(theirs.id);
      else {
        assert.equal(found.id, theirs.id);
        assert.ok(Math.abs(found.value / (isVolume ? 1 : 1000) - wanted) < 5e-7 * Math.max(1, wanted), line);
        same++;
      }
    }
    assert.deepEqual([same, silent.size], [20, 14]);
  });
  test('of which one is expected with two digits exchanged say what their octets say', () => {
    const slip = pairs().findIndex(({ theirs }) => isSlip(theirs.total_m3 ?? 0));
    const volumes = pairs()
      .slice(slip - 1, slip + 1)
      .map(({ line }) => totalsOf(line)[0]);
    assert.deepEqual(
      volumes.map((volume) => volume?.value.toFixed(3)),
      ['5.548', '5.648'],
    );
  });
  test('of an electricity meter give both directions in watt-hours', () => {
    const electric = pairs().find(({ theirs }) => theirs.total_energy_consumption_kwh === 7.94);
    assert.ok(electric);
    assert.deepEqual(
      totalsOf(electric.line).map(({ id, direction, value }) => [id, direction, value]),
      [
        ['32666857', 'delivered', 7940],
        ['32666857', 'received', 0],
      ],
    );
  });
});
