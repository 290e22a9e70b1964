/** The object of the display, asked over a link: the segments of the moment, and both lists with what would stand there. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { displayObis, displaySigns } from '@wattline/model';
import type { Data } from '@wattline/protocols/dlms';
import { elementsIn, numberIn, octetsIn } from '../cosem/fields.ts';
import { at, connect, testMeter } from '../meter-fixture.ts';
import { companionProfiles } from './companion-profiles.ts';

const startMs = at('2026-10-01T12:00:00Z');
const textOf = (data: Data | undefined) => Buffer.from(octetsIn(data as Data)).toString();

async function shown(profile: string) {
  const { meter } = testMeter({ startMs, profile, initial: { ratesWh: [1_234_567, 0], receivedWh: 0 } });
  meter.display.lists = { automatic: ['delivered'], manual: ['voltage', 'serial'], dwellS: 8 };
  const phasor = { voltageV: 231, currentA: 4, angleRad: -0.4 };
  meter.measure({ endMs: startMs + 1000, phasors: [phasor], frequencyHz: 50 });
  meter.sense({ terminalCoverOpen: true });
  meter.accumulate({ startMs: startMs + 1000, endMs: startMs + 2000, deliveredMws: 0, receivedMws: 0 });
  const reader = meter.clients.find(({ role }) => role === 'reader');
  const client = await connect(meter, reader?.name ?? '');
  return { meter, elements: elementsIn((await client.get(1, displayObis, 2)) as Data) };
}

describe('the object of the display', () => {
  for (const profile of Object.keys(companionProfiles)) {
    test(`of profile ${profile} holds the segments of the page that stands there, and its annunciators`, async () => {
      const { elements } = await shown(profile);
      const [lit, dwell, signs, quadrant, rate, now] = elements;
      assert.deepEqual(lit, { type: 'boolean', value: false });
      assert.deepEqual(
        [dwell, quadrant, rate].map((one) => numberIn(one as Data)),
        [8, 4, 1],
      );
      assert.ok(signs?.type === 'bit-string' && signs.bits === displaySigns.length);
      const isOn = (name: (typeof displaySigns)[number]) => {
        const bit = displaySigns.indexOf(name);
        return ((signs.value[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0;
      };
      assert.deepEqual(displaySigns.filter(isOn), ['L1', 'tampered', 'communicating']);
      const [code, digits, decimals, unit, segments] = elementsIn(now as Data);
      assert.deepEqual([code, digits, unit].map(textOf), ['1.8.0', '  123456', 'kWh']);
      assert.equal(numberIn(decimals as Data), 2);
      assert.deepEqual([...octetsIn(segments as Data)], [0, 0, 0x06, 0x5b, 0x4f, 0x66, 0x6d, 0x7d]);
    });
  }
  test('holds both lists with what would stand there', async () => {
    const { elements } = await shown('demo');
    const lists = elements.slice(6).map((list) => elementsIn(list as Data).map(elementsIn));
    assert.deepEqual(
      lists.map((pages) => pages.map(([code, digits]) => [textOf(code), textOf(digits)])),
      [
        [['1.8.0', '  123456']],
        [
          ['32.7.0', '    2310'],
          ['C.0', '      42'],
        ],
      ],
    );
  });
});
