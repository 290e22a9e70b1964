/** The bills of a customer: months, the document, and the explanation of a line down to its intervals. */
import type { Bill, BillExplanation, ReadingSeries, UsagePointSummary } from '@wattline/model';
import { useState } from 'preact/hooks';
import type { ListResult } from '../api.ts';
import { latestBills } from '../bill-list.ts';
import { formatDate } from '../format.ts';
import { BillDocument, BillMonths } from '../parts/bill-document.tsx';
import { Card } from '../parts/card.tsx';
import { Empty, Loaded, Skeleton } from '../parts/condition.tsx';
import { IntervalPlot } from '../parts/interval-plot.tsx';
import { IntervalTable } from '../parts/interval-table.tsx';
import { DayHeading, LineExplanation } from '../parts/line-explanation.tsx';
import { knownValue, type Remote } from '../resource.ts';
import { slotsOf } from '../series.ts';
import { api, goTo, machineCalmMs } from '../store.ts';
import { useResource } from '../use-resource.ts';
import { words } from '../words.ts';
import { addDays, dayStart } from '../zone-time.ts';

type ExplainedDay = BillExplanation['lines'][number]['days'][number];
type OnOpen = (startMs: number, readingType: string) => void;

/** The section. */
export function BillSection(props: {
  point: UsagePointSummary;
  bills: Remote<ListResult<Bill>>;
  month: string | undefined;
  day: string | undefined;
  onRetry: () => void;
  onOpen: OnOpen;
}) {
  const { point } = props;
  return (
    <Card
      title={words.bill.title}
      text={words.bill.text}
      class="bills"
      aside={
        (knownValue(props.bills)?.items.length ?? 0) > 0 && (
          <button type="button" class="button button-small" onClick={() => print()}>
            {words.print}
          </button>
        )
      }
    >
      <Loaded
        remote={props.bills}
        nowMs={machineCalmMs.value}
        onRetry={props.onRetry}
        skeleton={<Skeleton kind="bill" />}
      >
        {({ items }) => {
          const bills = latestBills(items);
          const bill =
            bills.find(({ month }) => month === props.month) ??
            bills.find(({ state }) => state === 'closed') ??
            bills[0];
          if (!bill) return <Empty title={words.bill.none} text={words.bill.noneText} />;
          const select = (month: string) =>
            goTo(
              { screen: 'customer', usagePointId: point.id, month, ...(props.day ? { day: props.day } : {}) },
              'replace',
            );
          return (
            <div class="bill-layout">
              <BillMonths bills={bills} selected={bill.month} onSelect={select} />
              <OpenBill key={bill.id} point={point} bill={bill} onOpen={props.onOpen} />
            </div>
          );
        }}
      </Loaded>
    </Card>
  );
}

function OpenBill({ point, bill, onOpen }: { point: UsagePointSummary; bill: Bill; onOpen: OnOpen }) {
  const [openLine, setOpenLine] = useState<string | null>(null);
  return (
    <BillDocument
      bill={bill}
      customer={point.customer}
      address={point.address}
      openLine={openLine}
      onOpenLine={setOpenLine}
      explanation={(line) => <OpenLine key={line.id} bill={bill} lineId={line.id} onOpen={onOpen} />}
    />
  );
}

function OpenLine({ bill, lineId, onOpen }: { bill: Bill; lineId: string; onOpen: OnOpen }) {
  const [openDay, setOpenDay] = useState<string | null>(null);
  const explained = useResource<BillExplanation>(
    (abort) => api.get(`bills/${encodeURIComponent(bill.id)}/explanation`, {}, abort),
    [bill.id],
  );
  return (
    <Loaded
      remote={explained.remote.value}
      nowMs={machineCalmMs.value}
      onRetry={explained.refresh}
      skeleton={<Skeleton kind="list" />}
    >
      {({ lines }) => {
        const line = lines.find((one) => one.lineId === lineId);
        if (!line) return <p class="explanation-hint">{words.explanation.noDays}</p>;
        return (
          <LineExplanation
            line={line}
            openDay={openDay}
            onOpenDay={setOpenDay}
            dayDetail={(day) => <OpenDay key={day.date} bill={bill} day={day} onOpen={onOpen} />}
          />
        );
      }}
    </Loaded>
  );
}

/** The intervals of a day as they were known when the bill was made. */
function OpenDay({ bill, day, onOpen }: { bill: Bill; day: ExplainedDay; onOpen: OnOpen }) {
  const [selectedMs, setSelectedMs] = useState<number | null>(null);
  const readings = useResource<ReadingSeries>(
    (abort) => api.get(day.readings, { asOf: bill.asOf }, abort),
    [day.readings, bill.asOf],
  );
  const period = { startMs: dayStart(day.date, bill.zone), endMs: dayStart(addDays(day.date, 1), bill.zone) };
  const label = words.explanation.dayTable(formatDate(day.date, 'medium'));
  return (
    <Loaded
      remote={readings.remote.value}
      nowMs={machineCalmMs.value}
      onRetry={readings.refresh}
      skeleton={<Skeleton kind="chart" />}
    >
      {(series) => {
        const slots = slotsOf(series, bill.zone);
        const open = (startMs: number) => onOpen(startMs, series.readingType);
        return (
          <div class="day-detail">
            <DayHeading day={day} all={slots.length} />
            <IntervalPlot
              label={label}
              zone={bill.zone}
              slots={slots}
              period={period}
              hue={series.readingType === 'received' ? 'solar' : 'energy'}
              height={170}
              selectedMs={selectedMs}
              onSelect={setSelectedMs}
              onOpen={open}
            />
            <IntervalTable slots={slots} zone={bill.zone} label={label} onOpen={open} />
          </div>
        );
      }}
    </Loaded>
  );
}
