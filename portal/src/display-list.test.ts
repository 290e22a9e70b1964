/** Display and phasors of the meter's page. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fixtureDisplay, fixtureMoment, plainMoment } from '../stories/fixture-moment.ts';
import { displayFigure, displayPlaces, placedSigns, shownPage } from './display-list.ts';
import { phasorTips } from './phasor-layout.ts';

describe('the display of a meter', () => {
  test('draws the segments that the meter drives, and a point belongs to the digit before it', () => {
    const page = { code: '1.8.0', digits: '      -1', decimals: 1, unit: 'kWh', segments: [0, 0x40, 0x06] };
    const places = displayPlaces(page);
    assert.deepEqual(
      places.map(({ on }) => [...on].join('')),
      ['', 'g', 'bc'],
    );
    assert.deepEqual(
      places.map(({ hasPoint }) => hasPoint),
      [false, true, false],
    );
    assert.equal(displayFigure(fixtureDisplay.now), '24872.41');
  });
  test('shows what stands there; the button goes through both lists and begins again', () => {
    const codes = [0, 1, 2, 5, 6, 7].map((presses) => shownPage(fixtureDisplay, presses).code);
    assert.deepEqual(codes, ['1.8.0', '1.8.0', '2.8.0', '1.8.1', '32.7.0', '1.8.0']);
    const { display } = plainMoment;
    assert.equal(display && shownPage(display, 3), display?.now);
  });
  test('every sign has its place, whether others are on or not', () => {
    const placeOf = (signs: ReturnType<typeof placedSigns>, text: string) =>
      signs.find((sign) => sign.text === text)?.at;
    const few = placedSigns({ ...fixtureDisplay, signs: ['communicating'], quadrant: null });
    assert.deepEqual(
      few.map(({ text }) => text),
      ['COM'],
    );
    const { display } = plainMoment;
    assert.ok(display);
    const all = placedSigns(display);
    assert.equal(placeOf(all, 'COM'), few[0]?.at);
    assert.equal(placeOf(all, 'QIII'), placeOf(placedSigns(fixtureDisplay), 'QI'));
  });
});

describe('phasors', () => {
  test('L1 points right, L2 a third of a turn clockwise, a lagging current behind its voltage', () => {
    const [voltage1, current1, voltage2] = phasorTips(fixtureMoment);
    assert.ok(voltage1 && current1 && voltage2);
    assert.deepEqual([voltage1.x, voltage1.y], [1, 0]);
    assert.ok(current1.y > 0 && current1.x > 0);
    assert.ok(voltage2.x < 0 && voltage2.y > 0);
    assert.ok(Math.hypot(voltage2.x, voltage2.y) < 1);
  });
  test('without angles there is none', () => {
    assert.deepEqual(phasorTips(plainMoment), []);
  });
});
