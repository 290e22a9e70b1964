/**
 * Opening pushes of makes with one client alone, whose keys no one else holds. What is opened must be a DataNotification that the meter itself has
 * authenticated: neither an answer of a session in another envelope, nor octets that somebody made up, come out of here in the clear.
 */
import { type Clock, equalBytes, fromHex } from '@wattline/base';
import { decodeApdu, openPushSeal, readPushSeal } from '@wattline/protocols/dlms';
import { createQuota } from '../push/quota.ts';
import type { EnrolledMeter } from './enrolment.ts';
import type { SignerReply } from './messages.ts';
import { refuse } from './replies.ts';
import type { SignerKeys } from './signer-keys.ts';

/** Opens pushes. */
export interface PushSeals {
  /** `apdu`: general-glo-ciphering, base64. */
  open(serial: string, apdu: string): SignerReply;
}

/** Pushes of one meter in a minute, and of all: opening never keeps a command waiting for long. */
const meterMinute = 60;
const allMinute = 30_000;

export function createPushSeals(options: {
  meterOf(serial: string): EnrolledMeter | undefined;
  readonly keys: SignerKeys;
  readonly clock: Clock;
}): PushSeals {
  const { meterOf, keys, clock } = options;
  const ofMeter = createQuota(clock, meterMinute);
  const ofAll = createQuota(clock, allMinute);
  return {
    open(serial, apdu) {
      const meter = meterOf(serial);
      if (meter?.hasOneClient !== true)
        return refuse('signer/not-allowed', 'the meter has a reader of its own');
      if (!ofMeter.take(serial) || !ofAll.take(''))
        return refuse('signer/busy', 'too many pushes in a minute');
      const seal = readPushSeal(new Uint8Array(Buffer.from(apdu, 'base64')));
      if (!seal || !equalBytes(seal.systemTitle, fromHex(meter.systemTitle))) {
        return refuse('signer/not-a-push', 'expected general-glo-ciphering of that meter');
      }
      const { current, pending } = keys.management(meter);
      const withCurrent = openPushSeal(seal, current);
      // A meter whose keys change holds either pair.
      const opened = withCurrent.ok || !pending ? withCurrent : openPushSeal(seal, pending);
      if (!opened.ok) return { kind: 'refused', code: opened.error.code, message: opened.error.message };
      const { plain, invocationCounter, protection } = opened.value;
      // Without authentication anyone could have altered it, and would be told what it says.
      const isProven = protection === 'a' || protection === 'ae';
      const decoded = isProven ? decodeApdu(plain) : undefined;
      if (!decoded?.ok || decoded.value.apdu !== 'data-notification') {
        return refuse('signer/not-a-push', 'expected an authenticated DataNotification');
      }
      return { kind: 'push', plain: Buffer.from(plain).toString('base64'), invocationCounter, protection };
    },
  };
}
