/** Pushes in UI frames, as real meters send them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concatBytes, fromHex, toHex } from '@wattline/base';
import { skipVectors, unframe, vectors } from '../vectors.case.ts';
import { encodeHdlcFrame, type HdlcControl } from './frame.ts';
import { createHdlcUiCutter } from './ui.ts';

const ofMeters = [
  'ams-iskraemeco-gh615-1',
  'ams-iskraemeco-gh869-1',
  'ams-kamstrup-gh175-2',
  'u9n-issue68-kaifa-2',
];
const captures = vectors.filter(({ id }) => ofMeters.includes(id));
const most = 16_384;

function frame(control: HdlcControl, information: Uint8Array, isSegmented = false, upper = 1): Uint8Array {
  const destination = { upper: 103, lower: undefined, length: 1 } as const;
  return encodeHdlcFrame({
    ...{ destination, control, information, isSegmented },
    source: { upper, lower: 17, length: 2 },
  });
}

const ui = { kind: 'UI', isFinal: true } as const;

test('pushes of real meters come out whole, wherever the line cuts them and whatever noise lies between', {
  skip: skipVectors,
}, () => {
  let pushed = 0;
  for (const { id, hex } of captures) {
    const octets = fromHex(hex);
    const [apdu] = unframe(octets).apdus;
    const { pieces } = createHdlcUiCutter(most).push(octets);
    if (pieces.length === 0) continue;
    pushed++;
    for (let cut = 1; cut < octets.length; cut += 13) {
      const cutter = createHdlcUiCutter(most);
      const noise = fromHex('0055');
      const all = [noise, octets.subarray(0, cut), octets.subarray(cut), noise, octets].flatMap((part) => [
        ...cutter.push(part).pieces,
      ]);
      assert.deepEqual(
        all.map((piece) => toHex(piece.apdu)),
        [apdu, apdu].map((one) => toHex(one ?? noise)),
        `${id} cut at ${cut}`,
      );
    }
  }
  assert.ok(pushed >= 3, `${pushed} captures are UI frames`);
});

test('segments are put together meter by meter', () => {
  const cutter = createHdlcUiCutter(most);
  const line = concatBytes(
    frame(ui, fromHex('E6E7000F01'), true, 1),
    frame(ui, fromHex('E6E7000F0A'), true, 2),
    frame(ui, fromHex('02'), true, 1),
    frame(ui, fromHex('0B'), false, 2),
    frame(ui, fromHex('03'), false, 1),
  );
  const { pieces, failures } = cutter.push(line);
  assert.deepEqual(failures, []);
  assert.deepEqual(
    pieces.map(({ apdu, clientSap, serverSap }) => [toHex(apdu), clientSap, serverSap]),
    [
      ['0F0A0B', 103, 2],
      ['0F010203', 103, 1],
    ],
  );
});

test('frames of other kinds, segments without end and frames that are damaged are told, and the line goes on', () => {
  const cutter = createHdlcUiCutter(200);
  const good = frame(ui, fromHex('E6E7000F01'));
  const damaged = good.slice();
  damaged[8] = (damaged[8] as number) ^ 1;
  const endless = Array.from({ length: 3 }, () => frame(ui, new Uint8Array(100), true, 3));
  const refused = [frame({ kind: 'SNRM', isFinal: true }, new Uint8Array(0)), ...endless, damaged];
  for (const one of refused) cutter.push(one);
  const { failures } = createHdlcUiCutter(200).push(concatBytes(...refused));
  assert.deepEqual([...new Set(failures.map(({ code }) => code))].sort(), [
    'dlms/bad-checksum',
    'dlms/bad-hdlc-frame',
  ]);
  assert.ok(failures.some(({ message }) => /at most 200 octets/.test(message)));
  assert.equal(cutter.push(good).pieces.length, 1);
});
