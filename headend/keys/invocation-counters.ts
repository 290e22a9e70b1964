/**
 * Invocation counters (Green Book 9.2.3.3.7.3): a number sealed with a key is never used twice, a number accepted once is never
 * accepted again, also after kill -9.
 *
 * Sent: numbers are reserved on disk in blocks, by one committed transaction, before the first of a block is used; what a
 * crash leaves of a block is skipped. Accepted from pushes: written before the push is told to anyone, so that what was ever
 * acted upon is refused after a restart. Accepted in sessions: the answer to our fresh challenge proves the meter's present
 * counter and everything older is refused from then on; the number is kept on disk at the end of the session as a second floor.
 */
import type { InvocationCounter } from '@wattline/protocols/dlms';
import type { Registry } from '@wattline/store/registry';
import { headendError } from '../errors.ts';
import type { RegistryWriter, Write } from '../registry/registry-writer.ts';
import { type AcceptedCounter, keepHighest, openAcceptedCounters } from './accepted-counters.ts';
import { counterFloor, type RestoreWitness } from './restore-witness.ts';

/** A sending counter. */
export interface SentCounter extends InvocationCounter {
  /** Resolves when a request's worth of numbers is reserved on disk; to be awaited before each request. */
  ready(): Promise<void>;
  /** The number that comes next. */
  peek(): number;
  /** From now on no number below `atLeast` is used: the peer has seen it. */
  raise(atLeast: number): Promise<void>;
  /** Leaves what is reserved and unused: another process has used higher numbers since. */
  forget(): void;
}

/** The counters of all meters. */
export interface InvocationCounters {
  /** The counter of what we seal; `scope` is `<serial>/<client>`. */
  sent(scope: string): SentCounter;
  /** The guard over what we take, the same each time; `scope` is `<serial>/<client>` or `<serial>/push`. */
  accepted(scope: string): AcceptedCounter;
  /** The write that keeps the last number accepted. */
  keepAccepted(scope: string): Write;
  /** Resolves when the last number accepted is on disk; those of many scopes go in one statement. */
  acceptedOnDisk(scope: string): Promise<void>;
}

export interface CounterOptions {
  readonly registry: Registry;
  readonly writer: RegistryWriter;
  /** Notices a registry restored from a backup. */
  readonly witness?: RestoreWitness;
  /** Numbers reserved at a time. */
  readonly blockSize?: number;
  /** Numbers one request may use: a block transfer uses one for each block asked for. */
  readonly requestSize?: number;
}

const counterMax = 2 ** 32 - 1;

interface Block {
  next: number;
  end: number;
}

/** Loads what was accepted; what was sent is reserved when first needed. */
export async function openInvocationCounters(options: CounterOptions): Promise<InvocationCounters> {
  const { registry, writer, witness, blockSize = 2048, requestSize = 512 } = options;
  const floor = await counterFloor(registry);
  const accepted = await openAcceptedCounters({ registry, writer });
  const sent = new Map<string, SentCounter>();
  return {
    sent(scope) {
      let counter = sent.get(scope);
      if (!counter) {
        counter = sentCounter(`${scope}/sent`, { writer, witness, floor, blockSize, requestSize });
        sent.set(scope, counter);
      }
      return counter;
    },
    accepted: (scope) => accepted.of(scope),
    keepAccepted: (scope) => (transaction) => accepted.keep(transaction, scope),
    acceptedOnDisk: (scope) => accepted.of(scope).onDisk(),
  };
}

function sentCounter(
  scope: string,
  options: {
    readonly writer: RegistryWriter;
    readonly witness: RestoreWitness | undefined;
    readonly floor: number;
    readonly blockSize: number;
    readonly requestSize: number;
  },
): SentCounter {
  const { blockSize, requestSize } = options;
  const block: Block = { next: 0, end: 0 };
  let reserving: Promise<void> | undefined;
  const reserve = async () => {
    const end = await reserveOnDisk(scope, options);
    // A block that follows on the last one lengthens it; else another process reserved in between.
    if (end - blockSize !== block.end) block.next = end - blockSize;
    block.end = end;
  };
  return {
    async ready() {
      if (block.end - block.next >= requestSize) return;
      reserving ??= reserve().finally(() => {
        reserving = undefined;
      });
      await reserving;
    },
    peek: () => block.next,
    async raise(atLeast) {
      await reserving;
      if (block.next >= atLeast) return;
      await options.writer.write(async (transaction) => {
        await keepHighest(transaction, [{ scope, value: atLeast }]);
      });
      // What is left of the block lies below: the next request reserves anew.
      block.next = 0;
      block.end = 0;
    },
    forget() {
      block.next = 0;
      block.end = 0;
    },
    next() {
      if (block.next >= block.end) {
        const what = `expected a request to use at most ${requestSize} invocation counters`;
        throw headendError('headend/counter-block-exhausted', what, { scope });
      }
      return block.next++;
    },
  };
}

/** One statement, so that two processes on one registry cannot reserve the same numbers. Returns the end of the block. */
async function reserveOnDisk(
  scope: string,
  options: {
    readonly writer: RegistryWriter;
    readonly witness: RestoreWitness | undefined;
    readonly floor: number;
    readonly blockSize: number;
  },
): Promise<number> {
  const { writer, witness, floor, blockSize } = options;
  let end = 0;
  let blocks = 0;
  await writer.write(async (transaction) => {
    const row = await transaction
      .insertInto('invocation_counter')
      .values({ scope, value: floor + blockSize })
      .onConflict((conflict) =>
        conflict
          .column('scope')
          .doUpdateSet((eb) => ({ value: eb('invocation_counter.value', '+', blockSize) })),
      )
      .returning('value')
      .executeTakeFirstOrThrow();
    end = row.value;
    blocks = (await witness?.count(transaction)) ?? 0;
  });
  witness?.see(blocks);
  if (end - 1 > counterMax) {
    throw headendError('headend/counter-exhausted', `no number is left of ${counterMax}`, { scope });
  }
  return end;
}
