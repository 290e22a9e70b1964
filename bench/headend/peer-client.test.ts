import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { checkPeerAnswer, runPeerClient } from './peer-client.ts';

const work = { meters: 2, wallSeconds: 10 };
const answer = { client: 'another 1.0', sessions: 2, entries: 192, seconds: 0.5 };
const told = (change: object) => JSON.stringify({ ...answer, ...change });

test('an answer counts when every meter was read and every session brought its day', () => {
  assert.deepEqual(checkPeerAnswer(told({}), work), answer);
  const timed = { ...answer, cpuSeconds: 0.7 };
  assert.deepEqual(checkPeerAnswer(JSON.stringify(timed), work), timed);
});

test('sessions that failed, and days with entries too few or too many, are no figure', () => {
  for (const wrong of [{ sessions: 1 }, { entries: 191 }, { entries: 193 }, { sessions: 4, entries: 384 }]) {
    assert.throws(() => checkPeerAnswer(told(wrong), work), /expected 2 sessions of 96 entries/);
  }
});

test('a duration longer than the program ran, or none, is no figure, nor is an answer without a name', () => {
  for (const seconds of [0, -1, 10.1, null, '0.5']) {
    assert.throws(() => checkPeerAnswer(told({ seconds }), work), /expected seconds above 0 and at most 10/);
  }
  assert.throws(() => checkPeerAnswer(told({ cpuSeconds: 0 }), work), /expected cpuSeconds above 0/);
  assert.throws(() => checkPeerAnswer(told({ client: undefined }), work), /expected a client/);
});

test('the program gets its own arguments and the path of the sessions, and its last line is the answer', async (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'wattline peer '));
  context.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'sessions.csv');
  const line = told({ seconds: 0.000_001 });
  writeFileSync(path, `reading\n${line}\n`);
  assert.deepEqual(await runPeerClient('cat --', path, 2), { ...answer, seconds: 0.000_001 });
  await assert.rejects(runPeerClient('false', path, 2), /the peer client ended with 1/);
  await assert.rejects(runPeerClient('cat --', path, 3), /expected 3 sessions/);
});
