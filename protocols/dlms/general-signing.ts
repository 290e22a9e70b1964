/**
 * General-Signing (Green Book 9.5, 9.2.7.2.4): an APDU, mostly a sealed one, under the ECDSA signature of its sender. The signature
 * is over the fields before it, each with its length; no public octets prove it.
 */
import { concatBytes, equalBytes, failure, type Result, success } from '@wattline/base';
import { type ApduValue, decodeApdu, encodeApdu } from './apdu/apdu.ts';
import { generalHeaderOctets } from './apdu/general.ts';
import type { KeyPair } from './association.ts';
import { AxdrWriter } from './axdr-writer.ts';
import { signEcdsa, verifyEcdsa } from './elliptic.ts';

/** Who signs what for whom. */
export interface Signing {
  readonly originatorTitle: Uint8Array;
  readonly recipientTitle: Uint8Array;
  readonly transactionId: Uint8Array;
  readonly pair: KeyPair;
}

/** What the recipient demands of a signature. */
export interface SignatureCheck {
  readonly originatorTitle: Uint8Array;
  readonly recipientTitle: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** The most octets signing adds: tag, transaction id and titles, two empty fields, lengths, a signature of P-384. */
export const signingOverhead = 1 + 3 * 9 + 2 + 3 + 2 + 96;

const noOctets = new Uint8Array(0);

/** The General-Signing APDU; fails with `dlms/keys-missing` when the pair is none. */
export function signApdu(content: Uint8Array, signing: Signing): Result<Uint8Array> {
  const fields = {
    transactionId: signing.transactionId,
    originatorSystemTitle: signing.originatorTitle,
    recipientSystemTitle: signing.recipientTitle,
    dateTime: noOctets,
    otherInformation: noOctets,
    content,
  };
  const signature = signEcdsa(signedOctets(fields), signing.pair);
  if (!signature) return failure('dlms/keys-missing', 'signing needs a key pair of P-256 or P-384');
  return success(encodeApdu('general-signing', { ...fields, signature }));
}

/**
 * The APDU under a signature, once that is right. Fails with `dlms/unknown-apdu`, `dlms/system-title-mismatch`,
 * `dlms/bad-signature` or the code of what is malformed.
 */
export function openSigned(octets: Uint8Array, check: SignatureCheck): Result<Uint8Array> {
  const decoded = decodeApdu(octets);
  if (!decoded.ok) return decoded;
  if (decoded.value.apdu !== 'general-signing') {
    return failure('dlms/unknown-apdu', `expected general-signing, found ${decoded.value.apdu}`);
  }
  const { signature, ...fields } = decoded.value.value;
  const isOurs =
    equalBytes(fields.originatorSystemTitle, check.originatorTitle) &&
    equalBytes(fields.recipientSystemTitle, check.recipientTitle);
  if (!isOurs) {
    return failure('dlms/system-title-mismatch', 'the signed APDU is not from the peer to this side');
  }
  if (!verifyEcdsa(signedOctets(fields), signature, check.publicKey)) {
    return failure('dlms/bad-signature', 'the signature is not that of the peer over these octets');
  }
  return success(fields.content);
}

/** Header and content, each field with its length. */
function signedOctets(fields: Omit<ApduValue<'general-signing'>, 'signature'>): Uint8Array {
  const { content } = fields;
  const length = new AxdrWriter().size(content.length).finish();
  return concatBytes(generalHeaderOctets(fields), length, content);
}
