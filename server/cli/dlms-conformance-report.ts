/** The report of a conformance run: as data, and as text for a terminal. */
import { toHex } from '@wattline/base';
import {
  type Group,
  groups,
  type TestResult,
  type Verdict,
  verdicts,
} from '@wattline/protocols/dlms/conformance';

/** A run and its results. */
export interface ConformanceRun {
  readonly address: string;
  readonly client: number;
  readonly server: number;
  readonly framing: 'wrapper' | 'hdlc';
  readonly referencing: 'ln' | 'sn';
  readonly auth: string;
  readonly security: string;
  /** RFC 3339, UTC. */
  readonly started: string;
  readonly durationMs: number;
  readonly version: string;
  readonly results: readonly TestResult[];
}

/** How many tests ended how. */
export function countsOf(results: readonly TestResult[]): Record<Verdict, number> {
  const count = (verdict: Verdict) => results.filter((result) => result.verdict === verdict).length;
  return Object.fromEntries(verdicts.map((verdict) => [verdict, count(verdict)])) as Record<Verdict, number>;
}

/** Results by group, in the order of the test plans. */
export function byGroup(
  results: readonly TestResult[],
): readonly (readonly [Group, readonly TestResult[]])[] {
  return (Object.keys(groups) as Group[]).flatMap((group) => {
    const of = results.filter(({ test }) => test.group === group);
    return of.length > 0 ? [[group, of] as const] : [];
  });
}

/** The run as JSON; octets as hexadecimal digits. */
export function jsonOfRun({ results, ...run }: ConformanceRun): object {
  return {
    ...run,
    counts: countsOf(results),
    tests: results.map(({ test, verdict, why, subtests }) => ({
      name: test.name,
      group: test.group,
      title: test.title,
      clause: test.clause,
      origin: test.origin,
      verdict,
      why: why ?? null,
      subtests: subtests.map(({ steps, ...subtest }) => ({
        ...subtest,
        why: subtest.why ?? null,
        steps: steps.map((step) => ({ ...step, sent: toHex(step.sent), received: toHex(step.received) })),
      })),
    })),
  };
}

/** Lines of one result: its verdict, and of what failed the step with its octets. */
export function renderResult({ test, verdict, subtests }: TestResult): string {
  const head = `${verdict.padEnd(14)} ${test.name.padEnd(26)} ${test.title}`;
  if (verdict === 'passed') return head;
  const open = subtests.filter(
    (subtest) => subtest.verdict === 'failed' || subtest.verdict === 'inconclusive',
  );
  return [head, ...open.flatMap(linesOfSubtest)].join('\n');
}

function linesOfSubtest({ title, why, steps }: TestResult['subtests'][number]): string[] {
  const indent = ' '.repeat(15);
  const step = steps.find(({ isWrong }) => isWrong) ?? steps.at(-1);
  if (!step) return [`${indent}${title}: ${why}`];
  const octets = (from: string, list: Uint8Array) =>
    list.length > 0 ? [`${indent}  ${from} ${toHex(list)}`] : [];
  return [
    `${indent}${title}`,
    `${indent}  step ${steps.indexOf(step) + 1} of ${steps.length}, ${step.what}: ${why}`,
    ...octets('sent    ', step.sent),
    ...octets('received', step.received),
  ];
}

/** The last lines: counts, and what nobody should read into them. */
export function renderSummary(run: ConformanceRun): string {
  const counts = countsOf(run.results);
  const subtests = run.results
    .flatMap((result) => result.subtests)
    .filter(({ verdict }) => verdict !== 'not-applicable');
  return [
    '',
    ...linesOfNotApplicable(run.results),
    '',
    `${run.address}, client ${run.client}, ${run.auth}, security ${run.security}, ${run.framing}, ${run.referencing.toUpperCase()}: ` +
      `${counts.passed} passed, ${counts.failed} failed, ${counts.inconclusive} inconclusive, ${counts['not-applicable']} not applicable ` +
      `(${subtests.length} subtests in ${(run.durationMs / 1000).toFixed(1)} s)`,
    disclaimer,
  ].join('\n');
}

/** What did not apply, by its reason: most of a list is of one. */
function linesOfNotApplicable(results: readonly TestResult[]): string[] {
  const none = results.filter(({ verdict }) => verdict === 'not-applicable');
  const byReason = Map.groupBy(none, ({ why }) => why ?? '');
  return [...byReason].flatMap(([why, of]) => {
    const names = of.map(({ test }) => test.name);
    const rows: string[] = [];
    for (let i = 0; i < names.length; i += 5) rows.push(`  ${names.slice(i, i + 5).join(' ')}`);
    return [`not applicable, as ${why}:`, ...rows];
  });
}

/** What the run is and is not. */
export const disclaimer =
  'Tests under the public names of the Yellow Book; their steps are our own. This is not certification by the DLMS UA.';
