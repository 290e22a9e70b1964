/** Image transfer, class 18 (Blue Book 4.4.6): firmware in blocks, verified and activated. */
import type { ActionOutcome } from '@wattline/protocols/dlms';
import {
  arrayOf,
  boolean,
  doubleLongUnsigned,
  enumerationTo,
  octets,
  structure,
  trigger,
} from './data-type.ts';
import { elementsIn, numberIn, octetsIn } from './fields.ts';
import { type InterfaceClass, managed, readable, settable } from './interface-class.ts';

/** Codes of image_transfer_status. */
export const imageTransferStatus = {
  notInitiated: 0,
  initiated: 1,
  verificationInitiated: 2,
  verificationSuccessful: 3,
  verificationFailed: 4,
  activationInitiated: 5,
  activationSuccessful: 6,
  activationFailed: 7,
} as const;
export type ImageTransferStatus = keyof typeof imageTransferStatus;

/** An image that waits for its activation. */
export interface ImageToActivate {
  readonly size: number;
  readonly identification: Uint8Array;
  readonly signature: Uint8Array;
}

/** The transfer behind the object; blocks count from 0. */
export interface ImageTransferSource {
  readonly blockSize: number;
  /** Blocks of the image that is being transferred; 0 before one is initiated. */
  readonly blockCount: number;
  hasBlock(number: number): boolean;
  isEnabled: boolean;
  readonly status: ImageTransferStatus;
  readonly toActivate: readonly ImageToActivate[];
  initiate(image: { readonly identifier: Uint8Array; readonly size: number }): ActionOutcome['result'];
  takeBlock(block: { readonly number: number; readonly octets: Uint8Array }): ActionOutcome['result'];
  /** temporary-failure while it still runs. */
  verify(): ActionOutcome['result'];
  activate(): ActionOutcome['result'];
}

const mostBlockOctets = 4096;

/** Methods need a transfer that is enabled (Blue Book 4.4.6.4). */
const whenEnabled = (source: ImageTransferSource, act: () => ActionOutcome['result']): ActionOutcome => ({
  result: source.isEnabled ? act() : 'read-write-denied',
});

export const imageTransfer: InterfaceClass<ImageTransferSource> = {
  classId: 18,
  version: 0,
  name: 'Image transfer',
  section: '4.4.6',
  attributes: {
    2: {
      name: 'image_block_size',
      type: doubleLongUnsigned(),
      access: readable,
      read: ({ blockSize }, { writer }) => void writer.doubleLongUnsigned(blockSize),
    },
    3: {
      name: 'image_transferred_blocks_status',
      type: { kind: 'bit-string', least: 0, most: Number.POSITIVE_INFINITY },
      access: readable,
      read: (source, { writer }) => void writer.bitString(blockBits(source), source.blockCount),
    },
    4: {
      name: 'image_first_not_transferred_block_number',
      type: doubleLongUnsigned(),
      access: readable,
      read: (source, { writer }) => void writer.doubleLongUnsigned(firstMissing(source)),
    },
    5: {
      name: 'image_transfer_enabled',
      type: boolean,
      access: settable,
      read: ({ isEnabled }, { writer }) => void writer.boolean(isEnabled),
      write(source, value) {
        source.isEnabled = value.type === 'boolean' && value.value;
        return 'success';
      },
    },
    6: {
      name: 'image_transfer_status',
      type: enumerationTo(7),
      access: readable,
      read: ({ status }, { writer }) => void writer.enumerate(imageTransferStatus[status]),
    },
    7: {
      name: 'image_to_activate_info',
      type: arrayOf(
        structure({
          image_to_activate_size: doubleLongUnsigned(),
          image_to_activate_identification: octets(),
          image_to_activate_signature: octets(),
        }),
      ),
      access: readable,
      read({ toActivate }, { writer }) {
        writer.array(toActivate.length);
        for (const { size, identification, signature } of toActivate) {
          writer.structure(3).doubleLongUnsigned(size).octetString(identification).octetString(signature);
        }
      },
    },
  },
  methods: {
    1: {
      name: 'image_transfer_initiate',
      clients: managed,
      parameter: structure({ image_identifier: octets(1, 64), image_size: doubleLongUnsigned(1) }),
      invoke(source, parameter) {
        const [identifier, size] = elementsIn(parameter);
        return whenEnabled(source, () =>
          source.initiate({ identifier: octetsIn(identifier), size: numberIn(size) }),
        );
      },
    },
    2: {
      name: 'image_block_transfer',
      clients: managed,
      parameter: structure({
        image_block_number: doubleLongUnsigned(),
        image_block_value: octets(1, mostBlockOctets),
      }),
      invoke(source, parameter) {
        const [number, value] = elementsIn(parameter);
        return whenEnabled(source, () =>
          source.takeBlock({ number: numberIn(number), octets: octetsIn(value) }),
        );
      },
    },
    3: {
      name: 'image_verify',
      clients: managed,
      parameter: trigger,
      invoke: (source) => whenEnabled(source, () => source.verify()),
    },
    4: {
      name: 'image_activate',
      clients: managed,
      parameter: trigger,
      invoke: (source) => whenEnabled(source, () => source.activate()),
    },
  },
};

/** Block 0 is the most significant bit of the first octet. */
function blockBits(source: ImageTransferSource): Uint8Array {
  const octetsOfBits = new Uint8Array((source.blockCount + 7) >> 3);
  for (let block = 0; block < source.blockCount; block++) {
    if (source.hasBlock(block))
      octetsOfBits[block >> 3] = (octetsOfBits[block >> 3] as number) | (0x80 >> (block & 7));
  }
  return octetsOfBits;
}

/** The number of blocks when all are there. */
function firstMissing(source: ImageTransferSource): number {
  let block = 0;
  while (block < source.blockCount && source.hasBlock(block)) block++;
  return block;
}
