/** The meters as a table of which only the rows in sight are drawn. */
import type { MeterStatus } from '@wattline/model';
import { useState } from 'preact/hooks';
import { formatAge, formatMoment } from '../format.ts';
import { type MeterColumn, meterColumns, rowsInSight } from '../meter-list.ts';
import { hrefOf } from '../route.ts';
import { words } from '../words.ts';
import { StateTag } from './glyph.tsx';
import { useWidth } from './use-width.ts';

const listHeight = 480;
const narrowBelow = 720;

/** The table; `reading` is the serial of the meter that is being asked now. */
export function MeterTable(props: {
  meters: readonly MeterStatus[];
  zone: string;
  nowMs: number;
  /** The local date: times of today stand without theirs. */
  today: string;
  sort: MeterColumn;
  isDescending: boolean;
  reading: string | null;
  onSort: (column: MeterColumn) => void;
  onRead: (serial: string) => void;
}) {
  const { meters } = props;
  const [frame, width] = useWidth<HTMLDivElement>();
  const [scrollTop, setScrollTop] = useState(0);
  const isNarrow = width > 0 && width < narrowBelow;
  const rowHeight = isNarrow ? 92 : 46;
  const height = Math.min(listHeight, meters.length * rowHeight);
  const { first, end } = rowsInSight({ count: meters.length, rowHeight, height, scrollTop });
  return (
    <div class={`meter-table ${isNarrow ? 'is-narrow' : ''}`} ref={frame}>
      <table aria-label={words.operations.list} aria-rowcount={meters.length + 1}>
        <thead>
          <tr class="meter-head">
            {meterColumns.map((column) => (
              <th
                key={column}
                scope="col"
                aria-sort={column !== props.sort ? 'none' : props.isDescending ? 'descending' : 'ascending'}
              >
                <button type="button" onClick={() => props.onSort(column)}>
                  {words.operations.columns[column]}
                  {column === props.sort && (
                    <span aria-hidden="true">{props.isDescending ? ' \u2193' : ' \u2191'}</span>
                  )}
                </button>
              </th>
            ))}
            <th scope="col">
              <span class="unseen">{words.operations.read}</span>
            </th>
          </tr>
        </thead>
        <tbody
          class="meter-scroll"
          style={{ height: `${height}px` }}
          onScroll={(event) => setScrollTop(event.currentTarget.scrollTop)}
        >
          <tr class="meter-space" style={{ height: `${first * rowHeight}px` }} />
          {meters.slice(first, end).map((meter, index) => (
            <MeterRow
              key={meter.serial}
              meter={meter}
              rowIndex={first + index + 2}
              height={rowHeight}
              zone={props.zone}
              nowMs={props.nowMs}
              today={props.today}
              isReading={props.reading === meter.serial}
              onRead={() => props.onRead(meter.serial)}
            />
          ))}
          <tr class="meter-space" style={{ height: `${(meters.length - end) * rowHeight}px` }} />
        </tbody>
      </table>
    </div>
  );
}

function MeterRow(props: {
  meter: MeterStatus;
  rowIndex: number;
  height: number;
  zone: string;
  nowMs: number;
  today: string;
  isReading: boolean;
  onRead: () => void;
}) {
  const { meter, zone, nowMs } = props;
  return (
    <tr
      class="meter-row"
      aria-rowindex={props.rowIndex}
      data-serial={meter.serial}
      data-state={meter.state}
      style={{ height: `${props.height}px` }}
    >
      <td class="meter-state">
        <StateTag state={meter.state} />
      </td>
      <td class="meter-serial code-like" title={`${meter.profile}, ${meter.address}`}>
        <a href={hrefOf({ screen: 'meter', serial: meter.serial })} title={words.operations.openMeter}>
          {meter.serial}
        </a>
      </td>
      <td class="meter-customer">
        <a
          href={hrefOf({ screen: 'customer', usagePointId: meter.usagePointId })}
          title={words.operations.openCustomer}
        >
          {meter.customer}
        </a>
      </td>
      <td class="meter-transformer">{meter.transformer}</td>
      <td class="meter-contact" title={meter.lastOutcome ?? ''}>
        {meter.lastContact === null
          ? words.operations.never
          : words.operations.ago(formatAge(nowMs - Date.parse(meter.lastContact)))}
        {meter.failures > 0 && <small>{words.operations.failures(meter.failures)}</small>}
      </td>
      <td class="meter-interval">
        {meter.lastInterval === null
          ? words.operations.never
          : formatMoment(Date.parse(meter.lastInterval), zone, props.today)}
      </td>
      <td class="meter-action">
        <button type="button" class="button button-small" disabled={props.isReading} onClick={props.onRead}>
          {props.isReading ? words.operations.reading : words.operations.read}
        </button>
      </td>
    </tr>
  );
}
