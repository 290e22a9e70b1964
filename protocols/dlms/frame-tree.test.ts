import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex } from '@wattline/base';
import { clientFor, converse, keys } from './conversation.case.ts';
import type { FrameNode } from './frame-node.ts';
import { decodeFrame } from './frame-tree.ts';
import { findNode } from './vectors.case.ts';

function treeOf(octets: Uint8Array, frameKeys = {}): FrameNode {
  const decoded = decodeFrame(octets, frameKeys);
  assert(decoded.ok, JSON.stringify(decoded));
  return decoded.value;
}

/** Children lie within their parent and do not overlap, except where octets are of another kind. */
function assertNested(node: FrameNode): void {
  let at = node.offset;
  for (const child of node.children) {
    if (child.name === 'plaintext' || child.name === 'reassembled' || child.name === 'error') continue;
    assert(child.offset >= at, `${child.name} starts after ${at}`);
    at = child.offset + child.length;
    assert(at <= node.offset + node.length, `${child.name} ends within ${node.name}`);
    assertNested(child);
  }
}

test('a GET in a wrapper shows every field at its offset', () => {
  const tree = treeOf(fromHex('000100100001000DC001C100030100010800FF0200'));
  assertNested(tree);
  assert.equal(tree.name, 'wrapper');
  assert.deepEqual(
    tree.children.map(({ name, offset, length, value }) => [name, offset, length, value]),
    [
      ['version', 0, 2, '1'],
      ['source-wport', 2, 2, '16'],
      ['destination-wport', 4, 2, '1'],
      ['length', 6, 2, '13'],
      ['get-request', 8, 13, undefined],
    ],
  );
  assert.deepEqual(findNode(tree, 'obis'), {
    name: 'obis',
    offset: 13,
    length: 6,
    value: '1.0.1.8.0.255',
    children: [],
  });
});

test('a ciphered conversation opens with the keys, and stays closed without or with wrong ones', () => {
  const conversation = converse(clientFor(2));
  conversation.ask({ kind: 'associate' });
  conversation.ask({ kind: 'get', reference: { classId: 3, obis: '1.0.1.8.0.255', attribute: 2 } });
  const [aarq, , , , request] = conversation.wire.map(({ octets }) => octets);
  assert(aarq && request);
  const systemTitle = clientFor(2).systemTitle as Uint8Array;
  const opened = treeOf(aarq, { ek: keys.ek, ak: keys.ak });
  assertNested(opened);
  assert.equal(findNode(opened, 'client-max-receive-pdu-size')?.value, '1024');
  assert.equal(findNode(treeOf(request), 'plaintext'), undefined);
  assert.match(findNode(treeOf(request), 'security-control')?.value ?? '', /authenticated and encrypted/);
  const read = treeOf(request, { ek: keys.ek, ak: keys.ak, systemTitle });
  assert.equal(findNode(read, 'class-id')?.value, '3');
  const wrong = treeOf(request, { ek: keys.ak, ak: keys.ak, systemTitle });
  assert.match(findNode(wrong, 'plaintext')?.value ?? '', /dlms\/decryption-failed/);
});

test('a wrong frame check and octets that belong to nothing are shown, not hidden', () => {
  const tree = treeOf(fromHex('7EA00802232193BD657E'));
  assert.match(findNode(tree, 'frame-check')?.value ?? '', /wrong: expected 64BD/);
  const trailing = treeOf(fromHex('C401C1000600001391FFFF'));
  assert.equal(findNode(trailing, 'trailing-octets')?.value, 'FFFF');
});

test('values read as people read them', () => {
  const clock = treeOf(fromHex('C401C100090C07E50118070E303950FFC400'));
  assert.match(findNode(clock, 'octet-string')?.value ?? '', /2021-01-24T13:48:57.8Z, UTC\+60 min, status 0/);
  const text = treeOf(fromHex('C401C10009084B41365030303530'));
  assert.equal(findNode(text, 'octet-string')?.value, '4B41365030303530 (KA6P0050)');
});

test('octets of no known framing are refused with their offset', () => {
  for (const hex of ['', 'AB', '2F4B464D']) {
    const decoded = decodeFrame(fromHex(hex));
    assert(!decoded.ok);
    assert.equal(decoded.error.code, 'dlms/unknown-framing');
  }
});
