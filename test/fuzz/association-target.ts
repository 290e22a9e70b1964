/** One association under fire: mutants of good APDUs on a connection that stays, registers that must not move. */
import { fromHex, seededRandom } from '@wattline/base';
import {
  type ClientOptions,
  type ClientPolicy,
  createClientConnection,
  createServerConnection,
  encodeData,
  type LogicalDevice,
  type SecurityKeys,
} from '@wattline/protocols/dlms';
import type { FuzzTarget } from './fuzz-run.ts';

const energyWh = 123_456;
const energy = { classId: 3, obis: '1.0.1.8.0.255', attribute: 2 };
const wrapperLength = 8;

/** Registers of a meter: the reader may read, the manager may write and call, the public client may read alone. */
function meter(keys: SecurityKeys) {
  const registers = { energyWh, written: 0, switched: 0 };
  const policies: ClientPolicy[] = [
    { clientSap: 16, name: 'public', mechanism: 'none', protection: 'none' },
    { clientSap: 1, name: 'management', mechanism: 'gmac', protection: 'ae', keys, replay: guard() },
  ];
  const counter = counting();
  const device: LogicalDevice = {
    systemTitle: fromHex('57544C0000000001'),
    serverSap: 1,
    policy: (sap) => policies.find(({ clientSap }) => clientSap === sap),
    counter: () => counter,
    get: ({ obis }) =>
      obis === energy.obis
        ? { ok: true, encoded: encodeData({ type: 'double-long-unsigned', value: registers.energyWh }) }
        : { ok: true, encoded: encodeData({ type: 'octet-string', value: new Uint8Array(300) }) },
    set(_reference, value, { name }) {
      if (name !== 'management' || value.type !== 'double-long-unsigned') return 'read-write-denied';
      registers.energyWh = value.value;
      registers.written += 1;
      return 'success';
    },
    action(_reference, _parameter, { name }) {
      if (name !== 'management') return { result: 'read-write-denied' };
      registers.switched += 1;
      return { result: 'success' };
    },
    shortNames: () => [{ baseName: 0x0200, classId: 3, version: 0, obis: energy.obis }],
  };
  return { device, registers };
}

function counting() {
  let value = 0;
  return { next: () => ++value };
}

/** Takes counters that rise, whatever connection they come on. */
function guard() {
  let last = 0;
  return {
    accept(counter: number) {
      if (counter <= last) return false;
      last = counter;
      return true;
    },
  };
}

/** What a right client sends besides, so that mutants of it come too. */
const writing = [
  { kind: 'set', reference: energy, value: { type: 'double-long-unsigned', value: 7 } },
  { kind: 'action', reference: { classId: 70, obis: '0.0.96.3.10.255', method: 1 } },
] as const;

/** How many mutants go by before a right client asks again. */
const probeEvery = 20_000;

/**
 * Mutants of APDUs on one connection, in its wrapper with the right addresses, so that they reach the application. Now and then,
 * and at the end, a right client associates on that same connection and must read what was there at the beginning.
 */
export function associationTarget(name: 'public' | 'management', seeds: readonly Uint8Array[]): FuzzTarget {
  const keys: SecurityKeys = {
    suite: 0,
    ek: new Uint8Array(16).fill(0x33),
    ak: new Uint8Array(16).fill(0x44),
  };
  const { device, registers } = meter(keys);
  const server = createServerConnection(device, { random: seededRandom('server'), maxPduSize: 4096 });
  const clientSap = name === 'public' ? 16 : 1;
  const secured =
    name === 'public'
      ? ({ mechanism: 'none', protection: 'none' } as const)
      : ({
          mechanism: 'gmac',
          protection: 'ae',
          keys,
          systemTitle: fromHex('57544C4845000001'),
          counter: counting(),
        } as const);
  const options: ClientOptions = { clientSap, serverSap: 1, random: seededRandom('client'), ...secured };
  let fed = 0;
  let expected = JSON.stringify(registers);

  /** Associates anew and reads: what is there must be what was there. With `record` it also writes, and keeps what was sent. */
  const probe = (record?: Uint8Array[]): string | null => {
    const client = createClientConnection(options);
    const reading = [{ kind: 'associate' }, { kind: 'get', reference: energy }] as const;
    for (const request of record ? [...reading, ...writing] : reading) {
      const first = client.request(request);
      if (!first.ok) return first.error.message;
      let toServer: readonly Uint8Array[] = [first.value];
      let outcome: ReturnType<typeof client.receive>['outcome'];
      while (toServer.length > 0) {
        record?.push(...toServer.map((octets) => octets.subarray(wrapperLength)));
        const reactions = toServer.map((octets) => server.receive(octets));
        const answers = reactions.flatMap(({ send }) => send).map((octets) => client.receive(octets));
        outcome = answers.at(-1)?.outcome ?? outcome;
        toServer = answers.flatMap(({ send }) => send);
      }
      if (outcome?.kind === 'failure' || outcome === undefined) {
        return `the server no longer answers: ${outcome?.failure.message ?? 'silence'}`;
      }
    }
    const found = JSON.stringify(registers);
    return found === expected || record ? null : `registers moved from ${expected} to ${found}`;
  };

  const recorded: Uint8Array[] = [];
  probe(recorded);
  expected = JSON.stringify(registers);
  return {
    name: `association-${name}`,
    // Every other mutant is one of what this client sends.
    seeds: [
      ...Array.from({ length: Math.ceil(seeds.length / recorded.length) }, () => recorded).flat(),
      ...seeds,
    ],
    probe: () => probe(),
    feed(octets) {
      fed += 1;
      if (fed % probeEvery === 0) {
        const trouble = probe();
        if (trouble !== null) throw new Error(trouble);
      }
      const apdu = octets.subarray(0, 4096);
      const frame = new Uint8Array(wrapperLength + apdu.length);
      frame.set([0, 1, 0, clientSap, 0, 1, apdu.length >> 8, apdu.length & 0xff]);
      frame.set(apdu, wrapperLength);
      const { events, close } = server.receive(frame);
      // A mutant that released or replaced the association is no end of it.
      if (events.some((event) => event.kind === 'refused' && event.code === 'dlms/not-associated')) {
        const trouble = probe();
        if (trouble !== null) throw new Error(trouble);
      }
      if (close) throw new Error('the connection was given up');
      return events.every(({ kind }) => kind !== 'refused');
    },
  };
}
