/** The report of a conformance run as one HTML page that loads nothing: verdicts, steps, octets and the tree of each frame. */
import { toHex } from '@wattline/base';
import { decodeFrame, type FrameKeys, type FrameNode } from '@wattline/protocols/dlms';
import {
  groups,
  type StepRecord,
  type SubtestResult,
  type TestResult,
  type Verdict,
} from '@wattline/protocols/dlms/conformance';
import { byGroup, type ConformanceRun, countsOf, disclaimer } from './dlms-conformance-report.ts';

/** A mark beside each verdict, so that colour is not alone. */
const marks: Readonly<Record<Verdict, string>> = {
  passed: '✓',
  failed: '✗',
  inconclusive: '?',
  'not-applicable': '–',
};

/** The page; keys open what is ciphered. */
export function conformanceRunPage(run: ConformanceRun, keys: FrameKeys): string {
  const counts = countsOf(run.results);
  const verdict = counts.failed > 0 ? 'failed' : 'passed';
  const total = run.results.length;
  const shares = (Object.keys(marks) as Verdict[])
    .filter((name) => counts[name] > 0)
    .map(
      (name) => `<span class="${name}" style="flex:${counts[name]}" title="${counts[name]} ${name}"></span>`,
    );
  const chips = (Object.keys(marks) as Verdict[]).map(
    (name) => `<li class="${name}"><b>${counts[name]}</b> ${marks[name]} ${name.replace('-', ' ')}</li>`,
  );
  const facts = [
    ['Meter', run.address],
    ['Client, server', `SAP ${run.client}, SAP ${run.server}`],
    ['Association', `${run.auth}, security ${run.security}, ${run.referencing.toUpperCase()}`],
    ['Framing', run.framing],
    ['Started', `${run.started}, ${(run.durationMs / 1000).toFixed(1)} s`],
    ['Runner', `Wattline ${run.version}`],
  ];
  const sections = byGroup(run.results).map(
    ([group, results]) =>
      `<section><h2>${group}</h2><p class="about">${escapeText(groups[group])}</p>${results.map((result) => testOf(result, keys)).join('')}</section>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>DLMS conformance of ${escapeText(run.address)}: ${verdict}</title><style>${style}</style></head>
<body><main>
<header><h1><span class="${verdict}">${marks[verdict]} ${verdict === 'passed' ? 'Passed' : 'Failed'}</span> DLMS/COSEM conformance</h1>
<div class="bar" role="img" aria-label="${counts.passed} of ${total} tests passed, ${counts.failed} failed">${shares.join('')}</div>
<ul class="chips">${chips.join('')}</ul>
<dl>${facts.map(([term, value]) => `<div><dt>${term}</dt><dd>${escapeText(value ?? '')}</dd></div>`).join('')}</dl>
<p class="about">${disclaimer} The octets below are those that were sent, passwords of low level security included.</p></header>
${sections.join('\n')}
</main></body></html>
`;
}

function testOf({ test, verdict, why, subtests }: TestResult, keys: FrameKeys): string {
  const isOpen = verdict === 'failed' || verdict === 'inconclusive';
  const reason = why === undefined ? '' : `<p class="why">${escapeText(why)}</p>`;
  const own = test.origin === 'own' ? ' <span class="own">our own</span>' : '';
  return `<details class="test"${isOpen ? ' open' : ''}><summary><span class="mark ${verdict}" aria-label="${verdict}">${marks[verdict]}</span>
<code>${test.name}</code> <span class="title">${escapeText(test.title)}${own}</span></summary>
<p class="about">${escapeText(test.clause)}</p>${reason}${subtests.map((subtest) => subtestOf(subtest, keys)).join('')}</details>`;
}

function subtestOf({ title, verdict, why, steps }: SubtestResult, keys: FrameKeys): string {
  const isOpen = verdict === 'failed' || verdict === 'inconclusive';
  const rows = steps.map((step, i) => stepOf(step, i + 1, keys));
  const reason = why === undefined ? '' : `<p class="why">${escapeText(why)}</p>`;
  return `<details class="subtest"${isOpen ? ' open' : ''}><summary><span class="mark ${verdict}" aria-label="${verdict}">${marks[verdict]}</span> ${escapeText(title)}</summary>
${reason}<ol>${rows.join('')}</ol></details>`;
}

function stepOf(step: StepRecord, number: number, keys: FrameKeys): string {
  const expected =
    step.expected === '' ? '' : `<span class="expected">expected ${escapeText(step.expected)}</span>`;
  return `<li class="step${step.isWrong ? ' wrong' : ''}"><p><b>${number}. ${escapeText(step.what)}</b> ${expected} <span class="found">found ${escapeText(step.found)}</span></p>
${octetsOf('sent', step.sent, keys)}${octetsOf('received', step.received, keys)}</li>`;
}

function octetsOf(from: string, octets: Uint8Array, keys: FrameKeys): string {
  if (octets.length === 0) return '';
  const hex = (toHex(octets).match(/../g) ?? []).join(' ');
  const decoded = decodeFrame(octets, keys);
  const tree = decoded.ok
    ? `<ul class="tree">${nodeOf(decoded.value)}</ul>`
    : `<p class="about">${escapeText(decoded.error.message)} (${decoded.error.code})</p>`;
  return `<details class="octets"><summary><span class="from">${from}</span> <code>${hex}</code></summary>${tree}</details>`;
}

function nodeOf({ name, offset, length, value, children }: FrameNode): string {
  const text = value === undefined ? '' : `: <code>${escapeText(value)}</code>`;
  const inner = children.length > 0 ? `<ul>${children.map(nodeOf).join('')}</ul>` : '';
  return `<li><span class="at">${offset}+${length}</span> ${escapeText(name)}${text}${inner}</li>`;
}

const style = `:root{color-scheme:light dark;--paper:light-dark(#f3f5f4,#0c1211);--surface:light-dark(#fff,#141c1a);--ink:light-dark(#12201d,#eaf1ef);
--ink2:light-dark(#435450,#b9c6c2);--line:light-dark(#dde4e1,#26322f);--ok:light-dark(#137a44,#5dd39b);--bad:light-dark(#b3261e,#ff8f86);
--warn:light-dark(#8f5200,#f5b95a);--none:light-dark(#5c6d68,#93a39e);--badsoft:light-dark(#fbe3e0,#421b18);--sunken:light-dark(#eaeeec,#0f1614)}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:1040px;margin:0 auto;padding:24px 16px 64px}h1{font-size:1.6rem;margin:.2em 0 .6em}h2{font-size:1.15rem;margin:2rem 0 0}
code{font:12.5px/1.5 ui-monospace,Menlo,Consolas,monospace;overflow-wrap:anywhere}.about,dt{color:var(--ink2);font-size:.85rem;margin:.2em 0 .6em}
.bar{display:flex;gap:2px;height:12px;border-radius:6px;overflow:hidden;background:var(--sunken)}.bar .passed{background:var(--ok)}.bar .failed{background:var(--bad)}
.bar .inconclusive{background:var(--warn)}.bar .not-applicable{background:var(--line)}.chips{display:flex;flex-wrap:wrap;gap:8px 20px;list-style:none;padding:0;margin:12px 0}
.passed{color:var(--ok)}.failed{color:var(--bad)}.inconclusive{color:var(--warn)}.not-applicable{color:var(--none)}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(210px,1fr));gap:8px 20px;margin:16px 0}dd{margin:0;overflow-wrap:anywhere}dt{margin:0}
.test{background:var(--surface);border:1px solid var(--line);border-radius:10px;margin:8px 0;padding:8px 14px}.test>summary{display:flex;gap:10px;align-items:baseline;flex-wrap:wrap}
summary{cursor:pointer;border-radius:4px}summary:focus-visible{outline:2px solid light-dark(#0b57d0,#a8c7fa);outline-offset:2px}.mark{font-weight:700;width:1.1em;display:inline-block;text-align:center}
.own{border:1px solid var(--line);border-radius:4px;padding:0 6px;font-size:.75rem;color:var(--ink2)}.why{background:var(--sunken);border-left:3px solid var(--none);padding:4px 10px;margin:6px 0;overflow-wrap:anywhere}
.subtest{border-top:1px solid var(--line);padding:6px 0 6px 8px}.subtest ol{list-style:none;padding:0;margin:6px 0}.step{padding:4px 0 4px 10px;border-left:3px solid transparent;margin:4px 0}
.step.wrong{border-color:var(--bad);background:var(--badsoft)}.step p{margin:0 0 2px}.expected,.found{color:var(--ink2);font-size:.88rem}.expected::after{content:";"}
.octets{margin:2px 0 2px 12px}.from{display:inline-block;min-width:4.4em;color:var(--ink2);font-size:.8rem}.tree,.tree ul{list-style:none;padding-left:16px;margin:2px 0;font-size:.85rem;border-left:1px solid var(--line)}
.at{color:var(--ink2);font:11px ui-monospace,Menlo,Consolas,monospace;display:inline-block;min-width:4.6em}@media print{details>*{display:block}body{background:#fff}}`;

function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
