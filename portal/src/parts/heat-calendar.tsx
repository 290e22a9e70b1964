/** Every interval of many days at a glance: a row a day, darker is more power, marks where a value is not plainly measured. */
import { useId, useMemo, useState } from 'preact/hooks';
import { formatDate, formatDayMonth, formatPower, quantityText } from '../format.ts';
import { cellAt, type HeatCell, heatCells, heatStep, heatSteps } from '../heat-layout.ts';
import type { Day, Slot } from '../series.ts';
import { words } from '../words.ts';
import { weekdayOf } from '../zone-time.ts';
import { Readout, slotSentence } from './readout.tsx';
import { useWidth } from './use-width.ts';

const head = 22;
const monday = 1;

/** The calendar. Arrow keys move by interval and day, Enter opens the interval. */
export function HeatCalendar(props: {
  days: readonly Day[];
  zone: string;
  intervalSeconds: number;
  hue: 'energy' | 'solar';
  /** Power at the dark end of the scale, W. */
  topWatts: number;
  selectedMs: number | null;
  label: string;
  onSelect: (startMs: number) => void;
  onOpen: (startMs: number) => void;
}) {
  const { days, zone, intervalSeconds, hue, topWatts, selectedMs } = props;
  const [frame, width] = useWidth<HTMLDivElement>();
  const [hovered, setHovered] = useState<Slot | null>(null);
  const cells = useMemo(() => heatCells(days, intervalSeconds / 60), [days, intervalSeconds]);
  const columns = Math.round(86_400 / intervalSeconds);
  const isNarrow = width < 560;
  const left = isNarrow ? 50 : 84;
  const row = isNarrow ? 9 : 12;
  const cellWidth = Math.max(0, width - left - (isNarrow ? 0 : 34)) / columns;
  const grid: Grid = { left, row, cellWidth, isNarrow };
  const selected = cells.findIndex((cell) => cell.slot.startMs === selectedMs);
  const shown = hovered ?? cells[selected]?.slot;

  const slotUnder = (event: MouseEvent & { currentTarget: EventTarget | null }): Slot | undefined => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    const down = (event.clientY - box.top - head) / row;
    const place = {
      row: Math.floor(down),
      column: Math.floor((event.clientX - box.left - left) / cellWidth),
      isLower: down % 1 >= 0.5,
    };
    return cellAt(cells, place)?.slot;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
    if (event.key === 'Enter' && selectedMs !== null) props.onOpen(selectedMs);
    else if (by !== undefined) {
      const from = selected < 0 ? cells.length - 1 : selected + by;
      const next = cells[Math.min(cells.length - 1, Math.max(0, from))];
      if (next) props.onSelect(next.slot.startMs);
    } else return;
    event.preventDefault();
  };
  return (
    <div class="heat">
      <div
        ref={frame}
        class={`heat-picture hue-${hue}`}
        role="slider"
        tabIndex={0}
        aria-label={props.label}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, cells.length - 1)}
        aria-valuenow={Math.max(0, selected)}
        aria-valuetext={shown ? slotSentence(shown, zone) : props.label}
        onKeyDown={onKeyDown}
        onPointerMove={(event) => setHovered(slotUnder(event) ?? null)}
        onPointerLeave={() => setHovered(null)}
        onClick={(event) => {
          const slot = slotUnder(event);
          if (slot) props.onSelect(slot.startMs);
        }}
      >
        {width > 0 && (
          <svg width={width} height={head + days.length * row + 2} aria-hidden="true">
            <HeatAxes days={days} grid={grid} columns={columns} />
            <HeatCells cells={cells} grid={grid} topWatts={topWatts} />
            <HeatCursor cell={cells.find(({ slot }) => slot === hovered)} grid={grid} isHover />
            <HeatCursor cell={cells[selected]} grid={grid} />
          </svg>
        )}
      </div>
      <HeatScale topWatts={topWatts} hue={hue} />
      <Readout slot={shown} zone={zone} hint={words.customer.calendarHint} onOpen={props.onOpen} />
    </div>
  );
}

interface Grid {
  readonly left: number;
  readonly row: number;
  readonly cellWidth: number;
  readonly isNarrow: boolean;
}

/** Cells of one colour are one path: a few elements in place of thousands. */
function HeatCells({ cells, grid, topWatts }: { cells: readonly HeatCell[]; grid: Grid; topWatts: number }) {
  const id = useId();
  const { isNarrow } = grid;
  const { steps, estimated, missing, suspect, off } = useMemo(
    () => heatPaths(cells, grid, topWatts),
    [cells, grid.cellWidth, grid.row, topWatts],
  );
  return (
    <g shape-rendering={isNarrow ? 'auto' : 'crispEdges'}>
      <defs>
        <pattern
          id={`${id}-h`}
          width="4"
          height="4"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <rect width="1.5" height="4" class="hatch-line" />
        </pattern>
        <pattern id={`${id}-m`} width="6" height={grid.row} y={head} patternUnits="userSpaceOnUse">
          <rect width="6" height={grid.row} class="missing-ground" />
          <path d={`M1.5 ${grid.row / 2 - 1.5}l3 3m0-3l-3 3`} class="missing-line" />
        </pattern>
      </defs>
      {steps.map((path, step) => (
        <path key={step} d={path} class={`heat-step-${step}`} />
      ))}
      <path d={estimated} fill={`url(#${id}-h)`} />
      <path d={missing} fill={`url(#${id}-m)`} />
      <path d={off} class="heat-off" />
      <path d={suspect} class="heat-suspect" />
    </g>
  );
}

function heatPaths(cells: readonly HeatCell[], grid: Grid, topWatts: number) {
  const steps = Array.from({ length: heatSteps }, () => '');
  const marked = { estimated: '', missing: '', suspect: '', off: '' };
  for (const cell of cells) {
    const { slot } = cell;
    const path = cellPath(cell, grid);
    if (slot.mark === 'power-off') marked.off += path;
    else if (slot.watts !== null) steps[heatStep(slot.watts, topWatts)] += path;
    if (slot.mark === 'missing') marked.missing += path;
    else if (slot.mark === 'estimated') marked.estimated += path;
    else if (slot.mark === 'suspect') marked.suspect += framePath(cell, grid);
  }
  return { steps, ...marked };
}

function cellBox({ row, column, half }: HeatCell, grid: Grid) {
  const height = half === 'whole' ? grid.row - 1 : (grid.row - 1) / 2;
  const x = grid.left + column * grid.cellWidth;
  const y = head + row * grid.row + (half === 'lower' ? height : 0);
  return { x, y, width: grid.cellWidth, height };
}

function cellPath(cell: HeatCell, grid: Grid): string {
  const { x, y, width, height } = cellBox(cell, grid);
  const right = Math.round((x + width) * 10) / 10;
  const from = Math.round(x * 10) / 10;
  return `M${from} ${y}H${right}v${height}H${from}z`;
}

/** A suspect cell keeps its colour and gets a bar along its foot. */
function framePath(cell: HeatCell, grid: Grid): string {
  const { x, y, width, height } = cellBox(cell, grid);
  return `M${x.toFixed(1)} ${y + height - 4}h${width.toFixed(1)}v4h${(-width).toFixed(1)}z`;
}

function HeatAxes({ days, grid, columns }: { days: readonly Day[]; grid: Grid; columns: number }) {
  const { left, row, cellWidth, isNarrow } = grid;
  const hours = isNarrow ? [0, 6, 12, 18, 24] : [0, 3, 6, 9, 12, 15, 18, 21, 24];
  const right = left + columns * cellWidth;
  return (
    <g class="axis">
      {hours.map((hour) => (
        <text
          key={hour}
          x={left + (right - left) * (hour / 24)}
          y={13}
          text-anchor={hour === 0 ? 'start' : hour === 24 ? 'end' : 'middle'}
        >
          {String(hour).padStart(2, '0')}:00
        </text>
      ))}
      {days.map((day, index) => {
        const baseline = head + index * row + row - 2;
        const isNamed =
          weekdayOf(day.date) === monday ||
          (index === 0 && weekdayOf(day.date) < 6 && weekdayOf(day.date) > 0);
        const hoursOfDay = (day.endMs - day.startMs) / 3_600_000;
        return (
          <g key={day.date}>
            {isNamed && (
              <text x={left - 8} y={baseline} text-anchor="end">
                {isNarrow ? formatDayMonth(day.date) : formatDate(day.date)}
              </text>
            )}
            {day.hasClockChange && !isNarrow && (
              <text class="heat-note" x={right + 4} y={baseline}>
                {words.customer.clockChange(hoursOfDay)}
                <title>{words.customer.clockChangeTitle(hoursOfDay)}</title>
              </text>
            )}
          </g>
        );
      })}
    </g>
  );
}

function HeatCursor({
  cell,
  grid,
  isHover = false,
}: {
  cell: HeatCell | undefined;
  grid: Grid;
  isHover?: boolean;
}) {
  if (!cell) return null;
  const { x, y, width, height } = cellBox(cell, grid);
  return (
    <rect
      class={isHover ? 'heat-hover' : 'heat-selected'}
      x={x - 1.5}
      y={y - 1.5}
      width={width + 3}
      height={height + 3}
      rx={2}
    />
  );
}

/** What the colours mean, with their ends. */
function HeatScale({ topWatts, hue }: { topWatts: number; hue: 'energy' | 'solar' }) {
  return (
    <div class={`heat-scale hue-${hue}`} aria-hidden="true">
      <span>0</span>
      <svg width={heatSteps * 22} height="10" aria-hidden="true">
        {Array.from({ length: heatSteps }, (_, step) => (
          <rect key={step} class={`heat-step-${step}`} x={step * 22} width="22" height="10" />
        ))}
      </svg>
      <span>{quantityText(formatPower(topWatts))} +</span>
    </div>
  );
}
