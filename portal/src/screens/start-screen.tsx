/** The first page: which customer, or the whole network. */
import type { ReadRate, UsagePointSummary } from '@wattline/model';
import { useEffect, useState } from 'preact/hooks';
import type { ListResult } from '../api.ts';
import { formatCount, formatShare } from '../format.ts';
import { CustomerPicker } from '../parts/customer-picker.tsx';
import { ReadRateByDay } from '../parts/read-rate.tsx';
import { browserTimer, knownValue } from '../resource.ts';
import { api, machineCalmMs } from '../store.ts';
import { useResource } from '../use-resource.ts';
import { words } from '../words.ts';

const foundAtMost = 50;
const settleMs = 180;

/** The page. */
export function StartScreen() {
  const [find, setFind] = useState('');
  const wanted = useSettled(find.trim());
  const found = useResource<ListResult<UsagePointSummary>>(
    (abort) => api.list('usage-points', { q: wanted, limit: foundAtMost }, foundAtMost, abort),
    [wanted],
    30_000,
  );
  const rate = useResource<ReadRate>((abort) => api.get('operations/read-rate', {}, abort), [], 30_000);
  const figures = knownValue(rate.remote.value);
  const today = figures?.byDay.at(-1);
  return (
    <div class="start">
      <div class="start-head">
        <h1>{words.start.title}</h1>
        <p>{words.start.text}</p>
      </div>
      <section class="card start-customer" aria-labelledby="start-customer">
        <h2 id="start-customer">{words.start.customerTitle}</h2>
        <p class="start-text">{words.start.customerText}</p>
        <CustomerPicker
          find={find}
          found={found.remote.value}
          nowMs={machineCalmMs.value}
          onFind={setFind}
          onRetry={found.refresh}
        />
      </section>
      <section class="card start-operator" aria-labelledby="start-operator">
        <h2 id="start-operator">{words.start.operatorTitle}</h2>
        <p class="start-text">{words.start.operatorText}</p>
        {figures && (
          <dl class="start-figures">
            <div>
              <dt>{words.operations.readRate}</dt>
              <dd>{formatShare(today?.rate ?? figures.rate)}</dd>
            </div>
            <div>
              <dt>{words.operations.meters}</dt>
              <dd>{formatCount(figures.meters.commissioned)}</dd>
            </div>
            <div>
              <dt>{words.operations.missing}</dt>
              <dd>{formatCount(today?.missing ?? figures.missing)}</dd>
            </div>
          </dl>
        )}
        {figures && <ReadRateByDay days={figures.byDay} />}
        <a class="button button-main" href="/operator">
          {words.start.openOperator}
        </a>
        <p class="tool-link">
          <a href="/frames">{words.frames.link}</a>
        </p>
      </section>
    </div>
  );
}

/** A text once its typing has paused. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => browserTimer.after(settleMs, () => setSettled(text)), [text]);
  return settled;
}
