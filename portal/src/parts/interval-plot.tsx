/** The curve of intervals: average power over time with quality drawn in, by uPlot. */
import '../language.ts';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import type { Slot } from '../series.ts';
import { words } from '../words.ts';
import { wallOf } from '../zone-time.ts';
import { type PlotModel, plotOptions } from './interval-plot-options.ts';
import type { IntervalPlotProps } from './interval-plot-paint.ts';
import { Readout, slotSentence } from './readout.tsx';
import { useTheme } from './use-theme.ts';
import { useWidth } from './use-width.ts';

const defaultHeight = 240;

/** The curve with its readout. Arrow keys move from interval to interval, Enter opens one. */
export function IntervalPlot(props: IntervalPlotProps) {
  const { slots, period, zone, selectedMs, height = defaultHeight } = props;
  const [frame, width] = useWidth<HTMLDivElement>();
  const theme = useTheme(frame);
  const [hovered, setHovered] = useState<number | null>(null);
  const plot = useRef<uPlot | null>(null);
  const model = useRef<PlotModel>(null as unknown as PlotModel);
  model.current = { ...props, onHover: setHovered };

  const { startMs, endMs } = period;
  const data = useMemo(
    () => plotData({ slots, typical: props.typical, endMs, zone }),
    [slots, props.typical, endMs, zone],
  );
  useEffect(() => {
    const element = frame.current;
    if (!element || width === 0) return;
    const options = plotOptions({ model, element, width, height });
    const made = new uPlot(options, data, element);
    plot.current = made;
    return () => {
      plot.current = null;
      made.destroy();
    };
  }, [width, height, theme, zone, startMs, endMs, props.hue]);
  useEffect(() => {
    const { current } = plot;
    if (current && current.data !== data) current.setData(data, false);
    current?.redraw(false);
  }, [data, selectedMs, props.nowMs]);

  const selected = slots.findIndex((slot) => slot.startMs === selectedMs);
  const shown = hovered !== null ? slots[hovered] : slots[selected];
  const step = (by: number) => {
    const from = selected < 0 ? (by > 0 ? -1 : slots.length) : selected;
    const next = slots[Math.min(slots.length - 1, Math.max(0, from + by))];
    if (next) props.onSelect(next.startMs);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = {
      ArrowRight: 1,
      ArrowLeft: -1,
      PageDown: 4,
      PageUp: -4,
      Home: -slots.length,
      End: slots.length,
    }[event.key];
    if (by !== undefined) step(by);
    else if (event.key === 'Enter' && selectedMs !== null) props.onOpen(selectedMs);
    else return;
    event.preventDefault();
  };
  return (
    <div class="plot">
      <div
        class="plot-frame"
        ref={frame}
        style={{ height: `${height}px` }}
        tabIndex={0}
        role="slider"
        aria-label={props.label}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, slots.length - 1)}
        aria-valuenow={Math.max(0, selected)}
        aria-valuetext={shown ? slotSentence(shown, zone) : words.customer.plotHint}
        onKeyDown={onKeyDown}
      />
      <Readout slot={shown} zone={zone} hint={words.customer.plotHint} onOpen={props.onOpen} />
    </div>
  );
}

/** Columns for uPlot: time, power, typical power. The typical day goes on to the end of the period, also where today has not come yet. */
function plotData(input: {
  readonly slots: readonly Slot[];
  readonly typical: ReadonlyMap<number, number> | undefined;
  readonly endMs: number;
  readonly zone: string;
}): uPlot.AlignedData {
  const { slots, typical, endMs, zone } = input;
  const times = slots.map((slot) => slot.startMs);
  const usual = slots.map((slot) => typical?.get(slot.minute) ?? null);
  const last = slots.at(-1);
  if (typical && last) {
    for (let at = last.endMs; at < endMs; at += last.endMs - last.startMs) {
      times.push(at);
      usual.push(typical.get(wallOf(at, zone).minute) ?? null);
    }
  }
  return [times, times.map((_, index) => slots[index]?.watts ?? null), usual];
}
