/** Gasps of test meters, and the frames they come in. */
import type { Clock } from '@wattline/base';
import type { SystemEvent } from '@wattline/model';
import { type Data, encodeDateTime, encodePush, type Protection, parseObis } from '@wattline/protocols/dlms';
import type { TestMeter } from '../test-server.ts';

/** The body of a push that tells an event. */
export function bodyOf(eventCode: number, atMs: number, outageS: number): Data {
  return {
    type: 'structure',
    value: [
      { type: 'octet-string', value: Buffer.from('WTL0000000000001') },
      { type: 'octet-string', value: parseObis('0.0.25.9.0.255') },
      { type: 'octet-string', value: encodeDateTime(atMs, 60, 0x80) },
      { type: 'unsigned', value: eventCode },
      { type: 'double-long-unsigned', value: outageS },
    ],
  };
}

/** A wrapped push of a meter: its power failed five seconds ago, unless said otherwise. */
export function pushOf(
  meter: TestMeter,
  clock: Clock,
  options: {
    readonly code?: number;
    readonly body?: Data;
    readonly protection?: Protection;
    readonly counter?: number;
    readonly isConfirmed?: boolean;
  } = {},
): Uint8Array {
  const { code = 1, protection = 'ae', counter, isConfirmed = false } = options;
  return encodePush({
    systemTitle: meter.systemTitle,
    keys: meter.heldKeys ?? meter.keys,
    counter: counter === undefined ? meter.counter : { next: () => counter },
    protection,
    clientSap: 2,
    serverSap: 1,
    instantMs: clock.now(),
    offsetMinutes: 60,
    isConfirmed,
    body: options.body ?? bodyOf(code, clock.now() - 5000, code === 2 ? 90 : 0),
  });
}

/** Resolves when `count` events are reported: the listener works while the test waits on the event itself, not on time. */
export function eventually(events: readonly SystemEvent[], count: number): Promise<void> {
  return until(() => events.length >= count);
}

/** Resolves when `isSo` holds, asked once in each turn of the event loop. */
export function until(isSo: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = () => (isSo() ? resolve() : void setImmediate(look));
    look();
  });
}
