/** An invocation counter in a directory, for a client that has no registry: blocks are claimed by making files that must not exist. */
import { closeSync, fsyncSync, openSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf, makeDirectories } from '@wattline/base';
import type { InvocationCounter } from '@wattline/protocols/dlms';
import { headendError } from '../errors.ts';

const blockSize = 4096;
const counterMax = 2 ** 32 - 1;

/**
 * A counter kept in `directory` (made when missing): no number is handed out twice, neither after kill -9 nor to two processes
 * at once. With `atLeast` all numbers are that much or more: for a meter that has seen higher ones. `next` throws CodedError `headend/counter-exhausted` at the end of the 32 bits.
 */
export function openFileCounter(
  directory: string,
  { atLeast = 0 }: { readonly atLeast?: number } = {},
): InvocationCounter {
  makeDirectories(directory, { isPrivate: true });
  const firstBlock = Math.ceil(atLeast / blockSize);
  let next = 0;
  let end = 0;
  return {
    next() {
      if (next >= end) {
        const block = claimBlock(directory, firstBlock);
        // Number 0 is left out: some servers take it for a counter that was never set.
        next = Math.max(1, block * blockSize);
        end = (block + 1) * blockSize;
      }
      if (next > counterMax) {
        throw headendError('headend/counter-exhausted', `no number is left of ${counterMax}`, { directory });
      }
      return next++;
    },
  };
}

function claimBlock(directory: string, firstBlock: number): number {
  const taken = blocksIn(directory);
  let block = Math.max(firstBlock - 1, ...taken) + 1;
  for (;;) {
    if (!claim(join(directory, String(block)))) {
      block++;
      continue;
    }
    // The highest block always stands, so a higher one shows that ours may have been used and cleared away long ago.
    const highest = Math.max(...blocksIn(directory));
    if (highest === block) break;
    block = highest + 1;
  }
  syncDirectory(directory);
  for (const old of taken) rmSync(join(directory, String(old)), { force: true });
  return block;
}

function claim(path: string): boolean {
  try {
    closeSync(openSync(path, 'wx', 0o600));
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function blocksIn(directory: string): number[] {
  return readdirSync(directory)
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function syncDirectory(directory: string): void {
  const handle = openSync(directory, 'r');
  fsyncSync(handle);
  closeSync(handle);
}
