/** Key pairs and certificates of a meter (Blue Book 4.4.7, Green Book 9.2.6): kept in its memory, requests after PKCS #10 (RFC 2986). */
import { createPrivateKey, createPublicKey, sign, X509Certificate } from 'node:crypto';
import { fromHex, toHex } from '@wattline/base';
import { generateKeyPair, type KeyPair, publicKeyOfCertificate } from '@wattline/protocols/dlms';
import type { NonVolatile } from '../memory/non-volatile.ts';

/** What a key pair is for. */
export type KeyPurpose = 'digital-signature' | 'key-agreement' | 'tls';

/** A certificate as it is listed. */
export interface Certificate {
  /** 0 server, 1 client, 2 certification authority. */
  readonly entity: number;
  /** 0 digital signature, 1 key agreement, 2 TLS, 3 other. */
  readonly type: number;
  readonly serialNumber: Uint8Array;
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly der: Uint8Array;
}

/** How a certificate is named. */
export type CertificateId =
  | {
      readonly kind: 'entity';
      readonly entity: number;
      readonly type: number;
      readonly systemTitle: Uint8Array;
    }
  | { readonly kind: 'serial'; readonly serialNumber: Uint8Array; readonly issuer: Uint8Array };

const mostCertificates = 16;
const purposes: readonly KeyPurpose[] = ['digital-signature', 'key-agreement', 'tls'];

/** The store of one meter. */
export class CertificateStore {
  readonly #memory: NonVolatile;
  readonly #systemTitle: Uint8Array;
  readonly #suite: 0 | 1 | 2;

  constructor(of: {
    readonly memory: NonVolatile;
    readonly systemTitle: Uint8Array;
    readonly suite: 0 | 1 | 2;
  }) {
    this.#memory = of.memory;
    this.#systemTitle = of.systemTitle;
    this.#suite = of.suite;
  }

  list(): readonly Certificate[] {
    return this.#held().flatMap((der) => this.#read(der) ?? []);
  }

  find(id: CertificateId): Certificate | undefined {
    return this.list().find((one) => isNamed(one, id));
  }

  /** A new pair for a purpose; false in suite 0, which has no curve. */
  generateKeyPair(purpose: KeyPurpose): boolean {
    if (this.#suite === 0) return false;
    const { privateKey, publicKey } = generateKeyPair(this.#suite);
    this.#memory.write(`certificates/key/${purpose}`, `${toHex(privateKey)} ${toHex(publicKey)}`);
    this.#memory.sync();
    return true;
  }

  /** The pair of a purpose; undefined before it was generated. */
  keyPair(purpose: KeyPurpose): KeyPair | undefined {
    const [privateKey, publicKey] = this.#memory.read(`certificates/key/${purpose}`)?.split(' ') ?? [];
    return privateKey && publicKey
      ? { privateKey: fromHex(privateKey), publicKey: fromHex(publicKey) }
      : undefined;
  }

  /** A certification request (DER) signed with the pair of a purpose; undefined before there is one. */
  request(purpose: KeyPurpose): Uint8Array | undefined {
    const pair = this.keyPair(purpose);
    return pair && certificationRequest(pair, toHex(this.#systemTitle));
  }

  /** Takes a certificate (DER): of a key pair of this meter, of a client or of an authority; false when it cannot be read. */
  import(der: Uint8Array): boolean {
    const held = this.#held();
    if (!this.#read(der) || held.length >= mostCertificates) return false;
    const others = held.filter((one) => !Buffer.from(one).equals(der));
    this.#hold([...others, der]);
    return true;
  }

  /** The signing key of a client out of its certificate, valid at an instant; undefined when no such certificate was imported. */
  clientSigner(
    instantMs: number,
  ): { readonly systemTitle: Uint8Array; readonly publicKey: Uint8Array } | undefined {
    for (const { entity, type, subject, der: octets } of this.list()) {
      const title = /CN=([0-9A-F]{16})/i.exec(Buffer.from(subject).toString('utf8'))?.[1];
      if (entity !== 1 || type !== 0 || !title) continue;
      const publicKey = publicKeyOfCertificate(octets, { instantMs });
      if (publicKey.ok) return { systemTitle: fromHex(title), publicKey: publicKey.value };
    }
    return undefined;
  }

  /** False when there is none of that name. */
  remove(id: CertificateId): boolean {
    const found = this.find(id);
    if (!found) return false;
    this.#hold(this.#held().filter((der) => !Buffer.from(der).equals(found.der)));
    return true;
  }

  #held(): Uint8Array[] {
    const text = this.#memory.read('certificates/list');
    return text ? text.split(',').map((one) => new Uint8Array(Buffer.from(one, 'base64'))) : [];
  }

  #hold(certificates: readonly Uint8Array[]): void {
    this.#memory.write(
      'certificates/list',
      certificates.map((der) => Buffer.from(der).toString('base64')).join(','),
    );
    this.#memory.sync();
  }

  #read(der: Uint8Array): Certificate | undefined {
    let read: X509Certificate;
    try {
      read = new X509Certificate(der);
    } catch {
      return undefined;
    }
    const publicKey = read.publicKey.export({ format: 'der', type: 'spki' });
    const own = purposes.find((purpose) => {
      const pair = this.keyPair(purpose);
      return pair !== undefined && publicKey.equals(publicKeyInfo(pair));
    });
    const entity = read.ca ? 2 : own ? 0 : 1;
    return {
      entity,
      type: own ? purposes.indexOf(own) : read.ca ? 3 : 0,
      serialNumber: fromHex(
        read.serialNumber.padStart(read.serialNumber.length + (read.serialNumber.length % 2), '0'),
      ),
      issuer: new Uint8Array(Buffer.from(read.issuer, 'utf8')),
      subject: new Uint8Array(Buffer.from(read.subject, 'utf8')),
      der: new Uint8Array(der),
    };
  }
}

function isNamed(one: Certificate, id: CertificateId): boolean {
  if (id.kind === 'serial') {
    return Buffer.from(one.serialNumber).equals(id.serialNumber) && Buffer.from(one.issuer).equals(id.issuer);
  }
  // The common name of a certificate of DLMS is the system title in hexadecimal (Green Book 9.2.6.4).
  const isTitle = Buffer.from(one.subject).toString('utf8').toUpperCase().includes(toHex(id.systemTitle));
  return one.entity === id.entity && one.type === id.type && isTitle;
}

/** DER: a tag, the length, the contents. */
function der(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const body = Buffer.concat(contents);
  const length =
    body.length < 0x80
      ? [body.length]
      : body.length < 0x100
        ? [0x81, body.length]
        : [0x82, body.length >> 8, body.length & 0xff];
  return new Uint8Array(Buffer.concat([Uint8Array.of(tag, ...length), body]));
}

const sequence = 0x30;
const set = 0x31;
const version0 = Uint8Array.of(0x02, 0x01, 0x00);
/** Attributes [0], none. */
const noAttributes = Uint8Array.of(0xa0, 0x00);
/** id-at-commonName, 2.5.4.3. */
const commonName = Uint8Array.of(0x06, 0x03, 0x55, 0x04, 0x03);
/** ecdsa-with-SHA256 and -SHA384, 1.2.840.10045.4.3.2 and .3. */
const ecdsaWith = (last: number) => Uint8Array.of(0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, last);

/** CertificationRequest of RFC 2986: subject, public key, signature by the same key. */
function certificationRequest(pair: KeyPair, subject: string): Uint8Array {
  const isP256 = pair.publicKey.length === 64;
  const name = der(sequence, der(set, der(sequence, commonName, der(0x0c, Buffer.from(subject, 'utf8')))));
  const info = der(sequence, version0, name, publicKeyInfo(pair), noAttributes);
  const signature = sign(isP256 ? 'sha256' : 'sha384', info, privateKeyOf(pair));
  const algorithm = der(sequence, ecdsaWith(isP256 ? 2 : 3));
  return der(sequence, info, algorithm, der(0x03, Uint8Array.of(0), signature));
}

const base64 = (octets: Uint8Array) => Buffer.from(octets).toString('base64url');

function jwkOf({ publicKey }: KeyPair) {
  const half = publicKey.length / 2;
  return {
    kty: 'EC',
    crv: half === 32 ? 'P-256' : 'P-384',
    x: base64(publicKey.subarray(0, half)),
    y: base64(publicKey.subarray(half)),
  };
}

function publicKeyInfo(pair: KeyPair): Buffer {
  return createPublicKey({ key: jwkOf(pair), format: 'jwk' }).export({ format: 'der', type: 'spki' });
}

function privateKeyOf(pair: KeyPair) {
  return createPrivateKey({ key: { ...jwkOf(pair), d: base64(pair.privateKey) }, format: 'jwk' });
}
