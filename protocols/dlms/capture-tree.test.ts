import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concatBytes, fromHex } from '@wattline/base';
import fc from 'fast-check';
import { describeCapture } from './capture-tree.ts';
import type { FrameNode } from './frame-node.ts';
import { encodeWrapper } from './wrapper.ts';

const get = fromHex('C001C100080000010000FF0200');
const snrm = fromHex('7EA00703219 30F017E'.replace(' ', ''));
const disconnected = fromHex('7EA00721031F6BE97E');

/** All nodes, those with octets of their own below left out. */
function inFrame(nodes: readonly FrameNode[]): FrameNode[] {
  return nodes.flatMap((node) =>
    node.octets !== undefined || node.name === 'plaintext' ? [] : [node, ...inFrame(node.children)],
  );
}

test('frames of one framing in a row, and of several, are found each at its place', () => {
  const wrapped = encodeWrapper({ source: 16, destination: 1, apdu: get });
  const capture = concatBytes(wrapped, snrm, disconnected, wrapped, get, get);
  const { frames, problem } = describeCapture(capture);
  assert.equal(problem, undefined);
  assert.deepEqual(
    frames.map(({ name, offset, length }) => [name, offset, length]),
    [
      ['wrapper', 0, 21],
      ['hdlc', 21, 18],
      ['wrapper', 39, 21],
      ['get-request', 60, 13],
      ['get-request', 73, 13],
    ],
  );
  const obis = inFrame(frames).filter(({ name }) => name === 'obis');
  assert.deepEqual(
    obis.map(({ offset }) => offset),
    [13, 52, 65, 78],
  );
});

test('what was read before the octets end or go wrong is shown, and where that was', () => {
  const cut = describeCapture(concatBytes(snrm, get.subarray(0, 7)));
  assert.deepEqual([cut.problem?.code, cut.problem?.where.offset], ['dlms/truncated', 14]);
  const names = inFrame(cut.frames).map(({ name }) => name);
  assert.ok(names.includes('class-id') && names.includes('error'), names.join());

  const short = describeCapture(encodeWrapper({ source: 16, destination: 1, apdu: get }).subarray(0, 15));
  assert.match(short.problem?.message ?? '', /expected 13 octets after the wrapper, found 7/);
  assert.ok(inFrame(short.frames).some(({ name, value }) => name === 'class-id' && value === '8'));
  assert.ok(inFrame(short.frames).some(({ name, value }) => name === 'length' && value === '13'));

  const wrong = describeCapture(fromHex('C009C100'));
  assert.match(wrong.problem?.message ?? '', /expected one of 1 get-request-normal.*found 9/);
  assert.equal(wrong.problem?.where.offset, 1);
});

test('M-Bus frames are shown field by field and their segments put together', () => {
  const body = [0x53, 0xff, 0x10, 0x01, 0x67, ...get];
  const sum = body.reduce((total, octet) => (total + octet) & 0xff, 0);
  const frame = Uint8Array.of(0x68, body.length, body.length, 0x68, ...body, sum, 0x16);
  const { frames, problem } = describeCapture(frame);
  assert.equal(problem, undefined);
  assert.deepEqual(
    frames.map(({ name }) => name),
    ['mbus-frame', 'reassembled'],
  );
  assert.equal(frames[1]?.octets, Buffer.from(get).toString('hex').toUpperCase());
  assert.equal(frames[1]?.children[0]?.name, 'get-request');
  const broken = describeCapture(frame.map((octet, i) => (i === frame.length - 2 ? octet ^ 1 : octet)));
  assert.match(broken.problem?.message ?? '', /expected check sum/);
});

test('segments with the other side’s acknowledgement between them are put together', () => {
  // The last block of an object list as GuruxDLMS.c 9.0.2608 sent it in two frames, and what the client said between.
  const frames = [
    '7ea88623037cbb66e6e700c402c1010000000a0081e20204120064110009060000190a00ff0202010702030f0116010002030f0216010002030f0316010002030f0416010002030f0516010002030f0616010002030f07160100010302020f01160002020f02160002020f03160002041200011100090600005e5b12ff0202010202030f01d0e77e',
    '7ea0070323f1ab727e',
    '7ea07c23037e0cb416010002030f0216010001000204120030110009060000190700ff0202010a02030f0116010002030f0216010002030f0316010002030f0416010002030f0516010002030f0616010002030f0716010002030f0816010002030f0916010002030f0a160100010202020f01160002020f021600e0057e',
  ];
  const tree = describeCapture(fromHex(frames.join('')));
  assert.equal(tree.problem, undefined);
  const reassembled = tree.frames[0]?.children.find(({ name }) => name === 'reassembled');
  assert.equal(reassembled?.children[0]?.name, 'get-response');
  const cutShort = describeCapture(fromHex([frames[0], frames[1]].join('')));
  assert.ok(cutShort.frames[0]?.children.some(({ name }) => name === 'incomplete'));
});

test('a telegram of P1 is shown line by line, its check sum judged', () => {
  const text = '/ISk5\\2MT382-1000\r\n\r\n1-0:1.8.1(000123.456*kWh)\r\n!';
  const { frames, problem } = describeCapture(new Uint8Array(Buffer.from(text)));
  assert.equal(problem, undefined);
  assert.deepEqual(
    frames[0]?.children.map(({ name }) => name),
    ['identification', 'line', 'check-sum'],
  );
  const wrong = describeCapture(new Uint8Array(Buffer.from(`${text}0000\r\n`)));
  assert.equal(wrong.problem?.code, 'dlms/bad-telegram');
});

test('any octets give trees that keep within them, and never a crash', () => {
  const start = fc.constantFrom<readonly number[]>(
    [],
    [0x7e, 0xa0],
    [0, 1, 0, 16, 0, 1, 0, 9],
    [0xc0, 1],
    [0x68, 9, 9, 0x68],
    [0x60],
    [0x2f, 0x41],
  );
  fc.assert(
    fc.property(start, fc.uint8Array({ maxLength: 80 }), (head, rest) => {
      const octets = Uint8Array.of(...head, ...rest);
      const { frames, problem } = describeCapture(octets, {
        ek: new Uint8Array(16),
        systemTitle: new Uint8Array(8),
      });
      assert.ok(frames.length > 0 || problem !== undefined);
      for (const { offset, length } of inFrame(frames)) {
        assert.ok(
          offset >= 0 && length >= 0 && offset + length <= octets.length,
          `${offset}+${length} of ${octets.length}`,
        );
      }
    }),
    { numRuns: 2000, seed: 7 },
  );
});
