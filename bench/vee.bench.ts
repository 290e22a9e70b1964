/**
 * How right are the estimates, and how often does a rule fail a day that nothing is wrong with?
 *
 * Known intervals of real data are hidden, gap by gap, and estimated as the product does it: by the first step of the ladder
 * that knows, with the register of the day and without. Error is the sum of absolute differences over the sum of the true
 * values, bias the sum of differences over the same. False positives are failures on untouched days, a thousand days.
 *
 * On paper: nothing can be told of a home's next half-hour better than its own spread; London's half-hours scatter by about
 * 60 % of their mean about the like-day mean, so an error of 40 to 60 % over single intervals is what is to be had, and one
 * near 20 % over a day. With a register bias is 0 by construction.
 *
 * `--write` puts the tables into docs/reference/estimation-accuracy.md.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '@wattline/base';
import { policyOf, type RulePack, rulePacks } from '@wattline/mdm';
import { isQuick, printFigure } from './figure.ts';
import { accuracyPage, type SetResult } from './vee/accuracy-page.ts';
import { crossSets } from './vee/cross-series.ts';
import { dataAbsence, dataSets } from './vee/real-series.ts';
import { countSums, publishedSums } from './vee/sum-trials.ts';
import { countCross, countFalsePositives, type MethodError, tryEstimates } from './vee/trials.ts';

const size = isQuick ? { meters: 10, gaps: 60, everyDay: 7 } : { meters: 60, gaps: 1500, everyDay: 1 };

function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : (part / whole) * 100;
}

function printEstimate(set: string, pack: string, entry: MethodError): void {
  const { method, gapHours, isBound, gaps } = entry;
  const name = `${set}/${pack}/${method}/${gapHours}h/${isBound ? 'register' : 'free'}`;
  const about = { bench: 'vee', unit: '%', higherIsBetter: false, size: `${gaps} gaps` };
  printFigure({ ...about, figure: `error/${name}`, value: percent(entry.absolute, entry.actual) });
  printFigure({ ...about, figure: `bias/${name}`, value: percent(entry.signed, entry.actual) });
}

if (dataAbsence) console.error(`bench vee: skipped, ${dataAbsence}`);
else {
  const results: SetResult[] = [];
  for (const set of dataSets) {
    const meters = set.read(size.meters);
    const temperatures = set.temperatures?.() ?? null;
    const packs = rulePacks.map((pack) => {
      const policy = policyOf(pack);
      const estimates = tryEstimates(meters, temperatures, {
        policy,
        random: seededRandom(`vee ${set.id}`),
        gaps: size.gaps,
      });
      const counts = countFalsePositives(meters, set, policy, size.everyDay);
      for (const entry of estimates) printEstimate(set.id, pack.id, entry);
      for (const { rule, judged, failed } of counts) {
        printFigure({
          bench: 'vee',
          figure: `false-positives/${set.id}/${pack.id}/${rule}`,
          value: (failed / judged) * 1000,
          unit: 'of 1,000 days',
          higherIsBetter: false,
          size: `${judged} days`,
        });
      }
      const sums = countSums(meters, policy, size.everyDay);
      for (const { sumCase, judged, failed } of sums) {
        if (judged === 0) continue;
        printFigure({
          bench: 'vee',
          figure: `sum-check/${set.id}/${pack.id}/${sumCase.id}`,
          value: (failed / judged) * 1000,
          unit: 'of 1,000 days',
          higherIsBetter: sumCase.isFault,
          target: sumCase.isFault ? 1000 : 0,
          size: `${judged} days`,
        });
      }
      return { pack: pack.id, estimates, counts, sums };
    });
    results.push({ id: set.id, title: set.title, meters: meters.length, packs });
  }
  const crosses = crossSets.map((set) => ({
    id: set.id,
    title: set.title,
    packs: rulePacks.map((pack) => ({ pack: pack.id, counts: countCross(set, policyOf(pack)) })),
  }));
  for (const { id, packs } of crosses) {
    for (const { pack, counts } of packs) {
      for (const { rule, judged, failed } of counts) {
        printFigure({
          bench: 'vee',
          figure: `false-positives/${id}/${pack}/${rule}`,
          value: (failed / judged) * 1000,
          unit: 'of 1,000 days',
          higherIsBetter: false,
          size: `${judged} days`,
        });
      }
    }
  }
  if (process.argv.includes('--write')) {
    const page = join(import.meta.dirname, '../docs/reference/estimation-accuracy.md');
    writeFileSync(
      page,
      accuracyPage(results, {
        crosses,
        published: publishedSums(policyOf(rulePacks[0] as RulePack)),
        command: isQuick ? 'npm run bench vee -- --quick --write' : 'npm run bench vee -- --write',
      }),
    );
  }
}
