/** What the server does with an APDU (Green Book 9.3, 9.4): the table of states, and which services an agreement lets through. */
import type { Apdu } from './apdu/apdu.ts';
import { hasConformance } from './apdu/conformance.ts';
import type { ApduName } from './apdu/tags.ts';
import type { Association } from './server-handshake.ts';
import type { Services } from './server-services.ts';

/** `pending`: the AARE was sent, the client has still to prove itself (HLS pass 3). */
export type State = 'idle' | 'pending' | 'associated';

/** What is done with an APDU. */
export type Step =
  | 'associate'
  | 'release'
  | 'prove'
  | 'get'
  | 'set'
  | 'action'
  | 'access'
  | 'read'
  | 'write'
  | 'write-unconfirmed';

/** State x APDU -> step. What is not in the table is refused with an exception-response. */
export const rules: Readonly<Record<State, Readonly<Partial<Record<ApduName, Step>>>>> = {
  idle: { aarq: 'associate', rlrq: 'release' },
  pending: {
    aarq: 'associate',
    rlrq: 'release',
    'action-request': 'prove',
    'read-request': 'prove',
    'write-request': 'prove',
  },
  associated: {
    aarq: 'associate',
    rlrq: 'release',
    'get-request': 'get',
    'set-request': 'set',
    'action-request': 'action',
    'access-request': 'access',
    'read-request': 'read',
    'write-request': 'write',
    'unconfirmed-write-request': 'write-unconfirmed',
  },
};

/** Which steps need a service of the agreement; GET, SET and ACTION belong to logical names as such. */
export function mayServe(step: Step, { conformance, isShort }: Association): boolean {
  switch (step) {
    case 'access':
      return hasConformance(conformance, 'access');
    case 'read':
      return hasConformance(conformance, 'read');
    case 'write':
      return hasConformance(conformance, 'write');
    case 'write-unconfirmed':
      return hasConformance(conformance, 'unconfirmed-write');
    default:
      return !isShort;
  }
}

/** The answer of the service an APDU asks for; undefined when it is none, or wants no answer. */
export function serveStep(services: Services, apdu: Apdu, room: number): Uint8Array | undefined {
  switch (apdu.apdu) {
    case 'get-request':
      return services.get(apdu.value, room);
    case 'set-request':
      return services.set(apdu.value);
    case 'action-request':
      return services.action(apdu.value, room);
    case 'access-request':
      return services.access(apdu.value, room);
    case 'read-request':
      return services.read(apdu.value, room);
    case 'write-request':
      return services.write(apdu.value);
    case 'unconfirmed-write-request':
      services.write(apdu.value);
      return undefined;
    default:
      return undefined;
  }
}

/** Bit 7 of invoke id and priority, bit 31 of the long one. */
const highPriorityBit = 0x80;
const longHighPriorityBit = 0x80000000;

/** Whether a request says that it is urgent; short names have no way to. */
export function isHighPriority({ apdu, value }: Apdu): boolean {
  switch (apdu) {
    case 'get-request':
    case 'set-request':
    case 'action-request':
      return (value.value.invokeIdAndPriority & highPriorityBit) !== 0;
    case 'access-request':
      return (value.longInvokeIdAndPriority & longHighPriorityBit) !== 0;
    default:
      return false;
  }
}
