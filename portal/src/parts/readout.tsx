/** One interval in words: number, unit, time and quality together. */
import { formatDate, formatEnergy, formatInterval, formatPower, quantityText } from '../format.ts';
import type { Slot } from '../series.ts';
import { markWords, words } from '../words.ts';
import { wallOf } from '../zone-time.ts';
import { Measure } from './card.tsx';
import { MarkTag } from './glyph.tsx';

/** The readout under a chart; `onOpen` leads to the interval's history. */
export function Readout(props: {
  slot: Slot | undefined;
  zone: string;
  hint: string;
  onOpen?: (startMs: number) => void;
}) {
  const { slot, zone, onOpen } = props;
  if (!slot) return <p class="readout readout-hint">{props.hint}</p>;
  return (
    <div class="readout">
      <span class="readout-time">
        {formatDate(wallOf(slot.startMs, zone).date)} <b>{formatInterval(slot.startMs, slot.endMs, zone)}</b>
      </span>
      <Measure {...formatEnergy(slot.wh)} />
      {slot.watts !== null && (
        <span class="readout-power">{words.interval.average(quantityText(formatPower(slot.watts)))}</span>
      )}
      <MarkTag mark={slot.mark} />
      {onOpen && (
        <button type="button" class="button button-small readout-open" onClick={() => onOpen(slot.startMs)}>
          {words.customer.explain}
        </button>
      )}
    </div>
  );
}

/** The same as one sentence, for assistive technology. */
export function slotSentence(slot: Slot, zone: string): string {
  const { date } = wallOf(slot.startMs, zone);
  const time = formatInterval(slot.startMs, slot.endMs, zone);
  return `${formatDate(date, 'medium')} ${time}: ${quantityText(formatEnergy(slot.wh))}, ${markWords[slot.mark].name}`;
}
