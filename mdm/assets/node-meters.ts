/** Meters that measure into a node of the grid: facts of the node, so that its supply can be laid beside what its customers took. */
import type { ChannelId } from '@wattline/model';
import { type AssetFacts, attributes, type NewFact } from './asset-facts.ts';
import { pointOfChannel } from './interval-change.ts';
import { type GridLevel, gridLevels } from './place-history.ts';

/** A node of the grid. */
export interface GridNode {
  readonly level: GridLevel;
  readonly node: string;
}

/** The fact that a channel measures into a node from an instant on; null ends it. */
export function factOfNodeMeter(
  { level, node }: GridNode,
  { fromMs, channel }: { readonly fromMs: number; readonly channel: ChannelId | null },
): NewFact {
  return { subject: `${level}/${node}`, attribute: attributes.nodeMeter, fromMs, value: channel };
}

/** The meters of nodes at an instant, by node of each level, and the usage points that are such meters at any time. */
export async function nodeMeters(facts: AssetFacts, atMs = Number.POSITIVE_INFINITY) {
  const points = new Set<string>();
  const byLevel = new Map<GridLevel, Map<string, ChannelId>>(gridLevels.map((level) => [level, new Map()]));
  for (const { subject, fromMs, value } of await facts.standing<ChannelId>(null, attributes.nodeMeter)) {
    if (value !== null) points.add(pointOfChannel(value));
    if (fromMs > atMs) continue;
    const level = gridLevels.find((one) => subject.startsWith(`${one}/`));
    const meters = level && byLevel.get(level);
    const node = subject.slice(subject.indexOf('/') + 1);
    if (value === null) meters?.delete(node);
    else meters?.set(node, value);
  }
  return { points, byLevel };
}
