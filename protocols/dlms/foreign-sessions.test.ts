/** Sessions of other makers' clients and servers, replayed octet by octet against ours. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fromHex, seededRandom, toHex } from '@wattline/base';
import type { ClientOutcome, ClientRequest } from './client.ts';
import { createClientConnection } from './client-connection.ts';
import { clientFor, testDevice } from './conversation.case.ts';
import { generateKeyPair } from './elliptic.ts';
import { foreignClients, foreignServers, foreignSignature } from './foreign-sessions.case.ts';
import { createServerConnection } from './server-connection.ts';

/** The energy of the device of the tests as a GET gives it: double-long-unsigned 5009. */
const energy = '0006' + '00001391';

for (const { name, isHdlc, frames } of foreignClients) {
  for (const cut of [1, 7, Number.POSITIVE_INFINITY]) {
    test(`${name}: its client associates, reads the energy and leaves, in pieces of ${cut} octets`, () => {
      const server = createServerConnection(testDevice(), {
        random: seededRandom('foreign'),
        ...(isHdlc ? { hdlc: {} } : {}),
      });
      const events: string[] = [];
      const answers = frames.map((frame) => {
        const octets = fromHex(frame);
        let answered = '';
        for (let at = 0; at < octets.length; at += cut) {
          const step = server.receive(octets.subarray(at, at + cut));
          events.push(...step.events.map(({ kind }) => kind));
          for (const send of step.send) answered += toHex(send);
        }
        return answered;
      });
      assert.ok(answers.every((answer) => answer !== ''));
      assert.ok(
        answers.some((answer) => answer.includes(energy)),
        answers.join('\n'),
      );
      // Over HDLC some leave by DISC alone.
      assert.deepEqual(events[0], 'associated');
      assert.ok(['released', 'disconnected'].includes(events.at(-1) ?? ''), events.join(' '));
      assert.ok(!events.includes('refused'));
    });
  }
}

for (const { name, referencing, answers, values } of foreignServers) {
  test(`${name}: its server is associated with and read; its RLRE, one octet short in its lengths, is told as such`, () => {
    const client = createClientConnection(clientFor(16, { referencing }));
    const answersLeft = [...answers];
    const ask = (request: ClientRequest): ClientOutcome => {
      const asked = client.request(request);
      assert(asked.ok, JSON.stringify(asked));
      const { outcome } = client.receive(fromHex(answersLeft.shift() ?? ''));
      assert(outcome, `${request.kind} has no outcome`);
      return outcome;
    };
    assert.equal(ask({ kind: 'associate' }).kind, 'associated');
    for (const value of values) {
      const outcome =
        referencing === 'sn'
          ? ask({ kind: 'read', variables: [{ name: 0x0108 }] })
          : ask({ kind: 'get', reference: { classId: 1, obis: '0.0.42.0.0.255', attribute: 2 } });
      const result = outcome.kind === 'get' ? outcome.result : outcome.kind === 'read' && outcome.results[0];
      assert(result !== false && result?.ok, JSON.stringify(outcome));
      assert.equal(toHex(result.encoded), value.toUpperCase());
    }
    const left = ask({ kind: 'release' });
    assert.equal(left.kind === 'failure' && left.failure.code, 'dlms/truncated');
  });
}

describe('ECDSA on P-256 with another maker’s server', () => {
  const { challenge, clientTitle, meterPublicKey, aarq, aare } = foreignSignature;
  const own = generateKeyPair(1);
  /** What comes of the handshake when the client believes in `peerPublicKey` and the server proves itself by `proof`. */
  const handshake = (peerPublicKey: Uint8Array, proof: string) => {
    const random = { ...seededRandom('foreign'), bytes: () => fromHex(challenge) };
    const client = createClientConnection({
      clientSap: 23,
      serverSap: 1,
      mechanism: 'ecdsa',
      protection: 'none',
      signing: { own, peerPublicKey },
      systemTitle: fromHex(clientTitle),
      random,
    });
    const asked = client.request({ kind: 'associate' });
    assert(asked.ok, JSON.stringify(asked));
    assert.equal(toHex(asked.value), aarq.toUpperCase());
    assert.equal(client.receive(fromHex(aare)).outcome, undefined);
    return client.receive(fromHex(proof)).outcome;
  };
  test('its signature over both titles and both challenges is believed', () => {
    assert.equal(handshake(fromHex(meterPublicKey), foreignSignature.proof)?.kind, 'associated');
  });
  test('with another key on record, or one bit of the signature turned, it is not', () => {
    const turned = foreignSignature.proof.replace(/4$/, '5');
    for (const outcome of [
      handshake(generateKeyPair(1).publicKey, foreignSignature.proof),
      handshake(fromHex(meterPublicKey), turned),
    ]) {
      assert(outcome?.kind === 'failure', JSON.stringify(outcome));
      assert.equal(outcome.failure.code, 'dlms/authentication-failed');
    }
  });
});
