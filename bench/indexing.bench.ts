/**
 * How often does consumer indexing find a meter that is written down at the wrong place, and how often does it doubt one that is right?
 *
 * The hard case: the three phases of one transformer, whose voltages move together (the changes of B01's first and third phase
 * correlate by 0.92). Meters of two transformers are further apart.
 *
 * On paper: the mean of m changes of a correlation r is known to about (1 - r^2) / sqrt(m), so that a day of quarter-hours tells 0.97
 * from 0.92 with ease where nothing else moves a meter's voltage; the drop in its own service does, unless its energy is at hand.
 *
 * `--write` puts the table into docs/reference/consumer-indexing.md.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '@wattline/base';
import { indexConsumers } from '@wattline/mdm';
import { isQuick, printFigure } from './figure.ts';
import { readPhases } from './indexing/real-voltages.ts';
import { type StreetOptions, streetOf } from './indexing/street.ts';
import { dataAbsence, dataSets } from './vee/real-series.ts';

const streets = isQuick ? 5 : 24;
const wrong = 3;

interface Outcome {
  readonly options: StreetOptions;
  /** Of the meters written down wrong, %: found with their place, and doubted for a third one. */
  readonly found: number;
  readonly third: number;
  /** Of those written down right, %: doubted. */
  readonly falselyDoubted: number;
}

function tryStreets(options: StreetOptions): Outcome {
  const random = seededRandom('consumer indexing');
  const count = { wrong: 0, found: 0, third: 0, right: 0, doubted: 0 };
  for (let street = 0; street < streets; street++) {
    const meters = streetOf(phases, loads, random, options);
    for (const { id, node, best, isDoubted } of indexConsumers(meters)) {
      const truth = meters.find((meter) => meter.id === id)?.truth;
      if (truth === node) {
        count.right++;
        if (isDoubted) count.doubted++;
      } else {
        count.wrong++;
        if (isDoubted && best.node === truth) count.found++;
        else if (isDoubted) count.third++;
      }
    }
  }
  const share = (part: number, whole: number) => (part / whole) * 100;
  return {
    options,
    found: share(count.found, count.wrong),
    third: share(count.third, count.wrong),
    falselyDoubted: share(count.doubted, count.right),
  };
}

function page(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(
    ({ options: { days, resolutionV, hasEnergy }, found, third, falselyDoubted }) =>
      `| ${days} | ${resolutionV} V | ${hasEnergy ? 'yes' : 'no'} | ${found.toFixed(0)} | ${third.toFixed(0)} | ${falselyDoubted.toFixed(2)} |`,
  );
  return `# How well consumer indexing finds a meter's place

Written by \`npm run bench indexing -- --write\`: ${streets} streets of 30 meters, three of them written down at the wrong phase of one transformer. The
voltages of the three phases are those of a real Indian distribution transformer (B01, quarter-hours of 2019 and 2020), the loads those of
real Swiss points (A04); the services between (0.1 ohm a meter, 0.035 ohm shared by five, a power factor of 0.85 to 1) are ours, for want of
a public record of meters and their transformer together. Phases of one transformer are the hard case: two of these correlate by 0.92.

| days | voltage told in | energy at hand | found, % of the misplaced | sent to a third place, % | doubted, % of the right |
|---|---|---|---|---|---|
${rows.join('\n')}

What follows a meter's own load is taken out of its voltage before it is laid beside others: with energy at hand half to two thirds of the
misplaced are found, by voltage alone fewer. More days help little: what is left is the drop in cables that neighbours share. So a phase
is told by it in part only, and few that are right are doubted. Nothing is moved by it: \`wattline rollout index\` proposes.
`;
}

const absent = dataAbsence;
const phases = absent ? (undefined as never) : readPhases();
const loads = absent ? [] : (dataSets.find(({ id }) => id === 'A04')?.read(120) ?? []);
if (absent) console.error(`bench indexing: skipped, ${absent}`);
else {
  const outcomes: Outcome[] = [];
  for (const hasEnergy of [true, false])
    for (const resolutionV of [0.1, 1])
      for (const days of [1, 7, 28]) {
        const outcome = tryStreets({ days, wrong, resolutionV, hasEnergy });
        outcomes.push(outcome);
        const name = `${days}d/${resolutionV}V/${hasEnergy ? 'with-energy' : 'voltage-alone'}`;
        const about = { bench: 'indexing', unit: '%', size: `${streets} streets of 30 meters` };
        printFigure({ ...about, figure: `found/${name}`, value: outcome.found, higherIsBetter: true });
        printFigure({
          ...about,
          figure: `doubted/${name}`,
          value: outcome.falselyDoubted,
          higherIsBetter: false,
        });
      }
  if (process.argv.includes('--write'))
    writeFileSync(join(import.meta.dirname, '../docs/reference/consumer-indexing.md'), page(outcomes));
}
