/** What the exchanges of the client are made of (Green Book 9.3.6 to 9.3.11): steps, blocks sent one by one, blocks gathered. */
import { concatBytes, type Failure, failure, type Result, success } from '@wattline/base';
import type { Apdu } from './apdu/apdu.ts';
import type { actionResponseWithOptionalData, getResultList } from './apdu/services.ts';
import { AxdrWriter } from './axdr-writer.ts';
import type { ClientOutcome } from './client.ts';
import { data as anyData, type Codec, sequenceOf, type ValueOf } from './codec.ts';
import { type ActionOutcome, type ActionResult, actionResult, type GetResult } from './cosem.ts';
import type { Data } from './data.ts';
import { attempt, OctetReader } from './octet-reader.ts';

/** Octets gathered of one answer in blocks. */
export const maxIncoming = 1 << 24;
/** Octets that precede the data of a block in a request at most: descriptor, selection aside, and block header. */
const requestHeader = 24;
/** Bits of invoke id and priority: confirmed, and high priority. One request is under way at a time: the id is always 1. */
const confirmedBit = 0x40;
const highPriorityBit = 0x80;
const invokeId = 1;

/** How a request is asked. */
export interface Asking {
  /** Octets the request may have in the clear. */
  readonly room: number;
  /** Its invoke id and priority. */
  readonly id: number;
  /** The services agreed to. */
  readonly conformance: number;
}

/** Invoke id and priority of a request that is to be answered. */
export function invokeIdAndPriority(priority: 'normal' | 'high' = 'high'): number {
  return invokeId | confirmedBit | (priority === 'high' ? highPriorityBit : 0);
}

const valueList = sequenceOf(anyData, 'value');

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

/** One result of a GET on the wire. */
export type GetDataResult = ValueOf<typeof getResultList>[number];
/** One result of an ACTION on the wire. */
export type ActionResponse = ValueOf<typeof actionResponseWithOptionalData>;

/** A result of a GET; success without data is no answer to one. */
export function getResult(result: GetDataResult): GetResult {
  if (result.choice === 'data') return { ok: true, encoded: result.value };
  return { ok: false, result: result.value === 'success' ? 'other-reason' : result.value };
}

/** A success whose return parameters are refused is no success. */
export function actionOutcome(response: ActionResponse): ActionOutcome {
  const { result, returnParameters } = response;
  if (returnParameters?.choice === 'data') return { result, encoded: returnParameters.value };
  if (returnParameters === undefined || result !== 'success' || returnParameters.value === 'success') {
    return { result };
  }
  const reason = returnParameters.value;
  return { result: reason in actionResult ? (reason as ActionResult) : 'other-reason' };
}

/** One block of a request or an answer. */
export interface Block {
  readonly lastBlock: boolean;
  readonly blockNumber: number;
  readonly rawData: Uint8Array;
}

/** Gathers an answer in blocks numbered from 1, asking for each further one. */
export function createGather(
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

/** Data of a request cut to what the server takes; `accessLength` is what the selection takes besides. */
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

/**
 * A request that goes whole when it fits, else in blocks of its data: what opens it, and what follows each acknowledgement.
 * `before` is what the first block carries besides a plain reference.
 */
export function openInBlocks(request: {
  readonly whole: Uint8Array;
  readonly data: Uint8Array | undefined;
  readonly room: number;
  readonly before: number;
  readonly encode: (block: Block) => Uint8Array;
}): Result<{ readonly first: Uint8Array; readonly next?: (acknowledged: number) => ExchangeStep }> {
  const { whole, data, room, before, encode } = request;
  if (whole.length <= room || !data) return success({ first: whole });
  const blocks = cutBlocks(data, room, before);
  return blocks.ok ? success(createSender(blocks.value, encode)) : blocks;
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
export function isOurs(
  response: { readonly value: { readonly invokeIdAndPriority: number } },
  { id }: Asking,
): boolean {
  return ((response.value.invokeIdAndPriority ^ id) & 0x0f) === 0;
}

/** More or fewer results than were asked for. */
export function wrongCount(asked: number, found: number): ExchangeStep {
  return failed(failure('dlms/unexpected-answer', `expected ${asked} results, found ${found}`));
}

/** Values as a list with blocks carries them. */
export function encodeValues(values: readonly Data[]): Uint8Array {
  const writer = new AxdrWriter();
  valueList.write(writer, values);
  return writer.finish();
}

/** The exchange ended. */
export function done(outcome: ClientOutcome): ExchangeStep {
  return { kind: 'done', outcome };
}

/** The exchange cannot go on. */
export function failed(result: ReturnType<typeof failure>): ExchangeStep {
  return { kind: 'failed', failure: result.error };
}

/** An answer to something else. */
export function unexpected(apdu: Apdu): ExchangeStep {
  const value = apdu.value as { choice?: string };
  return failed(
    failure('dlms/unexpected-answer', `${value.choice ?? apdu.apdu} is no answer to the request under way`),
  );
}

/** A request longer than the server takes. */
export function tooLong(length: number, room: number): ReturnType<typeof failure> {
  return failure('dlms/request-not-allowed', `the request takes ${length} octets, the server only ${room}`);
}

/** What the octets gathered hold. */
export function decodeWhole<T>(codec: Codec<T>, octets: Uint8Array): Result<T> {
  return attempt(() => codec.read(new OctetReader(octets)));
}
