/** A device of a few objects, its clients and a wire between both ends: what the conversation tests share. */
import assert from 'node:assert/strict';
import { fromHex, seededRandom } from '@wattline/base';
import type { InvocationCounter, KeyPair, PeerKeys, ReplayGuard, SecurityKeys } from './association.ts';
import { encodeData } from './axdr.ts';
import type { ClientConnection, ClientOptions, ClientOutcome, ClientRequest } from './client.ts';
import { createClientConnection } from './client-connection.ts';
import type { Data } from './data.ts';
import type { HdlcOptions } from './hdlc/parameters.ts';
import type {
  ClientPolicy,
  GatewayRoute,
  LogicalDevice,
  ServerConnection,
  ServerEvent,
  ShortNameObject,
} from './server.ts';
import { createServerConnection } from './server-connection.ts';

export const keys: SecurityKeys = {
  suite: 0,
  ek: fromHex('000102030405060708090A0B0C0D0E0F'),
  ak: fromHex('D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF'),
};
export const otherKeys: SecurityKeys = { ...keys, ek: fromHex('FF0102030405060708090A0B0C0D0E0F') };
export const meterTitle = fromHex('4D4D4D0000BC614E');
export const clientTitle = fromHex('4845530000000001');
export const password = new TextEncoder().encode('12345678');

/** Key pairs made for these tests alone, by curve: the client's and the meter's. */
export const pairs: Readonly<Record<'p256' | 'p384', Readonly<Record<'client' | 'meter', KeyPair>>>> = {
  p256: {
    client: {
      privateKey: fromHex('A6CB563B28BBAB3BD0222E27F8A669296E0A15409937615B72572429817179D9'),
      publicKey: fromHex(
        'C83BBBF1D1D1B857B85DBB3329938BC4D68F4CA2033007D38F5ABD0544D338A7' +
          '20BBACC6FF0C4A62882E25E193E18AD2259D95734CD7C38B67EB8EDEB64F5DA4',
      ),
    },
    meter: {
      privateKey: fromHex('431FEAFCA9030103BE17281C783C64E06B671E195B39E1918C275CB10676AAB1'),
      publicKey: fromHex(
        'F454CBE67FF1658844B261728C6416DB98CCF412EA2F1359A65F1E5A1D953649' +
          '9ABD4B8067CB4CC7E101222F7F0D374BC19A3433E5EB9706D667734F8011C4AE',
      ),
    },
  },
  p384: {
    client: {
      privateKey: fromHex(
        '556BD08D92719A403A17EA47CB82C2C2FDE8CF5016FA1EC6915A4081B5445C310FC43907D3E7C9902A07B303E25FC5FF',
      ),
      publicKey: fromHex(
        '3048A5E69D274B2F19DB28B931F53504353E7AEEB024F208FAFA197E1EAB23491D0CFB07F89313C58557CCFA7C3C5187' +
          '1550207C4FEEBFCAE4E085D6A2C9F5DA02D82446B5AEE5D6020E85A1E1C077619792BA4FA95B3DE7594AA62D84CE00E4',
      ),
    },
    meter: {
      privateKey: fromHex(
        '7E7632A227FA4F3267498A9E17C242EF7321DC804D0A9387BE0B7E9028BCD5D07F1C41356D3104034C4E9E7918DE90D2',
      ),
      publicKey: fromHex(
        'DBC5B37EE9A6D805E2D52E9E329CFF9DF8FEA096C5379305CF7A999FE8175699532384A12A6744D4CBB81FBC43D245A3' +
          'A25F3BE7F175F08BBE2B4A8067ABFBD93112E9333E4A54FE7481E3A2F85120588A74227E58EFCC9AC147D547E97243D2',
      ),
    },
  },
};

/** Keys of suite 2. */
export const suite2Keys: SecurityKeys = {
  suite: 2,
  ek: fromHex('000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F'),
  ak: fromHex('D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDFE0E1E2E3E4E5E6E7E8E9EAEBECEDEEEF'),
};

/** Signing keys as one side holds them. */
export function signingOf(curve: keyof typeof pairs, side: 'client' | 'meter'): PeerKeys {
  const { client, meter } = pairs[curve];
  return side === 'client'
    ? { own: client, peerPublicKey: meter.publicKey }
    : { own: meter, peerPublicKey: client.publicKey };
}

/** A counter in memory; the tests need none that survives. */
export function countFrom(start: number): InvocationCounter {
  let next = start;
  return { next: () => next++ };
}

/** A guard in memory. */
export function guardFrom(start = -1): ReplayGuard {
  let last = start;
  return {
    accept(counter) {
      if (counter <= last) return false;
      last = counter;
      return true;
    },
  };
}

/** Policies by SAP: one for each mechanism, and one for each protection. */
export function policies(): readonly ClientPolicy[] {
  const reader = { mechanism: 'gmac', keys } as const;
  return [
    { clientSap: 16, name: 'public', mechanism: 'none', protection: 'none' },
    {
      clientSap: 32,
      name: 'password',
      allowsWeak: true,
      mechanism: 'lls',
      protection: 'none',
      secret: password,
    },
    { clientSap: 2, name: 'reader', protection: 'ae', replay: guardFrom(), ...reader },
    { clientSap: 3, name: 'authenticated', protection: 'a', replay: guardFrom(), ...reader },
    { clientSap: 4, name: 'encrypted', protection: 'e', replay: guardFrom(), ...reader },
    { clientSap: 5, name: 'open gmac', protection: 'none', replay: guardFrom(), ...reader },
    { clientSap: 6, name: 'md5', allowsWeak: true, mechanism: 'md5', protection: 'none', secret: password },
    { clientSap: 7, name: 'sha1', allowsWeak: true, mechanism: 'sha1', protection: 'none', secret: password },
    { clientSap: 8, name: 'sha256', mechanism: 'sha256', protection: 'none', secret: password },
    { clientSap: 9, name: 'hls2', allowsWeak: true, mechanism: 'hls2', protection: 'none', secret: password },
    {
      clientSap: 10,
      name: 'ciphered lls',
      allowsWeak: true,
      mechanism: 'lls',
      protection: 'ae',
      secret: password,
      keys,
      replay: guardFrom(),
    },
    {
      clientSap: 11,
      name: 'ecdsa on P-256',
      mechanism: 'ecdsa',
      protection: 'none',
      signing: signingOf('p256', 'meter'),
    },
    {
      clientSap: 12,
      name: 'ecdsa of suite 2',
      mechanism: 'ecdsa',
      protection: 'ae',
      keys: suite2Keys,
      signing: signingOf('p384', 'meter'),
      replay: guardFrom(),
    },
  ];
}

/** Long enough to need many blocks whatever the size of APDU. */
export const profile: Data = {
  type: 'array',
  value: Array.from({ length: 300 }, (_, i) => ({
    type: 'structure',
    value: [
      { type: 'double-long-unsigned', value: i * 1000 },
      { type: 'unsigned', value: i % 7 },
    ],
  })),
};

/** Objects of the device under their base names. */
export const shortNames: readonly ShortNameObject[] = [
  { baseName: 0x0100, classId: 1, version: 0, obis: '0.0.96.1.0.255' },
  { baseName: 0x0200, classId: 3, version: 0, obis: '1.0.1.8.0.255' },
  { baseName: 0x0300, classId: 7, version: 1, obis: '1.0.99.1.0.255' },
  { baseName: 0x0400, classId: 20, version: 0, obis: '0.0.13.0.0.255' },
  { baseName: 0x0500, classId: 70, version: 0, obis: '0.0.96.3.10.255' },
];

/** What the device of the tests remembers of SET and ACTION. */
export interface TestDevice extends LogicalDevice {
  readonly written: Data[];
  readonly acted: (Data | undefined)[];
}

/** A device with a serial number, an energy register, a profile and a method that echoes. */
export function testDevice(clients = policies()): TestDevice {
  const written: Data[] = [];
  const acted: (Data | undefined)[] = [];
  const counter = countFrom(1);
  return {
    systemTitle: meterTitle,
    serverSap: 1,
    written,
    acted,
    policy: (clientSap) => clients.find((client) => client.clientSap === clientSap),
    counter: () => counter,
    shortNames: () => shortNames,
    get(reference) {
      switch (reference.obis) {
        case '0.0.96.1.0.255':
          return { ok: true, encoded: encodeData({ type: 'octet-string', value: meterTitle }) };
        case '1.0.1.8.0.255':
          return { ok: true, encoded: encodeData({ type: 'double-long-unsigned', value: 5009 }) };
        case '1.0.99.1.0.255':
          return { ok: true, encoded: encodeData(reference.access?.parameters ?? profile) };
        default:
          return { ok: false, result: 'object-undefined' };
      }
    },
    set(reference, value) {
      if (reference.obis !== '0.0.13.0.0.255') return 'read-write-denied';
      written.push(value);
      return 'success';
    },
    action(reference, parameter) {
      acted.push(parameter);
      if (reference.obis !== '0.0.96.3.10.255') return { result: 'object-undefined' };
      return parameter ? { result: 'success', encoded: encodeData(parameter) } : { result: 'success' };
    },
  };
}

/** Options of the client that fits a policy. */
export function clientFor(clientSap: number, extra: Partial<ClientOptions> = {}): ClientOptions {
  const policy = policies().find((candidate) => candidate.clientSap === clientSap);
  assert(policy, `a policy for SAP ${clientSap}`);
  const { mechanism, protection, secret } = policy;
  return {
    clientSap,
    serverSap: 1,
    mechanism,
    protection,
    ...(secret ? { secret } : {}),
    ...(policy.allowsWeak ? { allowsWeak: true } : {}),
    ...(policy.keys ? { keys: policy.keys } : {}),
    ...(policy.signing ? { signing: signingOf(policy.keys ? 'p384' : 'p256', 'client') } : {}),
    systemTitle: clientTitle,
    counter: countFrom(100),
    random: seededRandom(`client ${clientSap}`),
    ...extra,
  };
}

/** Both ends and what passed between them. */
export interface Conversation {
  readonly client: ClientConnection;
  readonly server: ServerConnection;
  readonly events: ServerEvent[];
  /** Octets of both directions in order of sending. */
  readonly wire: { readonly from: 'client' | 'server'; readonly octets: Uint8Array }[];
  readonly closed: () => boolean;
  /** Carries a request to its outcome. */
  ask(request: ClientRequest): ClientOutcome;
}

/** How a conversation is carried. */
export interface Carriage {
  readonly device?: LogicalDevice;
  readonly serverMaxPduSize?: number;
  readonly hdlc?: HdlcOptions;
  readonly gateway?: GatewayRoute;
  /** Octets delivered at a time; all at once unless told. */
  readonly cut?: number;
  /** Changes what the server receives. */
  readonly tamper?: (octets: Uint8Array) => Uint8Array;
  /** Changes what the client receives. */
  readonly tamperBack?: (octets: Uint8Array) => Uint8Array;
  /** Whether a piece sent is lost on its way, as over UDP; silence then makes the client send again. */
  readonly isLost?: () => boolean;
}

/** Connects a client to the device of the tests. */
export function converse(options: ClientOptions, carriage: Carriage = {}): Conversation {
  const { device = testDevice(), serverMaxPduSize = 1024, cut = Number.POSITIVE_INFINITY } = carriage;
  const server = createServerConnection(device, {
    random: seededRandom('server'),
    maxPduSize: serverMaxPduSize,
    ...(carriage.hdlc ? { hdlc: carriage.hdlc } : {}),
    ...(carriage.gateway ? { gateway: carriage.gateway } : {}),
  });
  const client = createClientConnection(options);
  const events: ServerEvent[] = [];
  const wire: Conversation['wire'] = [];
  let isClosed = false;

  const toServer = (octets: Uint8Array): Uint8Array[] => {
    wire.push({ from: 'client', octets });
    if (carriage.isLost?.()) return [];
    const sent: Uint8Array[] = [];
    for (const part of parts(carriage.tamper?.(octets) ?? octets, cut)) {
      const reaction = server.receive(part);
      events.push(...reaction.events);
      sent.push(...reaction.send);
      isClosed ||= reaction.close;
    }
    return sent;
  };

  return {
    client,
    server,
    events,
    wire,
    closed: () => isClosed,
    ask(request) {
      const first = client.request(request);
      if (!first.ok) return { kind: 'failure', failure: first.error };
      const toClient = toServer(first.value);
      for (let silences = 0; silences < 100; silences++) {
        for (let octets = toClient.shift(); octets; octets = toClient.shift()) {
          wire.push({ from: 'server', octets });
          if (carriage.isLost?.()) continue;
          for (const part of parts(carriage.tamperBack?.(octets) ?? octets, cut)) {
            const { send, outcome } = client.receive(part);
            for (const more of send) toClient.push(...toServer(more));
            if (outcome) return outcome;
          }
        }
        const again = carriage.isLost && client.retry?.();
        if (!again) break;
        toClient.push(...toServer(again));
      }
      assert.fail('the conversation ended without an outcome');
    },
  };
}

function* parts(octets: Uint8Array, cut: number): Generator<Uint8Array> {
  for (let at = 0; at < octets.length; at += cut)
    yield octets.subarray(at, Math.min(octets.length, at + cut));
}
