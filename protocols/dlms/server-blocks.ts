/** Block transfer on the server's side (Green Book 9.4.6.13): long answers cut into blocks, long requests gathered. */
import { concatBytes } from '@wattline/base';
import { encodeApdu } from './apdu/apdu.ts';
import { hasConformance } from './apdu/conformance.ts';
import type { DataAccessResult } from './cosem.ts';

/** Octets a client may send in one SET or ACTION in blocks. */
const maxIncoming = 1 << 20;
/** Octets of a block's header at most: tag, choice, invoke id, last, number, choice, length. */
const blockHeader = 12;

/** A datablock as both directions carry it. */
export interface Block {
  readonly lastBlock: boolean;
  readonly blockNumber: number;
  readonly rawData: Uint8Array;
}

/** Octets we send: `at` is where the next block starts. */
interface Outgoing {
  readonly service: 'get' | 'action';
  readonly octets: Uint8Array;
  at: number;
  block: number;
}

/** Octets we gather; `finish` answers when the last block has come. */
interface Incoming {
  readonly service: 'set' | 'action';
  readonly finish: (octets: Uint8Array, blockNumber: number) => Uint8Array;
  readonly chunks: Uint8Array[];
  length: number;
  block: number;
}

/** The one transfer an association may have under way. `room` is the octets an answer in the clear may have. */
export interface BlockTransfer {
  /** Forgets the transfer under way: a new request supersedes it. */
  abandon(): void;
  /** The first block of an answer that does not fit, or a refusal when blocks were not negotiated. */
  send(
    service: 'get' | 'action',
    octets: Uint8Array,
    answer: { readonly id: number; readonly room: number },
  ): Uint8Array;
  /** The block after the one acknowledged, or a refusal that ends the transfer. */
  next(acknowledged: number, answer: { readonly id: number; readonly room: number }): Uint8Array;
  /** Starts gathering with the first block of a request. */
  gather(first: Block, id: number, how: Pick<Incoming, 'service' | 'finish'>): Uint8Array;
  /** Takes one more block: asks for the next, carries the result, or refuses and ends the transfer. */
  take(block: Block, id: number): Uint8Array;
}

/** Answer of a server whose answer is longer than the client takes and may not go in blocks. */
const tooLong = encodeApdu('exception-response', {
  stateError: 'service-not-allowed',
  serviceError: 'pdu-too-long',
});

/** Block transfer within the negotiated services. */
export function createBlockTransfer(conformance: number): BlockTransfer {
  let outgoing: Outgoing | undefined;
  let incoming: Incoming | undefined;

  const transfer: BlockTransfer = {
    abandon() {
      outgoing = undefined;
      incoming = undefined;
    },

    send(service, octets, answer) {
      const name = service === 'get' ? 'block-transfer-with-get-or-read' : 'block-transfer-with-action';
      if (!hasConformance(conformance, name) || answer.room <= blockHeader) return tooLong;
      outgoing = { service, octets, at: 0, block: 0 };
      return transfer.next(0, answer);
    },

    next(acknowledged, { id, room }) {
      const current = outgoing;
      if (!current || acknowledged !== current.block) {
        outgoing = undefined;
        return refuseNext(
          id,
          acknowledged,
          current ? 'data-block-number-invalid' : 'no-long-get-in-progress',
        );
      }
      const block = cutBlock(current, room - blockHeader);
      if (block.lastBlock) outgoing = undefined;
      return current.service === 'get' ? getBlock(id, block) : actionBlock(id, block);
    },

    gather(first, id, how) {
      incoming = { ...how, chunks: [], length: 0, block: 0 };
      return transfer.take(first, id);
    },

    take(block, id) {
      const current = incoming;
      const isNext = current !== undefined && block.blockNumber === current.block + 1;
      if (!isNext || current.length + block.rawData.length > maxIncoming) {
        incoming = undefined;
        return refuseTake(id, block, current?.service);
      }
      current.chunks.push(block.rawData);
      current.length += block.rawData.length;
      current.block = block.blockNumber;
      if (!block.lastBlock) return askNext(id, block.blockNumber, current.service);
      incoming = undefined;
      return current.finish(concatBytes(...current.chunks), block.blockNumber);
    },
  };
  return transfer;
}

function cutBlock(outgoing: Outgoing, size: number): Block {
  const end = Math.min(outgoing.octets.length, outgoing.at + size);
  const rawData = outgoing.octets.subarray(outgoing.at, end);
  outgoing.at = end;
  outgoing.block += 1;
  return { lastBlock: end === outgoing.octets.length, blockNumber: outgoing.block, rawData };
}

function getBlock(id: number, block: Block): Uint8Array {
  const { lastBlock, blockNumber, rawData } = block;
  return encodeApdu('get-response', {
    choice: 'get-response-with-datablock',
    value: {
      invokeIdAndPriority: id,
      lastBlock,
      blockNumber,
      result: { choice: 'raw-data', value: rawData },
    },
  });
}

function actionBlock(id: number, pblock: Block): Uint8Array {
  return encodeApdu('action-response', {
    choice: 'action-response-with-pblock',
    value: { invokeIdAndPriority: id, pblock },
  });
}

function refuseNext(id: number, blockNumber: number, result: DataAccessResult): Uint8Array {
  return encodeApdu('get-response', {
    choice: 'get-response-with-datablock',
    value: {
      invokeIdAndPriority: id,
      lastBlock: true,
      blockNumber,
      result: { choice: 'data-access-result', value: result },
    },
  });
}

/** Refuses a block that was not asked for, in the shape of the service it belongs to. */
function refuseTake(id: number, block: Block, service: Incoming['service'] | undefined): Uint8Array {
  if (service === 'action') {
    const singleResponse = { result: 'long-action-aborted', returnParameters: undefined } as const;
    return encodeApdu('action-response', {
      choice: 'action-response-normal',
      value: { invokeIdAndPriority: id, singleResponse },
    });
  }
  const result = service === 'set' ? 'data-block-number-invalid' : 'no-long-set-in-progress';
  return encodeApdu('set-response', {
    choice: 'set-response-last-datablock',
    value: { invokeIdAndPriority: id, result, blockNumber: block.blockNumber },
  });
}

function askNext(id: number, blockNumber: number, service: 'set' | 'action'): Uint8Array {
  const value = { invokeIdAndPriority: id, blockNumber };
  return service === 'set'
    ? encodeApdu('set-response', { choice: 'set-response-datablock', value })
    : encodeApdu('action-response', { choice: 'action-response-next-pblock', value });
}
