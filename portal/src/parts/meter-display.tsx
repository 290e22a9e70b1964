/** The display of a meter, drawn as the meter drives it: code, rate, unit, seven-segment digits, annunciators. */
import type { MomentDisplay } from '@wattline/model';
import {
  allSegments,
  displayFigure,
  displayPlaces,
  placedSigns,
  type Segment,
  shownPage,
} from '../display-list.ts';
import { words } from '../words.ts';

const digitWidth = 26;
const digitStep = 40;
const digitHeight = 46;
const left = 14;
const top = 36;
const signWidth = 6.7;

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

/** The display; `presses` of the button look at further pages. */
export function MeterDisplay({ display, presses = 0 }: { display: MomentDisplay; presses?: number }) {
  const page = shownPage(display, presses);
  const places = displayPlaces(page);
  const signs = placedSigns(display);
  const width = left * 2 + places.length * digitStep;
  const { of: nameOf, rate: rateOf } = words.meterPage.display;
  return (
    <svg
      class={`display ${display.isLit ? 'is-lit' : ''}`}
      viewBox={`0 0 ${width} 112`}
      role="img"
      aria-label={nameOf(
        page.code,
        displayFigure(page),
        page.unit,
        signs.map(({ text }) => text),
      )}
    >
      <rect width={width} height="112" rx="8" class="display-glass" />
      <text x={left} y="22" class="display-code">
        {page.code}
      </text>
      <text x={width / 2} y="22" class="display-rate">
        {rateOf(display.rate)}
      </text>
      <text x={width - left} y="22" class="display-unit">
        {page.unit}
      </text>
      {places.map(({ on, hasPoint }, place) => (
        <g key={place} transform={`translate(${left + place * digitStep} ${top})`}>
          {allSegments.map((segment) => {
            const [x1, y1, x2, y2] = lines[segment];
            const state = on.has(segment) ? 'is-on' : 'is-off';
            return <line key={segment} x1={x1} y1={y1} x2={x2} y2={y2} class={`segment ${state}`} />;
          })}
          {hasPoint && <circle cx={digitWidth + 7} cy={digitHeight} r="2.6" class="display-point" />}
        </g>
      ))}
      {signs.map(({ text, at }) => (
        <text key={text} x={left + at * signWidth} y="104" class="display-sign">
          {text}
        </text>
      ))}
    </svg>
  );
}
