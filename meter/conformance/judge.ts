/** The conformance judge: every row of the tables of a class, at a tenth of the limit, with what was measured and what was only declared. */
import { type BalancedLoad, balancedSource } from '../front-end/source.ts';
import {
  type AccuracyRow,
  type AccuracyTable,
  accuracyTables,
  type Influence,
  influenceKinds,
  lagOf,
  type MeterClass,
  meterClasses,
} from './accuracy-classes.ts';
import { influencedLoads } from './influenced-loads.ts';
import {
  americanMeter,
  createTestStation,
  ratedMeters,
  type StationSetup,
  type TestStation,
} from './test-station.ts';

/** One measured point of an error curve. */
export interface ConformancePoint {
  readonly currentA: number;
  readonly errorPercent: number;
}

/** One row of the report. `model-declared`: the figure is a coefficient of our own model, so that no test can fail. */
export interface ConformanceRow {
  readonly standard: string;
  readonly class: string;
  /** Of the figures of the table, see `AccuracyTable`. */
  readonly confidence: AccuracyTable['confidence'];
  readonly title: string;
  readonly limitPercent: number;
  readonly verdict: 'passed' | 'failed' | 'model-declared';
  readonly worst: number;
  readonly unit: '%' | 'pulses' | 's';
  readonly points: readonly ConformancePoint[];
}

/** The report. It passes when no row failed. */
export interface ConformanceReport {
  readonly class: MeterClass;
  readonly nominalA: number;
  readonly largestA: number;
  readonly setup: StationSetup;
  /** Share of the limit that a row must keep. */
  readonly passShare: number;
  readonly rows: readonly ConformanceRow[];
  readonly isPassed: boolean;
}

/** What to run: a class, on a meter that samples and is wired as told (8 kHz, four wires). */
export interface ConformanceOptions extends Partial<StationSetup> {
  readonly class: MeterClass;
  /** Accuracy rows of the first table alone, without starting, no-load and influences. */
  readonly isBrief?: boolean;
  /** Judges the meter before its calibration: it must fail, which shows that the judge sees. */
  readonly isUncalibrated?: boolean;
}

const passShare = 0.1;
/** Small currents are measured longer, as noise needs it. */
const shortRunS = 3;
const longRunS = 20;
const longBelow = 0.1;

/** Judges the meter of a class. */
export function runConformance(options: ConformanceOptions): ConformanceReport {
  const meter = ratedMeters[options.class];
  const station = createTestStation(meter, options);
  let american: TestStation | undefined;
  const stationOf = ({ isAmerican }: AccuracyTable) => {
    if (isAmerican) american ??= createTestStation(americanMeter(meter), options);
    return (isAmerican && american) || station;
  };
  const tables = meterClasses[options.class].map((name): AccuracyTable => accuracyTables[name]);
  const judged = options.isBrief ? tables.slice(0, 1) : tables;
  const rows = judged.flatMap((table) => judgeTable(stationOf(table), table, options));
  return {
    class: options.class,
    nominalA: meter.nominalA,
    largestA: meter.largestA,
    setup: station.setup,
    passShare,
    rows,
    isPassed: rows.every(({ verdict }) => verdict !== 'failed'),
  };
}

function judgeTable(
  station: TestStation,
  table: AccuracyTable,
  { isBrief }: ConformanceOptions,
): ConformanceRow[] {
  return [
    ...table.balanced.flatMap((row) => judgeRow(station, table, row)),
    ...(isThreeWire(station)
      ? []
      : table.singlePhase.flatMap((row) => judgeRow(station, table, row, { loaded: [0] }))),
    ...(isBrief ? [] : [...judgeCorners(station, table), ...judgeConditions(station, table)]),
  ];
}

/** Three wires have no neutral by which one phase alone could be loaded. */
const isThreeWire = ({ setup }: TestStation) => setup.wiring === 'three-phase three-wire';

/** Every row of a table once more at the ends of voltage and frequency between which its limits hold. */
function judgeCorners(station: TestStation, table: AccuracyTable): ConformanceRow[] {
  const { voltage, frequency } = table.corners ?? { voltage: [], frequency: [] };
  const { nominalV, frequencyHz } = station.meter;
  return voltage.flatMap((v) =>
    frequency.flatMap((f) =>
      table.balanced.flatMap((row) =>
        judgeRow(station, table, row, { voltageV: v * nominalV, frequencyHz: f * frequencyHz }),
      ),
    ),
  );
}

function loadAt(
  station: TestStation,
  currentA: number,
  lagRad: number,
  more: Partial<BalancedLoad> = {},
): BalancedLoad {
  const { nominalV, frequencyHz } = station.meter;
  return { frequencyHz, voltageV: nominalV, currentA, lagRad, phases: 3, ...more };
}

function errorAt(station: TestStation, load: BalancedLoad, quantity: AccuracyTable['quantity']): number {
  const seconds = load.currentA < longBelow * station.meter.nominalA ? longRunS : shortRunS;
  return station.run({ source: balancedSource(load), quantity, seconds }).errorPercent;
}

function judgeRow(
  station: TestStation,
  table: AccuracyTable,
  row: AccuracyRow,
  changed: Partial<BalancedLoad> = {},
): ConformanceRow[] {
  const { nominalA, largestA, nominalV, frequencyHz } = station.meter;
  const from = row.from * nominalA;
  // The end of a range belongs to the next one.
  const to = row.to === 'Imax' ? largestA : row.to * nominalA * 0.999;
  const range = `${row.from} to ${row.to} x ${station.meter.largestA > 20 ? 'Ib' : 'In'}`;
  const corner =
    changed.voltageV === undefined
      ? ''
      : ` at ${(changed.voltageV / nominalV).toFixed(1)} Un, ${((changed.frequencyHz ?? frequencyHz) / frequencyHz).toFixed(2)} fn`;
  return row.factors.map((factor) => {
    const points = [from, Math.sqrt(from * to), to].map((currentA) => ({
      currentA,
      errorPercent: errorAt(
        station,
        loadAt(station, currentA, lagOf(factor, table.quantity), changed),
        table.quantity,
      ),
    }));
    const loaded = changed.loaded ? 'one phase loaded' : 'balanced';
    const title = `${table.quantity}, ${loaded}, ${factor}, ${range}${corner}`;
    return verdictOf(table, title, row.limitPercent, points);
  });
}

function verdictOf(
  table: AccuracyTable,
  title: string,
  limitPercent: number,
  points: readonly ConformancePoint[],
): ConformanceRow {
  const worst = Math.max(...points.map(({ errorPercent }) => Math.abs(errorPercent)));
  const verdict = worst <= passShare * limitPercent ? 'passed' : 'failed';
  return {
    ...rowHead(table),
    title,
    limitPercent,
    verdict,
    worst,
    unit: '%',
    points,
  };
}

function judgeConditions(station: TestStation, table: AccuracyTable): ConformanceRow[] {
  return [
    ...(table.equality === undefined || isThreeWire(station)
      ? []
      : [judgeEquality(station, table, table.equality)]),
    ...(table.singlePhaseDifference === undefined || isThreeWire(station)
      ? []
      : [judgeDifference(station, table, table.singlePhaseDifference)]),
    ...(table.startingCurrent === undefined ? [] : [judgeStart(station, table, table.startingCurrent)]),
    ...(table.noLoad === undefined ? [] : [judgeNoLoad(station, table, table.noLoad)]),
    ...table.influences
      .filter(({ quantity }) => !(isThreeWire(station) && quantity === 'voltage unbalance'))
      .map((influence) => judgeInfluence(station, table, influence)),
    ...(table.declared ?? []).map(([title, limitPercent]) => declaredRow(table, title, limitPercent)),
  ];
}

function judgeDifference(station: TestStation, table: AccuracyTable, limitPercent: number): ConformanceRow {
  const { nominalA } = station.meter;
  const balanced = errorAt(station, loadAt(station, nominalA, 0), 'active');
  const points = [0, 1, 2].map((phase) => ({
    currentA: nominalA,
    errorPercent: errorAt(station, loadAt(station, nominalA, 0, { loaded: [phase] }), 'active') - balanced,
  }));
  return verdictOf(table, 'difference of one phase and balanced load', limitPercent, points);
}

/** The elements against each other: each loaded alone at In. */
function judgeEquality(station: TestStation, table: AccuracyTable, limitPercent: number): ConformanceRow {
  const { nominalA } = station.meter;
  const errors = [0, 1, 2].map((phase) =>
    errorAt(station, loadAt(station, nominalA, 0, { loaded: [phase] }), 'active'),
  );
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  const points = errors.map((error) => ({ currentA: nominalA, errorPercent: error - mean }));
  return verdictOf(table, 'equality of current circuits', limitPercent, points);
}

function judgeStart(station: TestStation, table: AccuracyTable, startingCurrent: number): ConformanceRow {
  const { nominalA, nominalV, constant } = station.meter;
  const currentA = startingCurrent * nominalA;
  const nominalS = 3_600_000 / (3 * nominalV * currentA * constant);
  const { pulses, firstS } = station.countPulses(
    balancedSource(
      loadAt(station, currentA, lagOf(table.quantity === 'active' ? '1' : '1L', table.quantity)),
    ),
    Math.ceil(2 * nominalS),
    table.quantity,
  );
  return {
    ...rowHead(table),
    title: `starting current ${startingCurrent}: first pulse within ${(2 * nominalS).toFixed(1)} s`,
    limitPercent: 0,
    verdict: pulses > 0 ? 'passed' : 'failed',
    worst: firstS,
    unit: 's',
    points: [],
  };
}

function judgeNoLoad(station: TestStation, table: AccuracyTable, constantC: number): ConformanceRow {
  const { nominalV, largestA, constant } = station.meter;
  const minutes = (constantC * 1e6) / (constant * 3 * nominalV * largestA);
  const source = balancedSource(loadAt(station, 0, 0, { voltageV: 1.15 * nominalV }));
  const { pulses } = station.countPulses(source, Math.ceil(minutes * 60), table.quantity);
  return {
    ...rowHead(table),
    title: `no load at 1.15 Un for ${minutes.toFixed(2)} min`,
    limitPercent: 0,
    verdict: pulses === 0 ? 'passed' : 'failed',
    worst: pulses,
    unit: 'pulses',
    points: [],
  };
}

/** A row whose figure is a coefficient of our own model. */
function declaredRow(table: AccuracyTable, title: string, limitPercent: number): ConformanceRow {
  return {
    ...rowHead(table),
    title,
    limitPercent,
    verdict: 'model-declared',
    worst: 0,
    unit: '%',
    points: [],
  };
}

function rowHead({ standard, class: name, confidence }: AccuracyTable) {
  return { standard, class: name, confidence };
}

function judgeInfluence(station: TestStation, table: AccuracyTable, influence: Influence): ConformanceRow {
  const { quantity, factor, limitPercent } = influence;
  const { nominalA, largestA } = station.meter;
  const title = `influence of ${quantity}, ${factor}`;
  if (influenceKinds[quantity] === 'model-declared') return declaredRow(table, title, limitPercent);
  const currentA = influence.at === 'half of Imax' ? largestA / 2 : influence.at * nominalA;
  const load = loadAt(station, currentA, lagOf(factor, 'active'));
  const reference = errorAt(station, load, 'active');
  const points = influencedLoads(quantity, load).map((changed) => ({
    currentA,
    errorPercent: errorAt(station, changed, 'active') - reference,
  }));
  return verdictOf(table, title, limitPercent, points);
}
