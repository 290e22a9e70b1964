/** Days as bars: energy a day, what was estimated hatched, what is missing marked. Also the way to choose a day. */
import { useId } from 'preact/hooks';
import { formatDate, formatDayMonth, formatKwh, quantityText } from '../format.ts';
import { axisSteps } from '../heat-layout.ts';
import { type Mark, marks } from '../quality-mark.ts';
import { type Day, sumWh } from '../series.ts';
import { markShapes } from '../shapes.ts';
import { markWords } from '../words.ts';
import { weekdayOf } from '../zone-time.ts';
import { ShapePaths } from './glyph.tsx';
import { useWidth } from './use-width.ts';

const height = 188;
const top = 26;
const foot = 26;
const left = 52;
const plotHeight = height - top - foot;
const monday = 1;

/** The bars. Arrow keys choose the day before or after. */
export function DayBars(props: {
  days: readonly Day[];
  hue: 'energy' | 'solar';
  selected: string | null;
  /** The running day, whose bar still grows. */
  today: string;
  label: string;
  onSelect: (date: string) => void;
}) {
  const { days, selected, today, hue } = props;
  const [frame, width] = useWidth<HTMLDivElement>();
  const id = useId();
  const topKwh = Math.max(...days.map((day) => Number(day.wh) / 1000), 0.1);
  const steps = axisSteps(topKwh, 3);
  const axisTop = steps.at(-1) as number;
  const y = (kwh: number) => top + plotHeight * (1 - kwh / axisTop);
  const pitch = Math.max(0, width - left - 2) / Math.max(1, days.length);
  const chosen = days.findIndex((day) => day.date === selected);

  const onKeyDown = (event: KeyboardEvent) => {
    const by = {
      ArrowRight: 1,
      ArrowLeft: -1,
      PageDown: 7,
      PageUp: -7,
      Home: -days.length,
      End: days.length,
    }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const next = days[Math.min(days.length - 1, Math.max(0, chosen + by))];
    if (next) props.onSelect(next.date);
  };
  const active = days[chosen] ? { 'aria-activedescendant': `${id}-${chosen}` } : {};
  return (
    <div
      class="bars"
      ref={frame}
      role="listbox"
      tabIndex={0}
      aria-label={props.label}
      aria-orientation="horizontal"
      {...active}
      onKeyDown={onKeyDown}
    >
      {width > 0 && (
        <svg width={width} height={height} role="presentation">
          <defs>
            <pattern
              id={`${id}-hatch`}
              width="5"
              height="5"
              patternUnits="userSpaceOnUse"
              patternTransform="rotate(45)"
            >
              <rect width="5" height="5" class="hatch-ground" />
              <rect width="1.6" height="5" class="hatch-line" />
            </pattern>
          </defs>
          {steps.map((kwh, index) => (
            <g key={kwh} class="axis">
              <line x1={left} x2={width} y1={y(kwh)} y2={y(kwh)} />
              <text x={left - 8} y={y(kwh) + 4} text-anchor="end">
                {kwh}
                {index === steps.length - 1 ? ' kWh' : ''}
              </text>
            </g>
          ))}
          {days.map((day, index) => (
            <DayBar
              key={day.date}
              id={`${id}-${index}`}
              hatch={`url(#${id}-hatch)`}
              day={day}
              x={left + index * pitch}
              pitch={pitch}
              y={y}
              hue={hue}
              isSelected={index === chosen}
              isToday={day.date === today}
              hasLabel={hasLabel(days, index, pitch)}
              onSelect={() => props.onSelect(day.date)}
            />
          ))}
        </svg>
      )}
    </div>
  );
}

/** Mondays carry their date, every second one where there is little room. */
function hasLabel(days: readonly Day[], index: number, pitch: number): boolean {
  const day = days[index] as Day;
  if (days.length <= 10) return pitch > 34 || index % 2 === 0;
  if (weekdayOf(day.date) !== monday) return false;
  const mondays = days.slice(0, index).filter((one) => weekdayOf(one.date) === monday).length;
  return (days.length - index) * pitch > 40 && (pitch * 7 > 56 || mondays % 2 === 0);
}

/** Marks of a day that deserve a sign above its bar, the gravest first. */
const signs: readonly Mark[] = ['missing', 'suspect', 'power-off', 'estimated', 'edited'];

function DayBar(props: {
  id: string;
  hatch: string;
  day: Day;
  x: number;
  pitch: number;
  y: (kwh: number) => number;
  hue: 'energy' | 'solar';
  isSelected: boolean;
  isToday: boolean;
  hasLabel: boolean;
  onSelect: () => void;
}) {
  const { day, x, pitch, y } = props;
  const estimated = kwhOf(day, 'estimated');
  const all = Number(day.wh) / 1000;
  const width = Math.max(2, pitch - Math.min(4, pitch * 0.25));
  const barX = x + (pitch - width) / 2;
  const sign = signs.find((mark) => day.counts[mark] > 0);
  const middle = x + pitch / 2;
  return (
    <g
      id={props.id}
      role="option"
      aria-selected={props.isSelected}
      aria-label={dayLabel(day)}
      class={`day-bar hue-${props.hue} ${props.isToday ? 'is-today' : ''}`}
      tabindex={-1}
      onClick={props.onSelect}
    >
      <title>{dayLabel(day)}</title>
      <rect class="day-ground" x={x} y={top - 22} width={pitch} height={plotHeight + 22} />
      <rect
        class="day-measured"
        x={barX}
        y={y(all - estimated)}
        width={width}
        height={Math.max(0, y(0) - y(all - estimated))}
      />
      {estimated > 0 && (
        <rect
          x={barX}
          y={y(all)}
          width={width}
          height={Math.max(1.5, y(all - estimated) - y(all))}
          fill={props.hatch}
        />
      )}
      {sign && (
        <g
          transform={`translate(${middle - 4.5} ${Math.min(y(all), y(0) - 1) - 13}) scale(.75)`}
          style={{ color: `var(${markShapes[sign].colour})` }}
        >
          <ShapePaths shape={markShapes[sign]} />
        </g>
      )}
      {props.hasLabel && (
        <text class="day-label" x={middle} y={height - 8} text-anchor="middle">
          {formatDayMonth(day.date)}
        </text>
      )}
    </g>
  );
}

function kwhOf(day: Day, mark: Mark): number {
  return Number(sumWh(day.slots.filter((slot) => slot.mark === mark))) / 1000;
}

/** A day in words: `Fri 20 Nov: 11.20 kWh, 96 measured`. */
export function dayLabel(day: Day): string {
  const counts = marks
    .filter((mark) => day.counts[mark] > 0)
    .map((mark) => `${day.counts[mark]} ${markWords[mark].name.toLowerCase()}`);
  return `${formatDate(day.date)}: ${quantityText(formatKwh(day.wh))}, ${counts.join(', ')}`;
}
