import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex, seededRandom, toHex } from '@wattline/base';
import fc from 'fast-check';
import { OctetReader } from '../octet-reader.ts';
import { skipVectors, vectors } from '../vectors.case.ts';
import { encodeAddress, readAddress } from './address.ts';
import { frameCheck } from './fcs.ts';
import { decodeHdlcFrame, encodeHdlcFrame, type HdlcControl, type HdlcFrame } from './frame.ts';
import { createHdlcCutter } from './stream.ts';

function frameOf(hex: string): HdlcFrame {
  const { frames, failures } = createHdlcCutter().push(fromHex(hex));
  assert.deepEqual(failures, []);
  assert.equal(frames.length, 1);
  return frames[0] as HdlcFrame;
}

test('the check value of CRC-16/X-25 is 906E', () => {
  assert.equal(frameCheck(new TextEncoder().encode('123456789')), 0x906e);
});

test('every frame length HDLC allows, and a few longer, has the check that a shift register finds bit by bit', () => {
  const octets = seededRandom('shift register').bytes(2100);
  let register = 0xffff;
  for (const [length, octet] of octets.entries()) {
    assert.equal(frameCheck(octets.subarray(0, length)), register ^ 0xffff, `${length} octets`);
    register ^= octet;
    for (let bit = 0; bit < 8; bit++) register = register & 1 ? (register >> 1) ^ 0x8408 : register >> 1;
  }
});

test('frames others made are read field by field and written back octet for octet', () => {
  // u9n/dlms-cosem SNRM; jDLMS RR; a DISC of a real session; two-octet source of a Kaifa capture is in the vectors.
  const snrm = frameOf('7EA00802232193BD647E');
  assert.deepEqual(snrm.control, { kind: 'SNRM', isFinal: true });
  assert.deepEqual(snrm.destination, { upper: 1, lower: 17, length: 2 });
  assert.deepEqual(snrm.source, { upper: 16, lower: undefined, length: 1 });
  const rr = frameOf('7EA00A002254D361513F997E');
  assert.deepEqual(rr.control, { kind: 'RR', received: 2, isFinal: true });
  const disc = frameOf('7EA00A00020023215314B77E');
  assert.deepEqual(disc.control, { kind: 'DISC', isFinal: true });
  assert.deepEqual(disc.destination, { upper: 1, lower: 17, length: 4 });
  for (const hex of ['7EA00802232193BD647E', '7EA00A002254D361513F997E', '7EA00A00020023215314B77E']) {
    assert.equal(toHex(encodeHdlcFrame(frameOf(hex))), hex);
  }
});

test('every HDLC vector whose checks were found right elsewhere is right here, and comes back the same', {
  skip: skipVectors,
}, () => {
  let count = 0;
  for (const vector of vectors) {
    if (!vector.hex.startsWith('7E')) continue;
    const checked = (vector as unknown as { checked: readonly string[] }).checked;
    const [, right] = /hdlc-fcs (\d+)\//.exec(checked.join(' ')) ?? [];
    const octets = fromHex(vector.hex);
    const { frames } = createHdlcCutter().push(octets);
    assert.equal(frames.length, Number(right), vector.id);
    for (const frame of frames) {
      const again = toHex(encodeHdlcFrame(frame)).slice(2, -2);
      // A frame without information may carry its only check twice: not the way we write it.
      assert(vector.hex.includes(again), vector.id);
      count += 1;
    }
  }
  assert(count > 60, `${count} frames`);
});

/** Records that compare equal to object literals. */
const plain = { noNullPrototype: true } as const;

const controls: fc.Arbitrary<HdlcControl> = fc.oneof(
  fc.record(
    {
      kind: fc.constant('I' as const),
      sent: fc.integer({ min: 0, max: 7 }),
      received: fc.integer({ min: 0, max: 7 }),
      isFinal: fc.boolean(),
    },
    plain,
  ),
  fc.record(
    {
      kind: fc.constantFrom('RR' as const, 'RNR' as const),
      received: fc.integer({ min: 0, max: 7 }),
      isFinal: fc.boolean(),
    },
    plain,
  ),
  fc.record(
    {
      kind: fc.constantFrom(
        'SNRM' as const,
        'UA' as const,
        'DISC' as const,
        'DM' as const,
        'FRMR' as const,
        'UI' as const,
      ),
      isFinal: fc.boolean(),
    },
    plain,
  ),
);

const addresses = fc.oneof(
  fc.integer({ min: 0, max: 127 }).map((upper) => ({ upper, lower: undefined, length: 1 as const })),
  fc
    .tuple(fc.integer({ min: 0, max: 127 }), fc.integer({ min: 0, max: 127 }))
    .map(([upper, lower]) => ({ upper, lower, length: 2 as const })),
  fc
    .tuple(fc.integer({ min: 0, max: 16383 }), fc.integer({ min: 0, max: 16383 }))
    .map(([upper, lower]) => ({ upper, lower, length: 4 as const })),
);

test('any frame comes back, and any single octet changed in it is noticed', () => {
  fc.assert(
    fc.property(
      fc.record(
        {
          destination: addresses,
          source: addresses,
          control: controls,
          isSegmented: fc.boolean(),
          information: fc.uint8Array({ maxLength: 200 }),
        },
        plain,
      ),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (frame, at, change) => {
        const octets = encodeHdlcFrame(frame).slice(1, -1);
        assert.deepEqual(decodeHdlcFrame(octets), { ok: true, value: frame });
        const place = at % octets.length;
        octets[place] = (octets[place] as number) ^ change;
        assert.equal(decodeHdlcFrame(octets).ok, false);
      },
    ),
    { seed: 5, numRuns: 300 },
  );
});

test('addresses of one, two and four octets keep their parts; three octets are refused', () => {
  fc.assert(
    fc.property(addresses, (address) => {
      assert.deepEqual(readAddress(new OctetReader(encodeAddress(address))), address);
    }),
    { seed: 6 },
  );
  assert.throws(() => readAddress(new OctetReader(fromHex('020203'))), { code: 'dlms/bad-hdlc-frame' });
  assert.throws(() => readAddress(new OctetReader(fromHex('0202020203'))), { code: 'dlms/bad-hdlc-frame' });
});
