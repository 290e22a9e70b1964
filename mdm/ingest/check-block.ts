/** What may enter: the shape of a delivered block and each of its values, as a pure function. */
import { formatInstant } from '@wattline/base';
import { quality, type ReadingBlock } from '@wattline/model';
import { daySeconds } from '@wattline/store/readings';
import type { Channel } from '../channels/channel.ts';
import { type MdmErrorCode, mdmErrors } from '../errors.ts';

/** A refusal of some values of a block. */
export interface Refusal {
  readonly code: MdmErrorCode;
  readonly message: string;
  readonly count: number;
  /** Slots of the block that it speaks of; null for all. */
  readonly slots: readonly number[] | null;
}

/** A block found good, in seconds, refused slots turned to holes. */
export interface CheckedBlock {
  readonly channel: Channel;
  readonly start: number;
  readonly value: Float64Array;
  readonly quality: Uint16Array;
  /** Slots that say something. */
  readonly held: number;
  /** The block before it was scaled. */
  readonly delivered: ReadingBlock;
}

/** The outcome: what may enter, if anything, and what was refused. */
export interface BlockCheck {
  readonly block: CheckedBlock | null;
  readonly refusals: readonly Refusal[];
}

const origins = quality.measured | quality.estimated | quality.edited | quality.manual;
const contradiction = quality.measured | quality.estimated;

/** Checks a block against its channel; `latest` is the last second at which an interval may end, `delivered` what it was scaled from. */
export function checkBlock(
  channel: Channel,
  block: ReadingBlock,
  latest: number,
  delivered = block,
): BlockCheck {
  const wrong = shapeFault(channel, block);
  if (wrong)
    return { block: null, refusals: [{ ...wrong, count: Math.max(1, block.value.length), slots: null }] };
  const start = block.startMs / 1000;
  const held = block.value.length;
  if (start + held * channel.intervalSeconds <= latest && isFlawless(block)) {
    const { value, quality: flags } = block;
    return { block: { channel, start, value, quality: flags, held, delivered }, refusals: none };
  }
  return checkSlots(channel, block, latest, delivered);
}

const none: readonly Refusal[] = [];

/** Whether every slot has a value and each of them may enter: nearly all blocks are such. */
function isFlawless({ value, quality: flags }: ReadingBlock): boolean {
  let last = 0;
  for (let slot = 0; slot < value.length; slot++) {
    const found = value[slot] as number;
    if (!(found >= 0 && found <= Number.MAX_SAFE_INTEGER && Math.floor(found) === found)) return false;
    const bits = flags[slot] as number;
    if (bits === last) continue;
    if ((bits & quality.missing) !== 0 || !isOfOneOrigin(bits)) return false;
    last = bits;
  }
  return last !== 0;
}

function checkSlots(
  channel: Channel,
  block: ReadingBlock,
  latest: number,
  delivered: ReadingBlock,
): BlockCheck {
  const start = block.startMs / 1000;
  const refused = new Map<MdmErrorCode, number[]>();
  let { value, quality: flags } = block;
  let isCopy = false;
  let held = 0;
  for (let slot = 0; slot < value.length; slot++) {
    const isHole = ((flags[slot] as number) & quality.missing) !== 0;
    if (isHole && value[slot] === 0) continue;
    const code = isHole ? null : valueFault(value[slot] as number, flags[slot] as number);
    const isLate = code === null && !isHole && start + (slot + 1) * channel.intervalSeconds > latest;
    const fault = code ?? (isLate ? 'mdm/future' : null);
    if (fault === null && !isHole) {
      held++;
      continue;
    }
    if (!isCopy) {
      value = value.slice();
      flags = flags.slice();
      isCopy = true;
    }
    value[slot] = 0;
    flags[slot] = quality.missing;
    if (fault) refused.getOrInsertComputed(fault, () => []).push(slot);
  }
  const refusals = [...refused].map(([code, slots]) => ({
    code,
    message: mdmErrors[code],
    count: slots.length,
    slots,
  }));
  return { block: held > 0 ? { channel, start, value, quality: flags, held, delivered } : null, refusals };
}

function shapeFault(channel: Channel, block: ReadingBlock): Pick<Refusal, 'code' | 'message'> | null {
  const { value, quality: flags, intervalSeconds, startMs } = block;
  const fault = (code: MdmErrorCode, particulars: string) => ({
    code,
    message: `${mdmErrors[code]} (${particulars})`,
  });
  if (value.length === 0 || value.length !== flags.length || (channel.isRegister && value.length !== 1)) {
    return fault('mdm/bad-block', `${value.length} values, ${flags.length} qualities`);
  }
  if (intervalSeconds !== channel.intervalSeconds) {
    const expected = `expected ${channel.intervalSeconds} s, found ${intervalSeconds} s`;
    return fault('mdm/interval-mismatch', expected);
  }
  const step = channel.intervalSeconds;
  if (!channel.isRegister && (!Number.isInteger(step) || step < 1 || daySeconds % step !== 0)) {
    return fault('mdm/interval-unsupported', `${step} s`);
  }
  const start = startMs / 1000;
  const isOnGrid = Number.isInteger(start) && start >= 0 && start < 2 ** 32;
  if (!isOnGrid || (step > 0 && (start - channel.phase) % step !== 0)) {
    return fault('mdm/off-grid', `start ${instantText(startMs)}, interval ${step} s`);
  }
  return null;
}

function valueFault(value: number, flags: number): MdmErrorCode | null {
  if (!Number.isSafeInteger(value)) return 'mdm/not-an-integer';
  if (value < 0) return 'mdm/negative-energy';
  return isOfOneOrigin(flags) ? null : 'mdm/bad-quality';
}

function isOfOneOrigin(flags: number): boolean {
  return (flags & origins) !== 0 && (flags & contradiction) !== contradiction;
}

/** The values that a refusal speaks of, out of the block as it was delivered. */
export function refusedPart(block: ReadingBlock, { slots }: Refusal): ReadingBlock {
  if (slots === null) return block;
  const first = slots[0] as number;
  const length = (slots.at(-1) as number) - first + 1;
  const value = new Float64Array(length);
  const flags = new Uint16Array(length).fill(quality.missing);
  for (const slot of slots) {
    value[slot - first] = block.value[slot] as number;
    flags[slot - first] = block.quality[slot] as number;
  }
  const startMs = block.startMs + first * block.intervalSeconds * 1000;
  return { ...block, startMs, value, quality: flags };
}

function instantText(ms: number): string {
  return Number.isInteger(ms) && Math.abs(ms) < 8.64e15 ? formatInstant(ms) : `${ms} ms`;
}
