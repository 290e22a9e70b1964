/**
 * A bank that takes an image block by block and remembers which are there, over a power cut at any octet: a block is on the storage before
 * it is marked. Layout: header (magic 4, size 4, block size 4, length of identifier 1, identifier 48, crc32 4), a mark of one octet for
 * each block (0xff missing, 0x00 there), then the image.
 */
import { crc32 } from 'node:zlib';
import { erased, type StorageDevice } from '../memory/storage-device.ts';

const magic = 0x57424e4b;
const identifierRoom = 48;
const headerLength = 13 + identifierRoom + 4;

/** An image on its way. */
export interface TransferHeader {
  readonly identifier: Uint8Array;
  /** Octets. */
  readonly size: number;
  readonly blockSize: number;
}

/** The bank. */
export class TransferBank {
  readonly #storage: StorageDevice;
  #header: TransferHeader | undefined;
  #marks: Uint8Array = new Uint8Array(0);

  /** Goes on with the image that the storage holds a part of. */
  constructor(storage: StorageDevice) {
    this.#storage = storage;
    this.#header = readHeader(storage);
    if (this.#header) this.#marks = storage.read(headerLength, blocksOf(this.#header));
  }

  get header(): TransferHeader | undefined {
    return this.#header;
  }

  get blockCount(): number {
    return this.#marks.length;
  }

  hasBlock(number: number): boolean {
    return this.#marks[number] === 0;
  }

  get isWhole(): boolean {
    return this.#header !== undefined && this.#marks.every((mark) => mark === 0);
  }

  /** Begins an image; false when there is no room for it. */
  begin(header: TransferHeader): boolean {
    const blocks = blocksOf(header);
    if (header.identifier.length > identifierRoom) return false;
    if (headerLength + blocks + header.size > this.#storage.size) return false;
    this.#storage.write(0, new Uint8Array(headerLength + blocks).fill(erased));
    this.#storage.sync();
    this.#storage.write(0, writeHeader(header));
    this.#storage.sync();
    this.#header = header;
    this.#marks = new Uint8Array(blocks).fill(erased);
    return true;
  }

  /** Takes a block; false when its number or its length is none of the image's. One that is there already may come again. */
  take(number: number, octets: Uint8Array): boolean {
    if (!this.#header || number < 0 || number >= this.blockCount) return false;
    const start = number * this.#header.blockSize;
    if (octets.length !== Math.min(this.#header.blockSize, this.#header.size - start)) return false;
    if (this.hasBlock(number)) return true;
    this.#storage.write(headerLength + this.blockCount + start, octets);
    this.#storage.sync();
    this.#storage.write(headerLength + number, Uint8Array.of(0));
    this.#storage.sync();
    this.#marks[number] = 0;
    return true;
  }

  /** The image, blocks that are missing erased. */
  image(): Uint8Array {
    if (!this.#header) return new Uint8Array(0);
    return this.#storage.read(headerLength + this.blockCount, this.#header.size);
  }

  /** Forgets the image. */
  clear(): void {
    this.#storage.write(0, new Uint8Array(headerLength).fill(erased));
    this.#storage.sync();
    this.#header = undefined;
    this.#marks = new Uint8Array(0);
  }
}

function blocksOf({ size, blockSize }: TransferHeader): number {
  return Math.ceil(size / blockSize);
}

function writeHeader({ identifier, size, blockSize }: TransferHeader): Uint8Array {
  const octets = Buffer.alloc(headerLength);
  octets.writeUInt32BE(magic, 0);
  octets.writeUInt32BE(size, 4);
  octets.writeUInt32BE(blockSize, 8);
  octets[12] = identifier.length;
  octets.set(identifier, 13);
  octets.writeUInt32BE(crc32(octets.subarray(0, headerLength - 4)), headerLength - 4);
  return new Uint8Array(octets);
}

function readHeader(storage: StorageDevice): TransferHeader | undefined {
  if (storage.size < headerLength) return undefined;
  const octets = Buffer.from(storage.read(0, headerLength));
  if (octets.readUInt32BE(0) !== magic) return undefined;
  if (crc32(octets.subarray(0, headerLength - 4)) !== octets.readUInt32BE(headerLength - 4)) return undefined;
  const identifier = new Uint8Array(octets.subarray(13, 13 + (octets[12] as number)));
  return { identifier, size: octets.readUInt32BE(4), blockSize: octets.readUInt32BE(8) };
}
