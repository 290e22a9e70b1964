/** Display, digits and phasors of the meter's page. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fixtureMoment, plainMoment } from '../stories/fixture-moment.ts';
import { annunciators, displayPages } from './display-list.ts';
import { phasorTips } from './phasor-layout.ts';
import { displayPlaces } from './seven-segments.ts';

describe('the display of a meter', () => {
  test('shows energy in kWh to the last Wh, without rounding, then the moment of each phase', () => {
    const pages = displayPages(fixtureMoment);
    assert.deepEqual(
      pages.slice(0, 2).map(({ code, value, unit }) => [code, value, unit]),
      [
        ['1.8.0', '24872.412', 'kWh'],
        ['1.8.1', '8190.533', 'kWh'],
      ],
    );
    const small = { obis: '1.0.2.8.0.255', name: '-A total', value: '7', unit: 'Wh' };
    assert.equal(displayPages({ ...fixtureMoment, registers: [small] })[0]?.value, '0.007');
    assert.ok(pages.some(({ code, value }) => code === '52.7.0' && value === '229.4'));
    assert.equal(pages.at(-1)?.value, '49.98');
  });
  test('its signs tell phases, direction of energy and an open switch', () => {
    assert.deepEqual(annunciators(fixtureMoment), ['L1', 'L2', 'L3', '+P']);
    assert.deepEqual(annunciators(plainMoment), ['L1', '\u2212P', 'OFF']);
  });
  test('digits stand to the right, a point belongs to the digit before it, what does not fit loses its highest', () => {
    const places = displayPlaces('-12.5', 6);
    assert.deepEqual(
      places.map(({ on }) => [...on].toSorted().join('')),
      ['', '', 'g', 'bc', 'abdeg', 'acdfg'],
    );
    assert.deepEqual(
      places.map(({ hasPoint }) => hasPoint),
      [false, false, false, false, true, false],
    );
    assert.equal([...(displayPlaces('12345', 3)[0]?.on ?? [])].toSorted().join(''), 'abcdg');
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
