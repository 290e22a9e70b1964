/** General-block-transfer of notifications (Green Book 9.4.6.13): blocks in order put together into one APDU; bounded. */
import { concatBytes, failure, type Result, success } from '@wattline/base';
import type { ApduValue } from './apdu/apdu.ts';

const lastBlockBit = 0x80;

/** Gathers blocks: undefined until the last has come. After a failure it starts anew with the next block 1. */
export interface BlockAssembly {
  take(block: ApduValue<'general-block-transfer'>): Result<Uint8Array | undefined>;
}

/** An assembly of at most `maxLength` octets. */
export function createBlockAssembly(maxLength: number): BlockAssembly {
  let chunks: Uint8Array[] = [];
  let length = 0;
  const reset = () => {
    chunks = [];
    length = 0;
  };
  return {
    take(block) {
      if (block.blockNumber === 1) reset();
      const expected = chunks.length + 1;
      if (block.blockNumber !== expected) {
        reset();
        return failure('dlms/block-out-of-order', `expected block ${expected}, found ${block.blockNumber}`);
      }
      length += block.blockData.length;
      if (length > maxLength) {
        reset();
        return failure('dlms/transfer-too-long', `expected at most ${maxLength} octets in blocks`);
      }
      chunks.push(block.blockData);
      if ((block.blockControl & lastBlockBit) === 0) return success(undefined);
      const whole = concatBytes(...chunks);
      reset();
      return success(whole);
    },
  };
}
