/** The display of a meter as text. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MomentDisplay } from '@wattline/model';
import { renderDisplay } from './meter-show-display.ts';

test('a terminal shows the segments that are driven, the point, and each sign in its place', () => {
  const now = { code: '1.8.0', digits: '-0.1', decimals: 1, unit: 'kWh', segments: [0x40, 0x3f, 0x06] };
  const display: MomentDisplay = {
    ...{ isLit: false, dwellS: 8, quadrant: 2, rate: 1, now, automatic: [], manual: [] },
    signs: ['L1', 'tampered', 'credit-low'],
  };
  assert.deepEqual(renderDisplay(display), [
    '+-------------------------------------------------+',
    '| 1.8.0       T1                              kWh |',
    '|                                         _       |',
    '|                                     _  | |   |  |',
    '|                                        |_|.  |  |',
    '| L1       QII       TAMPER                CREDIT |',
    '+-------------------------------------------------+',
  ]);
});
