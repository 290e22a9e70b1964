/** Lines of a text file, plain or gzip, streamed: memory does not grow with the file. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { CodedError, messageOf } from '@wattline/base';

/** A longer line is cut here; what is left of it fails to parse and is counted as such. */
const longestLine = 65_536;

/**
 * The lines of a file without their ends, some thousands at a time. Compression is told by the content, not by the name.
 * @throws CodedError `sim/load-unreadable`
 */
export async function* readLineBatches(path: string): AsyncGenerator<readonly string[]> {
  try {
    let rest = '';
    for await (const chunk of openText(path, await isGzip(path))) {
      const lines = (rest + chunk).split('\n');
      // Keeping only the head of an overlong line bounds the memory and still lets it be counted once.
      rest = (lines.pop() as string).slice(0, longestLine);
      yield lines.map(withoutReturn);
    }
    if (rest !== '') yield [withoutReturn(rest)];
  } catch (error) {
    if (error instanceof CodedError) throw error;
    const what = `expected a readable .csv or .csv.gz file, found ${messageOf(error)}`;
    throw new CodedError('sim/load-unreadable', what, { path }, error);
  }
}

function openText(path: string, isZipped: boolean): AsyncIterable<string> {
  const source = createReadStream(path, { highWaterMark: 1 << 20 });
  if (!isZipped) return source.setEncoding('utf8');
  const stream = createGunzip({ chunkSize: 1 << 18 });
  source.on('error', (error) => stream.destroy(error));
  stream.on('close', () => source.destroy());
  return source.pipe(stream).setEncoding('utf8');
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { bytesRead, buffer } = await file.read(new Uint8Array(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}
