import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex, toHex } from '@wattline/base';
import type { Mechanism, PeerKeys } from './association.ts';
import { clientTitle, keys, meterTitle, pairs, password } from './conversation.case.ts';
import { type Handshake, hlsMechanisms } from './mechanisms.ts';

/** Both sides with one key pair, so that what proves also verifies. */
const signing: PeerKeys = { own: pairs.p256.client, peerPublicKey: pairs.p256.client.publicKey };

const handshake: Handshake = {
  signing,
  clientTitle,
  serverTitle: meterTitle,
  clientChallenge: fromHex('0102030405060708090A0B0C0D0E0F10'),
  serverChallenge: fromHex('1112131415161718191A1B1C1D1E1F20'),
  secret: password,
  keys,
};

test('MD5 proofs are those of a Gurux Java session (secret "Gurux", StoC 1E493F6C...)', () => {
  const proof = hlsMechanisms.md5?.prove(
    {
      ...handshake,
      secret: new TextEncoder().encode('Gurux'),
      serverChallenge: fromHex('1E493F6C13694F0D562C60510F69244C'),
    },
    'client',
    () => 0,
  );
  assert(proof);
  assert.equal(toHex(proof), '334CC918C58701D3AE4F98B380D26858');
});

for (const [name, mechanism] of Object.entries(hlsMechanisms) as [
  Mechanism,
  NonNullable<(typeof hlsMechanisms)[Mechanism]>,
][]) {
  test(`a proof by ${name} convinces, and neither another secret, challenge nor side does`, () => {
    for (const side of ['client', 'server'] as const) {
      const proof = mechanism.prove(handshake, side, () => 7);
      assert.equal(mechanism.verify(handshake, side, proof).isRight, true);
      assert.equal(
        mechanism.verify(handshake, side === 'client' ? 'server' : 'client', proof).isRight,
        false,
      );
      const other = {
        ...handshake,
        secret: fromHex('00'),
        keys: { ...keys, ek: fromHex('FF0102030405060708090A0B0C0D0E0F') },
        signing: { ...signing, peerPublicKey: pairs.p256.meter.publicKey },
      };
      assert.equal(mechanism.verify(other, side, proof).isRight, false);
      const swapped = {
        ...handshake,
        clientChallenge: handshake.serverChallenge,
        serverChallenge: handshake.clientChallenge,
      };
      assert.equal(mechanism.verify(swapped, side, proof).isRight, false);
      for (let length = 0; length < proof.length; length++) {
        assert.equal(mechanism.verify(handshake, side, proof.subarray(0, length)).isRight, false);
      }
    }
  });
}
