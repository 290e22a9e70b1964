/** The page of estimation accuracy out of a run. */
import { rulePacks } from '@wattline/mdm';
import type { MethodError, RuleCount } from './trials.ts';

/** What was found on one data set. */
export interface SetResult {
  readonly id: string;
  readonly title: string;
  readonly meters: number;
  readonly packs: readonly {
    readonly pack: string;
    readonly estimates: readonly MethodError[];
    readonly counts: readonly RuleCount[];
  }[];
}

/** The page as Markdown. */
export function accuracyPage(sets: readonly SetResult[], command: string): string {
  const parts = [
    '# How right the estimates are',
    '',
    `Written by \`${command}\`: known intervals of real data were hidden and estimated as the product does it, by the first step of`,
    'the ladder that knows. Error is the sum of absolute differences over the sum of the true values, bias the sum of differences',
    'over the same; `free` is without a register, `register` with the register of the day, where the bias is nil by construction.',
    'False positives are failures of a rule on days of the same data that nobody touched: the data may hold real faults too.',
    'Data: Low Carbon London, Smart Grid Smart City, Building Data Genome 2, a Swiss set; none of it is part of the project.',
    '',
  ];
  for (const set of sets) {
    const generic = set.packs.find(({ pack }) => pack === 'generic');
    if (!generic) continue;
    parts.push(
      `## ${set.id}: ${set.title} (${set.meters} meters)`,
      '',
      ...estimateTable(generic.estimates),
      '',
    );
    parts.push(...otherPacks(set, generic.estimates), '');
    parts.push('False positives, of 1,000 days:', '', ...ruleTable(set), '');
  }
  parts.push('## The packs', '', '| pack | follows | thresholds |', '|---|---|---|');
  for (const { id, code, thresholds } of rulePacks) {
    const told = thresholds.map(
      ({ setting, value, certainty }) => `${setting} ${String(value)} (${certainty})`,
    );
    parts.push(`| ${id} | ${code} | ${told.join(', ') || 'the defaults'} |`);
  }
  return `${parts.join('\n')}\n`;
}

function estimateTable(estimates: readonly MethodError[]): string[] {
  const rows = estimates.map(
    ({ method, gapHours, isBound, gaps, actual, absolute, signed }) =>
      `| ${gapHours} h | ${isBound ? 'register' : 'free'} | ${method} | ${gaps} | ${share(absolute, actual)} | ${share(signed, actual)} |`,
  );
  return ['| gap | sum | method | gaps | error % | bias % |', '|---|---|---|---|---|---|', ...rows];
}

/** Packs that estimate otherwise than the generic one, over all gaps without a register. */
function otherPacks({ packs }: SetResult, generic: readonly MethodError[]): string[] {
  const rows = packs.map(({ pack, estimates }) => {
    const free = estimates.filter(({ isBound }) => !isBound);
    const sum = (pick: (entry: MethodError) => number) => free.reduce((all, entry) => all + pick(entry), 0);
    const actual = sum((entry) => entry.actual);
    return `| ${pack} | ${share(
      sum((entry) => entry.absolute),
      actual,
    )} | ${share(
      sum((entry) => entry.signed),
      actual,
    )} |`;
  });
  return generic.length === 0
    ? []
    : ['All gaps without a register, by pack:', '', '| pack | error % | bias % |', '|---|---|---|', ...rows];
}

function ruleTable({ packs }: SetResult): string[] {
  const names = packs[0]?.counts.map(({ rule }) => rule) ?? [];
  const rows = names.map((name) => {
    const cells = packs.map(({ counts }) => {
      const found = counts.find(({ rule }) => rule === name);
      return found ? ((found.failed / found.judged) * 1000).toFixed(1) : '';
    });
    return `| ${name} | ${cells.join(' | ')} |`;
  });
  const ids = packs.map(({ pack }) => pack);
  return [`| rule | ${ids.join(' | ')} |`, `|---|${ids.map(() => '---').join('|')}|`, ...rows];
}

function share(part: number, whole: number): string {
  return whole === 0 ? '' : ((part / whole) * 100).toFixed(1);
}
