/** Invocation counters of a meter (Green Book 9.2.3.3): numbers sent are reserved ahead on disk, numbers accepted are remembered. */
import { toHex } from '@wattline/base';
import type { InvocationCounter, ReplayGuard } from '@wattline/protocols/dlms';
import { meterError } from '../errors.ts';
import type { NonVolatile } from './non-volatile.ts';

const counterMax = 2 ** 32 - 1;
/** Numbers reserved at a time: what a restart leaves unused at most. */
const blockSize = 4096;

/** A counter that can be told to have numbers ready. */
export interface ReservedCounter extends InvocationCounter {
  /** Reserves a block when none is left, so that the next numbers need no disk. */
  reserve(): void;
}

/**
 * The counter kept under `name`: the end of the reserved block is on disk before any number of it is handed out, so after kill -9
 * counting goes on above. `next` throws CodedError `meter/counter-exhausted` at the end of the 32 bits.
 */
export function reservedCounter(memory: NonVolatile, name: string): ReservedCounter {
  let next = storedNumber(memory, name) + 1;
  let end = next;
  const reserve = () => {
    if (next < end) return;
    end = Math.min(next + blockSize, counterMax + 1);
    memory.write(name, String(end - 1));
    memory.sync();
  };
  return {
    reserve,
    next() {
      if (next > counterMax)
        throw meterError('meter/counter-exhausted', `no number is left of ${counterMax}`, { name });
      reserve();
      return next++;
    },
  };
}

/**
 * The guard kept under `name`: a number must be above all accepted before. It is written at the next sync of the memory, not at
 * once: what a crash forgets cannot open an association again, as each needs the answer to a fresh challenge.
 */
export function rememberedGuard(memory: NonVolatile, name: string): ReplayGuard {
  let last = storedNumber(memory, name, -1);
  return {
    accept(counter) {
      if (counter <= last) return false;
      last = counter;
      memory.write(name, String(last));
      return true;
    },
  };
}

/** System titles of clients that are kept apart; further ones share one guard. */
const mostTitles = 64;

/** The guards of one client. */
export interface TitleGuards {
  guardOf(systemTitle: Uint8Array): ReplayGuard;
  /** The highest number accepted from anyone, -1 when none was: a client that begins above it is never refused as a replay. */
  highest(): number;
}

/**
 * Guards kept under `name`, one for each system title of a client: the title is part of every nonce (Green Book 9.2.3.3.7.3), so a
 * number accepted from one client says nothing of another's. Bounded: who comes after the first titles shares the guard `others`.
 */
export function guardsByTitle(memory: NonVolatile, name: string): TitleGuards {
  const guards = new Map<string, ReplayGuard>();
  const listed = `${name}/titles`;
  const titles = new Set(memory.read(listed)?.split(',') ?? []);
  let highest = Math.max(
    -1,
    ...['others', ...titles].map((title) => storedNumber(memory, `${name}/${title}`, -1)),
  );
  const remember = (title: string) => {
    if (titles.has(title)) return;
    titles.add(title);
    memory.write(listed, [...titles].join(','));
  };
  const guardOf = (systemTitle: Uint8Array) => {
    const title = toHex(systemTitle);
    const isOther = !titles.has(title) && titles.size >= mostTitles;
    const key = isOther ? 'others' : title;
    const kept = guards.get(key);
    if (kept) return kept;
    const guard = rememberedGuard(memory, `${name}/${key}`);
    const noted: ReplayGuard = {
      accept(counter) {
        const isAccepted = guard.accept(counter);
        if (isAccepted && !isOther) remember(title);
        if (isAccepted) highest = Math.max(highest, counter);
        return isAccepted;
      },
    };
    // A title is kept once it has proved its key: before that anybody could fill the list.
    if (isOther || titles.has(title) || guards.size < mostTitles) guards.set(key, noted);
    return noted;
  };
  return { guardOf, highest: () => highest };
}

function storedNumber(memory: NonVolatile, name: string, otherwise = 0): number {
  const text = memory.read(name);
  return text === undefined ? otherwise : Number(text);
}
