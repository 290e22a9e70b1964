/** The display: figures, scrolling, buttons, annunciators. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { at, testMeter, wattHour } from '../meter-fixture.ts';
import { scrollLists } from './scroll-list.ts';

const startMs = at('2026-10-01T12:00:00Z');

function shown() {
  const { meter } = testMeter({ startMs, initial: { ratesWh: [1_234_567, 0], receivedWh: 0 } });
  const names = (fromS: number, toS: number) => {
    const seen: string[] = [];
    for (let second = fromS; second < toS; second++) {
      const { name } = meter.display.scene(startMs + second * 1000);
      if (seen.at(-1) !== name) seen.push(name);
    }
    return seen;
  };
  return { meter, names };
}

describe('the display', () => {
  test('goes through its list by itself, each figure for its time, and begins again', () => {
    const { names } = shown();
    const { automatic } = scrollLists.demo as (typeof scrollLists)['demo'] & object;
    const all = names(0, 64);
    assert.deepEqual([...all, ...all].join(' ').includes(automatic.join(' ')), true);
    assert.equal(all.length, 8);
  });
  test('cuts what it shows of a register, never rounds it up', () => {
    const { meter } = shown();
    meter.display.lists = { automatic: ['delivered'], manual: [], dwellS: 8 };
    const scene = meter.display.scene(startMs);
    assert.deepEqual([scene.digits, scene.decimals, scene.unit, scene.code], ['  123456', 2, 'kWh', '1.8.0']);
  });
  test('clock and date stand in three pairs of digits, zeros and all', () => {
    const { meter } = shown();
    const digitsOf = (name: 'time' | 'date', meterMs: number) => {
      meter.display.lists = { automatic: [name], manual: [], dwellS: 8 };
      return meter.display.scene(meterMs).digits;
    };
    const local = Temporal.Instant.fromEpochMilliseconds(startMs).toZonedDateTimeISO(meter.clock.zone.name);
    const [year, month, day] = local.toPlainDate().toString().slice(2).split('-');
    assert.equal(
      digitsOf('time', startMs),
      local.toPlainTime().toString({ smallestUnit: 'second' }).replaceAll(':', '-'),
    );
    assert.equal(digitsOf('date', startMs), `${day}-${month}-${year}`);
  });
  test('the first press lights it, the next go through the long list, and after two minutes it scrolls again', () => {
    const { meter, names } = shown();
    meter.display.press('scroll', startMs);
    assert.equal(meter.display.scene(startMs + 1000).isLit, true);
    for (let press = 1; press <= 6; press++) meter.display.press('scroll', startMs + press * 1000);
    assert.equal(meter.display.scene(startMs + 7000).name, 'rate-2');
    assert.equal(meter.display.scene(startMs + 70_000).isLit, false);
    assert.ok(names(130, 140).every((name) => name !== 'rate-2'));
  });
  test('the test lights every segment', () => {
    const { meter } = shown();
    meter.display.press('test', startMs);
    assert.ok(meter.display.scene(startMs + 10).segments.every((segments) => segments === 0x7f));
  });
  test('shows phases, quadrant, rate, switch and tamper as they are', () => {
    const { meter } = testMeter({ startMs, phases: 3 });
    meter.measure({
      endMs: startMs + 60_000,
      phasors: [
        { voltageV: 230, currentA: 5, angleRad: -2.5 },
        { voltageV: 20, currentA: 0, angleRad: 0 },
        { voltageV: 231, currentA: 5, angleRad: -2.5 },
      ],
      frequencyHz: 50,
    });
    meter.sense({ terminalCoverOpen: true });
    const from = meter.countedToMs;
    meter.accumulate({ startMs: from, endMs: from + 1000, deliveredMws: 0, receivedMws: 0 });
    meter.operateSwitch('remote-disconnect');
    const { annunciators } = meter.display.scene(startMs);
    assert.deepEqual(annunciators.phases, [true, true, true]);
    assert.deepEqual(
      [annunciators.isTampered, annunciators.isSwitchOpen, annunciators.rate],
      [true, true, 1],
    );
  });
  test('a missing phase and a quadrant show while current flows', () => {
    const { meter } = testMeter({ startMs, phases: 3 });
    const phase = { voltageV: 230, currentA: 5, angleRad: 2.5 };
    meter.show([phase, { ...phase, voltageV: 20 }, phase], 50);
    const { annunciators } = meter.display.scene(startMs);
    assert.deepEqual(annunciators.phases, [true, false, true]);
    assert.equal(annunciators.quadrant, 2);
  });
  test('a counter that is longer than the digits keeps its last ones', () => {
    const { meter } = testMeter({ startMs, initial: { ratesWh: [12_345_678_900, 0], receivedWh: 0 } });
    meter.display.lists = { automatic: ['delivered'], manual: [], dwellS: 8 };
    assert.equal(meter.display.scene(startMs).digits, '34567890');
  });
  test('every figure of every list can be shown', () => {
    const { meter } = testMeter({ startMs });
    meter.accumulate({ startMs, endMs: startMs + 900_000, deliveredMws: 1000 * wattHour, receivedMws: 0 });
    for (const lists of Object.values(scrollLists)) {
      for (const name of [...lists.automatic, ...lists.manual]) {
        meter.display.lists = { automatic: [name], manual: [], dwellS: 1 };
        const scene = meter.display.scene(startMs);
        assert.equal(scene.digits.length, 8, name);
        assert.equal(scene.segments.length, 8);
      }
    }
  });
});
