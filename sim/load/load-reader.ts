/** Reads real load files (.csv, .csv.gz): the format is told by the header, bad rows are counted and never fatal. */
import { basename } from 'node:path';
import { CodedError, divideRounded, parseDecimal } from '@wattline/base';
import { createLabelClock, type LabelClock } from './label-clock.ts';
import { readLineBatches } from './line-source.ts';
import { type ColumnMap, describeFormats, detectFormat } from './load-format.ts';
import { createReport, type ReportBuilder } from './load-report.ts';
import { buildSeries, type SeriesRows } from './load-series.ts';
import type { LoadSet } from './load-set.ts';

/** Series beyond this many are refused row by row: an id column gone wrong must not fill the memory. */
const mostSeries = 20_000;
/** Rows farther from the first row of their series than this are taken for mistyped. */
const longestSpanHalfHours = 20 * 366 * 48;
/** More than any customer takes in half an hour: 1 GWh. */
const largestWh = 1_000_000_000;
const memoLimit = 50_000;
/** Decimals kept exactly before the one rounding to whole Wh. */
const exactDecimals = 20;

/** What a load file says of itself. */
export interface LoadSummary {
  readonly name: string;
  readonly zone: string;
  readonly intervalSeconds: 1800;
}

/** Departures from the format's own description. */
export interface LoadOptions {
  /** Reads the labels by another clock, such as `+10:00`, instead of the format's. */
  readonly clock?: string;
}

/**
 * Name, zone and interval of a load file, from its header alone.
 * @throws CodedError `sim/load-unreadable`, `sim/load-unknown-format`
 */
export async function inspectLoad(path: string): Promise<LoadSummary> {
  const { name, zone } = (await firstFormat(path)).format;
  return { name, zone, intervalSeconds: 1800 };
}

async function firstFormat(path: string): Promise<ColumnMap> {
  for await (const [header] of readLineBatches(path)) {
    if (header !== undefined) return requireFormat(header, path);
  }
  return requireFormat('', path);
}

/**
 * Reads a load file. Energies are whole Wh: each decimal is rounded half-even once, where the source has more than
 * three decimals of a kWh. Bad rows are counted in `report`; the first of two rows for a half hour counts.
 * @throws CodedError `sim/load-unreadable`, `sim/load-unknown-format`, `sim/load-empty`
 */
export async function readLoad(path: string, options: LoadOptions = {}): Promise<LoadSet> {
  const parser = createRowParser(await firstFormat(path), options);
  let isHeader = true;
  for await (const lines of readLineBatches(path)) {
    for (const line of lines) {
      if (!isHeader) parser.take(line);
      isHeader = false;
    }
  }
  const { format, rows, clock, report } = parser;
  const isSolar = format.generationColumn !== null;
  const series = [...rows].flatMap(([id, own]) => {
    const built = buildSeries({ id, rows: own, clock, report, solarW: format.solarW, isSolar });
    return built.missing.every((missing) => missing === 1) ? [] : [built];
  });
  if (series.length === 0) {
    throw new CodedError(
      'sim/load-empty',
      `expected half hours with energy, found none in ${basename(path)}`,
      {
        path,
      },
    );
  }
  series.sort((a, b) => (a.id < b.id ? -1 : 1));
  return { name: format.name, zone: format.zone, intervalSeconds: 1800, series, report: report.build() };
}

function requireFormat(header: string, path: string): ColumnMap {
  const columns = detectFormat(header);
  if (columns) return columns;
  const what = `expected a header of ${describeFormats()}, found '${header.slice(0, 120)}'`;
  throw new CodedError('sim/load-unknown-format', what, { path, line: 1 });
}

interface RowParser {
  readonly format: ColumnMap['format'];
  readonly rows: Map<string, SeriesRows>;
  readonly clock: LabelClock;
  readonly report: ReportBuilder;
  take(text: string): void;
}

function createRowParser(columns: ColumnMap, options: LoadOptions): RowParser {
  const { format } = columns;
  const rows = new Map<string, SeriesRows>();
  const clock = createLabelClock(options.clock ?? format.clock);
  const report = createReport();
  const whOf = energyParser(format.whPerUnit);
  let line = 1;
  const refuse = (code: 'sim/load-row-invalid' | 'sim/load-hour-nonexistent', id: string, message: string) =>
    report.problem(code, 1, () => ({ line, series: id, message }));
  const take = (text: string) => {
    line++;
    if (text === '') return;
    report.row();
    const cells = text.split(',');
    const id = columns.series === null ? format.id : (cells[columns.series] ?? '').trim();
    if (cells.length !== columns.cells || id === '') {
      return refuse(
        'sim/load-row-invalid',
        id,
        `expected ${columns.cells} cells, found '${text.slice(0, 80)}'`,
      );
    }
    const label = cells[columns.label] as string;
    const halfHour = clock.halfHourOf(label);
    if (halfHour === 'nonexistent') {
      return refuse(
        'sim/load-hour-nonexistent',
        id,
        `${label.trim()} does not exist on the clock of its zone`,
      );
    }
    if (halfHour === 'invalid') {
      return refuse(
        'sim/load-row-invalid',
        id,
        `expected YYYY-MM-DD hh:mm on a half hour, found '${label.slice(0, 40)}'`,
      );
    }
    const own = seriesOf(rows, id);
    if (!own) return refuse('sim/load-row-invalid', id, `expected at most ${mostSeries} series`);
    if (Math.abs(halfHour - (own.halfHours[0] ?? halfHour)) > longestSpanHalfHours) {
      return refuse(
        'sim/load-row-invalid',
        id,
        `${label.trim()} is over 20 years from the first row of its series`,
      );
    }
    pushEnergy(own, { cells, columns, whOf, halfHour, line });
  };
  return { format, rows, clock, report, take };
}

function pushEnergy(
  own: SeriesRows,
  row: {
    readonly cells: readonly string[];
    readonly columns: ColumnMap;
    readonly whOf: (text: string) => number;
    readonly halfHour: number;
    readonly line: number;
  },
): void {
  const { cells, columns, whOf } = row;
  let load = 0;
  let isNegative = false;
  for (const column of columns.load) {
    const part = whOf(cells[column] as string);
    isNegative ||= part < 0;
    load += part;
  }
  const generation = columns.generation === null ? 0 : whOf(cells[columns.generation] as string);
  isNegative ||= generation < 0;
  own.halfHours.push(row.halfHour);
  own.lines.push(row.line);
  // A doubtful energy travels as its doubt: NaN not understood, -1 below zero.
  own.loadWh.push(isNegative ? -1 : load);
  if (columns.generation !== null) own.generationWh.push(generation);
}

function seriesOf(rows: Map<string, SeriesRows>, id: string): SeriesRows | null {
  let own = rows.get(id);
  if (!own) {
    if (rows.size >= mostSeries) return null;
    own = { halfHours: [], lines: [], loadWh: [], generationWh: [] };
    // A copy, since a slice would keep its whole chunk of the file alive.
    rows.set(Buffer.from(id).toString(), own);
  }
  return own;
}

/** Whole Wh of a decimal text, NaN when it is none or beyond reason. The few thousand texts of a file are remembered. */
function energyParser(whPerUnit: number): (text: string) => number {
  const memo = new Map<string, number>();
  return (text) => {
    const known = memo.get(text);
    if (known !== undefined) return known;
    const wh = parseEnergy(text, whPerUnit);
    // Short strings are copies; longer ones would keep their chunk of the file alive.
    if (text.length < 13 && memo.size < memoLimit) memo.set(text, wh);
    return wh;
  };
}

function parseEnergy(text: string, whPerUnit: number): number {
  try {
    const exact = parseDecimal(text, exactDecimals) * BigInt(whPerUnit);
    const wh = Number(divideRounded(exact, 10n ** BigInt(exactDecimals), 'half-even'));
    // A negative energy that rounds to zero is still below zero.
    if (wh === 0 && exact < 0n) return -1;
    return Math.abs(wh) > largestWh ? Number.NaN : wh;
  } catch {
    return Number.NaN;
  }
}
