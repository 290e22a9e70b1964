/** The thread opens what is opened in place, in order, and nothing waits for ever when it ends. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Result, seededRandom, silentLog } from '@wattline/base';
import { type Opened, type PushSeal, type SecurityKeys, sealPlain } from '@wattline/protocols/dlms';
import { until } from './push-fixture.ts';
import { openInPlace, type SealJob, startSealThread } from './seal-opener.ts';

const random = seededRandom('seals');

function sealerOf() {
  const systemTitle = random.bytes(8);
  const keys: SecurityKeys = { suite: 0, ek: random.bytes(16), ak: random.bytes(16) };
  return { systemTitle, keys };
}

const sealers = Array.from({ length: 40 }, sealerOf);

/** Every seventh is altered, every eleventh is sealed by another. */
function jobOf(i: number): SealJob {
  const sealer = sealers[i % sealers.length] as (typeof sealers)[number];
  const plain = random.bytes(1 + (i % 200));
  const by = i % 11 === 3 ? { ...sealer, keys: sealerOf().keys } : sealer;
  const protection = (['ae', 'a', 'e'] as const)[i % 3] ?? 'ae';
  const sealed = sealPlain(plain, by, { protection, invocationCounter: i });
  if (i % 7 === 5) sealed[sealed.length - 1] = (sealed.at(-1) as number) ^ 1;
  const seal: PushSeal = { systemTitle: sealer.systemTitle, cipheredService: sealed };
  return { seal, keys: sealer.keys };
}

const jobs = Array.from({ length: 600 }, (_, i) => jobOf(i));

function inPlace({ seal, keys }: SealJob): Result<Opened> {
  let result: Result<Opened> | undefined;
  openInPlace.open({ seal, keys }, (opened) => {
    result = opened;
  });
  assert(result);
  return result;
}

/** Plain octets of an own array, so that two can be compared. */
function comparable(opened: Result<Opened>): unknown {
  if (!opened.ok) return opened;
  return { ...opened.value, plain: [...opened.value.plain] };
}

test('a storm is opened on the thread as it is in place, in the order it came', async () => {
  const opener = startSealThread(silentLog);
  const results: Result<Opened>[] = [];
  // Until the thread has told that it is ready a round is opened in place.
  for (let round = 0; round < 30; round++) {
    results.length = 0;
    for (const job of jobs) opener.open(job, (opened) => results.push(opened));
    let isAfter = false;
    opener.after(() => {
      isAfter = results.length === jobs.length;
    });
    await until(() => results.length >= jobs.length && isAfter);
  }
  assert.deepEqual(results.map(comparable), jobs.map(inPlace).map(comparable));
  assert.ok(results.some(({ ok }) => !ok) && results.some(({ ok }) => ok));
  await opener.close();
});

test('what is asked when the thread ends is answered all the same', async () => {
  const opener = startSealThread(silentLog);
  let answered = 0;
  for (const job of jobs) opener.open(job, () => answered++);
  await opener.close();
  assert.equal(answered, jobs.length);
});
