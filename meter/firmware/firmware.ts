/**
 * Firmware update (Blue Book 4.4.6, class 18): an image is collected in the bank that does not run, verified by signature, model and
 * rollback number, and activated at once or at an instant of the clock. What is refused changes nothing and is logged; registers and
 * settings are in other memory and stay.
 */
import type { KeyObject } from 'node:crypto';
import type { EventName } from '../events/event-codes.ts';
import type { NonVolatile } from '../memory/non-volatile.ts';
import { regionOf, type StorageDevice, volatileStorage } from '../memory/storage-device.ts';
import type { ClockEdge } from '../registers/clock-edge.ts';
import {
  type FirmwareManifest,
  type FirmwarePart,
  isSignedBy,
  readFirmware,
  sha256,
} from './firmware-image.ts';
import { TransferBank } from './transfer-bank.ts';

/** What runs in a part, and the checksum by which it is known. */
export type RunningFirmware = Pick<FirmwareManifest, 'version' | 'rollbackNumber'> & {
  readonly checksum: string;
};

/** How firmware is updated. */
export interface FirmwareOptions {
  readonly model: string;
  /** What the meter came with. */
  readonly initial: Readonly<Record<FirmwarePart, RunningFirmware>>;
  /** Public keys of the makers of each part: the legal part has its own. */
  readonly keys: Readonly<Record<FirmwarePart, readonly KeyObject[]>>;
  readonly blockSize: number;
  readonly mostOctets: number;
  /** Two banks, one after the other. Made in memory when it is first needed, if left out. */
  readonly storage?: StorageDevice;
  /** Whether a new image starts; one that does not goes back to the bank that ran. */
  readonly starts?: (payload: Uint8Array) => boolean;
}

/** Status of a transfer, as class 18 names it. */
export type TransferStatus =
  | 'notInitiated'
  | 'initiated'
  | 'verificationSuccessful'
  | 'verificationFailed'
  | 'activationSuccessful'
  | 'activationFailed';

/** What a method answers, as ACTION names it. */
export type TransferResult = 'success' | 'other-reason' | 'temporary-failure';

const maps = {
  running: 'firmware/running',
  bank: 'firmware/bank',
  verified: 'firmware/verified',
  at: 'firmware/at',
};
const slack = 8192;

/** The firmware of one meter. */
export class Firmware implements ClockEdge {
  isEnabled = true;
  readonly #options: FirmwareOptions;
  readonly #memory: NonVolatile;
  readonly #record: (event: EventName) => void;
  #storage: StorageDevice | undefined;
  #transfer: TransferBank | undefined;
  #status: TransferStatus | undefined;
  #nextMs: number;

  constructor(options: FirmwareOptions, memory: NonVolatile, record: (event: EventName) => void) {
    this.#options = options;
    this.#memory = memory;
    this.#record = record;
    this.#storage = options.storage;
    this.#nextMs = Number(memory.read(maps.at) || Number.POSITIVE_INFINITY);
  }

  get blockSize(): number {
    return this.#options.blockSize;
  }

  get blockCount(): number {
    return this.#bank?.blockCount ?? 0;
  }

  get status(): TransferStatus {
    if (this.#status) return this.#status;
    if (!this.#bank?.header) return 'notInitiated';
    return this.#memory.read(maps.verified) === this.#mark() ? 'verificationSuccessful' : 'initiated';
  }

  /** What runs in a part. */
  running(part: FirmwarePart): RunningFirmware {
    const kept = this.#memory.read(maps.running);
    const running =
      kept === undefined ? {} : (JSON.parse(kept) as Partial<Record<FirmwarePart, RunningFirmware>>);
    return running[part] ?? this.#options.initial[part];
  }

  get toActivate(): readonly { size: number; identification: Uint8Array; signature: Uint8Array }[] {
    const header = this.#bank?.header;
    if (this.status !== 'verificationSuccessful' || !header) return [];
    const image = readFirmware(this.#bank?.image() ?? new Uint8Array(0));
    const signature = image.ok ? image.value.signature : new Uint8Array(0);
    return [{ size: header.size, identification: header.identifier, signature }];
  }

  hasBlock(number: number): boolean {
    return this.#bank?.hasBlock(number) ?? false;
  }

  /** Begins a transfer; one of the same image that was interrupted goes on where it stopped. */
  initiate(image: { readonly identifier: Uint8Array; readonly size: number }): TransferResult {
    if (image.size > this.#options.mostOctets || image.size === 0) return 'other-reason';
    this.#storage ??= volatileStorage(2 * (this.#options.mostOctets + slack));
    const bank = this.#bank as TransferBank;
    const { header } = bank;
    const isSame =
      header !== undefined &&
      header.size === image.size &&
      header.blockSize === this.blockSize &&
      Buffer.compare(header.identifier, image.identifier) === 0;
    this.#status = undefined;
    this.#forget();
    if (isSame) return 'success';
    return bank.begin({ ...image, blockSize: this.blockSize }) ? 'success' : 'other-reason';
  }

  takeBlock({ number, octets }: { readonly number: number; readonly octets: Uint8Array }): TransferResult {
    if (!this.#bank?.header) return 'temporary-failure';
    if (!this.#bank.take(number, octets)) return 'other-reason';
    this.#status = undefined;
    return 'success';
  }

  verify(): TransferResult {
    if (!this.#bank?.isWhole) {
      if (this.#bank?.header) this.#status = 'verificationFailed';
      return 'other-reason';
    }
    const refusal = this.#refusal();
    if (refusal) {
      this.#status = 'verificationFailed';
      // A block that came wrong cannot be told from the others: the image is asked for anew.
      this.#bank.clear();
      this.#record('firmwareRefused');
      return 'other-reason';
    }
    this.#status = undefined;
    this.#memory.write(maps.verified, this.#mark());
    this.#memory.sync();
    this.#record('firmwareReady');
    return 'success';
  }

  /** Activates now; an image that was not verified yet is verified first. It is verified again in any case: storage may have changed. */
  activate(): TransferResult {
    if (this.status === 'initiated' && this.verify() !== 'success') return 'other-reason';
    if (this.status !== 'verificationSuccessful') return 'other-reason';
    const image = readFirmware(this.#bank?.image() ?? new Uint8Array(0));
    const isFit =
      image.ok && this.#refusal() === undefined && (this.#options.starts?.(image.value.payload) ?? true);
    this.#forget();
    if (!isFit) {
      this.#status = 'activationFailed';
      this.#record('firmwareRefused');
      return 'other-reason';
    }
    const { part, version, rollbackNumber } = image.value.manifest;
    const running = { application: this.running('application'), legal: this.running('legal') };
    running[part] = { version, rollbackNumber, checksum: sha256(image.value.payload) };
    // One sync: the new bank and what runs in it change together or not at all.
    this.#memory.write(maps.running, JSON.stringify(running));
    this.#memory.write(maps.bank, String(1 - this.#activeBank));
    this.#memory.sync();
    this.#transfer = undefined;
    this.#status = 'activationSuccessful';
    this.#record('firmwareActivated');
    return 'success';
  }

  get nextMs(): number {
    return this.#nextMs;
  }

  /** Activates at a meter time; null takes the instant away. */
  activateAt(meterMs: number | null): void {
    this.#nextMs = meterMs ?? Number.POSITIVE_INFINITY;
    this.#memory.write(maps.at, meterMs === null ? '' : String(meterMs));
    this.#memory.sync();
  }

  reach(): void {
    this.activateAt(null);
    this.activate();
  }

  reschedule(meterMs: number): void {
    if (this.#nextMs <= meterMs) this.reach();
  }

  get #activeBank(): number {
    return Number(this.#memory.read(maps.bank) ?? 0);
  }

  /** The bank that does not run. */
  get #bank(): TransferBank | undefined {
    if (this.#transfer || !this.#storage) return this.#transfer;
    const size = Math.floor(this.#storage.size / 2);
    this.#transfer = new TransferBank(regionOf(this.#storage, (1 - this.#activeBank) * size, size));
    return this.#transfer;
  }

  /** What is verified is known by its bank and its content. */
  #mark(): string {
    return `${this.#activeBank}/${sha256(this.#bank?.image() ?? new Uint8Array(0))}`;
  }

  #forget(): void {
    if (!this.#memory.read(maps.verified)) return;
    this.#memory.write(maps.verified, '');
    this.#memory.sync();
  }

  #refusal(): 'malformed' | 'model' | 'rollback' | 'signature' | undefined {
    const read = readFirmware(this.#bank?.image() ?? new Uint8Array(0));
    if (!read.ok) return 'malformed';
    const { manifest } = read.value;
    if (manifest.model !== this.#options.model) return 'model';
    if (manifest.rollbackNumber < this.running(manifest.part).rollbackNumber) return 'rollback';
    return isSignedBy(read.value, this.#options.keys[manifest.part]) ? undefined : 'signature';
  }
}
