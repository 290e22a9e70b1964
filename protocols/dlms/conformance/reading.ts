/** What the tester reads and what came of it, as octets and in words. */
import { concatBytes, toHex } from '@wattline/base';
import { parseObis } from '../obis.ts';
import type { SeenAare } from './acse-octets.ts';
import type { Answer } from './dialogue.ts';

/** An attribute by its parts. */
export interface Attribute {
  readonly classId: number;
  readonly obis: string;
  readonly attribute: number;
}

/** What a GET or Read came to. */
export type Reading =
  | { readonly kind: 'data'; readonly data: Uint8Array }
  | { readonly kind: 'refused'; readonly result: number }
  | { readonly kind: 'none'; readonly answer: string };

/** Class, logical name and attribute (or method) as octets. */
export function descriptor({ classId, obis, attribute }: Attribute): Uint8Array {
  return concatBytes(
    Uint8Array.of(classId >> 8, classId & 0xff),
    parseObis(obis),
    Uint8Array.of(attribute & 0xff),
  );
}

/** `3:1.0.1.8.0.255:2`. */
export function nameOf({ classId, obis, attribute }: Attribute): string {
  return `${classId}:${obis}:${attribute}`;
}

/** Whether an APDU is an exception-response or a confirmedServiceError. */
export function isException(apdu: Uint8Array): boolean {
  return (apdu[0] === 0xd8 && apdu.length >= 3) || (apdu[0] === 0x0e && apdu.length >= 4);
}

/** Whether an answer gives nothing away: an exception, a link frame, a closed link or silence. */
export function isRefusal(answer: Answer): boolean {
  return answer.kind !== 'apdu' || isException(answer.apdu);
}

/** A reading for people. */
export function describeReading(reading: Reading): string {
  if (reading.kind === 'data') return `data ${toHex(reading.data).slice(0, 60)}`;
  return reading.kind === 'refused' ? `data-access-result ${reading.result}` : reading.answer;
}

/** An AARE for people. */
export function describeAare({ result, source, reason }: SeenAare): string {
  const outcome = result === 0 ? 'accepted' : result === undefined ? 'no result' : 'rejected';
  return `AARE: ${outcome} (${result ?? 'none'}), ${source ?? 'no'} diagnostic ${reason ?? 'none'}`;
}
