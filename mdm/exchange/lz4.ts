/**
 * LZ4 blocks as Parquet holds them: bare (`LZ4_RAW`), or behind the lengths that Hadoop puts before each (`LZ4`).
 * Strict: what does not fill its page to the last octet is an error, for a page of zeros would be read as readings.
 */

/** An octet of a block unpacks to so many at most: a run of 255s in the length of a copy. */
const mostGrowth = 255;
const shortestCopy = 4;
/** Lengths before a Hadoop block: unpacked and packed, big-endian. */
const hadoopHeader = 8;

/** A block without a frame. Throws a RangeError when it is not one of `length` octets unpacked. */
export function unpackLz4Raw(octets: Uint8Array, length: number): Uint8Array {
  if (length > octets.length * mostGrowth) {
    throw new RangeError(`LZ4: ${octets.length} octets cannot hold ${length}`);
  }
  const out = new Uint8Array(length);
  unpackBlock(octets, out);
  return out;
}

/** Blocks with Hadoop's lengths, or one block without, as writers differ. Throws a RangeError when it is neither. */
export function unpackLz4(octets: Uint8Array, length: number): Uint8Array {
  const blocks = hadoopBlocks(octets, length);
  if (!blocks) return unpackLz4Raw(octets, length);
  const out = new Uint8Array(length);
  let at = 0;
  for (const { block, unpacked } of blocks) {
    unpackBlock(block, out.subarray(at, at + unpacked));
    at += unpacked;
  }
  return out;
}

/** The blocks when their lengths fit the page and what it unpacks to exactly; null when they do not. */
function hadoopBlocks(octets: Uint8Array, length: number): { block: Uint8Array; unpacked: number }[] | null {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const blocks: { block: Uint8Array; unpacked: number }[] = [];
  let at = 0;
  let total = 0;
  while (at + hadoopHeader <= octets.length) {
    const unpacked = view.getUint32(at);
    const end = at + hadoopHeader + view.getUint32(at + 4);
    if (end > octets.length || unpacked > (end - at) * mostGrowth) return null;
    blocks.push({ block: octets.subarray(at + hadoopHeader, end), unpacked });
    total += unpacked;
    at = end;
  }
  return at === octets.length && total === length ? blocks : null;
}

function unpackBlock(octets: Uint8Array, out: Uint8Array): void {
  let at = 0;
  let to = 0;
  const lengthFrom = (nibble: number): number => {
    let length = nibble;
    for (let more = nibble === 15; more; ) {
      const octet = octets[at++];
      if (octet === undefined) throw new RangeError('LZ4: the block ends within a length');
      length += octet;
      more = octet === 255;
    }
    return length;
  };
  while (at < octets.length) {
    const token = octets[at++] as number;
    const literals = lengthFrom(token >> 4);
    if (at + literals > octets.length || to + literals > out.length) {
      throw new RangeError(`LZ4: ${literals} octets at ${at} go beyond the block or its page`);
    }
    out.set(octets.subarray(at, at + literals), to);
    at += literals;
    to += literals;
    // The last sequence has no copy.
    if (at === octets.length) break;
    const back = (octets[at] as number) | ((octets[at + 1] ?? 0) << 8);
    at += 2;
    const copied = lengthFrom(token & 15) + shortestCopy;
    if (back === 0 || back > to || to + copied > out.length) {
      throw new RangeError(`LZ4: a copy of ${copied} octets from ${back} before ${to} of ${out.length}`);
    }
    // Octet by octet: a copy may run into what it has just written.
    for (const end = to + copied; to < end; to++) out[to] = out[to - back] as number;
  }
  if (to !== out.length) throw new RangeError(`LZ4: ${to} octets unpacked, ${out.length} expected`);
}
