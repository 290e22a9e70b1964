import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixtureDecoded } from '../stories/fixture-frames.ts';
import { rowAfterKey, rowAt, viewOf, visibleRows } from './frame-rows.ts';

const view = viewOf(fixtureDecoded);
const rowNamed = (name: string) => {
  const row = view.rows.find((one) => one.name === name);
  assert(row, name);
  return row;
};

test('fields below what was deciphered stand in octets of their own', () => {
  assert.deepEqual(
    view.grids.map(({ name, octets }) => [name, octets.length]),
    [
      ['capture', 32],
      ['plaintext', 13],
    ],
  );
  assert.equal(rowNamed('ciphertext').grid, 0);
  assert.equal(rowNamed('class-id').grid, 1);
  assert.equal(view.grids[1]?.row, rowNamed('plaintext').id);
});

test('an octet is named by the innermost field that holds it', () => {
  assert.equal(rowAt(view, 0, 3)?.name, 'invocation-counter');
  assert.equal(rowAt(view, 1, 4)?.name, 'class-id');
  assert.equal(rowAt(view, 0, 32), undefined);
});

test('keys walk the tree as trees are walked', () => {
  const all = visibleRows(view, new Set());
  const [root, control] = [rowNamed('glo-get-request'), rowNamed('security-control')];
  assert.equal(rowAfterKey(all, root, 'ArrowDown'), control);
  assert.equal(rowAfterKey(all, control, 'ArrowUp'), root);
  assert.equal(rowAfterKey(all, control, 'ArrowLeft'), root);
  assert.equal(rowAfterKey(all, root, 'ArrowRight'), control);
  assert.equal(rowAfterKey(all, control, 'ArrowRight'), undefined);
  assert.equal(rowAfterKey(all, root, 'End'), all.at(-1));
});

test('what is folded hides all that lies below it', () => {
  const plain = rowNamed('plaintext').id;
  const visible = visibleRows(view, new Set([plain]));
  assert.ok(visible.some(({ id }) => id === plain));
  assert.ok(visible.every(({ name }) => name !== 'class-id' && name !== 'get-request'));
});
