/** A meter that takes keys of its clients and its master key (Security setup, method 2), and links to many of them that break. */
import type { Random } from '@wattline/base';
import { type Dialer, memoryLinkPair } from '@wattline/network';
import {
  createClientConnection,
  createServerConnection,
  decodeKeyTransfer,
  encodeData,
  type LogicalDevice,
  type SecurityKeys,
} from '@wattline/protocols/dlms';

/** Everything such a meter holds. */
interface Held {
  readonly reader: SecurityKeys;
  readonly management: SecurityKeys;
  readonly master: Uint8Array;
}

export type KeyMeter = ReturnType<typeof createKeyMeter>;

/** Security setups by logical name: whose keys each changes. */
const setups: Readonly<Record<string, 'management' | 'reader'>> = {
  '0.0.43.0.0.255': 'management',
  '0.0.43.0.1.255': 'reader',
};

/** Meter number `i`, reached at that port. */
export function createKeyMeter(i: number, random: Random) {
  const draw = (): SecurityKeys => ({ suite: 0, ek: random.bytes(16), ak: random.bytes(16) });
  const first: Held = { reader: draw(), management: draw(), master: random.bytes(16) };
  let held = first;
  const systemTitle = Buffer.concat([Buffer.from('WTL'), Uint8Array.of(0, i >> 24, i >> 16, i >> 8, i)]);
  let number = 0;
  const counter = { next: () => ++number };
  const replay = { accept: () => true };
  const device: LogicalDevice = {
    systemTitle,
    serverSap: 1,
    policy: (clientSap) => ({
      ...{ clientSap, mechanism: 'gmac', protection: 'ae', replay },
      name: clientSap === 1 ? 'management' : 'reader',
      keys: clientSap === 1 ? held.management : held.reader,
    }),
    counter: () => counter,
    get: ({ classId }) =>
      classId === 64
        ? { ok: true, encoded: encodeData({ type: 'enum', value: 0 }) }
        : { ok: false, result: 'object-undefined' },
    set: () => 'read-write-denied',
    action({ classId, obis, method }, parameter) {
      const whose = setups[obis];
      const isTransfer = classId === 64 && method === 2 && whose && parameter;
      const updates = isTransfer ? decodeKeyTransfer(held.master, parameter) : undefined;
      if (!updates?.ok || !whose) return { result: 'other-reason' };
      for (const { id, key } of updates.value) {
        if (id === 'master') held = { ...held, master: key };
        else if (id !== 'broadcast') {
          held = { ...held, [whose]: { ...held[whose], [id === 'unicast' ? 'ek' : 'ak']: key } };
        }
      }
      return { result: 'success' };
    },
  };
  return {
    ...{ systemTitle, first, device, port: i },
    holds: (): Held => held,
    opens(keys: SecurityKeys): boolean {
      const server = createServerConnection(device, { random });
      const client = createClientConnection({
        ...{ clientSap: 2, serverSap: 1, mechanism: 'gmac', protection: 'ae', keys, counter, replay, random },
        systemTitle: Buffer.from('WTLHEAD1'),
      });
      const asked = client.request({ kind: 'associate' });
      let waiting: readonly Uint8Array[] = asked.ok ? [asked.value] : [];
      while (waiting.length > 0) {
        const steps = waiting
          .flatMap((one) => [...server.receive(one).send])
          .map((one) => client.receive(one));
        const outcome = steps.find((step) => step.outcome)?.outcome;
        if (outcome) return outcome.kind === 'associated';
        waiting = steps.flatMap(({ send }) => [...send]);
      }
      return false;
    },
  };
}

/** Answers of a session in which a link that breaks may break. */
const answersOfSession = 4;

/** Links by port; such a share of them breaks at one of its answers, half of those before the meter has heard the request. */
export function faultyDialer(meters: readonly KeyMeter[], random: Random, faultShare: number): Dialer {
  return {
    async dial({ port }) {
      const meter = meters[port] as KeyMeter;
      const [ours, theirs] = memoryLinkPair([String(port), 'head-end']);
      const connection = createServerConnection(meter.device, { random });
      const breaksAt = random.next() < faultShare ? random.below(answersOfSession) : undefined;
      const isHeard = random.below(2) === 0;
      let answers = 0;
      theirs.receive((octets) => {
        const isBreaking = answers++ === breaksAt;
        if (isBreaking && !isHeard) return theirs.close();
        const { send } = connection.receive(octets);
        if (isBreaking) return theirs.close();
        for (const reply of send) theirs.send(reply);
      });
      return ours;
    },
  };
}
