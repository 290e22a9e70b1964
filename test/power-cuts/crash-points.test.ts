/**
 * Initialisation vectors across power cuts (NIST SP 800-38D 8; Green Book 9.2.3.3.7.3): a head-end that collects, a signer that commands and a change of
 * all keys lose power at a thousand drawn points, between any two statements of their databases and octets on the line, and go on from what was on disk.
 */
import assert from 'node:assert/strict';
import crypto, { type CipherGCM, type KeyObject } from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { test } from 'node:test';
import { crashWorld } from './crash-world.ts';

/**
 * Every message that AES-128-GCM ever sealed or authenticated, on either side of the line, by its pair of key and initialisation vector. Who
 * verifies a tag makes the same message once more under the same pair: only another message under a known pair is a reuse.
 */
function watchSeals(t: { after(end: () => void): void }) {
  const seen = new Map<string, string>();
  const reused = new Set<string>();
  const platform = crypto.createCipheriv;
  const watching = (algorithm: string, key: KeyObject | Uint8Array, iv: Uint8Array, ...rest: never[]) => {
    const cipher = platform(algorithm as 'aes-128-gcm', key, iv, ...rest) as CipherGCM;
    if (algorithm !== 'aes-128-gcm') return cipher;
    const octets = key instanceof crypto.KeyObject ? key.export() : key;
    const pair = `${Buffer.from(octets).toString('hex')} ${Buffer.from(iv).toString('hex')}`;
    const { update, final } = cipher;
    const message = crypto.createHash('sha256');
    cipher.update = ((plain: Uint8Array) => {
      message.update(plain);
      return update.call(cipher, plain, undefined as never, undefined as never);
    }) as unknown as typeof update;
    const { setAAD } = cipher;
    cipher.setAAD = (octets, options) => {
      message.update(octets as Uint8Array).update('|');
      return setAAD.call(cipher, octets, options);
    };
    cipher.final = (() => {
      const digest = message.digest('hex');
      const known = seen.get(pair);
      if (known !== undefined && known !== digest) reused.add(pair);
      seen.set(pair, digest);
      return final.call(cipher, undefined as never);
    }) as unknown as typeof final;
    return cipher;
  };
  crypto.createCipheriv = watching as typeof crypto.createCipheriv;
  syncBuiltinESMExports();
  t.after(() => {
    crypto.createCipheriv = platform;
    syncBuiltinESMExports();
  });
  return { seen, reused };
}

test('(key, IV) pairs reused over 1,000 crash points: 0', async (t) => {
  const { seen, reused } = watchSeals(t);
  let points = 0;
  const ended = { collected: 0, changes: 0 };
  for (let seed = 0; points < 1_000; seed++) {
    const world = await crashWorld(t, `crash ${seed}`);
    for (let life = 0; life < 50; life++, points++) await world.live();
    // With the power back for good the open change comes to its end, and no meter holds a key that nobody knows.
    assert.deepEqual(await world.recover(), { isRead: [true, true], isChanged: true }, `seed ${seed}`);
    ended.collected += world.figures.collected;
    ended.changes += world.figures.changes;
  }
  assert.equal(points, 1_000);
  assert.deepEqual([...reused], []);
  // It went on for all of the way: sessions, and changes of keys that came to their end.
  assert.ok(seen.size > 5_000, `${seen.size} seals`);
  assert.ok(ended.collected > 20 && ended.changes > 20, JSON.stringify(ended));
});

test('the same on a disk that keeps no reservation it has confirmed: repeated pairs are found', async (t) => {
  const { reused } = watchSeals(t);
  const world = await crashWorld(t, 'crash 0', { forgetsReservations: true });
  for (let life = 0; life < 20; life++) await world.live();
  assert.ok(reused.size > 0);
});
