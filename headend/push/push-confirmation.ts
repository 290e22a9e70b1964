/** The answer to a push that asks for one (DataNotification-Confirm, Green Book 9.3.9.3): sealed as the client that reads, sent once the disk has the event. */
import type { Clock } from '@wattline/base';
import { encodePushConfirm } from '@wattline/protocols/dlms';
import { headendError } from '../errors.ts';
import type { InvocationCounters } from '../keys/invocation-counters.ts';
import type { OpenKeys } from '../keys/opened-keys.ts';
import type { FleetMeter } from '../registry/fleet.ts';

/** With what it is sealed. */
export interface ConfirmingOptions {
  readonly keysOf: OpenKeys;
  readonly counters: InvocationCounters;
  readonly clock: Clock;
  /** System title of the client that reads. */
  readonly systemTitle: Uint8Array;
}

/** The wrapper frame that confirms push `invokeId`; its number is reserved on disk before. @throws CodedError `headend/key-unsealable` */
export async function confirmPush(
  { keysOf, counters, clock, systemTitle }: ConfirmingOptions,
  entry: FleetMeter,
  push: { readonly invokeId: number; readonly clientSap: number; readonly serverSap: number },
): Promise<Uint8Array> {
  const counter = counters.sent(`${entry.meter.serial}/reader`);
  await counter.ready();
  const keys = keysOf(entry);
  if (!keys) {
    throw headendError('headend/key-unsealable', 'no key is left to confirm a push with', {
      serial: entry.meter.serial,
    });
  }
  return encodePushConfirm({ ...push, systemTitle, keys, counter, protection: 'ae', instantMs: clock.now() });
}
