/** Sweeps of one process that overlap. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRunningSweeps } from './running-sweeps.ts';

test('a meter that two sweeps want is read as the later one needs, and is wanted no more once it is served', () => {
  const sweeps = createRunningSweeps();
  const early = sweeps.begin({ concurrency: 2, sinceMs: 100 });
  const late = sweeps.begin({ concurrency: 8, sinceMs: 200 });
  late.want('M1');
  early.want('M1');
  early.want('M2');
  assert.deepEqual([sweeps.serve('M1'), sweeps.serve('M2')], [200, 100]);
  assert.equal(sweeps.serve('M1'), undefined);
});

test('a sweep of everything has the meter read, whatever another one would be served with', () => {
  const sweeps = createRunningSweeps();
  sweeps.begin({ concurrency: 1, sinceMs: 100 }).want('M1');
  sweeps.begin({ concurrency: 1, sinceMs: undefined }).want('M1');
  assert.equal(sweeps.serve('M1'), Number.POSITIVE_INFINITY);
});

test('a sweep that ends takes neither width nor begin from one that goes on', () => {
  const sweeps = createRunningSweeps();
  const wide = sweeps.begin({ concurrency: 32, sinceMs: 100 });
  const narrow = sweeps.begin({ concurrency: 2, sinceMs: 200 });
  wide.want('M1');
  assert.equal(sweeps.concurrency(16), 32);
  narrow.end();
  assert.deepEqual([sweeps.concurrency(16), sweeps.serve('M1')], [32, 100]);
  wide.end();
  assert.equal(sweeps.concurrency(16), 16);
});
