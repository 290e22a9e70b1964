/** A bounded cursor over received octets; what it cannot read it refuses with a coded error that a door turns into a value. */
import { CodedError, type Result } from '@wattline/base';
import { messageBudget } from './budget.ts';
import { type DlmsErrorCode, dlmsError } from './errors.ts';

/** Receives the structure of what is read: how a frame tree comes out of the same codecs that decode. */
export interface Trace {
  open(name: string, offset: number): void;
  close(offset: number, value: string | undefined): void;
}

/** Reads big-endian values from `at` up to `end`; every read past the end fails with `dlms/truncated`. */
export class OctetReader {
  readonly octets: Uint8Array;
  readonly trace: Trace | undefined;
  at: number;
  end: number;
  /** Values that may still be read: bounds what a few hostile octets can unfold into. */
  budget: number = messageBudget.elements;
  private madeView: DataView | undefined;

  constructor(octets: Uint8Array, at = 0, trace?: Trace) {
    this.octets = octets;
    this.at = at;
    if (octets.length > messageBudget.octets) {
      const found = `found ${octets.length}`;
      throw dlmsError('dlms/frame-too-long', `expected at most ${messageBudget.octets} octets, ${found}`);
    }
    this.end = octets.length;
    this.trace = trace;
  }

  private get view(): DataView {
    if (!this.madeView) {
      const { buffer, byteOffset, byteLength } = this.octets;
      this.madeView = new DataView(buffer, byteOffset, byteLength);
    }
    return this.madeView;
  }

  get remaining(): number {
    return this.end - this.at;
  }

  u8(): number {
    this.need(1);
    return this.octets[this.at++] as number;
  }

  /** The next octet without taking it. */
  peek(): number {
    this.need(1);
    return this.octets[this.at] as number;
  }

  i8(): number {
    return (this.u8() << 24) >> 24;
  }

  u16(): number {
    const at = this.take(2);
    return ((this.octets[at] as number) << 8) | (this.octets[at + 1] as number);
  }

  i16(): number {
    return (this.u16() << 16) >> 16;
  }

  u32(): number {
    return this.i32() >>> 0;
  }

  i32(): number {
    const at = this.take(4);
    const { octets } = this;
    const high = ((octets[at] as number) << 8) | (octets[at + 1] as number);
    return (high << 16) | ((octets[at + 2] as number) << 8) | (octets[at + 3] as number);
  }

  u64(): bigint {
    return this.view.getBigUint64(this.take(8));
  }

  i64(): bigint {
    return this.view.getBigInt64(this.take(8));
  }

  f32(): number {
    return this.view.getFloat32(this.take(4));
  }

  f64(): number {
    return this.view.getFloat64(this.take(8));
  }

  /** `count` octets as a view of the received ones. */
  bytes(count: number): Uint8Array {
    const at = this.take(count);
    return this.octets.subarray(at, at + count);
  }

  /** Passes over `count` octets. */
  skip(count: number): void {
    this.take(count);
  }

  /** A definite length: one octet to 127, else 0x81 to 0x84 and that many octets. */
  size(): number {
    const first = this.u8();
    if (first < 0x80) return first;
    const count = first - 0x80;
    if (count === 0 || count > 4) {
      this.fail('dlms/bad-length', `expected a length of 1 to 4 octets, found 0x${first.toString(16)}`, -1);
    }
    let value = 0;
    for (let i = 0; i < count; i++) value = value * 256 + this.u8();
    return value;
  }

  /** A length-prefixed run of octets. */
  sized(): Uint8Array {
    return this.bytes(this.size());
  }

  /** Runs `read` on the next `count` octets alone; it must use them all. */
  within<T>(count: number, read: () => T): T {
    this.need(count);
    const outer = this.end;
    this.end = this.at + count;
    const value = read();
    this.expectEnd();
    this.end = outer;
    return value;
  }

  /** Fails with `dlms/trailing-octets` unless everything was read. */
  expectEnd(): void {
    if (this.at < this.end) {
      this.fail('dlms/trailing-octets', `expected the end, found ${this.end - this.at} more octets`);
    }
  }

  /** Names what `read` reads, for the trace when there is one. */
  node<T>(name: string, read: () => T, print?: (value: T) => string | undefined): T {
    if (!this.trace) return read();
    this.trace.open(name, this.at);
    const value = read();
    this.trace.close(this.at, print?.(value));
    return value;
  }

  /** Takes `count` from the budget of values. */
  spend(count: number): void {
    this.budget -= count;
    if (this.budget < 0) {
      this.fail('dlms/too-many-elements', `expected at most ${messageBudget.elements} values in one APDU`);
    }
  }

  /** Throws a coded error with the present offset (moved by `shift`). */
  fail(code: DlmsErrorCode, message: string, shift = 0): never {
    throw dlmsError(code, message, { offset: this.at + shift });
  }

  private take(count: number): number {
    this.need(count);
    const at = this.at;
    this.at += count;
    return at;
  }

  private need(count: number): void {
    if (this.at + count <= this.end) return;
    this.fail('dlms/truncated', `expected ${count} octets, found ${Math.max(0, this.end - this.at)}`);
  }
}

/** The door of a codec: its value, or the coded error it threw as a failure. Anything else is our own mistake and passes. */
export function attempt<T>(read: () => T): Result<T> {
  try {
    return { ok: true, value: read() };
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return { ok: false, error: { code: error.code, message: error.message, where: error.where } };
  }
}
