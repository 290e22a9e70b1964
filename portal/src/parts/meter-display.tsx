/** The display of a meter, drawn out of what was read: code, seven-segment digits, unit, annunciators. */
import type { DisplayPage } from '../display-list.ts';
import { allSegments, displayPlaces, type Segment } from '../seven-segments.ts';
import { words } from '../words.ts';

const places = 9;
const digitWidth = 26;
const digitStep = 34;
const digitHeight = 46;
const left = 14;
const top = 36;

/** Segments as lines within a digit of 26 by 46. */
const lines: Readonly<Record<Segment, readonly [number, number, number, number]>> = {
  a: [3, 0, 23, 0],
  b: [26, 3, 26, 20],
  c: [26, 26, 26, 43],
  d: [3, 46, 23, 46],
  e: [0, 26, 0, 43],
  f: [0, 3, 0, 20],
  g: [3, 23, 23, 23],
};

/** The display with one page. */
export function MeterDisplay({ page, signs }: { page: DisplayPage; signs: readonly string[] }) {
  const width = left * 2 + places * digitStep;
  return (
    <svg
      class="display"
      viewBox={`0 0 ${width} 112`}
      role="img"
      aria-label={words.meterPage.displayOf(page.name, page.value, page.unit, signs)}
    >
      <rect width={width} height="112" rx="8" class="display-glass" />
      <text x={left} y="22" class="display-code">
        {page.code}
      </text>
      <text x={width - left} y="22" class="display-unit">
        {page.unit}
      </text>
      {displayPlaces(page.value, places).map(({ on, hasPoint }, place) => (
        <g key={place} transform={`translate(${left + place * digitStep} ${top})`}>
          {allSegments.map((segment) => {
            const [x1, y1, x2, y2] = lines[segment];
            const state = on.has(segment) ? 'is-on' : 'is-off';
            return <line key={segment} x1={x1} y1={y1} x2={x2} y2={y2} class={`segment ${state}`} />;
          })}
          {hasPoint && <circle cx={digitWidth + 5} cy={digitHeight} r="2.4" class="display-point" />}
        </g>
      ))}
      <text x={left} y="104" class="display-signs">
        {signs.join('  ')}
      </text>
    </svg>
  );
}
