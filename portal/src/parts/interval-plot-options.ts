/** How uPlot draws the curve of intervals: axes in local time and kW, bars by quality, marks on top. */
import type { RefObject } from 'preact';
import type uPlot from 'uplot';
import { formatDate, formatDayMonth, formatTime } from '../format.ts';
import { axisSteps } from '../heat-layout.ts';
import type { Slot } from '../series.ts';
import { timeTicks, wallOf } from '../zone-time.ts';
import { type IntervalPlotProps, paintIntervals, paintTokens } from './interval-plot-paint.ts';
import { resolveColours } from './use-theme.ts';

/** The plot's props and where to say which interval is under the pointer. */
export interface PlotModel extends IntervalPlotProps {
  readonly onHover: (index: number | null) => void;
}

const dayMs = 86_400_000;
const hourMs = 3_600_000;

/** The options; `model` is read at each drawing, so that a new selection needs no new plot. */
export function plotOptions(options: {
  readonly model: RefObject<PlotModel>;
  readonly element: HTMLElement;
  readonly width: number;
  readonly height: number;
}): uPlot.Options {
  const { element, width, height } = options;
  const model = () => options.model.current as PlotModel;
  const colours = resolveColours(element, paintTokens);
  const colour = (token: string) => colours.get(token) ?? '#888';
  const font = `12px ${getComputedStyle(element).fontFamily}`;
  const axis = { stroke: colour('--ink-3'), font, ticks: { show: false } };
  const { period } = model();
  return {
    width,
    height,
    padding: [22, 22, 0, 0],
    legend: { show: false },
    scales: {
      x: {
        time: false,
        range: (u, min, max) => (isWhole(u, min, max) ? [period.startMs, period.endMs] : [min, max]),
      },
      y: { range: (_u, _min, max) => [0, axisSteps(Math.max(max ?? 0, 100) * 1.04, 4).at(-1) ?? 1] },
    },
    axes: [
      {
        ...axis,
        size: 30,
        grid: { stroke: colour('--line'), width: 1 },
        splits: (_u, _axis, min, max) => timeTicks(min, max, model().zone, width < 480 ? 5 : 9),
        values: (_u, splits) => timeLabels(splits, model().zone, model().period),
      },
      {
        ...axis,
        size: (_u, values) => 16 + 7 * Math.max(4, ...(values ?? []).map((text) => text.length)),
        gap: 8,
        grid: { stroke: colour('--line'), width: 1 },
        splits: (_u, _axis, _min, max) => axisSteps(max, 4).filter((value) => value <= max * 1.001),
        values: (_u, splits) => powerLabels(splits),
      },
    ],
    series: [
      {},
      { paths: () => null, points: { show: false } },
      { stroke: colour('--typical'), width: 1.6, dash: [5, 4], points: { show: false }, spanGaps: true },
    ],
    cursor: {
      y: false,
      points: { show: false },
      drag: { x: true, y: false, dist: 8 },
      dataIdx: (u, series, closest, xValue) =>
        series === 0 ? slotIndexAt(model().slots, xValue, closest) : (u.cursor.idxs?.[0] ?? closest),
    },
    hooks: {
      init: [(u) => listen(u, model)],
      drawAxes: [(u) => paintIntervals(u, model(), colour)],
      setCursor: [
        (u) => {
          const isInside = (u.cursor.left ?? -1) >= 0;
          const at = isInside ? slotIndexAt(model().slots, u.posToVal(u.cursor.left ?? 0, 'x'), -1) : -1;
          model().onHover(at >= 0 ? at : null);
        },
      ],
    },
  };
}

/** Whether the scale spans all data: then the whole period is shown, also the part that is yet to come. */
function isWhole(u: uPlot, min: number, max: number): boolean {
  const x = u.data[0];
  return x.length === 0 || min === null || (min <= (x[0] as number) && max >= (x.at(-1) as number));
}

function slotIndexAt(slots: readonly Slot[], atMs: number, otherwise: number): number {
  const first = slots[0];
  if (!first) return otherwise;
  const index = Math.floor((atMs - first.startMs) / (first.endMs - first.startMs));
  return slots[index] ? index : otherwise;
}

function timeLabels(splits: readonly number[], zone: string, period: IntervalPlotProps['period']): string[] {
  const isWithinDay = period.endMs - period.startMs <= dayMs + 2 * hourMs;
  return splits.map((at, index) => {
    const { date, minute } = wallOf(at, zone);
    if (isWithinDay && at === period.endMs) return '24:00';
    if (isWithinDay || minute !== 0) return formatTime(at, zone);
    // The midnight that ends the period belongs to a day that is not shown.
    if (at === period.endMs) return '';
    const spansFewDays = splits.length > 1 && (splits[1] as number) - (splits[0] as number) <= dayMs + hourMs;
    return spansFewDays || index === 0 ? formatDate(date) : formatDayMonth(date);
  });
}

function powerLabels(splits: readonly number[]): string[] {
  const step = (splits[1] ?? 1000) - (splits[0] ?? 0);
  const digits = step % 1000 === 0 ? 0 : step % 100 === 0 ? 1 : 2;
  return splits.map((watts, index) =>
    index === splits.length - 1 ? `${(watts / 1000).toFixed(digits)} kW` : (watts / 1000).toFixed(digits),
  );
}

/** A click that was no drag chooses the interval under it; leaving takes the readout back to the chosen one. */
function listen(u: uPlot, model: () => PlotModel): void {
  let isDrag = false;
  let downX = 0;
  u.over.addEventListener('mousedown', (event) => {
    isDrag = false;
    downX = event.clientX;
  });
  u.over.addEventListener('mouseup', (event) => {
    isDrag = Math.abs(event.clientX - downX) > 8;
  });
  u.over.addEventListener('click', (event) => {
    if (isDrag) return;
    const x = event.clientX - u.over.getBoundingClientRect().left;
    const slot = model().slots[slotIndexAt(model().slots, u.posToVal(x, 'x'), -1)];
    if (slot) model().onSelect(slot.startMs);
  });
}
