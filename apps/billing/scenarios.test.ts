import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, test } from 'node:test';
import { formatDecimal, parseDecimal } from '@wattline/base';
import type { Bill, BillExplanation } from '@wattline/model';
import { billedTown } from './fixture/billed-town.ts';
import { readScenario, type ScenarioFolder } from './fixture/scenario-folder.ts';

const folder = new URL('./scenarios/', import.meta.url);
const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());

describe('a billing clerk gives, runs and expects', () => {
  for (const { name } of names) {
    test(name.replaceAll('-', ' '), async () => {
      const scenario = readScenario(new URL(`${name}/`, folder));
      const town = await billedTown({ ...scenario.run, tariff: scenario.tariff });
      scenario.fill(town.readings);
      const { usagePointId, month } = scenario.run;
      const bill = await town.billing.run(usagePointId, month);
      assert.deepEqual(factsOf(bill), expectedFacts(scenario));
      assertConserved(bill, await town.billing.explain(bill.id));
      await town.clock.advance(86_400_000);
      assert.deepEqual(await town.billing.replay(bill.id), { isSame: true, bill });
      await town.close();
    });
  }
});

function expectedFacts({ bill, lines, determinants }: ScenarioFolder) {
  return { bill: { ...bill }, lines: lines.map(plain), determinants: determinants.map(plain) };
}

function plain(row: Readonly<Record<string, string>>) {
  return { ...row };
}

/** The bill in the clerk's columns. */
function factsOf(bill: Bill) {
  const money = (amount: string) => formatDecimal(BigInt(amount), bill.minorDigits);
  const { difference, agrees } = bill.registerCheck;
  return {
    bill: {
      state: bill.state,
      start: bill.start,
      end: bill.end,
      total: money(bill.total),
      register_difference: difference ?? '',
      register_agrees: agrees === null ? '' : String(agrees),
    },
    lines: bill.lines.map(({ id, quantity, unit, price, amount }) => ({
      line: id,
      quantity,
      unit,
      price,
      amount: money(amount),
    })),
    determinants: bill.determinants.map(({ id, quantity, intervals, estimated, missing }) => ({
      determinant: id,
      quantity,
      intervals: String(intervals),
      estimated: String(estimated),
      missing: String(missing),
    })),
  };
}

/** What holds of every bill: lines sum to the total, and the days of each line to its determinant. */
function assertConserved(bill: Bill, explanation: BillExplanation): void {
  const sum = bill.lines.reduce((total, { amount }) => total + BigInt(amount), 0n);
  assert.equal(String(sum), bill.total);
  assert.deepEqual(
    explanation.lines.map(({ lineId }) => lineId),
    bill.lines.map(({ id }) => id),
  );
  for (const { determinant, days } of explanation.lines) {
    if (determinant?.unit !== 'kWh') continue;
    const wh = days.reduce((total, day) => total + BigInt(day.wh), 0n);
    assert.equal(wh, parseDecimal(determinant.quantity, 3));
    for (const count of ['intervals', 'estimated', 'missing'] as const) {
      const counted = days.reduce((total, day) => total + day[count], 0);
      assert.equal(counted, determinant[count]);
    }
  }
}
