/** A plain image transfer: blocks are collected, an image with all its blocks is verified by its size; what it means is the device's. */
import type { ActionOutcome } from '@wattline/protocols/dlms';
import type { ImageToActivate, ImageTransferSource, ImageTransferStatus } from './image-transfer.ts';

/** Options of a transfer. */
export interface ImageTransferOptions {
  readonly blockSize: number;
  /** Larger images are refused, octets. */
  readonly mostOctets: number;
  /** Takes a whole image that is to run from now on; false when it cannot. */
  activate(image: { readonly identifier: Uint8Array; readonly octets: Uint8Array }): boolean;
}

/** The transfer of one meter. */
export class ImageTransfer implements ImageTransferSource {
  isEnabled = true;
  readonly #options: ImageTransferOptions;
  #status: ImageTransferStatus = 'notInitiated';
  #identifier = new Uint8Array(0);
  #octets = new Uint8Array(0);
  #blocks: boolean[] = [];

  constructor(options: ImageTransferOptions) {
    this.#options = options;
  }

  get blockSize(): number {
    return this.#options.blockSize;
  }

  get blockCount(): number {
    return this.#blocks.length;
  }

  get status(): ImageTransferStatus {
    return this.#status;
  }

  get toActivate(): readonly ImageToActivate[] {
    if (this.#status !== 'verificationSuccessful') return [];
    return [{ size: this.#octets.length, identification: this.#identifier, signature: new Uint8Array(0) }];
  }

  hasBlock(number: number): boolean {
    return this.#blocks[number] === true;
  }

  initiate({
    identifier,
    size,
  }: {
    readonly identifier: Uint8Array;
    readonly size: number;
  }): ActionOutcome['result'] {
    if (size > this.#options.mostOctets) return 'other-reason';
    this.#identifier = new Uint8Array(identifier);
    this.#octets = new Uint8Array(size);
    this.#blocks = new Array<boolean>(Math.ceil(size / this.blockSize)).fill(false);
    this.#status = 'initiated';
    return 'success';
  }

  /** Every block but the last is as long as the block size. */
  takeBlock({
    number,
    octets,
  }: {
    readonly number: number;
    readonly octets: Uint8Array;
  }): ActionOutcome['result'] {
    if (this.#status !== 'initiated' && this.#status !== 'verificationFailed') return 'temporary-failure';
    const start = number * this.blockSize;
    const expected = Math.min(this.blockSize, this.#octets.length - start);
    if (number >= this.#blocks.length || octets.length !== expected) return 'other-reason';
    this.#octets.set(octets, start);
    this.#blocks[number] = true;
    return 'success';
  }

  verify(): ActionOutcome['result'] {
    if (this.#status === 'notInitiated') return 'other-reason';
    const isWhole = this.#blocks.every((isThere) => isThere);
    this.#status = isWhole ? 'verificationSuccessful' : 'verificationFailed';
    return isWhole ? 'success' : 'other-reason';
  }

  /** An image that was not verified yet is verified first (Blue Book 4.4.6, method 4). */
  activate(): ActionOutcome['result'] {
    if (this.#status === 'initiated' && this.verify() !== 'success') return 'other-reason';
    if (this.#status !== 'verificationSuccessful') return 'other-reason';
    const isActive = this.#options.activate({ identifier: this.#identifier, octets: this.#octets });
    this.#status = isActive ? 'activationSuccessful' : 'activationFailed';
    return isActive ? 'success' : 'other-reason';
  }
}
