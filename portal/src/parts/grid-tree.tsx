/** The grid as a picture: substation, feeders, transformers, and a mark for each meter. */
import type { MeterStatus } from '@wattline/model';
import {
  meterStates,
  type StateCounts,
  type SubstationNode,
  type TransformerNode,
  worstState,
} from '../feeder-tree.ts';
import { formatCount } from '../format.ts';
import { stateShapes } from '../shapes.ts';
import { stateWords } from '../words.ts';
import { Glyph } from './glyph.tsx';

/** More meters than this behind one transformer are drawn as parts of a bar, not one by one. */
const marksAtMost = 60;

/** The tree; choosing a transformer says so. */
export function GridTree(props: {
  substations: readonly SubstationNode[];
  selected: string | null;
  onSelect: (transformer: string | null) => void;
}) {
  return (
    <ul class="grid-tree">
      {props.substations.map((substation) => (
        <li key={substation.name} class="grid-substation">
          <NodeName name={substation.name} counts={substation.counts} />
          <ul class="grid-feeders">
            {substation.feeders.map((feeder) => (
              <li key={feeder.name} class="grid-feeder" data-worst={worstState(feeder.counts)}>
                <NodeName name={feeder.name} counts={feeder.counts} />
                <ul class="grid-transformers">
                  {feeder.transformers.map((transformer) => (
                    <li key={transformer.name}>
                      <Transformer
                        node={transformer}
                        isSelected={props.selected === transformer.name}
                        onToggle={() =>
                          props.onSelect(props.selected === transformer.name ? null : transformer.name)
                        }
                      />
                    </li>
                  ))}
                </ul>
              </li>
            ))}
          </ul>
        </li>
      ))}
    </ul>
  );
}

function NodeName({ name, counts }: { name: string; counts: StateCounts }) {
  return (
    <p class="grid-name">
      <b>{name}</b>
      <span>{countsText(counts)}</span>
    </p>
  );
}

function Transformer({
  node,
  isSelected,
  onToggle,
}: {
  node: TransformerNode;
  isSelected: boolean;
  onToggle: () => void;
}) {
  const { counts, meters } = node;
  return (
    <button
      type="button"
      class="transformer"
      data-worst={worstState(counts)}
      aria-pressed={isSelected}
      aria-label={`${node.name}: ${countsText(counts)}`}
      title={`${node.name}: ${countsText(counts)}`}
      onClick={onToggle}
    >
      <span class="transformer-name">
        <b>{node.name}</b>
        <span>{formatCount(meters.length)}</span>
      </span>
      {meters.length <= marksAtMost ? <MeterMarks meters={meters} /> : <MeterShares counts={counts} />}
    </button>
  );
}

function MeterMarks({ meters }: { meters: readonly MeterStatus[] }) {
  return (
    <span class="meter-marks">
      {meters.map(({ serial, state }) => (
        <Glyph key={serial} shape={stateShapes[state]} size={11} />
      ))}
    </span>
  );
}

function MeterShares({ counts }: { counts: StateCounts }) {
  return (
    <span class="states-bar">
      {meterStates.map(
        (state) =>
          counts[state] > 0 && <span key={state} data-state={state} style={{ flexGrow: counts[state] }} />,
      )}
    </span>
  );
}

/** Counts in words, what is wrong first: `2 unreachable, 1 late, 9 on time`. */
export function countsText(counts: StateCounts): string {
  const parts = meterStates
    .filter((state) => counts[state] > 0)
    .map((state) => `${formatCount(counts[state])} ${stateWords[state].name.toLowerCase()}`);
  return parts.join(', ');
}
