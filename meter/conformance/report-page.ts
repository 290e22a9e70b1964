/** The conformance report as one HTML page: verdicts, limits and error curves drawn as SVG; nothing is loaded from elsewhere. */
import type { ConformanceReport, ConformanceRow } from './judge.ts';

const width = 640;
const height = 260;
const margin = { left: 64, right: 16, top: 16, bottom: 36 };
const colours = ['#1f6f8b', '#c05621', '#2f855a', '#6b46c1', '#b7791f', '#97266d', '#2c5282', '#4a5568'];

/** The page. */
export function conformancePage(report: ConformanceReport): string {
  const groups = Map.groupBy(report.rows, ({ standard, class: name }) => `${standard}, class ${name}`);
  const sections = [...groups].map(
    ([title, rows]) =>
      `<h2>${escapeText(title)}</h2><p>Figures of the table: ${rows[0]?.confidence ?? ''}.</p>${curves(rows)}${table(rows)}`,
  );
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Conformance, class ${escapeText(report.class)}</title>
<style>body{font:14px/1.4 system-ui,sans-serif;margin:2rem;max-width:60rem}table{border-collapse:collapse;width:100%}
td,th{border-bottom:1px solid #ddd;padding:.25rem .5rem;text-align:left}td.n{text-align:right;font-variant-numeric:tabular-nums}
.passed{color:#22713f}.failed{color:#b42318;font-weight:600}.model-declared{color:#666}</style>
<h1>Class ${escapeText(report.class)}: ${report.isPassed ? 'passed' : 'failed'}</h1>
<p>Rows pass at ${report.passShare * 100} % of the limit. ${report.nominalA}(${report.largestA}) A, ${report.setup.wiring}, 230 V, 50 Hz (tables of ANSI: 120 V, 60 Hz, class 20), ${report.setup.sampleRateHz / 1000} kHz.
Rows marked model-declared would only exercise coefficients of our own models: they are not tests.</p>
${sections.join('\n')}
</html>
`;
}

function table(rows: readonly ConformanceRow[]): string {
  const cells = rows.map(
    (row) =>
      `<tr><td>${escapeText(row.title)}</td><td class="n">${row.unit === '%' ? `${row.limitPercent} %` : ''}</td>` +
      `<td class="n">${row.verdict === 'model-declared' ? '' : `${Number(row.worst.toPrecision(3))} ${row.unit}`}</td>` +
      `<td class="${row.verdict}">${row.verdict}</td></tr>`,
  );
  return `<table><thead><tr><th>Test</th><th>Limit</th><th>Worst</th><th>Verdict</th></tr></thead><tbody>${cells.join('')}</tbody></table>`;
}

/** Error against the logarithm of the current; the axis is as wide as the share of the limit that a row must keep, or the worst error. */
function curves(rows: readonly ConformanceRow[]): string {
  const drawn = rows.filter(({ points }) => new Set(points.map(({ currentA }) => currentA)).size > 1);
  if (drawn.length === 0) return '';
  const currents = drawn.flatMap(({ points }) => points.map(({ currentA }) => Math.log10(currentA)));
  const low = Math.min(...currents);
  const high = Math.max(...currents);
  const top = Math.max(...drawn.map((row) => Math.max(row.worst, row.limitPercent / 10)));
  const x = (currentA: number) =>
    margin.left + ((Math.log10(currentA) - low) / (high - low)) * (width - margin.left - margin.right);
  const y = (percent: number) =>
    margin.top + ((top - percent) / (2 * top)) * (height - margin.top - margin.bottom);
  const lines = drawn.map((row, index) => {
    const colour = colours[index % colours.length] as string;
    const points = row.points.map(
      ({ currentA, errorPercent }) => `${x(currentA).toFixed(1)},${y(errorPercent).toFixed(1)}`,
    );
    const ends = [row.points[0], row.points.at(-1)].map((point) => x(point?.currentA ?? 1).toFixed(1));
    const limits = [1, -1].map(
      (sign) =>
        `<line x1="${ends[0]}" x2="${ends[1]}" y1="${y((sign * row.limitPercent) / 10).toFixed(1)}" y2="${y((sign * row.limitPercent) / 10).toFixed(1)}" stroke="${colour}" stroke-dasharray="4 3" stroke-width="0.7"/>`,
    );
    return `${limits.join('')}<polyline fill="none" stroke="${colour}" stroke-width="1.6" points="${points.join(' ')}"><title>${escapeText(row.title)}</title></polyline>`;
  });
  const ticks = [top, 0, -top].map(
    (percent) =>
      `<text x="${margin.left - 6}" y="${(y(percent) + 4).toFixed(1)}" text-anchor="end" font-size="11">${Number(percent.toPrecision(2))} %</text>`,
  );
  const places = [low, (low + high) / 2, high].map((log) => {
    const currentA = 10 ** log;
    return `<text x="${x(currentA).toFixed(1)}" y="${height - 12}" text-anchor="middle" font-size="11">${Number(currentA.toPrecision(2))} A</text>`;
  });
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="error against current" width="${width}" height="${height}">
<rect x="${margin.left}" y="${margin.top}" width="${width - margin.left - margin.right}" height="${height - margin.top - margin.bottom}" fill="none" stroke="#bbb"/>
${ticks.join('')}${places.join('')}${lines.join('\n')}</svg>`;
}

function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
