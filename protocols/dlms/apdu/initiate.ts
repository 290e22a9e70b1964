/** xDLMS InitiateRequest, InitiateResponse, confirmedServiceError and exception-response (IEC 62056-5-3, Green Book 9.5). */
import {
  type Codec,
  choice,
  enumerated,
  flag,
  i8,
  octetString,
  optional,
  sequence,
  u8,
  u16,
} from '../codec.ts';
import { conformance } from './conformance.ts';

/** What the client proposes. `responseAllowed` undefined means the default, true. */
export const initiateRequest = sequence({
  dedicatedKey: optional(octetString),
  responseAllowed: optional(flag),
  proposedQualityOfService: optional(i8),
  proposedDlmsVersionNumber: u8,
  proposedConformance: conformance,
  clientMaxReceivePduSize: u16,
});

/** What the server agrees to. `vaaName` is 7 with logical names, 0xFA00 with short names. */
export const initiateResponse = sequence({
  negotiatedQualityOfService: optional(i8),
  negotiatedDlmsVersionNumber: u8,
  negotiatedConformance: conformance,
  serverMaxReceivePduSize: u16,
  vaaName: u16,
});

/** ServiceError: groups of reasons, by number. */
const serviceError = choice({
  'application-reference': [
    0,
    enumerated(
      {
        other: 0,
        'time-elapsed': 1,
        'application-unreachable': 2,
        'application-reference-invalid': 3,
        'application-context-unsupported': 4,
        'provider-communication-error': 5,
        'deciphering-error': 6,
      },
      'other',
    ),
  ],
  'hardware-resource': [
    1,
    enumerated(
      {
        other: 0,
        'memory-unavailable': 1,
        'processor-resource-unavailable': 2,
        'mass-storage-unavailable': 3,
        'other-resource-unavailable': 4,
      },
      'other',
    ),
  ],
  'vde-state-error': [
    2,
    enumerated(
      { other: 0, 'no-dlms-context': 1, 'loading-data-set': 2, 'status-nochange': 3, 'status-inoperable': 4 },
      'other',
    ),
  ],
  service: [3, enumerated({ other: 0, 'pdu-size': 1, 'service-unsupported': 2 }, 'other')],
  definition: [
    4,
    enumerated(
      { other: 0, 'object-undefined': 1, 'object-class-inconsistent': 2, 'object-attribute-inconsistent': 3 },
      'other',
    ),
  ],
  access: [
    5,
    enumerated(
      {
        other: 0,
        'scope-of-access-violated': 1,
        'object-access-violated': 2,
        'hardware-fault': 3,
        'object-unavailable': 4,
      },
      'other',
    ),
  ],
  initiate: [
    6,
    enumerated(
      {
        other: 0,
        'dlms-version-too-low': 1,
        'incompatible-conformance': 2,
        'pdu-size-too-short': 3,
        'refused-by-the-vde-handler': 4,
      },
      'other',
    ),
  ],
  'load-data-set': [7, u8],
  task: [9, u8],
});

/** ConfirmedServiceError: which service failed and why. */
export const confirmedServiceError = choice({
  'initiate-error': [1, serviceError],
  'get-status': [2, serviceError],
  'get-name-list': [3, serviceError],
  'get-variable-attribute': [4, serviceError],
  read: [5, serviceError],
  write: [6, serviceError],
  'get-data-set-attribute': [7, serviceError],
  'get-ti-attribute': [8, serviceError],
  'change-scope': [9, serviceError],
  start: [10, serviceError],
  stop: [11, serviceError],
  resume: [12, serviceError],
  'make-usable': [13, serviceError],
  'initiate-load': [14, serviceError],
  'load-segment': [15, serviceError],
  'terminate-load': [16, serviceError],
  'initiate-up-load': [17, serviceError],
  'up-load-segment': [18, serviceError],
  'terminate-up-load': [19, serviceError],
});

/** Why the state of the server does not allow a service. */
export const stateError = { 'service-not-allowed': 1, 'service-unknown': 2 } as const;

/** Why a service could not be carried out. `invocation-counter-error` carries the counter when the peer states it. */
export const exceptionServiceError = {
  'operation-not-possible': 1,
  'service-not-supported': 2,
  'other-reason': 3,
  'pdu-too-long': 4,
  'deciphering-error': 5,
  'invocation-counter-error': 6,
} as const;

/** The counter of an invocation-counter-error; older servers leave it out. */
const lastCounter: Codec<number | undefined> = {
  read: (reader) => (reader.remaining >= 4 ? reader.u32() : undefined),
  write: (writer, value) => value !== undefined && writer.u32(value),
  print: (value) => (value === undefined ? undefined : String(value)),
};

const serviceErrorCode = enumerated(exceptionServiceError);

/** The answer of a server that cannot answer otherwise. */
export const exceptionResponse: Codec<{
  readonly stateError: keyof typeof stateError;
  readonly serviceError: keyof typeof exceptionServiceError;
  readonly invocationCounter?: number | undefined;
}> = {
  read(reader) {
    const state = enumerated(stateError);
    const stateName = reader.node('state-error', () => state.read(reader), state.print);
    const serviceName = reader.node(
      'service-error',
      () => serviceErrorCode.read(reader),
      serviceErrorCode.print,
    );
    if (serviceName !== 'invocation-counter-error')
      return { stateError: stateName, serviceError: serviceName };
    const invocationCounter = reader.node(
      'invocation-counter',
      () => lastCounter.read(reader),
      lastCounter.print,
    );
    return { stateError: stateName, serviceError: serviceName, invocationCounter };
  },
  write(writer, value) {
    writer.u8(stateError[value.stateError]);
    serviceErrorCode.write(writer, value.serviceError);
    if (value.serviceError === 'invocation-counter-error') lastCounter.write(writer, value.invocationCounter);
  },
};
