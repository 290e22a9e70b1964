/** One request of the client and all APDUs it takes (Green Book 9.3.6 to 9.3.11): whole, or in blocks either way. */
import { failure, type Result, success } from '@wattline/base';
import { encodeApdu } from './apdu/apdu.ts';
import { actionResponseWithOptionalData, getResultList } from './apdu/services.ts';
import { encodeData } from './axdr.ts';
import type { ClientRequest } from './client.ts';
import { startAccess } from './client-access.ts';
import { startActionList, startSetList } from './client-lists.ts';
import { startRead, startWrite } from './client-short-names.ts';
import {
  actionOutcome,
  createGather,
  createSender,
  cutBlocks,
  decodeWhole,
  done,
  type Exchange,
  type ExchangeStep,
  failed,
  type GetDataResult,
  getResult,
  invokeIdAndPriority,
  isOurs,
  tooLong,
  unexpected,
} from './client-steps.ts';
import { encodedData } from './codec.ts';

/** Requests that exchange xDLMS APDUs. */
export type ServiceRequest = Exclude<ClientRequest, { kind: 'associate' | 'release' | 'write-unconfirmed' }>;

/** Starts an exchange; `room` is the octets a request in the clear may have. */
export function startExchange(request: ServiceRequest, room: number): Result<Exchange> {
  switch (request.kind) {
    case 'get':
    case 'get-list':
      return startGet(request, room);
    case 'set':
      return startSet(request, room);
    case 'action':
      return startAction(request, room);
    case 'set-list':
      return startSetList(request.items, room);
    case 'action-list':
      return startActionList(request.items, room);
    case 'access':
      return startAccess(request, room);
    case 'read':
      return startRead(request.variables, room);
    case 'write':
      return startWrite(request.items, room);
  }
}

function startGet(
  request: Extract<ServiceRequest, { kind: 'get' | 'get-list' }>,
  room: number,
): Result<Exchange> {
  const first =
    request.kind === 'get'
      ? encodeApdu('get-request', {
          choice: 'get-request-normal',
          value: { invokeIdAndPriority, attributeDescriptor: request.reference },
        })
      : encodeApdu('get-request', {
          choice: 'get-request-with-list',
          value: { invokeIdAndPriority, attributeDescriptorList: request.references },
        });
  if (first.length > room) return tooLong(first.length, room);
  const gather = createGather((blockNumber) =>
    encodeApdu('get-request', { choice: 'get-request-next', value: { invokeIdAndPriority, blockNumber } }),
  );
  const finish = (octets: Uint8Array) => (request.kind === 'get' ? getOne(octets) : getMany(request, octets));
  return success({
    first,
    take(apdu) {
      if (apdu.apdu !== 'get-response' || !isOurs(apdu.value)) return unexpected(apdu);
      const { value } = apdu;
      if (value.choice === 'get-response-with-datablock') {
        const { result, lastBlock, blockNumber } = value.value;
        if (result.choice === 'data-access-result') {
          return getRefused(request, result.value);
        }
        return gather({ lastBlock, blockNumber, rawData: result.value }, finish);
      }
      if (value.choice === 'get-response-normal' && request.kind === 'get') {
        return done({ kind: 'get', result: getResult(value.value.result) });
      }
      if (value.choice === 'get-response-with-list' && request.kind === 'get-list') {
        return listDone(request, value.value.result);
      }
      return unexpected(apdu);
    },
  });
}

function getOne(octets: Uint8Array): ExchangeStep {
  const whole = decodeWhole(encodedData, octets);
  return whole.ok
    ? done({ kind: 'get', result: { ok: true, encoded: whole.value } })
    : { kind: 'failed', failure: whole.error };
}

function getMany(request: Extract<ServiceRequest, { kind: 'get-list' }>, octets: Uint8Array): ExchangeStep {
  const results = decodeWhole(getResultList, octets);
  return results.ok ? listDone(request, results.value) : { kind: 'failed', failure: results.error };
}

function listDone(
  request: Extract<ServiceRequest, { kind: 'get-list' }>,
  results: readonly GetDataResult[],
): ExchangeStep {
  if (results.length !== request.references.length) {
    const { length } = request.references;
    return failed(failure('dlms/unexpected-answer', `expected ${length} results, found ${results.length}`));
  }
  return done({ kind: 'get-list', results: results.map(getResult) });
}

function getRefused(
  request: Extract<ServiceRequest, { kind: 'get' | 'get-list' }>,
  result: Extract<GetDataResult, { choice: 'data-access-result' }>['value'],
): ExchangeStep {
  const refusal = getResult({ choice: 'data-access-result', value: result });
  return request.kind === 'get'
    ? done({ kind: 'get', result: refusal })
    : done({ kind: 'get-list', results: request.references.map(() => refusal) });
}

function startSet(request: Extract<ServiceRequest, { kind: 'set' }>, room: number): Result<Exchange> {
  const { reference: attributeDescriptor, value } = request;
  const whole = encodeApdu('set-request', {
    choice: 'set-request-normal',
    value: { invokeIdAndPriority, attributeDescriptor, value },
  });
  const blocks =
    whole.length <= room
      ? undefined
      : cutBlocks(encodeData(value), room, attributeDescriptor.access && whole.length);
  if (blocks && !blocks.ok) return blocks;
  const sender =
    blocks &&
    createSender(blocks.value, (datablock) =>
      datablock.blockNumber === 1
        ? encodeApdu('set-request', {
            choice: 'set-request-with-first-datablock',
            value: { invokeIdAndPriority, attributeDescriptor, datablock },
          })
        : encodeApdu('set-request', {
            choice: 'set-request-with-datablock',
            value: { invokeIdAndPriority, datablock },
          }),
    );
  return success({
    first: sender?.first ?? whole,
    take(apdu) {
      if (apdu.apdu !== 'set-response' || !isOurs(apdu.value)) return unexpected(apdu);
      const { value: response } = apdu;
      if (response.choice === 'set-response-datablock' && sender)
        return sender.next(response.value.blockNumber);
      const isResult =
        response.choice === 'set-response-normal' || response.choice === 'set-response-last-datablock';
      return isResult ? done({ kind: 'set', result: response.value.result }) : unexpected(apdu);
    },
  });
}

function startAction(request: Extract<ServiceRequest, { kind: 'action' }>, room: number): Result<Exchange> {
  const { reference: methodDescriptor, parameter } = request;
  const whole = encodeApdu('action-request', {
    choice: 'action-request-normal',
    value: { invokeIdAndPriority, methodDescriptor, methodInvocationParameters: parameter },
  });
  const blocks = whole.length <= room || !parameter ? undefined : cutBlocks(encodeData(parameter), room);
  if (blocks && !blocks.ok) return blocks;
  const sender =
    blocks &&
    createSender(blocks.value, (pblock) =>
      pblock.blockNumber === 1
        ? encodeApdu('action-request', {
            choice: 'action-request-with-first-pblock',
            value: { invokeIdAndPriority, methodDescriptor, pblock },
          })
        : encodeApdu('action-request', {
            choice: 'action-request-with-pblock',
            value: { invokeIdAndPriority, pblock },
          }),
    );
  const gather = createGather((blockNumber) =>
    encodeApdu('action-request', {
      choice: 'action-request-next-pblock',
      value: { invokeIdAndPriority, blockNumber },
    }),
  );
  return success({
    first: sender?.first ?? whole,
    take(apdu) {
      if (apdu.apdu !== 'action-response' || !isOurs(apdu.value)) return unexpected(apdu);
      const { value: response } = apdu;
      switch (response.choice) {
        case 'action-response-normal':
          return done({ kind: 'action', outcome: actionOutcome(response.value.singleResponse) });
        case 'action-response-with-pblock':
          return gather(response.value.pblock, actedInBlocks);
        case 'action-response-next-pblock':
          return sender ? sender.next(response.value.blockNumber) : unexpected(apdu);
        default:
          return unexpected(apdu);
      }
    },
  });
}

function actedInBlocks(octets: Uint8Array): ExchangeStep {
  const response = decodeWhole(actionResponseWithOptionalData, octets);
  return response.ok
    ? done({ kind: 'action', outcome: actionOutcome(response.value) })
    : { kind: 'failed', failure: response.error };
}
