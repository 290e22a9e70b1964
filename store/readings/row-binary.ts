/** Reads ClickHouse's RowBinary: fixed little-endian numbers, LEB128 counts, arrays copied out whole. */

/** A cursor over RowBinary octets. */
export class RowBinaryReader {
  private readonly octets: Uint8Array;
  private readonly view: DataView;
  private at = 0;

  constructor(octets: Uint8Array) {
    this.octets = octets;
    this.view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  }

  /** Whether rows are left. */
  hasMore(): boolean {
    return this.at < this.octets.length;
  }

  octet(): number {
    return this.view.getUint8(this.at++);
  }

  uint16(): number {
    const value = this.view.getUint16(this.at, true);
    this.at += 2;
    return value;
  }

  float64(): number {
    const value = this.view.getFloat64(this.at, true);
    this.at += 8;
    return value;
  }

  uint32(): number {
    const value = this.view.getUint32(this.at, true);
    this.at += 4;
    return value;
  }

  /** Exact below 2^53. */
  uint64(): number {
    return this.uint32() + this.uint32() * 4_294_967_296;
  }

  /** Exact between -2^53 and 2^53. */
  int64(): number {
    const low = this.uint32();
    const high = this.view.getInt32(this.at, true);
    this.at += 4;
    return low + high * 4_294_967_296;
  }

  count(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const octet = this.octet();
      value += (octet & 127) * factor;
      if (octet < 128) return value;
    }
  }

  text(): string {
    const length = this.count();
    const from = this.octets.byteOffset + this.at;
    this.at += length;
    return Buffer.from(this.octets.buffer, from, length).toString('utf8');
  }

  /** Passes over octets; where they begin. */
  skip(length: number): number {
    const from = this.at;
    this.at += length;
    return from;
  }

  float64Array(): Float64Array {
    const count = this.count();
    return new Float64Array(this.copy(count * 8));
  }

  uint16Array(): Uint16Array {
    const count = this.count();
    return new Uint16Array(this.copy(count * 2));
  }

  array<T>(element: () => T): T[] {
    return Array.from({ length: this.count() }, element);
  }

  /** A copy in a buffer of its own: typed arrays want alignment, and the answer should not be held by a view. */
  private copy(length: number): ArrayBuffer {
    const from = this.at;
    this.at += length;
    // A Buffer's own slice would be a view.
    return Uint8Array.prototype.slice.call(this.octets, from, this.at).buffer as ArrayBuffer;
  }
}
