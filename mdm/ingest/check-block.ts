/** What may enter: the shape of a delivered block and each of its values, as a pure function. */
import { quality, type ReadingBlock } from '@wattline/model';
import { daySeconds } from '@wattline/store/readings';
import type { Channel } from '../channels/channel.ts';
import { type MdmErrorCode, mdmErrors } from '../errors.ts';

/** A refusal of some values of a block. */
export interface Refusal {
  readonly code: MdmErrorCode;
  readonly message: string;
  readonly count: number;
}

/** A block found good, in seconds, refused slots turned to holes. */
export interface CheckedBlock {
  readonly channel: Channel;
  readonly start: number;
  readonly value: Float64Array;
  readonly quality: Uint16Array;
  /** Slots that say something. */
  readonly held: number;
}

/** The outcome: what may enter, if anything, and what was refused. */
export interface BlockCheck {
  readonly block: CheckedBlock | null;
  readonly refusals: readonly Refusal[];
}

const origins = quality.measured | quality.estimated | quality.edited | quality.manual;
const contradiction = quality.measured | quality.estimated;

/** Checks a block against its channel; `latest` is the last second at which an interval may end. */
export function checkBlock(channel: Channel, block: ReadingBlock, latest: number): BlockCheck {
  const wrong = shapeFault(channel, block);
  if (wrong) return { block: null, refusals: [{ ...wrong, count: Math.max(1, block.value.length) }] };
  const start = block.startMs / 1000;
  const held = block.value.length;
  if (start + held * channel.intervalSeconds <= latest && isFlawless(block)) {
    return { block: { channel, start, value: block.value, quality: block.quality, held }, refusals: none };
  }
  return checkSlots(channel, block, latest);
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

function checkSlots(channel: Channel, block: ReadingBlock, latest: number): BlockCheck {
  const start = block.startMs / 1000;
  const counts = new Map<MdmErrorCode, number>();
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
    if (fault) counts.set(fault, (counts.get(fault) ?? 0) + 1);
  }
  const refusals = [...counts].map(([code, count]) => ({ code, message: mdmErrors[code], count }));
  return { block: held > 0 ? { channel, start, value, quality: flags, held } : null, refusals };
}

function shapeFault(channel: Channel, block: ReadingBlock): Omit<Refusal, 'count'> | null {
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
    return fault('mdm/off-grid', `start ${startMs} ms, interval ${step} s`);
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
