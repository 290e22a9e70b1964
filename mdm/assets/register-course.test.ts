/** What registers count over exchanges, rollovers and multipliers, whatever they showed; and the published cases. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { countedBetween, plainCourse, type RegisterBreak, stretchesBetween } from './register-course.ts';

/** Energies between the events of a register, Wh. */
const energies = fc.array(fc.integer({ min: 0, max: 4_000_000 }), { minLength: 1, maxLength: 8 });

describe('what a register counts', () => {
  test('is what flowed, however often meters were exchanged and wherever the new ones began', () => {
    fc.assert(
      fc.property(energies, fc.array(fc.nat(99_999_999), { minLength: 9, maxLength: 9 }), (flows, firsts) => {
        const breaks: RegisterBreak[] = [];
        let shown = firsts[0] as number;
        const from = shown;
        flows.forEach((flow, i) => {
          shown += flow;
          if (i === flows.length - 1) return;
          const after = firsts[i + 1] as number;
          breaks.push({ at: i + 1, before: shown, after });
          shown = after;
        });
        const span = { start: 0, from, end: flows.length, to: shown };
        const sum = flows.reduce((total, flow) => total + flow, 0);
        assert.equal(countedBetween(span, { breaks, dials: [] }), sum);
        const parts = stretchesBetween(span, { breaks, dials: [] });
        assert.deepEqual(
          parts.map(({ counted }) => counted),
          flows,
        );
      }),
    );
  });
  test('is what flowed when it rolls over at its last dial, up to half of what it holds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 8 }), fc.nat(), fc.nat(), (digits, first, energy) => {
        const rollsOverAt = 10 ** digits;
        const from = first % rollsOverAt;
        const flow = energy % (rollsOverAt / 2);
        const span = { start: 0, from, end: 1, to: (from + flow) % rollsOverAt };
        const dials = [{ from: 0, rollsOverAt }];
        assert.equal(countedBetween(span, { breaks: [], dials: [{ from: -1, rollsOverAt }] }), flow);
        assert.equal(countedBetween({ ...span, start: 1, end: 2 }, { breaks: [], dials }), flow);
      }),
    );
  });
  test('of two spans is what the whole of them counts', () => {
    fc.assert(
      fc.property(energies, fc.nat(1_000_000), (flows, first) => {
        const shown = [first];
        for (const flow of flows) shown.push((shown.at(-1) as number) + flow);
        const span = (from: number, end: number) => ({
          start: from,
          from: shown[from] as number,
          end,
          to: shown[end] as number,
        });
        const middle = flows.length >> 1;
        const whole = countedBetween(span(0, flows.length), plainCourse);
        const parts =
          countedBetween(span(0, middle), plainCourse) +
          countedBetween(span(middle, flows.length), plainCourse);
        assert.equal(parts, whole);
      }),
    );
  });
});
