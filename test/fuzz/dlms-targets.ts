/** What of DLMS is fuzzed: every door at which octets of a peer come in. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromHex, seededRandom } from '@wattline/base';
import {
  AxdrWriter,
  type ClientPolicy,
  createClientConnection,
  createPushReceiver,
  createServerConnection,
  decodeData,
  decodeFrame,
  decodeProfileColumns,
  encodePush,
  type LogicalDevice,
  type SecurityKeys,
} from '@wattline/protocols/dlms';
import { associationTarget } from './association-target.ts';
import type { FuzzTarget } from './fuzz-run.ts';

const keys: SecurityKeys = { suite: 0, ek: new Uint8Array(16).fill(0x11), ak: new Uint8Array(16).fill(0x22) };
const systemTitle = fromHex('57544C0000000001');
const clientTitle = fromHex('57544C4845000001');

/** A counter that only goes up. */
function counter() {
  let value = 0;
  return { next: () => ++value };
}

/** A device with one register, for a server under fire; `energyWh` must never change. */
function target(): LogicalDevice {
  const policies: ClientPolicy[] = [
    { clientSap: 16, name: 'public', mechanism: 'none', protection: 'none' },
    { clientSap: 2, name: 'reader', mechanism: 'gmac', protection: 'ae', keys },
  ];
  const sent = counter();
  return {
    systemTitle,
    serverSap: 1,
    policy: (sap) => policies.find((policy) => policy.clientSap === sap),
    counter: () => sent,
    get: () => {
      const writer = new AxdrWriter();
      writer.doubleLongUnsigned(123_456);
      return { ok: true, encoded: writer.finish() };
    },
    set: () => 'read-write-denied',
    action: () => ({ result: 'read-write-denied' }),
  };
}

/** Octets of good conversations: both directions, unsecured and secured. */
function conversations(): Uint8Array[] {
  const recorded: Uint8Array[] = [];
  for (const clientSap of [16, 2]) {
    const isSecured = clientSap === 2;
    const server = createServerConnection(target(), { random: seededRandom('server') });
    const client = createClientConnection({
      clientSap,
      serverSap: 1,
      mechanism: isSecured ? 'gmac' : 'none',
      protection: isSecured ? 'ae' : 'none',
      random: seededRandom('client'),
      ...(isSecured ? { keys, systemTitle: clientTitle, counter: counter() } : {}),
    });
    const requests = [
      { kind: 'associate' },
      { kind: 'get', reference: { classId: 3, obis: '1.0.1.8.0.255', attribute: 2 } },
      { kind: 'release' },
    ] as const;
    for (const request of requests) {
      const made = client.request(request);
      let toServer = made.ok ? [made.value] : [];
      while (toServer.length > 0) {
        recorded.push(...toServer);
        const toClient = toServer.flatMap((octets) => server.receive(octets).send);
        recorded.push(...toClient);
        toServer = toClient.flatMap((octets) => client.receive(octets).send);
      }
    }
  }
  return recorded;
}

/** Vectors made by others, when they are at hand. */
function publicVectors(): Uint8Array[] {
  const path = join(process.env.WATTLINE_SHARED ?? '../shared', 'vectors', 'dlms.json');
  if (!existsSync(path)) return [];
  const { vectors } = JSON.parse(readFileSync(path, 'utf8')) as { vectors: { hex?: string }[] };
  return vectors.flatMap(({ hex }) =>
    hex !== undefined && /^[0-9A-Fa-f]+$/.test(hex) && hex.length % 2 === 0 ? [fromHex(hex)] : [],
  );
}

/** Profile buffers: of one layout, and with nulls and texts in between. */
function profiles(): Uint8Array[] {
  return [false, true].map((isMixed) => {
    const writer = new AxdrWriter().array(24);
    for (let i = 0; i < 24; i++) {
      writer
        .structure(3)
        .dateTime(i * 3_600_000, 60)
        .unsigned(i);
      if (isMixed && i % 5 === 0) writer.nullData();
      else writer.doubleLongUnsigned(1000 * i);
    }
    return writer.finish();
  });
}

/** All targets, with their seeds. */
export function dlmsTargets(): FuzzTarget[] {
  const push = encodePush({
    systemTitle,
    keys,
    counter: counter(),
    protection: 'ae',
    clientSap: 2,
    serverSap: 1,
    instantMs: 0,
    offsetMinutes: 0,
    body: { type: 'structure', value: [{ type: 'unsigned', value: 1 }] },
  });
  const seeds = [...conversations(), push, ...publicVectors()];
  const isWrapped = (octets: Uint8Array) => octets[0] === 0 && octets[1] === 1;
  const apdus = seeds.map((octets) => (isWrapped(octets) ? octets.subarray(8) : octets));
  return [
    { name: 'data', seeds, feed: (octets) => decodeData(octets).ok },
    { name: 'profile', seeds: profiles(), feed: (octets) => decodeProfileColumns(octets).ok },
    { name: 'frame', seeds, feed: (octets) => decodeFrame(octets, { ek: keys.ek, ak: keys.ak }).ok },
    {
      name: 'push',
      seeds,
      feed: (octets) =>
        createPushReceiver({ keysOf: () => keys, replayOf: () => undefined }).receive(octets).pushes.length >
        0,
    },
    {
      name: 'server',
      seeds,
      feed: (octets) =>
        createServerConnection(target(), { random: seededRandom(1) }).receive(octets).send.length > 0,
    },
    {
      name: 'client',
      seeds,
      feed: (octets) => {
        const client = createClientConnection({
          clientSap: 16,
          serverSap: 1,
          mechanism: 'none',
          protection: 'none',
          random: seededRandom(1),
        });
        client.request({ kind: 'associate' });
        return client.receive(octets).outcome?.kind === 'associated';
      },
    },
    associationTarget('public', apdus),
    associationTarget('management', apdus),
  ];
}
