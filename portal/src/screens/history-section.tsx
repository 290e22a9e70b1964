/** The last days: bars by day, the curve of the chosen span, and the calendar of every interval. */
import type { ReadingSeries, UsagePointSummary } from '@wattline/model';
import { useMemo, useState } from 'preact/hooks';
import { formatDate, formatKwh, formatLength, quantityText } from '../format.ts';
import { Card, Segments } from '../parts/card.tsx';
import { DayBars } from '../parts/day-bars.tsx';
import { QualityLegend } from '../parts/glyph.tsx';
import { HeatCalendar } from '../parts/heat-calendar.tsx';
import { IntervalPlot } from '../parts/interval-plot.tsx';
import { IntervalTable } from '../parts/interval-table.tsx';
import { countMarks } from '../quality-mark.ts';
import { type Day, daysOf, type Slot, scaleTop, sumWh } from '../series.ts';
import { goTo } from '../store.ts';
import { words } from '../words.ts';
import { wallOf } from '../zone-time.ts';

interface Channel {
  readonly series: ReadingSeries;
  readonly slots: readonly Slot[];
}
type Direction = 'delivered' | 'received';
type Span = 'day' | 'week' | 'all';

/** The section. The chosen day stands in the address, so that it can be sent to someone. */
export function HistorySection(props: {
  point: UsagePointSummary;
  nowMs: number;
  delivered: Channel;
  received: Channel | null;
  day: string | undefined;
  month: string | undefined;
  onOpen: (startMs: number, readingType: Direction) => void;
}) {
  const { point, nowMs, received } = props;
  const { zone } = point;
  const [direction, setDirection] = useState<Direction>('delivered');
  const [span, setSpan] = useState<Span>('day');
  const [selectedMs, setSelectedMs] = useState<number | null>(null);
  const [isTable, setIsTable] = useState(false);
  const channel = direction === 'received' && received ? received : props.delivered;
  const hue = direction === 'received' ? 'solar' : 'energy';
  const days = useMemo(() => daysOf(channel.slots, zone), [channel.slots, zone]);
  const top = useMemo(() => scaleTop(channel.slots), [channel.slots]);
  const today = wallOf(nowMs, zone).date;
  const chosen = Math.max(0, chosenIndex(days, props.day, today));
  const day = days[chosen] as Day;
  const choose = (date: string) =>
    goTo(
      {
        screen: 'customer',
        usagePointId: point.id,
        day: date,
        ...(props.month ? { month: props.month } : {}),
      },
      'replace',
    );
  const select = (startMs: number) => {
    setSelectedMs(startMs);
    const { date } = wallOf(startMs, zone);
    if (date !== day.date) choose(date);
  };
  const open = (startMs: number) => props.onOpen(startMs, direction);
  const shownDays = daysOfSpan(days, chosen, span);
  const shown = shownDays.flatMap(({ slots }) => slots);
  const period = { startMs: (shownDays[0] as Day).startMs, endMs: (shownDays.at(-1) as Day).endMs };
  return (
    <>
      <Card
        title={words.customer.history(days.length)}
        text={words.customer.historyText}
        class="history"
        aside={
          received && (
            <Segments<Direction>
              label={words.customer.direction}
              options={[
                { value: 'delivered', name: words.customer.delivered },
                { value: 'received', name: words.customer.received },
              ]}
              value={direction}
              onChoose={setDirection}
            />
          )
        }
      >
        <DayBars
          days={days}
          hue={hue}
          selected={day.date}
          today={today}
          label={words.customer.history(days.length)}
          onSelect={choose}
        />
        <div class="span-head">
          <div class="span-title">
            <StepButton
              label={words.customer.previousDay}
              path="M8 2L4 6l4 4"
              date={days[chosen - 1]?.date}
              onGo={choose}
            />
            <h3>
              {spanTitle(shownDays)} <b>{quantityText(formatKwh(sumWh(shown)))}</b>
            </h3>
            <StepButton
              label={words.customer.nextDay}
              path="M4 2l4 4-4 4"
              date={days[chosen + 1]?.date}
              onGo={choose}
            />
          </div>
          <Segments<Span>
            label={words.customer.span}
            options={(['day', 'week', 'all'] as const).map((value) => ({
              value,
              name: words.customer.spans[value],
            }))}
            value={span}
            onChoose={setSpan}
          />
        </div>
        <IntervalPlot
          label={spanTitle(shownDays)}
          zone={zone}
          slots={shown}
          period={period}
          hue={hue}
          nowMs={nowMs}
          selectedMs={selectedMs}
          onSelect={select}
          onOpen={open}
        />
        <footer class="card-foot">
          <QualityLegend counts={countMarks(shown.map(({ mark }) => mark))} />
          <span class="zoom-hint">{words.customer.zoomHint}</span>
          {span === 'day' && (
            <button
              type="button"
              class="button button-small"
              aria-expanded={isTable}
              onClick={() => setIsTable(!isTable)}
            >
              {words.customer.asTable}
            </button>
          )}
        </footer>
        {isTable && span === 'day' && (
          <IntervalTable
            slots={day.slots}
            zone={zone}
            label={words.explanation.dayTable(formatDate(day.date, 'medium'))}
            onOpen={open}
          />
        )}
      </Card>
      <Card
        title={words.customer.calendar}
        text={words.customer.calendarText(formatLength(channel.series.intervalSeconds))}
      >
        <HeatCalendar
          days={days}
          zone={zone}
          intervalSeconds={channel.series.intervalSeconds}
          hue={hue}
          topWatts={top}
          selectedMs={selectedMs}
          label={words.customer.calendar}
          onSelect={select}
          onOpen={open}
        />
        <footer class="card-foot">
          <QualityLegend counts={countMarks(channel.slots.map(({ mark }) => mark))} />
        </footer>
      </Card>
    </>
  );
}

/** The day of the address, else yesterday: the newest day that is whole. */
function chosenIndex(days: readonly Day[], wanted: string | undefined, today: string): number {
  const asked = days.findIndex(({ date }) => date === wanted);
  if (asked >= 0) return asked;
  return days.findLastIndex(({ date }) => date < today);
}

function daysOfSpan(days: readonly Day[], chosen: number, span: Span): readonly Day[] {
  if (span === 'all') return days;
  if (span === 'day') return days.slice(chosen, chosen + 1);
  const end = Math.min(days.length, Math.max(7, chosen + 4));
  return days.slice(Math.max(0, end - 7), end);
}

function spanTitle(days: readonly Day[]): string {
  const first = (days[0] as Day).date;
  const last = (days.at(-1) as Day).date;
  return first === last ? formatDate(first, 'medium') : `${formatDate(first)} – ${formatDate(last)}`;
}

function StepButton(props: {
  label: string;
  path: string;
  date: string | undefined;
  onGo: (date: string) => void;
}) {
  const { date } = props;
  return (
    <button
      type="button"
      class="icon-button"
      aria-label={props.label}
      disabled={date === undefined}
      onClick={() => date !== undefined && props.onGo(date)}
    >
      <svg viewBox="0 0 12 12" width="14" height="14" aria-hidden="true">
        <path d={props.path} class="stroke" />
      </svg>
    </button>
  );
}
