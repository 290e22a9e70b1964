/** The seal of a push, general-glo-ciphering: read without keys, and opened with them, apart from what is in it. */
import { failure, type Result } from '@wattline/base';
import type { SecurityKeys } from './association.ts';
import { canSeal, type Opened, open } from './security.ts';

/** A push as it comes, still sealed: who says to have sealed it (anyone may), and what is to be opened with the keys of that one. */
export interface PushSeal {
  readonly systemTitle: Uint8Array;
  readonly cipheredService: Uint8Array;
}

const generalGloTag = 0xdb;
/** Octets of a system title. */
export const titleLength = 8;

/** The seal of an APDU that is general-glo-ciphering and nothing else; undefined for every other, which a receiver judges. */
export function readPushSeal(apdu: Uint8Array): PushSeal | undefined {
  if (apdu[0] !== generalGloTag || apdu[1] !== titleLength) return undefined;
  const at = 2 + titleLength;
  const first = apdu[at] ?? 0;
  const width = first < 0x80 ? 0 : first - 0x80;
  if (first === 0x80 || width > 2) return undefined;
  let length = width === 0 ? first : 0;
  for (let i = 1; i <= width; i++) length = length * 256 + (apdu[at + i] ?? 0);
  const start = at + 1 + width;
  if (start + length !== apdu.length) return undefined;
  return { systemTitle: apdu.subarray(2, at), cipheredService: apdu.subarray(start) };
}

/** Opens a seal; of the counter nothing is said. Fails with the code of what is wrong. */
export function openPushSeal(
  { systemTitle, cipheredService }: PushSeal,
  keys: SecurityKeys | undefined,
): Result<Opened> {
  if (!keys || !canSeal(keys, systemTitle)) {
    const title = titleOf(systemTitle);
    return failure('dlms/unknown-system-title', `no keys are known for ${title}`, { systemTitle: title });
  }
  const opened = open(cipheredService, { keys, systemTitle });
  if (!opened.ok) {
    const where = { ...opened.error.where, systemTitle: titleOf(systemTitle) };
    return failure(opened.error.code, opened.error.message, where);
  }
  if (opened.value.isBroadcast) {
    const where = { systemTitle: titleOf(systemTitle) };
    return failure('dlms/security-suite', 'a meter pushes under its unicast key', where);
  }
  return opened;
}

/** A system title as failures name it. */
export function titleOf(systemTitle: Uint8Array): string {
  return Buffer.from(systemTitle).toString('hex').toUpperCase();
}
