/** Requests out of their envelopes and answers into the same (Green Book 9.2.7.2), as the server judges and makes them. */
import { failure, type Random, type Result, success } from '@wattline/base';
import { type Apdu, decodeApdu } from './apdu/apdu.ts';
import { apduOfTag } from './apdu/tags.ts';
import { cipherApdu, openingKeys, transactionIdOf } from './ciphering-setup.ts';
import { envelopeOverhead, type Peer, type Unwrapped, unwrapApdu, wrapApdu } from './envelope.ts';
import { signApdu } from './general-signing.ts';
import { meetsProtection, nextCounter, strongerProtection } from './security.ts';
import type { LogicalDevice } from './server.ts';
import type { Association } from './server-handshake.ts';

/** How a request came dressed, so that its answer goes the same way. */
export type Dressing = Pick<Unwrapped, 'envelope' | 'protection' | 'keys' | 'ciphering' | 'isSigned'>;

/** A request out of its envelope. */
export interface Request {
  readonly apdu: Apdu;
  readonly dress: Dressing;
}

/** The envelopes of one connection. */
export interface ServerEnvelope {
  /** The last counter that came, right or wrong: told to a client that counts wrongly. */
  readonly lastCounter: number | undefined;
  unwrap(octets: Uint8Array, association: Association): Result<Unwrapped>;
  /** Takes a request out of its envelope and judges protection, counter and form, in this order. */
  read(octets: Uint8Array, association: Association): Result<Request>;
  /**
   * Dresses an answer as its request was, with the protection of both request and policy.
   * @throws CodedError `dlms/counter-exhausted`, `dlms/keys-missing`
   */
  dress(plain: Uint8Array, how: Dressing, association: Association): Uint8Array;
}

/** The octets that an answer may have in the clear. */
export function roomFor({ envelope, ciphering, isSigned }: Dressing, { maxSend }: Association): number {
  return maxSend - envelopeOverhead(envelope, { scheme: ciphering?.scheme, isSigned });
}

function peerOf(association: Association, device: LogicalDevice): Peer {
  const { policy, clientTitle: systemTitle, guard, dedicated } = association;
  const { keys, signing } = policy;
  const setup = policy.ciphering ?? {};
  const { systemTitle: ownTitle } = device;
  return {
    systemTitle,
    global: keys && { keys, guard },
    dedicated,
    broadcastGuard: policy.broadcastReplay,
    ciphering: keys && openingKeys({ setup, keys, signing, ownTitle }),
    signature: signing && { recipientTitle: ownTitle, publicKey: signing.peerPublicKey },
  };
}

/** Envelopes of a device. */
export function createServerEnvelope(device: LogicalDevice, random: Random): ServerEnvelope {
  let lastCounter: number | undefined;
  /** What is known of the client of the association at hand, made once. */
  let known: { readonly association: Association; readonly peer: Peer } | undefined;

  const unwrap = (octets: Uint8Array, association: Association): Result<Unwrapped> => {
    if (known?.association !== association) known = { association, peer: peerOf(association, device) };
    const unwrapped = unwrapApdu(octets, known.peer);
    if (unwrapped.ok) lastCounter = unwrapped.value.invocationCounter ?? lastCounter;
    return unwrapped;
  };

  /** General-Ciphering goes back by the scheme it came, under the transaction id it came with. */
  const cipher = (plain: Uint8Array, how: Dressing, association: Association): Uint8Array | undefined => {
    const { policy, clientTitle: peerTitle } = association;
    if (!how.ciphering || !policy.keys || !peerTitle) return undefined;
    const protection = strongerProtection(policy.protection, how.protection);
    if (protection === 'none') return undefined;
    const { keys, signing, ciphering: setup = {} } = policy;
    const side = { setup, keys, signing, ownTitle: device.systemTitle, peerTitle, random };
    const invocationCounter = nextCounter(device.counter(policy));
    return cipherApdu(plain, side, { ...how.ciphering, protection, invocationCounter });
  };

  const seal = (plain: Uint8Array, how: Dressing, { policy }: Association): Uint8Array => {
    const { envelope, keys } = how;
    const protection = strongerProtection(policy.protection, how.protection);
    if (envelope === 'plain' || envelope === 'general-ciphering' || protection === 'none' || !keys)
      return plain;
    const sealer = { keys, systemTitle: device.systemTitle };
    const invocationCounter = nextCounter(device.counter(policy));
    return wrapApdu(plain, sealer, { envelope, protection, invocationCounter });
  };

  const sign = (content: Uint8Array, { policy, clientTitle: recipientTitle }: Association): Uint8Array => {
    if (!policy.signing || !recipientTitle) return content;
    const signed = signApdu(content, {
      originatorTitle: device.systemTitle,
      recipientTitle,
      transactionId: transactionIdOf(lastCounter ?? 0),
      pair: policy.signing.own,
    });
    return signed.ok ? signed.value : content;
  };

  return {
    get lastCounter() {
      return lastCounter;
    },
    unwrap,
    read(octets, association) {
      const { policy } = association;
      const unwrapped = unwrap(octets, association);
      if (!unwrapped.ok) return unwrapped;
      const { plain, protection, isSigned } = unwrapped.value;
      if (!meetsProtection(protection, policy.protection) || (policy.demandsSignature && !isSigned)) {
        const expected = `${policy.protection}${policy.demandsSignature ? ' and a signature' : ''}`;
        return failure('dlms/unprotected', `expected an APDU protected by ${expected}, found ${protection}`, {
          client: policy.name,
        });
      }
      const decoded = decodeApdu(plain);
      return decoded.ok ? success({ apdu: decoded.value, dress: unwrapped.value }) : decoded;
    },
    dress(plain, how, association) {
      if (apduOfTag[plain[0] ?? 0]?.name === 'exception-response') return plain;
      const sealed = cipher(plain, how, association) ?? seal(plain, how, association);
      return how.isSigned ? sign(sealed, association) : sealed;
    },
  };
}
