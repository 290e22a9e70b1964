/** Stories of the customer's parts: today, days, calendar, bill, explanation, interval. */
import type { UsagePointSummary } from '@wattline/model';
import { BillDocument, BillMonths } from '../src/parts/bill-document.tsx';
import { DayBars } from '../src/parts/day-bars.tsx';
import { HeatCalendar } from '../src/parts/heat-calendar.tsx';
import { IntervalPlot } from '../src/parts/interval-plot.tsx';
import { IntervalStory } from '../src/parts/interval-sheet.tsx';
import { IntervalTable } from '../src/parts/interval-table.tsx';
import { DayHeading, LineExplanation } from '../src/parts/line-explanation.tsx';
import { Readout } from '../src/parts/readout.tsx';
import { type TodayFigures, TodayPanel } from '../src/parts/today-panel.tsx';
import { type Day, daysOf, type Slot, scaleTop, slotsOf, typicalDay } from '../src/series.ts';
import { todayFigures } from '../src/today.ts';
import { words } from '../src/words.ts';
import { addDays, dayStart } from '../src/zone-time.ts';
import { fixtureBills, fixtureInterval } from './fixture-bills.ts';
import { fixtureNowMs, seriesOf, fixtureZone as zone } from './fixture-readings.ts';
import { fixturePoints, householdOf } from './fixture-town.ts';
import { nothing, type PartStories } from './story.ts';

const today = '2026-11-21';
const point = fixturePoints[0] as UsagePointSummary;
const fromMs = dayStart(addDays(today, -39), zone);
const channelSlots = (readingType: 'delivered' | 'received') =>
  slotsOf(seriesOf(householdOf(point), readingType, { fromMs, toMs: fixtureNowMs }), zone);
const slots = channelSlots('delivered');
const received = channelSlots('received');
const days = daysOf(slots, zone);
const receivedDays = daysOf(received, zone);
const dayOf = (date: string) => days.find((day) => day.date === date) as Day;
const periodOf = (date: string) => ({
  startMs: dayStart(date, zone),
  endMs: dayStart(addDays(date, 1), zone),
});
const bills = fixtureBills(point);
const [running, closed] = bills as [(typeof bills)[0], (typeof bills)[0]];
const energyLine = closed.explanation.lines[1] as (typeof closed.explanation.lines)[0];
const worked = todayFigures({ zone, date: today, days, received: receivedDays });
const runningBill = { ...running.bill, endMs: Date.parse(running.bill.end), href: '#' };
const figures: TodayFigures = { ...worked.figures, bill: runningBill };
const plot = { zone, hue: 'energy' as const, selectedMs: null, onSelect: nothing, onOpen: nothing };
const calendar = {
  zone,
  intervalSeconds: 900,
  selectedMs: null,
  label: words.customer.calendar,
  onSelect: nothing,
  onOpen: nothing,
};
const storyAt = (day: number, hour: number) =>
  fixtureInterval(point, Date.UTC(2026, 10, day, hour), 'delivered');
const document = (bill: typeof closed.bill, openLine: string | null) => (
  <BillDocument
    bill={bill}
    customer={point.customer}
    address={point.address}
    openLine={openLine}
    onOpenLine={nothing}
    explanation={() => (
      <LineExplanation line={energyLine} openDay={null} onOpenDay={nothing} dayDetail={() => null} />
    )}
  />
);
const curve = (date: string) => (
  <IntervalPlot {...plot} label={date} slots={dayOf(date).slots} period={periodOf(date)} />
);

/** The stories. */
export const customerStories: readonly PartStories[] = [
  {
    part: 'today-panel',
    states: [
      {
        name: 'with solar and the running bill',
        draw: () => (
          <TodayPanel figures={figures}>
            <IntervalPlot
              {...plot}
              label={today}
              slots={worked.slots}
              period={periodOf(today)}
              typical={typicalDay(days)}
              nowMs={fixtureNowMs}
              selectedMs={(worked.slots[40] as Slot).startMs}
            />
          </TodayPanel>
        ),
      },
      {
        name: 'no reading yet, no bill',
        draw: () => (
          <TodayPanel
            figures={{ ...figures, wh: null, untilMs: null, bill: null, receivedWh: null, comparison: null }}
          >
            {null}
          </TodayPanel>
        ),
      },
    ],
  },
  {
    part: 'interval-plot',
    states: [
      { name: 'estimated, suspect, missing', draw: () => curve('2026-11-20') },
      { name: 'power off', draw: () => curve('2026-11-09') },
      { name: 'a day of 25 hours', draw: () => curve('2026-10-25') },
      {
        name: 'all days',
        draw: () => (
          <IntervalPlot
            {...plot}
            label="all"
            slots={slots}
            period={{ startMs: fromMs, endMs: periodOf(today).endMs }}
          />
        ),
      },
      {
        name: 'to the grid',
        draw: () => (
          <IntervalPlot
            {...plot}
            hue="solar"
            label={today}
            slots={(receivedDays.at(-3) as Day).slots}
            period={periodOf(addDays(today, -2))}
          />
        ),
      },
    ],
  },
  {
    part: 'readout',
    states: [
      {
        name: 'hint',
        draw: () => <Readout slot={undefined} zone={zone} hint={words.customer.historyText} />,
      },
      {
        name: 'estimated',
        draw: () => <Readout slot={dayOf('2026-11-20').slots[53]} zone={zone} hint="" onOpen={nothing} />,
      },
    ],
  },
  {
    part: 'day-bars',
    states: [
      {
        name: 'forty days',
        draw: () => (
          <DayBars
            days={days}
            hue="energy"
            selected="2026-11-03"
            today={today}
            label={words.customer.history(40)}
            onSelect={nothing}
          />
        ),
      },
      {
        name: 'to the grid, one week',
        draw: () => (
          <DayBars
            days={receivedDays.slice(-7)}
            hue="solar"
            selected={null}
            today={today}
            label="week"
            onSelect={nothing}
          />
        ),
      },
    ],
  },
  {
    part: 'heat-calendar',
    states: [
      {
        name: 'from the grid',
        draw: () => (
          <HeatCalendar
            {...calendar}
            days={days}
            hue="energy"
            topWatts={scaleTop(slots)}
            selectedMs={Date.UTC(2026, 10, 3, 12)}
          />
        ),
      },
      {
        name: 'to the grid',
        draw: () => (
          <HeatCalendar {...calendar} days={receivedDays} hue="solar" topWatts={scaleTop(received)} />
        ),
      },
    ],
  },
  {
    part: 'bill-document',
    states: [
      { name: 'closed', draw: () => document(closed.bill, null) },
      { name: 'a line opened', draw: () => document(closed.bill, 'energy-1-1') },
      { name: 'running month', draw: () => document(running.bill, null) },
      {
        name: 'register differs',
        draw: () =>
          document(
            {
              ...closed.bill,
              registerCheck: { ...closed.bill.registerCheck, difference: '-1.204', agrees: false },
            },
            null,
          ),
      },
      {
        name: 'months',
        draw: () => (
          <BillMonths bills={bills.map(({ bill }) => bill)} selected="2026-10" onSelect={nothing} />
        ),
      },
    ],
  },
  {
    part: 'line-explanation',
    states: [
      {
        name: 'a day opened',
        draw: () => (
          <LineExplanation
            line={running.explanation.lines[1] as typeof energyLine}
            openDay="2026-11-03"
            onOpenDay={nothing}
            dayDetail={(day) => (
              <div class="day-detail">
                <DayHeading day={day} all={96} />
                <IntervalTable
                  slots={dayOf('2026-11-03').slots.slice(36, 44)}
                  zone={zone}
                  label="intervals"
                  onOpen={nothing}
                />
              </div>
            )}
          />
        ),
      },
      {
        name: 'no readings behind it',
        draw: () => (
          <LineExplanation
            line={closed.explanation.lines.at(-1) as typeof energyLine}
            openDay={null}
            onOpenDay={nothing}
            dayDetail={() => null}
          />
        ),
      },
    ],
  },
  {
    part: 'interval-sheet',
    states: [
      { name: 'measured', draw: () => <IntervalStory story={storyAt(2, 12)} zone={zone} scale={0} /> },
      { name: 'estimated', draw: () => <IntervalStory story={storyAt(3, 12)} zone={zone} scale={0} /> },
      { name: 'suspect', draw: () => <IntervalStory story={storyAt(15, 18)} zone={zone} scale={0} /> },
      { name: 'never heard of', draw: () => <IntervalStory story={storyAt(18, 5)} zone={zone} scale={0} /> },
    ],
  },
];
