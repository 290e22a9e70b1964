/** Which slots stored blocks speak of, packed as the engine gives them: rows of equal length, found by binary search. */

/** A stretch of stored slots, without their values: what an index is built from. */
export interface BlockExtent {
  readonly start: number;
  readonly intervalSeconds: number;
  readonly slots: number;
  /** Slots that say something; fewer than `slots` when the block has holes. */
  readonly held: number;
  readonly isDerived: boolean;
}

/** Stretches by channel, packed: millions of them are looked up one channel at a time. */
export interface BlockExtents {
  /** Numbers of the channels, ascending. */
  channels(): Iterable<number>;
  /** The stretches of a channel by start. */
  of(channel: number): BlockExtent[];
}

/** The rows of {@link packedExtents}: columns of fixed width, by channel and start. */
export function extentsQuery(batch: number): string {
  const columns = `channel, start, interval, toUInt32(length(quality)), toUInt32(held), toUInt8(method != '')`;
  return `SELECT ${columns} FROM block WHERE batch > ${batch} ORDER BY channel, start`;
}

const rowOctets = 21;

/** Reads rows of {@link extentsQuery} in RowBinary where they lie. */
export function packedExtents(octets: Uint8Array): BlockExtents {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const rows = octets.byteLength / rowOctets;
  const channelAt = (row: number) => view.getUint32(row * rowOctets, true);

  /** The first row of a channel at or after `channel`. */
  function firstRow(channel: number): number {
    let low = 0;
    let high = rows;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (channelAt(middle) < channel) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  return {
    *channels() {
      for (let row = 0; row < rows; ) {
        const channel = channelAt(row);
        yield channel;
        row++;
        while (row < rows && channelAt(row) === channel) row++;
      }
    },
    of(channel) {
      const found: BlockExtent[] = [];
      for (let row = firstRow(channel); row < rows && channelAt(row) === channel; row++) {
        const at = row * rowOctets;
        found.push({
          start: view.getUint32(at + 4, true),
          intervalSeconds: view.getUint32(at + 8, true),
          slots: view.getUint32(at + 12, true),
          held: view.getUint32(at + 16, true),
          isDerived: view.getUint8(at + 20) === 1,
        });
      }
      return found;
    },
  };
}
