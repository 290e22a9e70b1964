import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientTitle, meterTitle, pairs, signingOf } from './conversation.case.ts';
import type { Data } from './data.ts';
import { type AgreementSide, answerAgreement, finishAgreement, startAgreement } from './key-agreement.ts';
import type { TransferredKey } from './key-transfer.ts';

const sideOf = (suite: 1 | 2, side: 'client' | 'meter'): AgreementSide => ({
  suite,
  clientTitle,
  serverTitle: meterTitle,
  signing: signingOf(suite === 1 ? 'p256' : 'p384', side),
});

for (const suite of [1, 2] as const) {
  test(`both sides hold the same fresh keys after key_agreement in suite ${suite}`, () => {
    const ids: TransferredKey[] = ['unicast', 'authentication', 'master'];
    const begun = startAgreement(ids, sideOf(suite, 'client'));
    assert(begun.ok);
    const answered = answerAgreement(begun.value.parameter, sideOf(suite, 'meter'));
    assert(answered.ok, JSON.stringify(answered));
    const finished = finishAgreement(begun.value.started, answered.value.answer, sideOf(suite, 'client'));
    assert(finished.ok);
    assert.deepEqual(finished.value, answered.value.keys);
    assert.deepEqual(
      finished.value.map(({ id, key }) => [id, key.length]),
      ids.map((id) => [id, suite === 1 ? 16 : 32]),
    );
    assert.equal(new Set(finished.value.map(({ key }) => key.join())).size, 3);
    const again = startAgreement(ids, sideOf(suite, 'client'));
    assert(again.ok);
    assert.notDeepEqual(again.value.parameter, begun.value.parameter);
  });
}

test('a key that the other side did not sign, or that answers for another, is refused', () => {
  const [client, meter] = [sideOf(1, 'client'), sideOf(1, 'meter')];
  const begun = startAgreement(['unicast'], client);
  assert(begun.ok);
  const codeOf = (parameter: Data, side = meter) => {
    const answered = answerAgreement(parameter, side);
    return answered.ok ? 'answered' : answered.error.code;
  };
  const stranger = { ...meter, signing: { ...meter.signing, peerPublicKey: pairs.p256.meter.publicKey } };
  assert.equal(codeOf(begun.value.parameter, stranger), 'dlms/key-agreement');
  // The same signed key under the id of another.
  const [offer] = begun.value.parameter.type === 'array' ? begun.value.parameter.value : [];
  assert(offer?.type === 'structure');
  const moved: Data = {
    type: 'array',
    value: [{ type: 'structure', value: [{ type: 'enum', value: 2 }, offer.value[1] as Data] }],
  };
  assert.equal(codeOf(moved), 'dlms/key-agreement');
  assert.equal(codeOf({ type: 'array', value: [offer, offer] }), 'dlms/bad-value');
  for (const shape of [
    { type: 'null-data' },
    { type: 'array', value: [] },
    {
      type: 'array',
      value: [{ type: 'structure', value: [{ type: 'enum', value: 9 }, offer.value[1] as Data] }],
    },
  ] as const) {
    assert.equal(codeOf(shape), 'dlms/bad-value');
  }
  const other = startAgreement(['broadcast'], client);
  assert(other.ok);
  const answered = answerAgreement(other.value.parameter, meter);
  assert(answered.ok);
  const finished = finishAgreement(begun.value.started, answered.value.answer, client);
  assert(!finished.ok && finished.error.code === 'dlms/key-agreement');
});
