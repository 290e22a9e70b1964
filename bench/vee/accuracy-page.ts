/** The page of estimation accuracy out of a run. */
import { rulePacks } from '@wattline/mdm';
import { type PublishedCase, type SumCount, sumCases } from './sum-trials.ts';
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
    readonly sums: readonly SumCount[];
  }[];
}

/** What the rules that lay channels beside each other said of a point. */
export interface CrossResult {
  readonly id: string;
  readonly title: string;
  readonly packs: readonly { readonly pack: string; readonly counts: readonly RuleCount[] }[];
}

/** The page as Markdown. */
export function accuracyPage(sets: readonly SetResult[], { crosses, published, command }: PageParts): string {
  const parts = [
    '# How right the estimates are',
    '',
    `Written by \`${command}\`: known intervals of real data were hidden and estimated as the product does it, by the first step of`,
    'the ladder that knows. Error is the sum of absolute differences over the sum of the true values, bias the sum of differences',
    'over the same; `free` is without a register, `register` with the register of the day, where the bias is nil by construction.',
    'False positives are failures of a rule on days of the same data that nobody touched: the data may hold real faults too.',
    'Data: Low Carbon London, Smart Grid Smart City, Building Data Genome 2, a Swiss set, an Irish home, a Korean plant; none of it is part of the project.',
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
    parts.push('False positives, of 1,000 days:', '', ...ruleTable(set.packs), '');
    parts.push('Sum check, failures of 1,000 days:', '', ...sumTable(set), '');
  }
  parts.push(
    '## Cross-channel',
    '',
    'Real points with several channels, untouched: what fails is a false positive as far as the data are right.',
    '',
  );
  for (const cross of crosses)
    parts.push(`### ${cross.id}: ${cross.title}`, '', ...ruleTable(cross.packs), '');
  parts.push(
    '## Published cases of the sum check',
    '',
    '| case | what | expected | found |',
    '|---|---|---|---|',
    ...published.map(({ id, what, expected, found }) => `| ${id} | ${what} | ${expected} | ${found} |`),
    '',
  );
  parts.push(
    '## The packs',
    '',
    'Every rule is always on. `read` was read in a public text or in one that tells of it, as named; `recalled` was not at hand when it was',
    'written down; **local** is the operator’s own to set.',
    '',
    '| pack | follows |',
    '|---|---|',
    ...rulePacks.map(({ id, code }) => `| ${id} | ${code} |`),
    '',
    '| pack | setting | value | certainty | source |',
    '|---|---|---|---|---|',
  );
  for (const { id, thresholds } of rulePacks) {
    for (const { setting, value, certainty, source } of thresholds) {
      const marked = certainty === 'local' ? '**local**' : certainty;
      parts.push(`| ${id} | ${setting} | ${String(value)} | ${marked} | ${source} |`);
    }
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

/** What the page says beyond the sets. */
export interface PageParts {
  readonly crosses: readonly CrossResult[];
  readonly published: readonly PublishedCase[];
  readonly command: string;
}

/** Cases of the sum check by pack; those that are faults ought to fail all. */
function sumTable({ packs }: SetResult): string[] {
  const rows = sumCases.map(({ id, title, isFault }) => {
    const cells = packs.map(({ sums }) => {
      const found = sums.find(({ sumCase }) => sumCase.id === id);
      return found && found.judged > 0 ? ((found.failed / found.judged) * 1000).toFixed(1) : '';
    });
    return `| ${id} | ${title} | ${isFault ? 1000 : 0} | ${cells.join(' | ')} |`;
  });
  const ids = packs.map(({ pack }) => pack);
  return [
    `| case | what | ought | ${ids.join(' | ')} |`,
    `|---|---|---|${ids.map(() => '---').join('|')}|`,
    ...rows,
  ];
}

function ruleTable(packs: CrossResult['packs']): string[] {
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
