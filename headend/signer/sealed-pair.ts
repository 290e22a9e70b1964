/** The reader's new keys on their way through the channel: sealed by the head-end for the signer alone, and for one meter of one batch. */
import type { KeyObject } from 'node:crypto';
import { concatBytes } from '@wattline/base';
import type { SecurityKeys } from '@wattline/protocols/dlms';
import { openAs, sealFor } from '../keys/sealed-box.ts';

/** Where a pair goes: it opens nowhere else. */
export interface PairUse {
  readonly hash: string;
  readonly serial: string;
}

/** A pair of keys. */
export type ClientPair = Pick<SecurityKeys, 'ek' | 'ak'>;

/** The pair as it crosses the channel, base64; `recipient` is the signer's, as it tells it. @throws CodedError `headend/shipment-recipient` */
export function sealPair(recipient: string, { ek, ak }: ClientPair, use: PairUse): string {
  return Buffer.from(sealFor(recipient, concatBytes(ek, ak), boundTo(use))).toString('base64');
}

/** The pair, undefined when it was sealed for another signer, meter or batch, or altered on its way. */
export function openPair(privateKey: KeyObject, sealed: string, use: PairUse): ClientPair | undefined {
  try {
    const plain = openAs(privateKey, new Uint8Array(Buffer.from(sealed, 'base64')), boundTo(use));
    return { ek: plain.slice(0, plain.length / 2), ak: plain.slice(plain.length / 2) };
  } catch {
    return undefined;
  }
}

function boundTo({ hash, serial }: PairUse) {
  return { purpose: 'wattline reader pair', bound: Buffer.from(`${hash}\0${serial}`) };
}
