/** GET, SET and ACTION on the server's side (Green Book 9.3.6 to 9.3.11): what the device says, whole or in blocks. */
import { type ApduValue, encodeApdu } from './apdu/apdu.ts';
import { actionResponseList, actionResponseWithOptionalData, getResultList } from './apdu/services.ts';
import { data, sequenceOf } from './codec.ts';
import type { AttributeDescriptor, DataAccessResult, MethodDescriptor } from './cosem.ts';
import type { Data } from './data.ts';
import type { LogicalDevice } from './server.ts';
import { serveAccess } from './server-access.ts';
import {
  type ActionResponse,
  actionResponse,
  createDesk,
  type Desk,
  decodeWhole,
  encode,
} from './server-desk.ts';
import type { Association } from './server-handshake.ts';
import { createShortNameDesk } from './server-short-names.ts';

/** One association's services: requests in the clear in, responses in the clear out. */
export interface Services {
  /** `room` is the octets an answer in the clear may have. */
  get(request: ApduValue<'get-request'>, room: number): Uint8Array;
  set(request: ApduValue<'set-request'>): Uint8Array;
  action(request: ApduValue<'action-request'>, room: number): Uint8Array;
  access(request: ApduValue<'access-request'>, room: number): Uint8Array;
  read(request: ApduValue<'read-request'>, room: number): Uint8Array;
  write(request: ApduValue<'write-request'>): Uint8Array;
}

const valueList = sequenceOf(data, 'value');

/** The services of an established association. */
export function createServices(device: LogicalDevice, association: Association): Services {
  const desk = createDesk(device, association);
  const objects = association.isShort ? (device.shortNames?.(association.policy) ?? []) : [];
  const short = createShortNameDesk(desk, objects, association.conformance);
  return {
    get: (request, room) => serveGet(desk, request, room),
    set: (request) => serveSet(desk, request),
    action: (request, room) => serveAction(desk, request, room),
    access: (request, room) => serveAccess(desk, request, room),
    read: short.read,
    write: short.write,
  };
}

function serveGet(desk: Desk, request: ApduValue<'get-request'>, room: number): Uint8Array {
  const id = request.value.invokeIdAndPriority;
  if (request.choice === 'get-request-next') {
    return desk.transfer.next(request.value.blockNumber, { id, room });
  }
  desk.transfer.abandon();
  if (request.choice === 'get-request-normal') {
    const result = desk.get(request.value.attributeDescriptor);
    // Tag, choice, invoke id and result choice precede the data.
    if (result.choice === 'data' && result.value.length + 4 > room) {
      return desk.transfer.send('get', result.value, { id, room });
    }
    const value = { invokeIdAndPriority: id, result };
    return encodeApdu('get-response', { choice: 'get-response-normal', value });
  }
  const result = request.value.attributeDescriptorList.map((reference) => desk.get(reference));
  const octets = encode(getResultList, result);
  if (octets.length + 3 > room) return desk.transfer.send('get', octets, { id, room });
  const value = { invokeIdAndPriority: id, result };
  return encodeApdu('get-response', { choice: 'get-response-with-list', value });
}

function serveSet(desk: Desk, request: ApduValue<'set-request'>): Uint8Array {
  const id = request.value.invokeIdAndPriority;
  if (request.choice === 'set-request-with-datablock') {
    return desk.transfer.take(request.value.datablock, id);
  }
  desk.transfer.abandon();
  switch (request.choice) {
    case 'set-request-normal': {
      const result = desk.set(request.value.attributeDescriptor, request.value.value);
      return encodeApdu('set-response', {
        choice: 'set-response-normal',
        value: { invokeIdAndPriority: id, result },
      });
    }
    case 'set-request-with-list': {
      const result = setMany(desk, request.value.attributeDescriptorList, request.value.valueList);
      return encodeApdu('set-response', {
        choice: 'set-response-with-list',
        value: { invokeIdAndPriority: id, result },
      });
    }
    case 'set-request-with-first-datablock': {
      const { attributeDescriptor, datablock } = request.value;
      const finish = (octets: Uint8Array, blockNumber: number) => {
        const value = decodeWhole(data, octets);
        const result = value.ok ? desk.set(attributeDescriptor, value.value) : 'type-unmatched';
        return encodeApdu('set-response', {
          choice: 'set-response-last-datablock',
          value: { invokeIdAndPriority: id, result, blockNumber },
        });
      };
      return desk.transfer.gather(datablock, id, { service: 'set', finish });
    }
    case 'set-request-with-list-and-first-datablock': {
      const { attributeDescriptorList, datablock } = request.value;
      const finish = (octets: Uint8Array, blockNumber: number) => {
        const values = decodeWhole(valueList, octets);
        const result = setMany(desk, attributeDescriptorList, values.ok ? values.value : []);
        return encodeApdu('set-response', {
          choice: 'set-response-last-datablock-with-list',
          value: { invokeIdAndPriority: id, result, blockNumber },
        });
      };
      return desk.transfer.gather(datablock, id, { service: 'set', finish });
    }
  }
}

function serveAction(desk: Desk, request: ApduValue<'action-request'>, room: number): Uint8Array {
  const answer = { id: request.value.invokeIdAndPriority, room };
  if (request.choice === 'action-request-next-pblock') {
    return desk.transfer.next(request.value.blockNumber, answer);
  }
  if (request.choice === 'action-request-with-pblock') {
    return desk.transfer.take(request.value.pblock, answer.id);
  }
  desk.transfer.abandon();
  switch (request.choice) {
    case 'action-request-normal': {
      const { methodDescriptor, methodInvocationParameters } = request.value;
      return answerAction(desk, desk.act(methodDescriptor, methodInvocationParameters), answer);
    }
    case 'action-request-with-list': {
      const { methodDescriptorList, methodInvocationParameters } = request.value;
      return answerActions(desk, actMany(desk, methodDescriptorList, methodInvocationParameters), answer);
    }
    case 'action-request-with-first-pblock': {
      const { methodDescriptor, pblock } = request.value;
      const finish = (octets: Uint8Array) => {
        const value = decodeWhole(data, octets);
        const response = value.ok
          ? desk.act(methodDescriptor, value.value)
          : actionResponse({ result: 'type-unmatched' });
        return answerAction(desk, response, answer);
      };
      return desk.transfer.gather(pblock, answer.id, { service: 'action', finish });
    }
    case 'action-request-with-list-and-first-pblock': {
      const { methodDescriptorList, pblock } = request.value;
      const finish = (octets: Uint8Array) => {
        const values = decodeWhole(valueList, octets);
        return answerActions(
          desk,
          actMany(desk, methodDescriptorList, values.ok ? values.value : []),
          answer,
        );
      };
      return desk.transfer.gather(pblock, answer.id, { service: 'action', finish });
    }
  }
}

type Answer = { readonly id: number; readonly room: number };

function answerAction(desk: Desk, singleResponse: ActionResponse, answer: Answer): Uint8Array {
  const octets = encode(actionResponseWithOptionalData, singleResponse);
  if (octets.length + 3 > answer.room) return desk.transfer.send('action', octets, answer);
  const value = { invokeIdAndPriority: answer.id, singleResponse };
  return encodeApdu('action-response', { choice: 'action-response-normal', value });
}

function answerActions(desk: Desk, listOfResponses: readonly ActionResponse[], answer: Answer): Uint8Array {
  const octets = encode(actionResponseList, listOfResponses);
  if (octets.length + 3 > answer.room) return desk.transfer.send('action', octets, answer);
  const value = { invokeIdAndPriority: answer.id, listOfResponses };
  return encodeApdu('action-response', { choice: 'action-response-with-list', value });
}

/** A list whose values do not match its references in number is refused as a whole, reference by reference. */
function setMany(
  desk: Desk,
  references: readonly AttributeDescriptor[],
  values: readonly Data[],
): DataAccessResult[] {
  if (references.length !== values.length) return references.map(() => 'other-reason');
  return references.map((reference, i) => desk.set(reference, values[i] as Data));
}

function actMany(
  desk: Desk,
  references: readonly MethodDescriptor[],
  values: readonly Data[],
): ActionResponse[] {
  if (references.length !== values.length) {
    return references.map(() => actionResponse({ result: 'other-reason' }));
  }
  return references.map((reference, i) => desk.act(reference, values[i]));
}
