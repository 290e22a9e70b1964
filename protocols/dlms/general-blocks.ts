/** General-block-transfer inside an association (Green Book 9.4.6.13): whole APDUs in numbered blocks, windows, lost blocks. */
import { concatBytes, failure, type Result, success } from '@wattline/base';
import { type ApduValue, encodeApdu } from './apdu/apdu.ts';

const lastBlockBit = 0x80;
const streamingBit = 0x40;
const windowMask = 0x3f;
/** Octets of a block's header at most: tag, control, two numbers, a length of up to three octets. */
const blockHeader = 9;
const maxBlocks = 0xffff;
/** Confirmations in a row that confirm nothing new: more, and the peer does not hear us. */
const maxStalls = 8;

/** What one block led to: blocks to send, and the APDU once its last block has come. */
export interface BlocksStep {
  readonly send: readonly Uint8Array[];
  readonly whole?: Uint8Array;
}

/** Both directions of one association; each side holds one. Blocks count on through a request and its answer. */
export interface GeneralBlocks {
  /** Forgets everything: a new request begins, and its blocks count from 1. */
  begin(): void;
  /** Cuts an APDU and gives as many blocks as the peer's window takes, at most `most`; `dlms/transfer-too-long` when blocks cannot hold it. */
  send(apdu: Uint8Array, most?: number): Result<readonly Uint8Array[]>;
  /**
   * Takes a block. A gap is confirmed up to where it opens, so that the peer sends the lost blocks again.
   * Fails with `dlms/block-out-of-order` or `dlms/transfer-too-long`; the transfer is then over.
   */
  take(block: ApduValue<'general-block-transfer'>): Result<BlocksStep>;
  /** The last confirmation, or the first block not confirmed, once more after silence; undefined when no transfer is under way. */
  again(): Uint8Array | undefined;
}

/** How a {@link GeneralBlocks} is bounded. */
export interface GeneralBlocksOptions {
  /** Octets a block may take with its header: what the peer takes. */
  readonly room: number;
  /** Blocks we take without a confirmation, 1 to 63. */
  readonly window: number;
  /** Octets gathered of one APDU. */
  readonly maxLength: number;
}

/** Blocks under way to the peer: `base` is our number before the first of them. */
interface Outgoing {
  readonly chunks: readonly Uint8Array[];
  readonly base: number;
  confirmed: number;
  sent: number;
}

/** Transfer state for one association. */
export function createGeneralBlocks(options: GeneralBlocksOptions): GeneralBlocks {
  const { room, maxLength } = options;
  const window = Math.max(1, Math.min(windowMask, options.window));
  let ownNumber = 0;
  let peerNumber = 0;
  /** Blocks taken since the last confirmation. */
  let unconfirmed = 0;
  let peerWindow = 1;
  let stalls = 0;
  let outgoing: Outgoing | undefined;
  let gathered: Uint8Array[] = [];
  let gatheredLength = 0;
  let confirmation: Uint8Array | undefined;

  const begin = () => {
    ownNumber = 0;
    peerNumber = 0;
    unconfirmed = 0;
    stalls = 0;
    outgoing = undefined;
    gathered = [];
    gatheredLength = 0;
    confirmation = undefined;
  };

  const refuse = (code: string, message: string) => {
    begin();
    return failure(code, message);
  };

  /** Blocks from the first unconfirmed one, as many as the peer's window takes; the last of them waits. */
  const pump = (current: Outgoing, most = peerWindow): Uint8Array[] => {
    const end = Math.min(current.confirmed + most, current.chunks.length);
    current.sent = Math.max(current.sent, end);
    ownNumber = current.base + current.sent;
    return current.chunks.slice(current.confirmed, end).map((blockData, i) => {
      const at = current.confirmed + i;
      const last = at === current.chunks.length - 1 ? lastBlockBit : 0;
      const streaming = at < end - 1 ? streamingBit : 0;
      return encodeApdu('general-block-transfer', {
        blockControl: last | streaming | window,
        blockNumber: current.base + at + 1,
        blockNumberAck: peerNumber,
        blockData,
      });
    });
  };

  const confirm = (): Result<BlocksStep> => {
    ownNumber += 1;
    unconfirmed = 0;
    confirmation = encodeApdu('general-block-transfer', {
      blockControl: lastBlockBit | window,
      blockNumber: ownNumber,
      blockNumberAck: peerNumber,
      blockData: new Uint8Array(0),
    });
    return success({ send: [confirmation] });
  };

  const takeConfirmation = (number: number): Result<BlocksStep> => {
    const current = outgoing;
    if (!current) return success({ send: [] });
    const confirmed = number - current.base;
    if (confirmed < 0 || confirmed > current.sent) {
      const most = current.base + current.sent;
      return refuse(
        'dlms/block-out-of-order',
        `expected a confirmation up to block ${most}, found ${number}`,
      );
    }
    stalls = confirmed > current.confirmed ? 0 : stalls + 1;
    if (stalls > maxStalls) {
      return refuse('dlms/block-out-of-order', `block ${number + 1} was confirmed by nobody`);
    }
    current.confirmed = Math.max(current.confirmed, confirmed);
    if (current.confirmed < current.chunks.length) return success({ send: pump(current) });
    outgoing = undefined;
    return success({ send: [] });
  };

  const takeData = (block: ApduValue<'general-block-transfer'>): Result<BlocksStep> => {
    const { blockControl, blockNumber, blockData } = block;
    // The peer answers: it has all that we sent.
    outgoing = undefined;
    // Block 1 with nothing gathered opens a new request; some peers also count their answer anew.
    if (blockNumber === 1 && gathered.length === 0) begin();
    const isNext = blockNumber === peerNumber + 1;
    if (isNext) {
      stalls = 0;
      peerNumber = blockNumber;
      unconfirmed += 1;
      gatheredLength += blockData.length;
      if (gatheredLength > maxLength) {
        return refuse('dlms/transfer-too-long', `expected at most ${maxLength} octets in blocks`);
      }
      gathered.push(blockData);
      if (blockControl & lastBlockBit) {
        const whole = concatBytes(...gathered);
        gathered = [];
        gatheredLength = 0;
        return success({ send: [], whole });
      }
    } else if (stalls >= maxStalls * windowMask) {
      return refuse('dlms/block-out-of-order', `expected block ${peerNumber + 1}, found ${blockNumber}`);
    } else {
      stalls += 1;
    }
    // A full window waits for us whatever its last block says: a peer was met that calls it streaming and waits.
    const isMoreComing = (blockControl & streamingBit) !== 0 && unconfirmed < window;
    return isMoreComing ? success({ send: [] }) : confirm();
  };

  return {
    begin() {
      begin();
      // The window belongs to one transfer: until the peer tells it anew, one block goes alone.
      peerWindow = 1;
    },
    send(apdu, most = windowMask) {
      const size = room - blockHeader;
      const count = Math.ceil(apdu.length / size);
      if (size < 1 || ownNumber + count > maxBlocks) {
        return failure('dlms/transfer-too-long', `${apdu.length} octets do not go in blocks of ${size}`);
      }
      const chunks = Array.from({ length: count }, (_, i) => apdu.subarray(i * size, (i + 1) * size));
      outgoing = { chunks, base: ownNumber, confirmed: 0, sent: 0 };
      confirmation = undefined;
      return success(pump(outgoing, Math.min(most, peerWindow)));
    },
    take(block) {
      peerWindow = Math.max(1, block.blockControl & windowMask);
      if (block.blockData.length > 0) return takeData(block);
      // A confirmation counts as a block of the peer: its data go on from there.
      peerNumber = Math.max(peerNumber, gathered.length > 0 ? peerNumber : block.blockNumber);
      return takeConfirmation(block.blockNumberAck);
    },
    again: () => confirmation ?? (outgoing && pump(outgoing, 1)[0]),
  };
}

/** Whether these octets are a block of a general transfer. */
export function isGeneralBlock(octets: Uint8Array): boolean {
  return octets[0] === 0xe0;
}
