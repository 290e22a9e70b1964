/** How well meters are read: today as a number, the days before as bars. */
import type { ReadRate } from '@wattline/model';
import { formatCount, formatDate, formatDayMonth, formatMoment, formatShare } from '../format.ts';
import { markShapes } from '../shapes.ts';
import { words } from '../words.ts';
import { weekdayOf } from '../zone-time.ts';
import { Glyph } from './glyph.tsx';
import { useWidth } from './use-width.ts';

/** The share that a network in order reaches; a day below it is drawn in the warning colour. */
const targetShare = 0.99;

/** The read rate of the newest day, and of all days together. */
export function ReadRateFigure({ rate, zone }: { rate: ReadRate; zone: string }) {
  const day = rate.byDay.at(-1) ?? rate;
  const [number = '', unit = ''] = formatShare(day.rate).split('\u202f');
  return (
    <div class="read-rate">
      <p class={`measure measure-hero ${day.rate >= targetShare ? '' : 'is-warn'}`}>
        <span class="measure-number">{number}</span>
        <span class="measure-unit">{unit}</span>
      </p>
      <p class="figure-note">
        {words.operations.readRateText(formatCount(day.received), formatCount(day.expected))},{' '}
        {formatMoment(Date.parse(rate.asOf), zone)} <span class="zone">{zone}</span>
      </p>
      <ul class="legend">
        <li class="tag">
          <Glyph shape={markShapes.estimated} /> <b>{formatCount(day.estimated)}</b>{' '}
          {words.operations.estimated}
        </li>
        <li class="tag">
          <Glyph shape={markShapes.missing} /> <b>{formatCount(day.missing)}</b> {words.operations.missing}
        </li>
      </ul>
      <p class="figure-note read-rate-all">
        {words.operations.overall(rate.byDay.length)} <b>{formatShare(rate.rate)}</b>
      </p>
    </div>
  );
}

const height = 150;
const top = 14;
const foot = 24;
const left = 52;
const plotHeight = height - top - foot;
const monday = 1;

/** Bars by day; the axis begins where it tells days apart and says so. */
export function ReadRateByDay({ days }: { days: ReadRate['byDay'] }) {
  const [frame, width] = useWidth<HTMLDivElement>();
  const floor = axisFloor(days);
  const y = (share: number) => top + plotHeight * (1 - (Math.max(share, floor) - floor) / (1 - floor));
  const pitch = Math.max(0, width - left) / Math.max(1, days.length);
  const barWidth = Math.max(2, pitch - Math.min(4, pitch * 0.3));
  return (
    <div class="bars" ref={frame}>
      {width > 0 && (
        <svg width={width} height={height} role="img" aria-label={summary(days)}>
          {[floor, (1 + floor) / 2, 1].map((share) => (
            <g key={share} class="axis">
              <line x1={left} x2={width} y1={y(share)} y2={y(share)} />
              <text x={left - 8} y={y(share) + 4} text-anchor="end">
                {Number((share * 100).toFixed(1))} %
              </text>
            </g>
          ))}
          {days.map((day, index) => (
            <g key={day.date} class="rate-bar">
              <title>{dayText(day)}</title>
              <rect
                class={day.rate >= targetShare ? 'is-ok' : 'is-warn'}
                x={left + index * pitch + (pitch - barWidth) / 2}
                width={barWidth}
                y={Math.min(y(day.rate), y(floor) - 2)}
                height={Math.max(2, y(floor) - y(day.rate))}
              />
              {(days.length <= 10 || weekdayOf(day.date) === monday) &&
                (days.length - index) * pitch > 30 && (
                  <text
                    class="day-label"
                    x={left + (index + 0.5) * pitch}
                    y={height - 6}
                    text-anchor="middle"
                  >
                    {formatDayMonth(day.date)}
                  </text>
                )}
            </g>
          ))}
          {floor < targetShare && (
            <g class="target">
              <line x1={left} x2={width} y1={y(targetShare)} y2={y(targetShare)} />
            </g>
          )}
        </svg>
      )}
      {floor > 0 && <p class="axis-note">{words.operations.axisFrom(`${floor * 100} %`)}</p>}
    </div>
  );
}

/** Where the axis begins so that days can be told apart: with room below the worst of them. */
function axisFloor(days: ReadRate['byDay']): number {
  const worst = Math.min(...days.map(({ rate }) => rate), targetShare);
  return [0.98, 0.95, 0.9, 0.8, 0.5].find((floor) => worst >= floor + (1 - floor) * 0.1) ?? 0;
}

function dayText(day: ReadRate['byDay'][number]): string {
  const counts = words.operations.readRateText(formatCount(day.received), formatCount(day.expected));
  return `${formatDate(day.date)}: ${formatShare(day.rate)}, ${counts}, ${day.estimated} ${words.operations.estimated}, ${day.missing} ${words.operations.missing}`;
}

function summary(days: ReadRate['byDay']): string {
  const below = days.filter(({ rate }) => rate < targetShare);
  return `${words.operations.byDay}: ${days.length} days, ${below.length} below ${formatShare(targetShare)}. ${below.map(dayText).join('; ')}`;
}
