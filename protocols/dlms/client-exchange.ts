/** One request of the client and all APDUs it takes (Green Book 9.3.6 to 9.3.11): whole, or in blocks either way. */
import { concatBytes, type Failure, failure, type Result, success } from '@wattline/base';
import { type Apdu, encodeApdu } from './apdu/apdu.ts';
import { actionResponseWithOptionalData, getResultList } from './apdu/services.ts';
import { encodeData } from './axdr.ts';
import type { ClientOutcome, ClientRequest } from './client.ts';
import { type Codec, encodedData, type ValueOf } from './codec.ts';
import { type ActionOutcome, type ActionResult, actionResult, type GetResult } from './cosem.ts';
import { attempt, OctetReader } from './octet-reader.ts';

/** Octets gathered of one answer in blocks. */
const maxIncoming = 1 << 24;
/** Octets that precede the data of a block in a request at most: descriptor, selection aside, and block header. */
const requestHeader = 24;

/** Confirmed, high priority, invoke id 1: one request is under way at a time. */
const invokeIdAndPriority = 0xc1;

/** What an answer leads to. */
export type ExchangeStep =
  | { readonly kind: 'send'; readonly apdu: Uint8Array }
  | { readonly kind: 'done'; readonly outcome: ClientOutcome }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** A request under way: `first` opens it, each answer leads a step further. */
export interface Exchange {
  readonly first: Uint8Array;
  take(apdu: Apdu): ExchangeStep;
}

/** Requests that exchange xDLMS APDUs. */
export type ServiceRequest = Extract<ClientRequest, { kind: 'get' | 'get-list' | 'set' | 'action' }>;

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
  }
}

type GetDataResult = ValueOf<typeof getResultList>[number];
type ActionResponse = ValueOf<typeof actionResponseWithOptionalData>;

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

function getResult(result: GetDataResult): GetResult {
  if (result.choice === 'data') return { ok: true, encoded: result.value };
  // Success without data is no answer to a GET.
  return { ok: false, result: result.value === 'success' ? 'other-reason' : result.value };
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

/** A success whose return parameters are refused is no success. */
function actionOutcome(response: ActionResponse): ActionOutcome {
  const { result, returnParameters } = response;
  if (returnParameters?.choice === 'data') return { result, encoded: returnParameters.value };
  if (returnParameters === undefined || result !== 'success' || returnParameters.value === 'success') {
    return { result };
  }
  const reason = returnParameters.value;
  return { result: reason in actionResult ? (reason as ActionResult) : 'other-reason' };
}

interface Block {
  readonly lastBlock: boolean;
  readonly blockNumber: number;
  readonly rawData: Uint8Array;
}

/** Gathers an answer in blocks numbered from 1, asking for each further one. */
function createGather(
  askNext: (blockNumber: number) => Uint8Array,
): (block: Block, finish: (octets: Uint8Array) => ExchangeStep) => ExchangeStep {
  const chunks: Uint8Array[] = [];
  let length = 0;
  return (block, finish) => {
    if (block.blockNumber !== chunks.length + 1) {
      const message = `expected block ${chunks.length + 1}, found ${block.blockNumber}`;
      return failed(failure('dlms/block-out-of-order', message));
    }
    length += block.rawData.length;
    if (length > maxIncoming || (block.rawData.length === 0 && !block.lastBlock)) {
      const message = `expected blocks with octets, at most ${maxIncoming} in all`;
      return failed(failure('dlms/transfer-too-long', message));
    }
    chunks.push(block.rawData);
    if (!block.lastBlock) return { kind: 'send', apdu: askNext(block.blockNumber) };
    return finish(concatBytes(...chunks));
  };
}

function cutBlocks(octets: Uint8Array, room: number, accessLength = 0): Result<Block[]> {
  const size = room - requestHeader - accessLength;
  if (size < 1) return tooLong(octets.length, room);
  const count = Math.ceil(octets.length / size);
  return success(
    Array.from({ length: count }, (_, i) => ({
      lastBlock: i === count - 1,
      blockNumber: i + 1,
      rawData: octets.subarray(i * size, (i + 1) * size),
    })),
  );
}

/** Sends blocks one by one, each after the acknowledgement of the one before. */
function createSender(blocks: readonly Block[], encode: (block: Block) => Uint8Array) {
  let sent = 1;
  return {
    first: encode(blocks[0] as Block),
    next(acknowledged: number): ExchangeStep {
      const block = blocks[sent];
      if (acknowledged !== sent || !block) {
        const message = `expected acknowledgement of block ${sent}, found ${acknowledged}`;
        return failed(failure('dlms/block-out-of-order', message));
      }
      sent += 1;
      return { kind: 'send', apdu: encode(block) };
    },
  };
}

/** Whether a response carries the invoke id of the request. */
function isOurs(response: { readonly value: { readonly invokeIdAndPriority: number } }): boolean {
  return ((response.value.invokeIdAndPriority ^ invokeIdAndPriority) & 0x0f) === 0;
}

function done(outcome: ClientOutcome): ExchangeStep {
  return { kind: 'done', outcome };
}

function failed(result: ReturnType<typeof failure>): ExchangeStep {
  return { kind: 'failed', failure: result.error };
}

function unexpected(apdu: Apdu): ExchangeStep {
  const value = apdu.value as { choice?: string };
  return failed(
    failure('dlms/unexpected-answer', `${value.choice ?? apdu.apdu} is no answer to the request under way`),
  );
}

function tooLong(length: number, room: number): ReturnType<typeof failure> {
  return failure('dlms/request-not-allowed', `the request takes ${length} octets, the server only ${room}`);
}

function decodeWhole<T>(codec: Codec<T>, octets: Uint8Array): Result<T> {
  return attempt(() => codec.read(new OctetReader(octets)));
}
