/** The painting within the curve of intervals: bars by quality, bands, marks, and the line of now. */
import uPlot from 'uplot';
import type { Mark } from '../quality-mark.ts';
import type { Slot } from '../series.ts';
import { markShapes } from '../shapes.ts';

/** What the plot shows and says back. */
export interface IntervalPlotProps {
  /** What is drawn, for those who do not see it. */
  readonly label: string;
  readonly zone: string;
  readonly slots: readonly Slot[];
  readonly period: { readonly startMs: number; readonly endMs: number };
  readonly hue: 'energy' | 'solar';
  /** Average power (W) of a typical day by minute of the day. */
  readonly typical?: ReadonlyMap<number, number> | undefined;
  readonly nowMs?: number | undefined;
  readonly height?: number;
  readonly selectedMs: number | null;
  readonly onSelect: (startMs: number) => void;
  readonly onOpen: (startMs: number) => void;
}

/** Tokens whose colours the painting needs. */
export const paintTokens = [
  '--ink-2',
  '--ink-3',
  '--line',
  '--line-2',
  '--surface',
  '--typical',
  '--energy',
  '--energy-soft',
  '--solar-fill',
  '--solar-soft',
  '--estimated',
  '--estimated-soft',
  '--suspect',
  '--suspect-soft',
  '--missing',
  '--missing-soft',
  '--power-off',
  '--power-off-soft',
  '--edited',
] as const;
type Colour = (token: string) => string;

const bandMarks: readonly Mark[] = ['missing', 'power-off'];

/** Bars of the intervals, bands where there is nothing, marks above runs that are not plainly measured, and now. */
export function paintIntervals(u: uPlot, model: IntervalPlotProps, colour: Colour): void {
  const { ctx, bbox } = u;
  const ratio = uPlot.pxRatio;
  const base = bbox.top + bbox.height;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, 0, bbox.width, base);
  ctx.clip();
  const x = (ms: number) => Math.round(u.valToPos(ms, 'x', true));
  let lastY: number | null = null;
  for (const slot of model.slots) {
    const left = x(slot.startMs);
    const right = x(slot.endMs);
    if (right < bbox.left || left > bbox.left + bbox.width) continue;
    const width = Math.max(ratio, right - left);
    if (slot.startMs === model.selectedMs) {
      ctx.fillStyle = colour('--line-2');
      ctx.globalAlpha = 0.5;
      ctx.fillRect(left, bbox.top, width, bbox.height);
      ctx.globalAlpha = 1;
    }
    if (bandMarks.includes(slot.mark)) {
      ctx.fillStyle = colour(slot.mark === 'missing' ? '--missing-soft' : '--power-off-soft');
      ctx.fillRect(left, bbox.top, right - left, bbox.height);
    }
    if (slot.watts === null) {
      lastY = null;
      continue;
    }
    const y = Math.round(u.valToPos(slot.watts, 'y', true));
    const [soft, strong] = barTokens(slot.mark, model.hue);
    ctx.fillStyle = colour(soft);
    ctx.fillRect(left, y, width, base - y);
    if (slot.mark === 'estimated')
      hatch(ctx, { left, top: y, width, height: base - y }, colour(strong), ratio);
    ctx.fillStyle = colour(strong);
    ctx.fillRect(left, y - ratio, width, 2 * ratio);
    if (lastY !== null)
      ctx.fillRect(left - ratio, Math.min(y, lastY) - ratio, 2 * ratio, Math.abs(y - lastY) + 2 * ratio);
    lastY = y;
  }
  paintMarks(u, model, colour, x);
  paintNow(u, model, colour, x);
  ctx.restore();
}

function barTokens(mark: Mark, hue: 'energy' | 'solar'): readonly [string, string] {
  if (mark === 'estimated') return ['--estimated-soft', '--estimated'];
  if (mark === 'suspect' || mark === 'doubtful-clock') return ['--suspect-soft', '--suspect'];
  return hue === 'solar' ? ['--solar-soft', '--solar-fill'] : ['--energy-soft', '--energy'];
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Lines at 45 degrees on one grid of the canvas, so that neighbouring bars hatch as one. */
function hatch(ctx: CanvasRenderingContext2D, box: Box, stroke: string, ratio: number): void {
  const step = 5 * ratio;
  const bottom = box.top + box.height;
  ctx.save();
  ctx.beginPath();
  ctx.rect(box.left, box.top, box.width, box.height);
  ctx.clip();
  ctx.beginPath();
  const first = Math.ceil((box.left + box.top) / step) * step;
  for (let sum = first; sum < box.left + box.width + bottom; sum += step) {
    ctx.moveTo(sum - bottom, bottom);
    ctx.lineTo(sum - box.top, box.top);
  }
  ctx.strokeStyle = stroke;
  ctx.globalAlpha = 0.6;
  ctx.lineWidth = ratio;
  ctx.stroke();
  ctx.restore();
}

/** One mark above each run of intervals of the same quality other than measured or not read yet. */
function paintMarks(u: uPlot, model: IntervalPlotProps, colour: Colour, x: (ms: number) => number): void {
  const { ctx, bbox } = u;
  const ratio = uPlot.pxRatio;
  let at = 0;
  while (at < model.slots.length) {
    const slot = model.slots[at] as Slot;
    let end = at + 1;
    while (model.slots[end]?.mark === slot.mark) end++;
    if (slot.mark !== 'measured' && slot.mark !== 'awaited') {
      const left = x(slot.startMs);
      const right = x((model.slots[end - 1] as Slot).endMs);
      const shape = markShapes[slot.mark];
      const top = bbox.top - 16 * ratio;
      ctx.fillStyle = colour(shape.colour);
      ctx.fillRect(left, bbox.top - 2 * ratio, Math.max(2 * ratio, right - left), 2 * ratio);
      ctx.save();
      ctx.translate((left + right) / 2 - 6 * ratio, top);
      ctx.scale(ratio, ratio);
      ctx.strokeStyle = ctx.fillStyle;
      ctx.lineWidth = 1.9;
      ctx.lineCap = 'round';
      if (shape.fill) ctx.fill(new Path2D(shape.fill));
      if (shape.line) ctx.stroke(new Path2D(shape.line));
      if (shape.cut) {
        ctx.strokeStyle = colour('--surface');
        ctx.lineWidth = 1.4;
        ctx.stroke(new Path2D(shape.cut));
      }
      ctx.restore();
    }
    at = end;
  }
}

function paintNow(u: uPlot, model: IntervalPlotProps, colour: Colour, x: (ms: number) => number): void {
  const { nowMs, period } = model;
  if (nowMs === undefined || nowMs <= period.startMs || nowMs >= period.endMs) return;
  const { ctx, bbox } = u;
  const ratio = uPlot.pxRatio;
  ctx.strokeStyle = colour('--ink-2');
  ctx.lineWidth = ratio;
  ctx.setLineDash([3 * ratio, 3 * ratio]);
  ctx.beginPath();
  ctx.moveTo(x(nowMs) + 0.5, bbox.top);
  ctx.lineTo(x(nowMs) + 0.5, bbox.top + bbox.height);
  ctx.stroke();
  ctx.setLineDash([]);
}
