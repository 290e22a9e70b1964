/** What a session keeps of what it received. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { concatBytes, seededRandom, toHex } from '@wattline/base';
import { createFrameJournal } from './frame-journal.ts';

const random = seededRandom('journal');

function frame(length: number): Uint8Array {
  return concatBytes(Uint8Array.of(0, 1, 0, 1, 0, 2, length >> 8, length & 0xff), random.bytes(length));
}

test('the digest is of everything, the text of the last whole frames, however the octets were cut', () => {
  const frames = Array.from({ length: 40 }, (_, i) => frame(20 + i));
  const all = concatBytes(...frames);
  for (const cut of [1, 3, 7, 8, 9, 100, all.length]) {
    const journal = createFrameJournal(200);
    for (let at = 0; at < all.length; at += cut) journal.add(all.subarray(at, at + cut));
    assert.equal(journal.octets(), all.length);
    assert.equal(journal.digest(), createHash('sha256').update(all).digest('hex'));
    // The last three have 67 + 66 + 65 octets; a fourth would pass 200.
    assert.equal(journal.hex(), toHex(concatBytes(...frames.slice(-3))));
  }
});

test('octets that are no frames are kept as they come, within the bound', () => {
  const journal = createFrameJournal(100);
  const all = concatBytes(Buffer.from('HTTP/1.1 400 Bad Request'), random.bytes(500));
  journal.add(all.subarray(0, 30));
  journal.add(all.subarray(30));
  assert.equal(journal.hex(), toHex(all.subarray(-100)));
  assert.equal(journal.octets(), all.length);
});

test('a frame cut by the end is kept, and nothing received is nothing', () => {
  const whole = frame(30);
  const journal = createFrameJournal(1000);
  journal.add(concatBytes(whole, whole.subarray(0, 12)));
  assert.equal(journal.hex(), toHex(concatBytes(whole, whole.subarray(0, 12))));
  const empty = createFrameJournal(1000);
  assert.deepEqual([empty.octets(), empty.digest(), empty.hex()], [0, null, null]);
});
