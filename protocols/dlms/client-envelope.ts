/** Requests into their envelopes and answers out of them (Green Book 9.2.7.2), as the client's options say. */
import { CodedError, failure, type Result } from '@wattline/base';
import { type Apdu, decodeApdu } from './apdu/apdu.ts';
import { apduOfTag, apduTags } from './apdu/tags.ts';
import type { CipheringSetup, ReplayGuard, SecurityKeys } from './association.ts';
import { cipherApdu, openingKeys, transactionIdOf } from './ciphering-setup.ts';
import type { ClientOptions } from './client.ts';
import { refusals } from './client-rules.ts';
import { envelopeOverhead, unwrapApdu, wrapApdu } from './envelope.ts';
import { signApdu } from './general-signing.ts';
import { connectionGuard, meetsProtection, nextCounter } from './security.ts';

/** Which envelope serves which key. */
const envelopes = {
  service: { global: 'glo', dedicated: 'ded' },
  general: { global: 'general-glo', dedicated: 'general-ded' },
} as const;

/** The scheme of General-Ciphering when none is named. */
const noSetup: CipheringSetup = { scheme: 'identified' };

/** The envelopes of one connection. */
export interface ClientEnvelope {
  /** The number for the next seal or proof. @throws CodedError `dlms/keys-missing`, `dlms/counter-exhausted` */
  nextCounter(): number;
  /** The most octets that dressing a request of this kind adds. */
  overhead(isAccess: boolean): number;
  /** Seals and signs a request as the options say; the proofs of HLS go under the global key. */
  dress(plain: Uint8Array, to: Dressed): Uint8Array;
  /** Opens an answer and demands of it the protection we asked with; only refusals may come in the clear. */
  undress(octets: Uint8Array, serverTitle: Uint8Array | undefined): Result<Apdu>;
}

/** Where a request goes. */
interface Dressed {
  readonly serverTitle: Uint8Array | undefined;
  /** The association is not yet open: no dedicated and no broadcast key. */
  readonly isProof: boolean;
}

/** Envelopes of a client; `guard` judges the counters of the server under the global key. */
export function createClientEnvelope(options: ClientOptions, guard: ReplayGuard): ClientEnvelope {
  const { keys, protection, systemTitle, dedicatedKey, signing, envelope = 'service' } = options;
  const setup = options.ciphering ?? noSetup;
  const dedicated: SecurityKeys | undefined = keys && dedicatedKey && { ...keys, ek: dedicatedKey };
  const dedicatedGuard = connectionGuard();

  const next = (): number => {
    const { counter } = options;
    if (!counter) throw new CodedError('dlms/keys-missing', 'ciphering needs a counter');
    return nextCounter(counter);
  };

  /** ACCESS has no envelope of its own. */
  const kindFor = (isAccess: boolean) => (isAccess && envelope === 'service' ? 'general' : envelope);

  const seal = (plain: Uint8Array, invocationCounter: number, to: Dressed): Uint8Array => {
    const kind = kindFor(apduTags['access-request'].tag === plain[0]);
    if (protection === 'none' || !keys || !systemTitle) return plain;
    if (kind === 'ciphering' && to.serverTitle) {
      const { random } = options;
      const side = { setup, keys, signing, ownTitle: systemTitle, peerTitle: to.serverTitle, random };
      const transactionId = transactionIdOf(invocationCounter);
      return cipherApdu(plain, side, { scheme: setup.scheme, protection, invocationCounter, transactionId });
    }
    const isDedicated = dedicated !== undefined && !to.isProof;
    const by = isDedicated ? dedicated : keys;
    const { [isDedicated ? 'dedicated' : 'global']: name } = envelopes[kind === 'service' ? kind : 'general'];
    const isBroadcast = options.isBroadcast === true && !isDedicated && !to.isProof;
    const how = { envelope: name, protection, invocationCounter, isBroadcast };
    return wrapApdu(plain, { keys: by, systemTitle }, how);
  };

  const sign = (content: Uint8Array, invocationCounter: number, { serverTitle }: Dressed): Uint8Array => {
    if (!systemTitle || !serverTitle || !signing) return content;
    const signed = signApdu(content, {
      originatorTitle: systemTitle,
      recipientTitle: serverTitle,
      transactionId: transactionIdOf(invocationCounter),
      pair: signing.own,
    });
    if (!signed.ok) throw new CodedError(signed.error.code, signed.error.message);
    return signed.value;
  };

  return {
    nextCounter: next,
    overhead(isAccess) {
      if (protection === 'none') return 0;
      const kind = kindFor(isAccess);
      const name = kind === 'ciphering' ? 'general-ciphering' : envelopes[kind].global;
      return envelopeOverhead(name, { scheme: setup.scheme, isSigned: options.isSigned });
    },
    dress(plain, to) {
      if (protection === 'none') return plain;
      const invocationCounter = next();
      const sealed = seal(plain, invocationCounter, to);
      return options.isSigned ? sign(sealed, invocationCounter, to) : sealed;
    },
    undress(octets, serverTitle) {
      const unwrapped = unwrapApdu(octets, {
        systemTitle: serverTitle,
        global: keys && { keys, guard },
        dedicated: dedicated && { keys: dedicated, guard: dedicatedGuard },
        ciphering: keys && systemTitle && openingKeys({ setup, keys, signing, ownTitle: systemTitle }),
        signature: signing &&
          systemTitle && { recipientTitle: systemTitle, publicKey: signing.peerPublicKey },
      });
      if (!unwrapped.ok) return unwrapped;
      const isRefusal = (apduOfTag[octets[0] ?? 0]?.name ?? '') in refusals;
      const { protection: found, isSigned } = unwrapped.value;
      const isLess = !meetsProtection(found, protection) || (options.isSigned === true && !isSigned);
      if (isLess && !isRefusal) {
        const expected = `${protection}${options.isSigned ? ' and a signature' : ''}`;
        return failure('dlms/unprotected', `expected protection ${expected}, found ${found}`);
      }
      return decodeApdu(unwrapped.value.plain, { tolerateTrailing: true });
    },
  };
}
