/** Flags become the one mark that a reader must know first. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quality } from '@wattline/model';
import { countMarks, markOf } from './quality-mark.ts';

const cases: readonly (readonly [number, string, string])[] = [
  [quality.measured, 'measured', 'a plain reading is measured'],
  [quality.measured | quality.final, 'measured', 'a final reading is measured'],
  [quality.missing, 'missing', 'a slot never heard of is missing'],
  [0, 'missing', 'no flag at all promises nothing'],
  [quality.measured | quality.suspect, 'suspect', 'a doubted reading is suspect'],
  [
    quality.estimated | quality.suspect,
    'estimated',
    'an estimate in place of a suspect reading is an estimate',
  ],
  [quality.measured | quality.powerFail, 'power-off', 'a zero without supply is a true zero'],
  [quality.missing | quality.powerFail, 'missing', 'without a value it is missing, whatever the cause'],
  [quality.edited | quality.manual, 'edited', 'a value set by a person is edited'],
  [quality.measured | quality.clockDoubtful, 'doubtful-clock', 'a reading by a doubtful clock says so'],
];
for (const [bits, mark, sentence] of cases) {
  test(sentence, () => assert.equal(markOf(bits), mark));
}

test('counts name every mark, also those that do not occur', () => {
  const counts = countMarks(['measured', 'measured', 'missing']);
  assert.equal(counts.measured, 2);
  assert.equal(counts.missing, 1);
  assert.equal(counts.estimated, 0);
});
