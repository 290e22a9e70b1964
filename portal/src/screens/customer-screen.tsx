/** A customer: today, the last days by interval, bills, and where every number comes from. */
import type { Bill, MeterStatus, ReadingSeries, UsagePointSummary } from '@wattline/model';
import { useMemo, useState } from 'preact/hooks';
import type { ListResult } from '../api.ts';
import { latestBills } from '../bill-list.ts';
import { formatAge, formatMoment } from '../format.ts';
import { Card } from '../parts/card.tsx';
import { Empty, LateBanner, Loaded, Skeleton } from '../parts/condition.tsx';
import { KindIcon } from '../parts/customer-picker.tsx';
import { StateTag } from '../parts/glyph.tsx';
import { IntervalPlot } from '../parts/interval-plot.tsx';
import { CurveKey, SolarTag, TodayPanel } from '../parts/today-panel.tsx';
import { knownValue, type Remote } from '../resource.ts';
import { hrefOf } from '../route.ts';
import { daysOf, knownUntil, type Slot, slotsOf, sumWh } from '../series.ts';
import { api, machineCalmMs, townCalmMs } from '../store.ts';
import { type TodayInputs, todayFigures } from '../today.ts';
import { useResource } from '../use-resource.ts';
import { words } from '../words.ts';
import { addDays, dayStart, wallOf } from '../zone-time.ts';
import { BillSection } from './bill-section.tsx';
import { HistorySection } from './history-section.tsx';
import { IntervalSheet } from './interval-sheet-loader.tsx';

const historyDays = 40;
const refreshMs = 60_000;
const lateAfterMs = 3 * 3_600_000;

/** The screen of one usage point. */
export function CustomerScreen(props: {
  usagePointId: string;
  day: string | undefined;
  month: string | undefined;
}) {
  const path = `usage-points/${encodeURIComponent(props.usagePointId)}`;
  const point = useResource<UsagePointSummary>((abort) => api.get(path, {}, abort), [path], 5 * refreshMs);
  const bills = useResource<ListResult<Bill>>(
    (abort) => api.list(`${path}/bills`, {}, 100, abort),
    [path],
    refreshMs,
  );
  return (
    <Loaded
      remote={point.remote.value}
      nowMs={machineCalmMs.value}
      onRetry={point.refresh}
      skeleton={
        <div class="customer">
          <Skeleton kind="figure" />
          <Skeleton kind="chart" />
          <Skeleton kind="chart" />
        </div>
      }
    >
      {(value) => (
        <Customer {...props} point={value} bills={bills.remote.value} onRetryBills={bills.refresh} />
      )}
    </Loaded>
  );
}

/** An instant as the API writes it. */
function instantText(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}

function useReadings(point: UsagePointSummary, readingType: 'delivered' | 'received') {
  const hasChannel =
    readingType === 'delivered' || point.channels.some((channel) => channel.readingType === readingType);
  return useResource<ReadingSeries | null>(
    async (abort) => {
      if (!hasChannel) return { ok: true, value: null };
      const nowMs = townCalmMs.peek() ?? Date.now();
      const today = wallOf(nowMs, point.zone).date;
      const query = {
        from: instantText(dayStart(addDays(today, 1 - historyDays), point.zone)),
        to: instantText(nowMs),
        readingType,
      };
      return api.get(`usage-points/${encodeURIComponent(point.id)}/readings`, query, abort);
    },
    [point.id, point.zone, hasChannel],
    refreshMs,
  );
}

function Customer(props: {
  point: UsagePointSummary;
  bills: Remote<ListResult<Bill>>;
  onRetryBills: () => void;
  day: string | undefined;
  month: string | undefined;
}) {
  const { point } = props;
  const { zone } = point;
  const delivered = useReadings(point, 'delivered');
  const received = useReadings(point, 'received');
  const meter = useResource<ListResult<MeterStatus>>(
    (abort) => (point.meter ? api.list('meters', { q: point.meter.serial, limit: 20 }, 20, abort) : noMeters),
    [point.meter?.serial],
    refreshMs,
  );
  const [open, setOpen] = useState<{ startMs: number; readingType: string } | null>(null);
  const status = knownValue(meter.remote.value)?.items.find(({ usagePointId }) => usagePointId === point.id);
  const nowMs = townCalmMs.value ?? Date.now();
  const series = knownValue(delivered.remote.value);
  const receivedSeries = knownValue(received.remote.value);
  const slots = useMemo(() => (series ? slotsOf(series, zone) : []), [series, zone]);
  const receivedSlots = useMemo(() => {
    const known = receivedSeries ? slotsOf(receivedSeries, zone) : [];
    // Many meters count both directions; who never sent anything is not asked to look at it.
    return point.solarW > 0 || sumWh(known) > 0n ? known : null;
  }, [receivedSeries, zone, point.solarW]);
  const until = knownUntil(slots);
  const isLate = until !== null && nowMs - until > lateAfterMs;
  return (
    <div class="customer">
      <header class="customer-head">
        <div>
          <h1>{point.customer}</h1>
          <p class="customer-facts">
            <KindIcon kind={point.kind} />
            <span>{point.address}</span>
            <span class="code-like">{point.id}</span>
            <span class="code-like">
              {point.meter ? words.customer.meter(point.meter.serial) : words.customer.noMeter}
            </span>
            <SolarTag watts={point.solarW} />
            {status && <StateTag state={status.state} />}
          </p>
        </div>
        <a class="button" href="/">
          {words.customer.change}
        </a>
      </header>
      {isLate && until !== null && (
        <LateBanner>{words.late.meter(formatAge(nowMs - until), formatMoment(until, zone))}</LateBanner>
      )}
      <Loaded
        remote={delivered.remote.value}
        nowMs={machineCalmMs.value}
        onRetry={delivered.refresh}
        skeleton={
          <>
            <Skeleton kind="figure" />
            <Skeleton kind="chart" />
          </>
        }
      >
        {(value) =>
          value === null || until === null ? (
            <Card title={words.customer.today}>
              <Empty title={words.customer.noReadings} text={words.customer.noReadingsText} />
            </Card>
          ) : (
            <>
              <Today
                point={point}
                nowMs={nowMs}
                slots={slots}
                receivedSlots={receivedSlots}
                bill={currentBill(props.bills)}
                onOpen={(startMs) => setOpen({ startMs, readingType: 'delivered' })}
              />
              <HistorySection
                point={point}
                nowMs={nowMs}
                delivered={{ series: value, slots }}
                received={
                  receivedSeries && receivedSlots ? { series: receivedSeries, slots: receivedSlots } : null
                }
                day={props.day}
                month={props.month}
                onOpen={(startMs, readingType) => setOpen({ startMs, readingType })}
              />
            </>
          )
        }
      </Loaded>
      <BillSection
        point={point}
        bills={props.bills}
        month={props.month}
        day={props.day}
        onRetry={props.onRetryBills}
        onOpen={(startMs, readingType) => setOpen({ startMs, readingType })}
      />
      {open && (
        <IntervalSheet
          key={`${open.startMs}/${open.readingType}`}
          usagePointId={point.id}
          zone={zone}
          startMs={open.startMs}
          readingType={open.readingType}
          scale={point.channels.find(({ readingType }) => readingType === open.readingType)?.scale ?? 0}
          onClose={() => setOpen(null)}
        />
      )}
    </div>
  );
}

const noMeters = Promise.resolve({ ok: true as const, value: { items: [], isCut: false } });

function currentBill(bills: Remote<ListResult<Bill>>): Bill | null {
  return latestBills(knownValue(bills)?.items ?? [])[0] ?? null;
}

function Today(props: {
  point: UsagePointSummary;
  nowMs: number;
  slots: readonly Slot[];
  receivedSlots: readonly Slot[] | null;
  bill: Bill | null;
  onOpen: (startMs: number) => void;
}) {
  const { point, nowMs, slots, receivedSlots, bill } = props;
  const { zone } = point;
  const [selectedMs, setSelectedMs] = useState<number | null>(null);
  const { date } = wallOf(nowMs, zone);
  const inputs: TodayInputs = {
    zone,
    date,
    days: daysOf(slots, zone),
    received: receivedSlots && daysOf(receivedSlots, zone),
  };
  const today = useMemo(() => todayFigures(inputs), [slots, receivedSlots, date, zone]);
  const billFigure = bill && {
    ...bill,
    endMs: Date.parse(bill.end),
    href: hrefOf({ screen: 'customer', usagePointId: point.id, month: bill.month }),
  };
  const period = { startMs: dayStart(date, zone), endMs: dayStart(addDays(date, 1), zone) };
  return (
    <Card title={words.customer.today} aside={<CurveKey hue="energy" hasTypical={today.typical.size > 0} />}>
      <TodayPanel figures={{ ...today.figures, bill: billFigure }}>
        <IntervalPlot
          label={words.customer.today}
          zone={zone}
          slots={today.slots}
          period={period}
          hue="energy"
          typical={today.typical}
          nowMs={nowMs}
          selectedMs={selectedMs ?? today.lastKnownMs}
          onSelect={setSelectedMs}
          onOpen={props.onOpen}
        />
      </TodayPanel>
    </Card>
  );
}
