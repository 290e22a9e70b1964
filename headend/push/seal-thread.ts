/** The thread of {@link file://./seal-opener.ts}: batches of seals in, the same batches opened out. */
import { parentPort } from 'node:worker_threads';
import type { Failure } from '@wattline/base';
import { openPushSeal, type SecurityKeys, sealPlain } from '@wattline/protocols/dlms';
import { type Answer, type Batch, jobWords, type KeyRow, protections } from './seal-batch.ts';

const known = new Map<number, KeyRow>();

function openBatch({ words, octets, keys, forget }: Batch): Answer {
  if (forget) known.clear();
  for (const row of keys) known.set(row.number, row);
  const failures: [number, Failure][] = [];
  for (let i = 0; i < words.length / jobWords; i++) {
    const word = i * jobWords;
    const row = known.get(words[word] as number);
    const at = words[word + 1] as number;
    const cipheredService = octets.subarray(at, at + (words[word + 2] as number));
    const systemTitle = row?.systemTitle ?? new Uint8Array(0);
    const opened = openPushSeal({ systemTitle, cipheredService }, row?.keys);
    if (!opened.ok) {
      failures.push([i, opened.error]);
      continue;
    }
    const { plain, protection, invocationCounter } = opened.value;
    octets.set(plain, at);
    words[word] = protections.indexOf(protection);
    words[word + 2] = plain.length;
    words[word + 3] = invocationCounter;
  }
  return { words, octets, failures };
}

/** A storm finds the thread in practice: what it does all the time it has done a few thousand times already. */
function rehearse(): void {
  const systemTitle = new Uint8Array(8);
  const keys: SecurityKeys = { suite: 0, ek: new Uint8Array(16), ak: new Uint8Array(16) };
  const how = { protection: 'ae', invocationCounter: 0 } as const;
  const sealed = sealPlain(new Uint8Array(70), { keys, systemTitle }, how);
  const row: KeyRow = { number: 0xffffffff, systemTitle, keys };
  for (let round = 0; round < 100; round++) {
    const words = new Uint32Array(32 * jobWords);
    const octets = new Uint8Array(32 * sealed.length);
    for (let i = 0; i < 32; i++) {
      words.set([row.number, i * sealed.length, sealed.length], i * jobWords);
      octets.set(sealed, i * sealed.length);
    }
    openBatch({ words, octets, keys: [row], forget: true });
  }
  known.clear();
}

rehearse();
parentPort?.on('message', (batch: Batch) => {
  const answer = openBatch(batch);
  parentPort?.postMessage(answer, [answer.words.buffer, answer.octets.buffer]);
});
parentPort?.postMessage('ready');
