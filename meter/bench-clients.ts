/**
 * Clients for the bench: one for each mechanism and each protection that DLMS/COSEM knows, beside the clients of a meter's profile. Most of
 * the mechanisms are weak, so a meter has these clients only when it is told to.
 */
import { createECDH, hkdfSync } from 'node:crypto';
import {
  type ClientPolicy,
  decodeData,
  type KeyPair,
  type LogicalDevice,
  type Mechanism,
  type Protection,
  type SecurityKeys,
  type ShortNameObject,
} from '@wattline/protocols/dlms';
import { guardsByTitle, reservedCounter } from './memory/invocation-counter.ts';
import { memoryOf, type NonVolatile } from './memory/non-volatile.ts';

/** One client of the bench. */
export interface BenchClient extends ClientPolicy {
  /** The client's own signing pair, for whoever plays it; the meter needs the public half alone. */
  readonly clientSigning?: KeyPair;
}

interface Row {
  readonly clientSap: number;
  readonly mechanism: Mechanism;
  readonly protection: Protection;
  /** Security suite, for clients with keys. */
  readonly suite?: 0 | 1 | 2;
}

/** SAP 104 to 111 is 104 and the mechanism_id; from 112 on come protections and suites. No companion profile uses these. */
const rows: readonly Row[] = [
  { clientSap: 104, mechanism: 'none', protection: 'none' },
  { clientSap: 105, mechanism: 'lls', protection: 'none' },
  { clientSap: 106, mechanism: 'hls2', protection: 'none' },
  { clientSap: 107, mechanism: 'md5', protection: 'none' },
  { clientSap: 108, mechanism: 'sha1', protection: 'none' },
  { clientSap: 109, mechanism: 'gmac', protection: 'none', suite: 0 },
  { clientSap: 110, mechanism: 'sha256', protection: 'none' },
  { clientSap: 111, mechanism: 'ecdsa', protection: 'none', suite: 1 },
  { clientSap: 112, mechanism: 'gmac', protection: 'a', suite: 0 },
  { clientSap: 113, mechanism: 'gmac', protection: 'e', suite: 0 },
  { clientSap: 114, mechanism: 'gmac', protection: 'ae', suite: 0 },
  { clientSap: 115, mechanism: 'gmac', protection: 'ae', suite: 1 },
  { clientSap: 116, mechanism: 'gmac', protection: 'ae', suite: 2 },
  { clientSap: 117, mechanism: 'ecdsa', protection: 'ae', suite: 1 },
  { clientSap: 118, mechanism: 'ecdsa', protection: 'ae', suite: 2 },
  { clientSap: 119, mechanism: 'none', protection: 'ae', suite: 0 },
  { clientSap: 120, mechanism: 'lls', protection: 'ae', suite: 0 },
  { clientSap: 121, mechanism: 'sha256', protection: 'ae', suite: 0 },
];

/** What bench clients are made from. */
export interface BenchOptions {
  readonly seed: string;
  readonly serial: string;
  readonly memory: NonVolatile;
  /** Mechanisms wanted; none leaves the device with short names alone. */
  readonly mechanisms: readonly Mechanism[];
  /** The client of the profile whose rights they have. */
  readonly rightsOf: ClientPolicy;
}

/** A device with bench clients besides its own, and those clients. */
export interface BenchDevice {
  readonly device: LogicalDevice;
  readonly clients: readonly BenchClient[];
}

/**
 * Adds bench clients to a device, and short names where it has none: all may do what the client `rightsOf` of its profile may. Their keys are functions of the
 * seed, their counters go on in the meter's memory.
 */
export function withBenchClients(device: LogicalDevice, options: BenchOptions): BenchDevice {
  const memory = memoryOf(options.serial, options.memory);
  const clients = rows
    .filter(({ mechanism }) => options.mechanisms.includes(mechanism))
    .map((row) => benchClient(row, memory, options));
  const bySap = new Map(clients.map((client) => [client.clientSap, client]));
  const counters = new Map(
    clients.map(({ name }) => [name, reservedCounter(memory, `${name}/sent`)] as const),
  );
  /** The client as the device knows it: rights of the one, association of the other. */
  const inside = (client: ClientPolicy): ClientPolicy => {
    const bench = bySap.get(client.clientSap);
    if (!bench) return client;
    const { clientSap, mechanism, protection } = bench;
    return { ...options.rightsOf, clientSap, mechanism, protection };
  };
  return {
    clients,
    device: {
      ...device,
      policy: (sap) => bySap.get(sap) ?? device.policy(sap),
      counter: (client) => counters.get(client.name) ?? device.counter(client),
      get: (reference, client) => device.get(reference, inside(client)),
      set: (reference, value, client) => device.set(reference, value, inside(client)),
      action: (reference, parameter, client) => device.action(reference, parameter, inside(client)),
      shortNames: (client) => (device.shortNames ?? ((one) => shortNamesOf(device, one)))(inside(client)),
    },
  };
}

function benchClient(row: Row, memory: NonVolatile, { seed, serial }: BenchOptions): BenchClient {
  const { clientSap, mechanism, protection, suite } = row;
  const name = `bench-${[mechanism, protection, ...(suite === undefined ? [] : [suite])].join('-')}`;
  const derive = (what: string, length: number) =>
    new Uint8Array(hkdfSync('sha256', seed, 'wattline bench keys', `${serial}/${name}/${what}`, length));
  const needsSecret = mechanism !== 'none' && mechanism !== 'gmac' && mechanism !== 'ecdsa';
  // A bench asks for every mechanism, the weak ones too.
  const policy = { name, clientSap, mechanism, protection, allowsWeak: true };
  return {
    ...policy,
    ...(needsSecret ? { secret: secretFrom(derive('secret', 8)) } : {}),
    ...(suite === undefined ? {} : { keys: keysFrom(derive, suite) }),
    ...(suite === undefined ? {} : { replayOf: guardsByTitle(memory, `${name}/accepted`).guardOf }),
    ...(mechanism === 'ecdsa' && suite !== undefined && suite > 0 ? signingFrom(derive, suite) : {}),
  };
}

/** Sixteen characters, as mechanism 2 wants and as a person can type. */
function secretFrom(octets: Uint8Array): Uint8Array {
  return new TextEncoder().encode(Buffer.from(octets).toString('hex'));
}

type Derive = (what: string, length: number) => Uint8Array;

function keysFrom(derive: Derive, suite: 0 | 1 | 2): SecurityKeys {
  const length = suite === 2 ? 32 : 16;
  return { suite, ek: derive('ek', length), ak: derive('ak', length) };
}

function signingFrom(derive: Derive, suite: number): Pick<BenchClient, 'signing' | 'clientSigning'> {
  const client = pairFrom(derive, suite, 'client');
  const meter = pairFrom(derive, suite, 'meter');
  return { signing: { own: meter, peerPublicKey: client.publicKey }, clientSigning: client };
}

/** P-256 for suite 1, P-384 for suite 2. */
function pairFrom(derive: Derive, suite: number, side: string): KeyPair {
  const ecdh = createECDH(suite === 1 ? 'prime256v1' : 'secp384r1');
  for (let attempt = 0; ; attempt++) {
    const privateKey = derive(`${side}/signing/${attempt}`, suite === 1 ? 32 : 48);
    try {
      ecdh.setPrivateKey(privateKey);
    } catch {
      // Not below the order of the curve: one number in 2^32 on P-256.
      continue;
    }
    return { privateKey, publicKey: new Uint8Array(ecdh.getPublicKey().subarray(1)) };
  }
}

/** Where short names begin and how far objects stand apart: no class has more than 31 attributes and methods. */
const firstBaseName = 0x0100;
const spacing = 0x100;
/** Names of the Association SN (Blue Book 4.1.3) begin here. */
const endOfNames = 0xfa00;
const associationClass = 15;

/** The objects that the device lists for a client, under base names in the order of the list. */
function shortNamesOf(device: LogicalDevice, client: ClientPolicy): ShortNameObject[] {
  const list = device.get({ classId: associationClass, obis: '0.0.40.0.0.255', attribute: 2 }, client);
  const decoded = list.ok ? decodeData(list.encoded) : undefined;
  const elements = decoded?.ok && decoded.value.value.type === 'array' ? decoded.value.value.value : [];
  return elements.flatMap((element, index) => {
    const [classId, version, name] = element.type === 'structure' ? element.value : [];
    const isObject = classId?.type === 'long-unsigned' && version?.type === 'unsigned';
    if (!isObject || name?.type !== 'octet-string' || classId.value === associationClass) return [];
    const baseName = firstBaseName + index * spacing;
    if (baseName >= endOfNames) return [];
    return [{ baseName, classId: classId.value, version: version.value, obis: [...name.value].join('.') }];
  });
}
