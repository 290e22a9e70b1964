/** New keys out of the machine's randomness. */
import type { Random } from '@wattline/base';
import type { SecurityKeys } from '@wattline/protocols/dlms';
import { keyLengthOf } from './key-vault.ts';
import { isPublishedKey } from './published-keys.ts';

/** A fresh key of a security suite, never one that everybody knows. */
export function drawKey(random: Random, suite: SecurityKeys['suite']): Uint8Array {
  for (;;) {
    const key = random.bytes(keyLengthOf(suite));
    if (!isPublishedKey(key)) return key;
  }
}
