/** How a bill line came about: formula, determinant, days; a day leads to its intervals. */
import type { BillExplanation } from '@wattline/model';
import type { ComponentChildren } from 'preact';
import { formatCount, formatDate, formatDayMonth, formatKwh, groupDigits, quantityText } from '../format.ts';
import { axisSteps } from '../heat-layout.ts';
import { markShapes } from '../shapes.ts';
import { words } from '../words.ts';
import { Glyph } from './glyph.tsx';

type ExplainedLine = BillExplanation['lines'][number];
type ExplainedDay = ExplainedLine['days'][number];

/** The explanation of one line. `dayDetail` is drawn under the chosen day. */
export function LineExplanation(props: {
  line: ExplainedLine;
  openDay: string | null;
  onOpenDay: (date: string | null) => void;
  dayDetail: (day: ExplainedDay) => ComponentChildren;
}) {
  const { line, openDay } = props;
  const day = line.days.find(({ date }) => date === openDay);
  const determinant = line.determinant;
  return (
    <section class="explanation" aria-label={words.explanation.title}>
      <p class="explanation-formula">{line.formula.replaceAll(' x ', ' \u00d7 ')}</p>
      {determinant && (
        <p class="explanation-determinant">
          <span class="figure-label">{words.explanation.determinant}</span> {determinant.title}:{' '}
          <b>
            {groupDigits(determinant.quantity)}{' '}
            {determinant.unit === 'kWh' ? 'kWh' : words.bill.days(determinant.quantity).replace(/^\S+ /, '')}
          </b>
          {determinant.intervals > 0 && (
            <span class="explanation-counts">
              {words.explanation.intervals(formatCount(determinant.intervals))}
              {determinant.estimated > 0 && (
                <span>
                  <Glyph shape={markShapes.estimated} size={10} />{' '}
                  {words.explanation.estimated(formatCount(determinant.estimated))}
                </span>
              )}
              {determinant.missing > 0 && (
                <span>
                  <Glyph shape={markShapes.missing} size={10} />{' '}
                  {words.explanation.missing(formatCount(determinant.missing))}
                </span>
              )}
              {determinant.estimated + determinant.missing === 0 && (
                <span>{words.explanation.allMeasured}</span>
              )}
            </span>
          )}
        </p>
      )}
      {line.days.length === 0 ? (
        <p class="explanation-hint">{words.explanation.noDays}</p>
      ) : (
        <>
          <DayStrip days={line.days} openDay={openDay} onOpenDay={props.onOpenDay} />
          {day ? props.dayDetail(day) : <p class="explanation-hint">{words.explanation.chooseDay}</p>}
        </>
      )}
    </section>
  );
}

/** The days of a line as small bars that are buttons. */
function DayStrip(props: {
  days: readonly ExplainedDay[];
  openDay: string | null;
  onOpenDay: (date: string | null) => void;
}) {
  const top = axisSteps(Math.max(...props.days.map(({ wh }) => Number(wh) / 1000), 0.001), 2).at(-1) ?? 1;
  return (
    <ol class="day-strip" aria-label={words.explanation.days}>
      {props.days.map((day) => {
        const share = (Number(day.wh) / 1000 / top) * 100;
        const label = stripLabel(day);
        const isOpen = day.date === props.openDay;
        return (
          <li key={day.date}>
            <button
              type="button"
              aria-pressed={isOpen}
              aria-label={label}
              title={label}
              onClick={() => props.onOpenDay(isOpen ? null : day.date)}
            >
              <span class="day-strip-field">
                <span
                  class={`day-strip-bar ${day.estimated > 0 ? 'has-estimated' : ''}`}
                  style={{ height: `${Math.max(1, share)}%` }}
                />
              </span>
              <span class="day-strip-mark">
                {day.missing > 0 ? (
                  <Glyph shape={markShapes.missing} size={9} />
                ) : (
                  day.estimated > 0 && <Glyph shape={markShapes.estimated} size={9} />
                )}
              </span>
              <span class="day-strip-date">{formatDayMonth(day.date).split(' ')[0]}</span>
            </button>
          </li>
        );
      })}
    </ol>
  );
}

function stripLabel(day: ExplainedDay): string {
  const parts = [
    `${formatDate(day.date)}: ${quantityText(formatKwh(day.wh))}`,
    words.explanation.intervals(String(day.intervals)),
  ];
  if (day.estimated > 0) parts.push(words.explanation.estimated(String(day.estimated)));
  if (day.missing > 0) parts.push(words.explanation.missing(String(day.missing)));
  return parts.join(', ');
}

/** The heading of a chosen day. */
export function DayHeading({ day, all }: { day: ExplainedDay; all: number | null }) {
  return (
    <header class="day-heading">
      <h5>
        {formatDate(day.date, 'long')} <b>{quantityText(formatKwh(day.wh))}</b>
      </h5>
      {all !== null && all !== day.intervals && <p>{words.explanation.part(day.intervals, all)}</p>}
    </header>
  );
}
