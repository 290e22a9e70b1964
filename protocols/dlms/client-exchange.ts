/** One request of the client and all APDUs it takes (Green Book 9.3.6 to 9.3.11): whole, or in blocks either way. */
import { type Result, success } from '@wattline/base';
import { encodeApdu } from './apdu/apdu.ts';
import { getResultList } from './apdu/services.ts';
import type { ClientRequest } from './client.ts';
import { startAccess } from './client-access.ts';
import { startAction, startActionList } from './client-action.ts';
import { startSet, startSetList } from './client-set.ts';
import { startRead, startWrite } from './client-short-names.ts';
import {
  type Asking,
  createGather,
  decodeWhole,
  done,
  type Exchange,
  type ExchangeStep,
  type GetDataResult,
  getResult,
  isOurs,
  tooLong,
  unexpected,
  wrongCount,
} from './client-steps.ts';
import { encodedData } from './codec.ts';

/** Requests that exchange xDLMS APDUs. */
export type ServiceRequest = Exclude<ClientRequest, { kind: 'associate' | 'release' | 'write-unconfirmed' }>;

/** Starts an exchange. */
export function startExchange(request: ServiceRequest, asking: Asking): Result<Exchange> {
  const { room } = asking;
  switch (request.kind) {
    case 'get':
    case 'get-list':
      return startGet(request, asking);
    case 'set':
      return startSet(request, asking);
    case 'action':
      return startAction(request, asking);
    case 'set-list':
      return startSetList(request.items, asking);
    case 'action-list':
      return startActionList(request.items, asking);
    case 'access':
      return startAccess(request, room);
    case 'read':
      return startRead(request.variables, asking);
    case 'write':
      return startWrite(request.items, asking);
  }
}

function startGet(
  request: Extract<ServiceRequest, { kind: 'get' | 'get-list' }>,
  asking: Asking,
): Result<Exchange> {
  const { room, id: invokeIdAndPriority } = asking;
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
      if (apdu.apdu !== 'get-response' || !isOurs(apdu.value, asking)) return unexpected(apdu);
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
    return wrongCount(request.references.length, results.length);
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
