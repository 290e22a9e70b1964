/** Marks of quality, states of meters and severities: always a shape, a colour and a word. */
import type { MeterState } from '../feeder-tree.ts';
import { formatCount } from '../format.ts';
import { type Mark, type MarkCounts, marks } from '../quality-mark.ts';
import { markShapes, type Shape, severityShapes, stateShapes } from '../shapes.ts';
import { markWords, severityWords, stateWords } from '../words.ts';

/** A shape on its own; `label` names it for those who do not see it, without one it is decoration beside a word. */
export function Glyph({ shape, size = 12, label }: { shape: Shape; size?: number; label?: string }) {
  return (
    <svg
      role="img"
      aria-label={label ?? ''}
      aria-hidden={label === undefined}
      class="glyph"
      viewBox="0 0 12 12"
      width={size}
      height={size}
      style={{ color: `var(${shape.colour})` }}
    >
      <ShapePaths shape={shape} />
    </svg>
  );
}

/** The paths of a shape in the current colour, for use within a drawing. */
export function ShapePaths({ shape }: { shape: Shape }) {
  return (
    <>
      {shape.fill && <path d={shape.fill} fill="currentColor" />}
      {shape.line && (
        <path
          d={shape.line}
          fill="none"
          stroke="currentColor"
          stroke-width="1.9"
          stroke-linecap="round"
          {...(shape.isDashed ? { 'stroke-dasharray': '1.6 2.6' } : {})}
        />
      )}
      {shape.cut && (
        <path d={shape.cut} fill="none" class="glyph-cut" stroke-width="1.4" stroke-linecap="round" />
      )}
    </>
  );
}

/** A mark with its word. */
export function MarkTag({ mark, count }: { mark: Mark; count?: number }) {
  return (
    <span class="tag" data-mark={mark} title={markWords[mark].text}>
      <Glyph shape={markShapes[mark]} />
      {count !== undefined && <b>{formatCount(count)}</b>}{' '}
      {count === undefined ? markWords[mark].name : markWords[mark].name.toLowerCase()}
    </span>
  );
}

/** The state of a meter with its word. */
export function StateTag({ state }: { state: MeterState }) {
  return (
    <span class="tag" data-state={state} title={stateWords[state].text}>
      <Glyph shape={stateShapes[state]} />
      {stateWords[state].name}
    </span>
  );
}

/** The severity of an event as a shape that says its name. */
export function SeverityGlyph({ severity }: { severity: keyof typeof severityShapes }) {
  return <Glyph shape={severityShapes[severity]} size={14} label={severityWords[severity]} />;
}

/** The legend of marks; with counts it shows those that occur and how often. */
export function QualityLegend({ counts }: { counts?: MarkCounts }) {
  const shown = counts ? marks.filter((mark) => counts[mark] > 0) : marks;
  return (
    <ul class="legend" aria-label="Quality">
      {shown.map((mark) => (
        <li key={mark}>
          <MarkTag mark={mark} {...(counts ? { count: counts[mark] } : {})} />
        </li>
      ))}
    </ul>
  );
}
