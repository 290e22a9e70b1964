/** Meters by state: a bar of parts and the numbers, each of which filters the list. */

import { type MeterState, meterStates, type StateCounts } from '../feeder-tree.ts';
import { formatCount } from '../format.ts';
import { stateShapes } from '../shapes.ts';
import { stateWords } from '../words.ts';
import { Glyph } from './glyph.tsx';

const order = meterStates.toReversed();

/** The summary; choosing a state again takes the filter away. */
export function StateSummary(props: {
  counts: StateCounts;
  selected: MeterState | null;
  onSelect: (state: MeterState | null) => void;
}) {
  const { counts, selected } = props;
  const all = order.reduce((sum, state) => sum + counts[state], 0);
  return (
    <div class="states">
      <div class="states-bar" aria-hidden="true">
        {order.map(
          (state) =>
            counts[state] > 0 && (
              <span
                key={state}
                data-state={state}
                style={{ flexGrow: Math.max(counts[state], all * 0.012) }}
              />
            ),
        )}
      </div>
      <ul>
        {order.map((state) => (
          <li key={state}>
            <button
              type="button"
              aria-pressed={selected === state}
              title={stateWords[state].text}
              onClick={() => props.onSelect(selected === state ? null : state)}
            >
              <Glyph shape={stateShapes[state]} />
              <span>{stateWords[state].name}</span>
              <b data-count={state}>{formatCount(counts[state])}</b>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
