import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeDirectories } from './directory.ts';

test('a directory is made with all above it, and again without complaint', () => {
  const root = mkdtempSync(join(tmpdir(), 'wattline-directory-'));
  try {
    const path = join(root, 'a', 'b', 'c');
    makeDirectories(path, { isPrivate: true });
    makeDirectories(path);
    assert.equal(statSync(path).mode & 0o777, 0o700);
  } finally {
    rmSync(root, { recursive: true });
  }
});
test('a place that takes no directories is an error, not a wait', {
  skip: existsSync('/proc/self') ? false : 'no /proc here',
}, () => {
  assert.throws(() => makeDirectories('/proc/nowhere/below'), /ENOENT|EROFS|EACCES/);
});
