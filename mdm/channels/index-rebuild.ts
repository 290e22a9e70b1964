/** The index of what is known, built again from the store when it is opened. */
import { quality } from '@wattline/model';
import { daySeconds, type KnownBlock, type ReadingsStore } from '@wattline/store/readings';
import { type Channel, storeDayOf, storeDayStart } from './channel.ts';
import type { ChannelDirectory } from './channel-directory.ts';
import { applyPiece, emptyIntervalDay, type IntervalDay } from './stored-day.ts';

/** Fills the known, held and estimated ranges of all channels of the directory. */
export async function rebuildIndex(directory: ChannelDirectory, store: ReadingsStore): Promise<void> {
  for (const extent of await store.extents()) {
    const channel = directory.withNumber(extent.channel);
    if (!channel) continue;
    const day = storeDayOf(channel, extent.start);
    channel.held.add(day, day + 1);
    channel.peaks.isLoaded = false;
    const isWhole = extent.held === extent.slots && !extent.isDerived;
    if (isWhole && !channel.isRegister) {
      channel.known.add(extent.start, extent.start + extent.slots * extent.intervalSeconds);
    }
  }
  const byDay = new Map<string, { channel: Channel; blocks: KnownBlock[] }>();
  for (const block of await store.patchedBlocks()) {
    const channel = directory.withNumber(block.channel);
    if (!channel || channel.isRegister) continue;
    const key = `${channel.number}/${storeDayOf(channel, block.start)}`;
    const entry = byDay.get(key) ?? { channel, blocks: [] };
    entry.blocks.push(block);
    byDay.set(key, entry);
  }
  for (const { channel, blocks } of byDay.values()) indexPatchedDay(channel, blocks);
  for (const { channel: number, start } of await store.lastVerdictStarts()) {
    const channel = directory.withNumber(number);
    if (channel) channel.lastVerdict = start;
  }
}

function indexPatchedDay(channel: Channel, blocks: readonly KnownBlock[]): void {
  const number = storeDayOf(channel, (blocks[0] as KnownBlock).start);
  const day = emptyIntervalDay(storeDayStart(channel, number), daySeconds / channel.intervalSeconds);
  for (const block of blocks) applyPiece(day, block);
  indexSlots(channel, day, 0, day.value.length);
}

/** Enters slots [from, to) of a day into the channel's ranges as they stand. */
export function indexSlots(channel: Channel, day: IntervalDay, from: number, to: number): void {
  const step = channel.intervalSeconds;
  for (let slot = from; slot < to; ) {
    const isKnown = ((day.meterQuality[slot] as number) & quality.missing) === 0;
    const isEstimated = ((day.quality[slot] as number) & quality.estimated) !== 0;
    let end = slot + 1;
    while (
      end < to &&
      (((day.meterQuality[end] as number) & quality.missing) === 0) === isKnown &&
      (((day.quality[end] as number) & quality.estimated) !== 0) === isEstimated
    ) {
      end++;
    }
    const start = day.start + slot * step;
    const stop = day.start + end * step;
    if (isKnown) channel.known.add(start, stop);
    if (isEstimated) channel.estimated.add(start, stop);
    else if (!channel.estimated.isEmpty) channel.estimated.remove(start, stop);
    if ((isKnown || isEstimated) && !channel.missing.isEmpty) channel.missing.remove(start, stop);
    slot = end;
  }
}
