/** Courses out of facts: what was read off a display is multiplied as readings are. */
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { virtualClock } from '@wattline/base';
import { openRegistry, type Registry } from '@wattline/store/registry';
import fc from 'fast-check';
import { AssetFacts, attributes } from './asset-facts.ts';
import { countedBetween } from './register-course.ts';
import { coursesKnown } from './register-courses.ts';

let registry: Registry;
before(async () => {
  registry = await openRegistry(':memory:');
});
after(() => registry.destroy());

test('a register counts each part of a day at the multiplier of its time, exchanged and rolled over between', async () => {
  let point = 0;
  const said = { author: 'Asha', reason: 'work order' };
  const facts = new AssetFacts(registry, virtualClock(0));
  const part = fc.record({
    flow: fc.nat(4999),
    factor: fc.constantFrom(1, 2, 20, 40, 120),
    first: fc.nat(9999),
  });
  const parts = fc.array(part, { minLength: 2, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(parts, fc.nat(9999), async (days, first) => {
      const subject = `channel/P-${point++}/delivered-total`;
      const fact = (attribute: string, fromMs: number, value: unknown) => ({
        subject,
        attribute,
        fromMs,
        value,
      });
      const told = [fact(attributes.dials, 0, 10_000)];
      let shown = first;
      let sum = 0;
      days.forEach(({ flow, factor, first: next }, i) => {
        told.push(fact(attributes.multiplier, i * 1000, { numerator: factor, denominator: 1 }));
        shown = (shown + flow) % 10_000;
        sum += flow * factor;
        if (i === days.length - 1) return;
        told.push(fact(attributes.break, (i + 1) * 1000, { before: shown, after: next }));
        shown = next;
      });
      await facts.record(told, said);
      const course = (await coursesKnown(facts, subject)).get(subject);
      assert.ok(course);
      const [start, last] = [days[0], days.at(-1)];
      assert.ok(start && last);
      const span = {
        start: 0.5,
        from: first * start.factor,
        end: days.length,
        to: shown * last.factor,
      };
      assert.equal(countedBetween(span, course), sum);
    }),
    { numRuns: 25 },
  );
});
