import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex, toHex } from '@wattline/base';
import fc from 'fast-check';
import { createWrapperCutter, encodeWrapper, isWrapped } from './wrapper.ts';

test('any frames come out of a stream as they went in, whatever the cuts', () => {
  const port = fc.integer({ min: 0, max: 65535 });
  const plain = { noNullPrototype: true } as const;
  const frames = fc.array(
    fc.record({ source: port, destination: port, apdu: fc.uint8Array({ maxLength: 300 }) }, plain),
    {
      maxLength: 6,
    },
  );
  fc.assert(
    fc.property(
      frames,
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 10 }),
      (sent, cuts) => {
        const stream = new Uint8Array(Buffer.concat(sent.map(encodeWrapper)));
        const cutter = createWrapperCutter(300);
        const received: unknown[] = [];
        for (let at = 0, i = 0; at < stream.length; i++) {
          const cut = cuts[i % cuts.length] as number;
          const { frames: cutFrames, failure } = cutter.push(stream.subarray(at, at + cut));
          assert.equal(failure, undefined);
          received.push(...cutFrames);
          at += cut;
        }
        assert.deepEqual(received, sent);
      },
    ),
    { seed: 7, numRuns: 300 },
  );
});

test('a header that is none is refused at its first wrong octet, and for good', () => {
  const cutter = createWrapperCutter(100);
  assert.equal(cutter.push(fromHex('00')).failure, undefined);
  assert.equal(cutter.push(fromHex('02')).failure?.code, 'dlms/bad-wrapper');
  assert.equal(cutter.push(fromHex('0001000100010000')).failure?.code, 'dlms/bad-wrapper');
});

test('a frame longer than agreed is refused before its contents come', () => {
  assert.equal(
    createWrapperCutter(100).push(fromHex('0001000100010065')).failure?.code,
    'dlms/frame-too-long',
  );
  assert.equal(createWrapperCutter(100).push(fromHex('0001000100010064')).failure, undefined);
});

test('the wrapper of a push capture is written as it was captured', () => {
  const frame = encodeWrapper({ source: 16, destination: 17, apdu: fromHex('050102FA00') });
  assert.equal(toHex(frame), '0001001000110005050102FA00');
  assert.equal(isWrapped(frame), true);
  assert.equal(isWrapped(frame.subarray(0, 12)), false);
});
