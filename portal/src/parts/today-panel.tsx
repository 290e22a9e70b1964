/** Today of a customer: energy so far, against a typical day, what it sent to the grid, and the month's money. */
import type { ComponentChildren } from 'preact';
import {
  formatDate,
  formatEnergy,
  formatMoment,
  formatMoney,
  formatMonth,
  formatPower,
  formatShare,
  formatTime,
} from '../format.ts';
import type { MarkCounts } from '../quality-mark.ts';
import { words } from '../words.ts';
import { wallOf } from '../zone-time.ts';
import { Measure } from './card.tsx';
import { QualityLegend } from './glyph.tsx';

/** The figures of today. */
export interface TodayFigures {
  readonly zone: string;
  readonly date: string;
  readonly wh: bigint | null;
  /** How far today's readings reach, null when there is none yet. */
  readonly untilMs: number | null;
  readonly counts: MarkCounts;
  /** Share by which today is above (below: negative) a typical day up to now; null without one. */
  readonly comparison: number | null;
  /** Energy sent to the grid today, Wh; null without that channel. */
  readonly receivedWh: bigint | null;
  /** The running month's bill, or the last closed one; null without any. */
  readonly bill: {
    readonly state: 'closed' | 'projection';
    readonly month: string;
    readonly total: string;
    readonly currency: string;
    readonly minorDigits: number;
    readonly endMs: number;
    readonly href: string;
  } | null;
}

/** The panel; its chart is handed in. */
export function TodayPanel({ figures, children }: { figures: TodayFigures; children: ComponentChildren }) {
  const { zone, date, wh, untilMs, counts, bill, receivedWh } = figures;
  return (
    <div class="today">
      <div class="today-figures">
        <div class="today-main">
          <p class="figure-label">{formatDate(date, 'long')}</p>
          {untilMs === null || wh === null ? (
            <p class="today-none">{words.customer.none}</p>
          ) : (
            <>
              <p class="today-hero">
                <Measure {...formatEnergy(wh)} class="measure-hero" />
              </p>
              <p class="figure-note">
                {words.customer.soFar}, {words.customer.until(formatTime(untilMs, zone))}{' '}
                <span class="zone">{zone}</span>
              </p>
              <Comparison share={figures.comparison} />
            </>
          )}
          <QualityLegend counts={counts} />
        </div>
        <dl class="today-side">
          {receivedWh !== null && (
            <div>
              <dt>{words.customer.exported}</dt>
              <dd>
                <Measure {...formatEnergy(receivedWh)} class="measure-solar" />
              </dd>
            </div>
          )}
          {bill && (
            <div>
              <dt>
                {bill.state === 'projection'
                  ? words.customer.monthSoFar(formatMonth(bill.month))
                  : words.customer.lastBill(formatMonth(bill.month))}
              </dt>
              <dd>
                <span class="measure">
                  <span class="measure-number">
                    {formatMoney(bill.total, bill.currency, bill.minorDigits)}
                  </span>
                </span>
                <a class="figure-note" href={bill.href}>
                  {bill.state === 'projection'
                    ? words.customer.monthUntil(
                        formatMoment(bill.endMs, zone, wallOf(untilMs ?? bill.endMs, zone).date),
                      )
                    : words.customer.seeBill}
                </a>
              </dd>
            </div>
          )}
        </dl>
      </div>
      <div class="today-chart">{children}</div>
    </div>
  );
}

const likeUsual = 0.03;

function Comparison({ share }: { share: number | null }) {
  if (share === null) return null;
  const size = formatShare(Math.abs(share)).replace(/\.\d+/, '');
  if (Math.abs(share) < likeUsual) return <p class="comparison">{words.customer.asTypical}</p>;
  return (
    <p class={`comparison ${share > 0 ? 'is-above' : 'is-below'}`}>
      <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
        <path d={share > 0 ? 'M6 1.5v9M2 5.5l4-4 4 4' : 'M6 10.5v-9M2 6.5l4 4 4-4'} class="stroke" />
      </svg>
      {share > 0 ? words.customer.aboveTypical(size) : words.customer.belowTypical(size)}
    </p>
  );
}

/** The key to the curve of today. */
export function CurveKey({ hue, hasTypical }: { hue: 'energy' | 'solar'; hasTypical: boolean }) {
  return (
    <p class="curve-key" aria-hidden="true">
      <span class={`key-bar hue-${hue}`} /> {words.customer.today}
      {hasTypical && (
        <>
          <span class="key-dash" /> {words.customer.typical}
        </>
      )}
    </p>
  );
}

/** Rated solar power as a tag, nothing when there is none. */
export function SolarTag({ watts }: { watts: number }) {
  if (watts <= 0) return null;
  const { number, unit } = formatPower(watts);
  return <span class="tag tag-solar">{words.customer.solar(`${number} ${unit}p`)}</span>;
}
