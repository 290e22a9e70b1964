import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { divideRounded, parseDecimal } from '@wattline/base';
import fc from 'fast-check';
import { kiloText, readAmount, readFactor } from './amount.ts';
import { csvField, readRows } from './csv-rows.ts';
import { context } from './exchange-fixture.ts';
import { readExchange } from './index.ts';
import { compactTime, daysOf, isoInstant, localClock } from './time-label.ts';
import { escapeXml, parseXml, textAt } from './xml-reader.ts';

describe('numbers are read exactly', () => {
  test('the quick way and the long way agree with the exact decimal', () => {
    const text = fc
      .tuple(fc.nat(), fc.stringMatching(/^\d{0,6}$/), fc.constantFrom('', '-', '+'))
      .map(([whole, digits, sign]) => `${sign}${whole}${digits === '' ? '' : `.${digits}`}`);
    fc.assert(
      fc.property(text, fc.constantFrom(0, 3, 6), (spelled, exponent) => {
        const amount = readAmount(spelled, exponent);
        const exact = parseDecimal(spelled, exponent);
        const fine = parseDecimal(spelled, exponent + 12);
        if (typeof amount === 'string') {
          assert.ok(!Number.isSafeInteger(Number(exact)));
          return;
        }
        assert.equal(BigInt(amount.value), exact);
        assert.equal(amount.isRounded, fine !== exact * 10n ** 12n);
      }),
    );
  });
  test('a calculation constant multiplies without loss', () => {
    const factor = readFactor('0.025');
    assert.ok(factor);
    assert.deepEqual(readAmount('1.001', 3, factor), {
      value: Number(divideRounded(25_025n, 1000n, 'half-even')),
      isRounded: true,
    });
    assert.equal(readFactor('-1'), null);
  });
  test('watt-hours are written as kilowatt-hours with three decimals', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        assert.equal(parseDecimal(kiloText(value), 3), BigInt(value));
      }),
    );
  });
});

describe('times', () => {
  test('days of the calendar agree with the runtime, leap years included', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 9999 }),
        fc.integer({ min: 0, max: 13 }),
        fc.nat(32),
        (y, m, d) => {
          const text = `${String(y).padStart(4, '0')}-${String(m).padStart(2, '0')}-${String(d).padStart(2, '0')}`;
          let expected = Number.NaN;
          try {
            expected = Temporal.PlainDate.from(text).toZonedDateTime('UTC').epochMilliseconds / 86_400_000;
          } catch {
            // No such day: NaN is expected.
          }
          assert.equal(daysOf(y, m, d), expected);
        },
      ),
    );
  });
  test('offsets are east of UTC', () => {
    assert.equal(compactTime('202401010000', 600), Date.UTC(2023, 11, 31, 14));
    assert.equal(isoInstant('2013-07-30T17:25:07.013+01:00'), Date.UTC(2013, 6, 30, 16, 25, 7, 13));
    assert.equal(isoInstant('2013-07-30T17:25'), null);
    assert.equal(compactTime('202413010000', 0), null);
  });
  test('a local clock goes through a day of 25 hours and one of 23 hours without gap or repeat', () => {
    for (const [date, hours] of [
      ['2024-10-27', 25],
      ['2024-03-31', 23],
    ] as const) {
      const start = Temporal.PlainDate.from(date).toZonedDateTime('Europe/Berlin').epochMilliseconds;
      const clock = localClock('Europe/Berlin');
      for (let i = 0; i < hours * 4; i++) {
        const instant = start + i * 900_000;
        const wall = Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO('Europe/Berlin');
        const wallMs = wall.toPlainDateTime().toZonedDateTime('UTC').epochMilliseconds;
        assert.equal(clock(wallMs), instant);
      }
    }
    const skipped = localClock('Europe/Berlin')(Date.UTC(2024, 2, 31, 2, 30));
    assert.equal(skipped, 'mdm/exchange-no-such-time');
  });
  for (const label of ['start', 'end'] as const) {
    test(`a CSV in local time with ${label} labels has 100 quarter-hours on the day clocks go back`, () => {
      const zone = 'Europe/Berlin';
      const first = Temporal.PlainDate.from('2024-10-27').toZonedDateTime(zone).epochMilliseconds;
      const rows = Array.from({ length: 100 }, (_, i) => {
        const labelMs = first + (label === 'end' ? i + 1 : i) * 900_000;
        const wall = Temporal.Instant.fromEpochMilliseconds(labelMs)
          .toZonedDateTimeISO(zone)
          .toPlainDateTime();
        return `P,delivered,${wall.toString()},900,${i},Wh`;
      });
      const text = `point,readingType,${label},intervalSeconds,value,unit\n${rows.join('\n')}\n`;
      const read = readExchange(text, { ...context, zone });
      const [block, ...others] = read.series[0]?.blocks ?? [];
      assert.deepEqual([block?.startMs, block?.value.length, others.length], [first, 100, 0]);
      assert.equal(block?.value[99], 99);
    });
  }
});

describe('XML is read strictly', () => {
  const good: readonly (readonly [string, string])[] = [
    ['<a>1 &lt; 2 &amp; &#x41;&#66;</a>', '1 < 2 & AB'],
    ['\uFEFF<?xml version="1.0"?><!-- c --><a><![CDATA[<b>]]></a>\n', '<b>'],
  ];
  for (const [text, content] of good) {
    test(JSON.stringify(text), () => {
      const root = parseXml(text);
      assert.ok(root.ok);
      assert.equal(root.value.text, content);
    });
  }
  test('prefixes are resolved, lines are counted', () => {
    const root = parseXml('<p:a xmlns:p="urn:x" xmlns="urn:y">\n<b>\n<c k="1"/></b></p:a>');
    assert.ok(root.ok);
    const [b] = root.value.children;
    assert.deepEqual([root.value.name, root.value.namespace, b?.namespace], ['a', 'urn:x', 'urn:y']);
    assert.deepEqual([b?.line, b?.children[0]?.line, b?.children[0]?.attributes.k], [2, 3, '1']);
  });
  const bad: readonly (readonly [string, string])[] = [
    ['<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', 'mdm/exchange-bad-xml'],
    ['<a>&unknown;</a>', 'mdm/exchange-bad-xml'],
    ['<a>&#0;</a>', 'mdm/exchange-bad-xml'],
    ['<a>&#xD800;</a>', 'mdm/exchange-bad-xml'],
    ['<a>a & b</a>', 'mdm/exchange-bad-xml'],
    ['<a></b>', 'mdm/exchange-bad-xml'],
    ['<a/><b/>', 'mdm/exchange-bad-xml'],
    ['<a k="1" k="2"/>', 'mdm/exchange-bad-xml'],
    ['<a k=1/>', 'mdm/exchange-bad-xml'],
    ['<p:a/>', 'mdm/exchange-bad-xml'],
    ['text', 'mdm/exchange-bad-xml'],
    ['<a>'.repeat(65), 'mdm/exchange-bad-xml'],
    ['<a><b>', 'mdm/exchange-half-written'],
    ['<a k="1', 'mdm/exchange-half-written'],
    ['<a><!-- ', 'mdm/exchange-half-written'],
    ['', 'mdm/exchange-half-written'],
  ];
  for (const [text, code] of bad) {
    test(`${JSON.stringify(text.slice(0, 50))} is ${code}`, () => {
      const root = parseXml(text);
      assert.equal(root.ok ? '' : root.error.code, code);
    });
  }
  test('escaped text and attributes come back', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ -~]*$/), (text) => {
        const root = parseXml(`<a k="${escapeXml(text)}"><b>${escapeXml(text)}</b></a>`);
        assert.ok(root.ok);
        assert.equal(root.value.attributes.k, text);
        assert.equal(textAt(root.value, 'b'), text.trim());
      }),
    );
  });
});

describe('delimited rows', () => {
  test('quoted fields come back, line ends inside them too', () => {
    const field = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', ';', ' ', 'é') });
    fc.assert(
      fc.property(fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { minLength: 1 }), (table) => {
        const text = table.map((row) => row.map((cell) => csvField(cell, ',')).join(',')).join('\n');
        const { rows, isFinished } = readRows(`${text}\n`, ',');
        assert.equal(isFinished, true);
        const wanted = table.filter((row) => row.some((cell) => cell !== '') || row.length > 1);
        assert.deepEqual(
          rows.map(({ fields }) => fields),
          wanted,
        );
      }),
    );
  });
  test('an open quote leaves the text unfinished', () => {
    assert.equal(readRows('a,"b\nc,d\n', ',').isFinished, false);
  });
});
