/** The digest of all that a bill depends on: two bills with the same digest have the same figures. */
import { createHash } from 'node:crypto';
import { isBillable, quality, type Series } from '@wattline/model';
import { canonicalJson } from './canonical-json.ts';
import type { RatingInputs } from './rating-inputs.ts';

/**
 * SHA-256, hexadecimal in lower case, over tariff, period, registers and every interval as rating sees it: its value and whether it
 * is measured, estimated or missing. A flag that rating does not see makes no other digest, hence no other bill.
 */
export function digestInputs(inputs: RatingInputs): string {
  const { usagePointId, month, state, period, tariff, registers } = inputs;
  const hash = createHash('sha256');
  hash.update(canonicalJson({ usagePointId, month, state, period, tariff, registers }));
  for (const series of [inputs.delivered, inputs.received]) hash.update(seriesText(series));
  return hash.digest('hex');
}

function seriesText(series: Series | null): string {
  if (!series) return '\nnone';
  const slots = Array.from(series.value, (value, slot) => {
    const bits = series.quality[slot] as number;
    if (!isBillable(bits)) return '-';
    return (bits & quality.estimated) !== 0 ? `${value}e` : `${value}`;
  });
  return `\n${series.channel} ${series.startMs} ${series.intervalSeconds}\n${slots.join(' ')}`;
}
