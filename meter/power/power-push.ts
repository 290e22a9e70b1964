/** The last gasp and the return of power as a push (Blue Book 4.4.8, Green Book 9.4.6.9), sealed with the keys of the reader. */
import {
  encodeDateTime,
  encodePush,
  type InvocationCounter,
  parseObis,
  type SecurityKeys,
} from '@wattline/protocols/dlms';
import type { MeterClock } from '../clock/clock.ts';

/** OBIS code of the push setup whose object list the body follows. */
export const powerPushSetup = '0.0.25.9.0.255';

/** Who pushes, to whom, by which counter. */
export interface PushIdentity {
  readonly systemTitle: Uint8Array;
  readonly logicalDeviceName: Uint8Array;
  readonly keys: SecurityKeys;
  readonly counter: InvocationCounter;
  readonly clientSap: number;
  readonly serverSap: number;
}

/** What happened. */
export interface PowerEvent {
  /** Code of the event in the list of the meter. */
  readonly code: number;
  /** Meter time. */
  readonly atMs: number;
  /** Seconds without supply; 0 when it fails. */
  readonly outageSeconds: number;
}

/** Octets of the push, ready for the link. */
export function encodePowerPush(identity: PushIdentity, clock: MeterClock, of: PowerEvent): Uint8Array {
  const { logicalDeviceName, ...sealing } = identity;
  const { offsetMinutes } = clock.zone.stretchAt(of.atMs);
  return encodePush({
    ...sealing,
    protection: 'ae',
    instantMs: of.atMs,
    offsetMinutes,
    body: {
      type: 'structure',
      value: [
        { type: 'octet-string', value: logicalDeviceName },
        { type: 'octet-string', value: parseObis(powerPushSetup) },
        { type: 'octet-string', value: encodeDateTime(of.atMs, offsetMinutes, clock.status(of.atMs)) },
        { type: 'unsigned', value: of.code },
        { type: 'double-long-unsigned', value: of.outageSeconds },
      ],
    },
  });
}
