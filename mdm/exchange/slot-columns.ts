/** The slots of one series as columns: gathered in any order, given out as gapless blocks. */
import type { Where } from '@wattline/base';
import { quality, type ReadingBlock } from '@wattline/model';
import type { QualityNote } from './exchange-format.ts';
import type { ExchangeProblemCode } from './exchange-problems.ts';

/** One value of a file; `seconds` 0 is a register that stood at `startMs`. */
export interface Slot {
  readonly startMs: number;
  readonly seconds: number;
  readonly value: number;
  readonly flags: number;
  /** Quality as the file spells it, `''` when it says nothing. */
  readonly code: string;
  readonly where: Where;
}

/** What became of the slots. */
export interface Gathered {
  readonly blocks: readonly ReadingBlock[];
  readonly notes: readonly QualityNote[];
  readonly values: number;
  readonly missing: number;
  readonly duplicates: number;
  /** Slots that say something else of a time that another one stands for: not among the blocks. */
  readonly contested: readonly Slot[];
}

/** Sorts slots, tells repeats and overlaps, and joins what follows gaplessly with the same length. */
export function gatherSlots(
  slots: Slot[],
  problem: (code: ExchangeProblemCode, particulars: string, where: Where) => void,
): Gathered {
  if (!isSorted(slots)) slots.sort((a, b) => a.startMs - b.startMs);
  const kept: Slot[] = [];
  let duplicates = 0;
  const contested: Slot[] = [];
  let last: Slot | undefined;
  for (const slot of slots) {
    if (last !== undefined && slot.startMs < endOf(last)) {
      const isOneSlot = last.startMs === slot.startMs && last.seconds === slot.seconds;
      if (isOneSlot && last.value === slot.value && last.flags === slot.flags) {
        if (!isMissing(slot)) duplicates++;
      } else if (isOneSlot && isMissing(last)) {
        // A value takes the place of the word that there is none, in whichever order they come.
        kept[kept.length - 1] = slot;
        last = slot;
      } else if (isOneSlot && isMissing(slot)) continue;
      else {
        problem('mdm/exchange-overlap', `${last.value} stands, ${slot.value} came too`, slot.where);
        if (!isMissing(slot)) contested.push(slot);
      }
      continue;
    }
    kept.push(slot);
    last = slot;
  }
  const missing = kept.reduce((count, slot) => count + (isMissing(slot) ? 1 : 0), 0);
  return {
    blocks: blocksOf(kept),
    notes: notesOf(kept),
    values: kept.length - missing,
    missing,
    duplicates,
    contested,
  };
}

function isSorted(slots: readonly Slot[]): boolean {
  for (let i = 1; i < slots.length; i++) {
    if ((slots[i] as Slot).startMs < (slots[i - 1] as Slot).startMs) return false;
  }
  return true;
}

/** A register reading holds its own millisecond, so that two of one instant meet. */
function endOf(slot: Slot): number {
  return slot.startMs + Math.max(1, slot.seconds * 1000);
}

function isMissing(slot: Slot): boolean {
  return (slot.flags & quality.missing) !== 0;
}

function blocksOf(slots: readonly Slot[]): ReadingBlock[] {
  const blocks: ReadingBlock[] = [];
  for (let from = 0; from < slots.length; ) {
    const first = slots[from] as Slot;
    let to = from + 1;
    while (first.seconds > 0 && to < slots.length) {
      const next = slots[to] as Slot;
      if (next.seconds !== first.seconds || next.startMs !== endOf(slots[to - 1] as Slot)) break;
      to++;
    }
    const value = new Float64Array(to - from);
    const flags = new Uint16Array(to - from);
    for (let i = from; i < to; i++) {
      value[i - from] = (slots[i] as Slot).value;
      flags[i - from] = (slots[i] as Slot).flags;
    }
    blocks.push({
      channel: '',
      startMs: first.startMs,
      intervalSeconds: first.seconds,
      value,
      quality: flags,
    });
    from = to;
  }
  return blocks;
}

function notesOf(slots: readonly Slot[]): QualityNote[] {
  const notes: { startMs: number; endMs: number; code: string }[] = [];
  for (const slot of slots) {
    if (slot.code === '') continue;
    const last = notes[notes.length - 1];
    const endMs = slot.startMs + slot.seconds * 1000;
    if (last && last.code === slot.code && last.endMs === slot.startMs) last.endMs = endMs;
    else notes.push({ startMs: slot.startMs, endMs, code: slot.code });
  }
  return notes;
}
