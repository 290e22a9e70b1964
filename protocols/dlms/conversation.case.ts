/** A device of a few objects, its clients and a wire between both ends: what the conversation tests share. */
import assert from 'node:assert/strict';
import { fromHex, seededRandom } from '@wattline/base';
import type { InvocationCounter, ReplayGuard, SecurityKeys } from './association.ts';
import { encodeData } from './axdr.ts';
import type { ClientConnection, ClientOptions, ClientOutcome, ClientRequest } from './client.ts';
import { createClientConnection } from './client-connection.ts';
import type { Data } from './data.ts';
import type { HdlcOptions } from './hdlc/parameters.ts';
import type { ClientPolicy, LogicalDevice, ServerConnection, ServerEvent } from './server.ts';
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
    { clientSap: 32, name: 'password', mechanism: 'lls', protection: 'none', secret: password },
    { clientSap: 2, name: 'reader', protection: 'ae', replay: guardFrom(), ...reader },
    { clientSap: 3, name: 'authenticated', protection: 'a', replay: guardFrom(), ...reader },
    { clientSap: 4, name: 'encrypted', protection: 'e', replay: guardFrom(), ...reader },
    { clientSap: 5, name: 'open gmac', protection: 'none', replay: guardFrom(), ...reader },
    { clientSap: 6, name: 'md5', mechanism: 'md5', protection: 'none', secret: password },
    { clientSap: 7, name: 'sha1', mechanism: 'sha1', protection: 'none', secret: password },
    { clientSap: 8, name: 'sha256', mechanism: 'sha256', protection: 'none', secret: password },
    { clientSap: 9, name: 'hls2', mechanism: 'hls2', protection: 'none', secret: password },
    {
      clientSap: 10,
      name: 'ciphered lls',
      mechanism: 'lls',
      protection: 'ae',
      secret: password,
      keys,
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
    ...(policy.keys ? { keys: policy.keys } : {}),
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
  readonly device?: TestDevice;
  readonly serverMaxPduSize?: number;
  readonly hdlc?: HdlcOptions;
  /** Octets delivered at a time; all at once unless told. */
  readonly cut?: number;
  /** Changes what the server receives. */
  readonly tamper?: (octets: Uint8Array) => Uint8Array;
  /** Changes what the client receives. */
  readonly tamperBack?: (octets: Uint8Array) => Uint8Array;
}

/** Connects a client to the device of the tests. */
export function converse(options: ClientOptions, carriage: Carriage = {}): Conversation {
  const { device = testDevice(), serverMaxPduSize = 1024, cut = Number.POSITIVE_INFINITY } = carriage;
  const server = createServerConnection(device, {
    random: seededRandom('server'),
    maxPduSize: serverMaxPduSize,
    ...(carriage.hdlc ? { hdlc: carriage.hdlc } : {}),
  });
  const client = createClientConnection(options);
  const events: ServerEvent[] = [];
  const wire: Conversation['wire'] = [];
  let isClosed = false;

  const toServer = (octets: Uint8Array): Uint8Array[] => {
    wire.push({ from: 'client', octets });
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
      for (let octets = toClient.shift(); octets; octets = toClient.shift()) {
        wire.push({ from: 'server', octets });
        for (const part of parts(carriage.tamperBack?.(octets) ?? octets, cut)) {
          const { send, outcome } = client.receive(part);
          for (const more of send) toClient.push(...toServer(more));
          if (outcome) return outcome;
        }
      }
      assert.fail('the conversation ended without an outcome');
    },
  };
}

function* parts(octets: Uint8Array, cut: number): Generator<Uint8Array> {
  for (let at = 0; at < octets.length; at += cut)
    yield octets.subarray(at, Math.min(octets.length, at + cut));
}
