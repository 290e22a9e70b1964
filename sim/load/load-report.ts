/** The account of a load file: every row that could not be used is counted, the first few are named. */
import type { SimErrorCode } from '../errors.ts';
import type { LoadProblem, LoadReport } from './load-set.ts';

/** Problems named of each code; the rest are counted only. */
const namedPerCode = 5;

type ProblemCode = keyof typeof counterOf;
const counterOf = {
  'sim/load-row-missing': 'missing',
  'sim/load-row-repeated': 'repeated',
  'sim/load-row-negative': 'negative',
  'sim/load-row-invalid': 'invalid',
  'sim/load-hour-nonexistent': 'nonexistent',
} as const satisfies Partial<Record<SimErrorCode, keyof LoadReport>>;

/** Collects problems while a file is read. */
export interface ReportBuilder {
  row(): void;
  /** Counts `count` cases; `describe` is called only when the case is one of the first few. */
  problem(code: ProblemCode, count: number, describe: () => Omit<LoadProblem, 'code'>): void;
  build(): LoadReport;
}

/** An empty account. */
export function createReport(): ReportBuilder {
  const counts = { rows: 0, missing: 0, repeated: 0, negative: 0, invalid: 0, nonexistent: 0 };
  const problems: LoadProblem[] = [];
  const named = new Map<ProblemCode, number>();
  return {
    row() {
      counts.rows++;
    },
    problem(code, count, describe) {
      counts[counterOf[code]] += count;
      const already = named.get(code) ?? 0;
      if (already >= namedPerCode) return;
      named.set(code, already + 1);
      problems.push({ code, ...describe() });
    },
    build: () => ({ ...counts, problems }),
  };
}
