/** Intervals as a table: what the curve shows, for reading, copying and assistive technology. */
import { formatEnergy, formatInterval, formatPower, quantityText } from '../format.ts';
import type { Slot } from '../series.ts';
import { words } from '../words.ts';
import { MarkTag } from './glyph.tsx';

/** The table; choosing a row opens the interval. */
export function IntervalTable(props: {
  slots: readonly Slot[];
  zone: string;
  label: string;
  onOpen: (startMs: number) => void;
}) {
  return (
    <section class="interval-table" aria-label={props.label}>
      <ol>
        {props.slots.map((slot) => (
          <li key={slot.startMs}>
            <button type="button" onClick={() => props.onOpen(slot.startMs)} title={words.customer.explain}>
              <span class="interval-time">{formatInterval(slot.startMs, slot.endMs, props.zone)}</span>
              <span class="interval-value">{quantityText(formatEnergy(slot.wh))}</span>
              <span class="interval-power">
                {slot.watts === null ? '' : quantityText(formatPower(slot.watts))}
              </span>
              <MarkTag mark={slot.mark} />
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}
