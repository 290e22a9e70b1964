/**
 * Key rotation of a fleet with a fault at one step in twenty: requests and answers lost, the process dead before or after it wrote. Real
 * associations and real wrapped keys (Security setup, method 2), a registry with sealed pairs; three passes.
 */

import { join } from 'node:path';
import { type Random, seededRandom, toHex } from '@wattline/base';
import {
  changeKeys,
  createKeyChangeStore,
  createRegistryWriter,
  type KeyChangeMeter,
  openKeyVault,
} from '@wattline/headend';
import {
  type ClientRequest,
  createClientConnection,
  createServerConnection,
  decodeKeyTransfer,
  encodeKeyTransfer,
  type LogicalDevice,
  type SecurityKeys,
} from '@wattline/protocols/dlms';
import { openRegistry } from '@wattline/store/registry';

const faultShare = 0.05;
const passes = 3;
const securitySetup = { classId: 64, obis: '0.0.43.0.2.255', method: 2 };

/** What three passes left. */
export interface KeyChangeFigures {
  readonly meters: number;
  readonly rotated: number;
  /** Meters that hold a key which is neither our current nor our next. */
  readonly unknown: number;
}

/** Rotates the reader's keys of so many meters. */
export async function rotateKeys(meters: number, directory: string): Promise<KeyChangeFigures> {
  const random = seededRandom('key changes');
  const vault = openKeyVault(join(directory, 'rotation-keys.bin'));
  const registry = await openRegistry(':memory:');
  const fleet = new Map(Array.from({ length: meters }, (_, i) => [`K${i}`, createKeyMeter(i, random)]));
  await registry.transaction().execute(async (transaction) => {
    const place = {
      kind: 'home',
      zone: 'UTC',
      substation: 'S',
      feeder: 'F',
      transformer: 'T',
      tariff_id: '-',
    } as const;
    for (const [serial, meter] of fleet) {
      const point = {
        ...place,
        id: serial,
        customer: '-',
        address: '-',
        solar_w: 0,
        latitude: 0,
        longitude: 0,
      };
      await transaction.insertInto('usage_point').values(point).execute();
      const rest = {
        make: 'WTL',
        profile: 'demo',
        host: 'memory',
        port: 1,
        interval_seconds: 900,
        installed_ms: 0,
      };
      await transaction
        .insertInto('meter')
        .values({
          serial,
          usage_point_id: serial,
          system_title: toHex(meter.systemTitle),
          ...rest,
          state: 'ok',
          failures: 0,
        })
        .execute();
      const sealed = vault.seal({ serial, client: 'reader' }, meter.reader());
      await transaction.insertInto('meter_key').values({ serial, client: 'reader', sealed }).execute();
    }
  });
  const store = createKeyChangeStore({
    registry,
    writer: createRegistryWriter(registry),
    vault,
    nowMs: () => 0,
  });
  /** Breaks before or after the step took effect. */
  const at = async <T>(work: () => Promise<T>): Promise<T> => {
    const fate = random.next();
    if (fate < faultShare / 2) throw new Error('lost before');
    const done = await work();
    if (fate < faultShare) throw new Error('lost after');
    return done;
  };
  const faulty = {
    held: (serial: string) => at(() => store.held(serial)),
    begin: (serial: string, keys: SecurityKeys) => at(() => store.begin(serial, keys)),
    commit: (serial: string) => at(() => store.commit(serial)),
  };
  const meter: KeyChangeMeter = {
    transfer: (serial, { next }) => at(async () => fleet.get(serial)?.transfer(next) ?? 'refused'),
    opens: (serial, keys) => at(async () => fleet.get(serial)?.opens(keys) ?? false),
  };
  const draw = (): SecurityKeys => ({ suite: 0, ek: random.bytes(16), ak: random.bytes(16) });
  const waiting = new Set(fleet.keys());
  for (let pass = 0; pass < passes; pass++) {
    for (const serial of [...waiting]) {
      const end = await changeKeys(serial, { store: faulty, meter, draw }).catch(() => 'died');
      if (end === 'committed') waiting.delete(serial);
    }
  }
  let rotated = 0;
  let unknown = 0;
  for (const [serial, { reader, first }] of fleet) {
    const { current, next } = await store.held(serial);
    const holds = nameOf(reader());
    if (holds !== nameOf(current) && (!next || holds !== nameOf(next))) unknown++;
    if (holds === nameOf(current) && holds !== nameOf(first)) rotated++;
  }
  await registry.destroy();
  return { meters, rotated, unknown };
}

function nameOf({ ek, ak }: SecurityKeys): string {
  return toHex(ek) + toHex(ak);
}

/** A meter that takes keys of its reader from its management client. */
function createKeyMeter(i: number, random: Random) {
  const draw = (): SecurityKeys => ({ suite: 0, ek: random.bytes(16), ak: random.bytes(16) });
  const kek = random.bytes(16);
  const management = draw();
  const first = draw();
  let reader = first;
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
      keys: clientSap === 1 ? management : reader,
    }),
    counter: () => counter,
    get: () => ({ ok: false, result: 'object-undefined' }),
    set: () => 'read-write-denied',
    action({ classId, method }, parameter) {
      const updates =
        classId === 64 && method === 2 && parameter ? decodeKeyTransfer(kek, parameter) : undefined;
      if (!updates?.ok) return { result: 'other-reason' };
      const keyOf = (id: 'unicast' | 'authentication') =>
        updates.value.find((update) => update.id === id)?.key;
      reader = { suite: 0, ek: keyOf('unicast') ?? reader.ek, ak: keyOf('authentication') ?? reader.ak };
      return { result: 'success' };
    },
  };
  const session = (clientSap: 1 | 2, keys: SecurityKeys, request?: ClientRequest): string => {
    const server = createServerConnection(device, { random });
    const client = createClientConnection({
      ...{ clientSap, serverSap: 1, mechanism: 'gmac', protection: 'ae', keys, counter, replay, random },
      systemTitle: Buffer.from('WTLHEAD1'),
    });
    let end = '';
    for (const asked of [{ kind: 'associate' } as const, ...(request ? [request] : [])]) {
      const octets = client.request(asked);
      if (!octets.ok) return octets.error.code;
      end = 'silent';
      for (let waiting: readonly Uint8Array[] = [octets.value]; waiting.length > 0; ) {
        const steps = waiting
          .flatMap((one) => [...server.receive(one).send])
          .map((one) => client.receive(one));
        const outcome = steps.find((step) => step.outcome)?.outcome;
        if (outcome) end = outcome.kind === 'action' ? outcome.outcome.result : outcome.kind;
        waiting = steps.flatMap(({ send }) => [...send]);
      }
      if (end === 'failure' || end === 'silent') return end;
    }
    return end;
  };
  return {
    systemTitle,
    first,
    reader: () => reader,
    opens: (keys: SecurityKeys) => session(2, keys) === 'associated',
    transfer(next: SecurityKeys): 'taken' | 'refused' {
      const parameter = encodeKeyTransfer(kek, [
        { id: 'unicast', key: next.ek },
        { id: 'authentication', key: next.ak },
      ]);
      const request: ClientRequest = { kind: 'action', reference: securitySetup, parameter };
      return session(1, management, request) === 'success' ? 'taken' : 'refused';
    },
  };
}
