/**
 * Method key_agreement of Security setup (Blue Book, class 64, method 3; Green Book 9.2.3.4.6.3): ephemeral unified model C(2e, 0s).
 * Both sides send a fresh signed public key and derive the same new key. The signature is over key id and public key, as recalled.
 */
import { concatBytes, failure, type Result, success } from '@wattline/base';
import type { KeyPair, PeerKeys } from './association.ts';
import type { Data } from './data.ts';
import { generateKeyPair, signEcdsa, verifyEcdsa } from './elliptic.ts';
import { deriveKey } from './general-ciphering.ts';
import { type TransferredKey, transferredKey } from './key-transfer.ts';

/** One key under agreement: our fresh pair, to be kept until the other side has answered. */
export interface AgreementStart {
  readonly id: TransferredKey;
  readonly ephemeral: KeyPair;
}

/** Who agrees: the suite of the new keys, titles of client and server, signing keys of this side. */
export interface AgreementSide {
  readonly suite: 1 | 2;
  readonly clientTitle: Uint8Array;
  readonly serverTitle: Uint8Array;
  readonly signing: PeerKeys;
}

/** A key both sides now hold. */
export interface AgreedKey {
  readonly id: TransferredKey;
  readonly key: Uint8Array;
}

/** Keys that one call may replace: there are no more ids. */
const mostKeys = Object.keys(transferredKey).length;

/** The client's parameter for the keys named, and what it must keep for {@link finishAgreement}. */
export function startAgreement(
  ids: readonly TransferredKey[],
  side: AgreementSide,
): Result<{ readonly parameter: Data; readonly started: readonly AgreementStart[] }> {
  const started = ids.map((id) => ({ id, ephemeral: generateKeyPair(side.suite) }));
  const parameter = encodeOffers(started, side);
  return parameter.ok ? success({ parameter: parameter.value, started }) : parameter;
}

/**
 * The server's answer to a parameter, and the new keys: all or none. Fails with `dlms/bad-value` for another shape,
 * `dlms/key-agreement` for a key that the client did not sign or that is no point of the curve.
 */
export function answerAgreement(
  parameter: Data,
  side: AgreementSide,
): Result<{ readonly answer: Data; readonly keys: readonly AgreedKey[] }> {
  const offers = decodeOffers(parameter, side);
  if (!offers.ok) return offers;
  const started = offers.value.map(({ id }) => ({ id, ephemeral: generateKeyPair(side.suite) }));
  const keys = derive(started, offers.value, side);
  if (!keys.ok) return keys;
  const answer = encodeOffers(started, side);
  return answer.ok ? success({ answer: answer.value, keys: keys.value }) : answer;
}

/** The new keys out of the server's answer. Fails as {@link answerAgreement}, also when it answers for other keys. */
export function finishAgreement(
  started: readonly AgreementStart[],
  answer: Data,
  side: AgreementSide,
): Result<readonly AgreedKey[]> {
  const offers = decodeOffers(answer, side);
  if (!offers.ok) return offers;
  const isSame =
    offers.value.length === started.length && offers.value.every(({ id }, i) => id === started[i]?.id);
  return isSame
    ? derive(started, offers.value, side)
    : failure('dlms/key-agreement', 'the server answered for other keys than were asked for');
}

interface Offer {
  readonly id: TransferredKey;
  readonly publicKey: Uint8Array;
}

function encodeOffers(started: readonly AgreementStart[], { signing }: AgreementSide): Result<Data> {
  const value: Data[] = [];
  for (const { id, ephemeral } of started) {
    const signature = signEcdsa(signedOctets(id, ephemeral.publicKey), signing.own);
    if (!signature) return failure('dlms/key-agreement', 'the signing pair is malformed');
    value.push({
      type: 'structure',
      value: [
        { type: 'enum', value: transferredKey[id] },
        { type: 'octet-string', value: concatBytes(ephemeral.publicKey, signature) },
      ],
    });
  }
  return success({ type: 'array', value });
}

function decodeOffers(data: Data, { suite, signing }: AgreementSide): Result<readonly Offer[]> {
  const wrong = failure('dlms/bad-value', 'expected an array of key id and signed public key');
  if (data.type !== 'array' || data.value.length === 0 || data.value.length > mostKeys) return wrong;
  const size = suite === 1 ? 64 : 96;
  const offers: Offer[] = [];
  for (const element of data.value) {
    const [number, signed] = element.type === 'structure' ? element.value : [];
    if (number?.type !== 'enum' || signed?.type !== 'octet-string') return wrong;
    const names = Object.keys(transferredKey) as TransferredKey[];
    const id = names.find((name) => transferredKey[name] === number.value);
    if (!id || offers.some((offer) => offer.id === id)) return wrong;
    const [publicKey, signature] = [signed.value.subarray(0, size), signed.value.subarray(size)];
    if (!verifyEcdsa(signedOctets(id, publicKey), signature, signing.peerPublicKey)) {
      return failure('dlms/key-agreement', `the key offered for ${id} is not signed by the other side`);
    }
    offers.push({ id, publicKey });
  }
  return success(offers);
}

function signedOctets(id: TransferredKey, publicKey: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(transferredKey[id]), publicKey);
}

/** Client's title, then server's, on both sides alike: one key comes of it. */
function derive(
  started: readonly AgreementStart[],
  offers: readonly Offer[],
  { suite, clientTitle, serverTitle }: AgreementSide,
): Result<readonly AgreedKey[]> {
  const keys: AgreedKey[] = [];
  for (const [i, { id, ephemeral }] of started.entries()) {
    const { publicKey = new Uint8Array(0) } = offers[i] ?? {};
    const use = id === 'master' ? 'wrap' : 'gcm';
    const key = deriveKey(suite, ephemeral, publicKey, concatBytes(clientTitle, serverTitle), use);
    if (!key.ok) return key;
    keys.push({ id, key: key.value });
  }
  return success(keys);
}
