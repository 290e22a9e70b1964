/** For tests: a street of scripted COSEM servers with supply switches, people with keys, and a signer that knows them. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Clock, CodedError, concatBytes, seededRandom, toHex } from '@wattline/base';
import { type Dialer, memoryLinkPair } from '@wattline/network';
import {
  createServerConnection,
  type Data,
  encodeData,
  encodeDateTime,
  type LogicalDevice,
  type SecurityKeys,
} from '@wattline/protocols/dlms';
import { openRegistry, type Registry } from '@wattline/store/registry';
import { type Approval, approve, type Person, type Role } from '../guard/approval.ts';
import { type Batch, batchHash } from '../guard/batch.ts';
import { hashOf } from '../guard/canonical-json.ts';
import type { GuardSettings } from '../guard/settings.ts';
import { temporaryDirectory } from '../headend-fixture.ts';
import { openKeyVault } from '../keys/key-vault.ts';
import { enrolMeter, readEnrolment } from './enrolment.ts';
import type { SignerMessage, SignerReply } from './messages.ts';
import { openSigner, type Signer } from './signer.ts';
import { carrySession } from './signer-channel.ts';

export const installation = 'test-works';

/** A meter of the street, as its owner sees it. */
export interface StreetMeter {
  readonly serial: string;
  readonly port: number;
  readonly keys: SecurityKeys;
  readonly systemTitle: Uint8Array;
  isConnected: boolean;
  /** Everything that ever moved the switch or the limiter. */
  readonly moves: string[];
  readonly limiter: Map<number, Data>;
  clockOffsetMs: number;
  /** Octets the meter received, link by link, for whoever listens on the line. */
  readonly heard: Uint8Array[][];
  isUnreachable: boolean;
  /** Links break before the answer of an acting request. */
  breaksAfterActing: boolean;
  lastCounter: number;
  counter: number;
}

/** A meter whose number says where it stands: ten to a transformer. */
function streetMeter(number: number): StreetMeter {
  const random = seededRandom(`street meter ${number}`);
  const [ek, ak] = [random.bytes(16), random.bytes(16)];
  return {
    serial: `M${String(number).padStart(3, '0')}`,
    port: number,
    keys: { suite: 0, ek, ak },
    systemTitle: concatBytes(Buffer.from('WTL'), Uint8Array.of(0, 0, 1, 0, number)),
    isConnected: true,
    moves: [],
    limiter: new Map(),
    clockOffsetMs: 0,
    heard: [],
    isUnreachable: false,
    breaksAfterActing: false,
    lastCounter: 0,
    counter: 1,
  };
}

/** Links to the meters of a street, by port. */
export function streetDialer(meters: readonly StreetMeter[], clock: Clock): Dialer {
  return {
    async dial({ port }) {
      const meter = meters.find((one) => one.port === port);
      if (!meter || meter.isUnreachable) throw new CodedError('network/unreachable', `port ${port}: refused`);
      const [ours, theirs] = memoryLinkPair([meter.serial, 'head-end']);
      const heard: Uint8Array[] = [];
      meter.heard.push(heard);
      const connection = createServerConnection(deviceOf(meter, clock), { random: seededRandom('meter') });
      theirs.receive((octets) => {
        heard.push(octets.slice());
        const before = meter.moves.length;
        const { send } = connection.receive(octets);
        if (meter.breaksAfterActing && meter.moves.length > before) return theirs.close();
        for (const reply of send) theirs.send(reply);
      });
      return ours;
    },
  };
}

function deviceOf(meter: StreetMeter, clock: Clock): LogicalDevice {
  return {
    systemTitle: meter.systemTitle,
    serverSap: 1,
    policy: (clientSap) =>
      clientSap === 1
        ? {
            clientSap,
            name: 'management',
            mechanism: 'gmac',
            protection: 'ae',
            keys: meter.keys,
            replay: {
              accept(counter) {
                if (counter <= meter.lastCounter) return false;
                meter.lastCounter = counter;
                return true;
              },
            },
          }
        : undefined,
    counter: () => ({ next: () => meter.counter++ }),
    get({ classId, attribute }) {
      const value =
        classId === 70 && attribute === 3
          ? ({ type: 'enum', value: meter.isConnected ? 1 : 0 } as const)
          : classId === 71
            ? meter.limiter.get(attribute)
            : classId === 8 && attribute === 2
              ? ({
                  type: 'octet-string',
                  value: encodeDateTime(clock.now() + meter.clockOffsetMs, 0),
                } as const)
              : undefined;
      return value ? { ok: true, encoded: encodeData(value) } : { ok: false, result: 'object-undefined' };
    },
    set({ classId, attribute }, value) {
      if (classId === 71) meter.limiter.set(attribute, value);
      meter.moves.push(classId === 71 ? `limiter ${attribute}` : `set ${classId}/${attribute}`);
      return 'success';
    },
    action({ classId, method }, parameter) {
      if (classId === 70 && (method === 1 || method === 2)) {
        meter.isConnected = method === 2;
        meter.moves.push(method === 1 ? 'disconnect' : 'reconnect');
        return { result: 'success' };
      }
      if (classId === 8 && method === 6 && parameter?.type === 'long') {
        meter.clockOffsetMs += parameter.value * 1000;
        return { result: 'success' };
      }
      meter.moves.push(`action ${classId}/${method}`);
      return { result: 'other-reason' };
    },
  };
}

/** The key under which new keys go to a meter. */
export function masterOf(serial: string): Uint8Array {
  return seededRandom(`master key of ${serial}`).bytes(16);
}

/** Somebody with the device that holds their key. */
export interface TestPerson {
  readonly person: Person;
  readonly key: KeyObject;
}

export function testPerson(
  id: string,
  roles: readonly Role[],
  tenants: readonly string[] = ['T'],
): TestPerson {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const der = publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
  return { person: { id, name: `Person ${id}`, roles, tenants, publicKey: der }, key: privateKey };
}

/** Signatures of people over a hash, at an instant. */
export function signedBy(hash: string, atMs: number, ...people: readonly TestPerson[]): Approval[] {
  return people.map(({ person, key }) => approve(hash, person.id, { atMs, key }));
}

/** Signatures of people over a batch. */
export function approvals(batch: Batch, atMs: number, ...people: readonly TestPerson[]): Approval[] {
  return signedBy(batchHash(batch, installation), atMs, ...people);
}

/** Signatures of people over a declaration, a rule, a release or a lift. */
export function consents(
  kind: string,
  body: unknown,
  atMs: number,
  ...people: readonly TestPerson[]
): Approval[] {
  return signedBy(hashOf(kind, installation, body), atMs, ...people);
}

let lastKey = 0;

/** A batch of the tenant T with a key of its own. */
export function testBatch(meters: readonly string[], nowMs: number, change: Partial<Batch> = {}): Batch {
  return {
    key: `key-${++lastKey}`,
    tenant: 'T',
    command: 'disconnect',
    lane: 'ordinary',
    meters,
    reason: 'test',
    requestedBy: 'anna',
    deadlineMs: nowMs + 4 * 3_600_000,
    ...change,
  };
}

/** A street with its signer. */
export interface Street {
  readonly meters: readonly StreetMeter[];
  readonly dialer: Dialer;
  readonly anna: TestPerson;
  readonly bela: TestPerson;
  readonly cora: TestPerson;
  /** An operator of another tenant, and somebody who signs rules but switches nothing. */
  readonly foreigner: TestPerson;
  readonly clerk: TestPerson;
  readonly ledger: TestPerson;
  /** Who signs firmware. */
  readonly mira: TestPerson;
  readonly registry: Registry;
  readonly hashOf: (batch: Batch) => string;
  /** What the present signer is told. */
  ask(message: SignerMessage): Promise<SignerReply>;
  /** The public key of the present signer. */
  recipient(): Promise<string>;
  /** Files with the signatures of people made now. */
  file(batch: Batch, ...people: readonly TestPerson[]): Promise<SignerReply>;
  /** Carries out one meter of a batch, as an honest head-end does; the answer's kind and result or code. */
  carry(batch: Batch, serial: string): Promise<string>;
  /** Another process over the same disk. */
  restart(clock?: Clock): Promise<Signer>;
  /** Serial numbers of meters that are dark. */
  dark(): string[];
}

/** Opens a street of `count` meters, ten to a transformer, M009 on life support. */
export async function openStreet(
  context: TestContext,
  options: {
    readonly clock: Clock;
    readonly count?: number;
    readonly settings?: Partial<GuardSettings>;
    readonly loadW?: number;
  },
): Promise<Street> {
  const { clock, count = 20, settings = {}, loadW = 3_000 } = options;
  const meters = Array.from({ length: count }, (_, i) => streetMeter(i));
  const vault = openKeyVault(join(temporaryDirectory(context), 'keys.bin'));
  const anna = testPerson('anna', ['operator', 'authority']);
  const bela = testPerson('bela', ['operator', 'authority']);
  const cora = testPerson('cora', ['operator', 'authority']);
  const ledger = testPerson('ledger', ['ledger']);
  const foreigner = testPerson('fred', ['operator', 'authority'], ['other']);
  const clerk = testPerson('gina', ['authority']);
  const mira = testPerson('mira', ['maker']);
  const people = [anna, bela, cora, foreigner, clerk, ledger, mira].map(({ person }) => person);
  const enrolment = readEnrolment(
    JSON.stringify({
      installation,
      settings,
      people,
      meters: meters.map(({ serial, keys, systemTitle, port }) =>
        enrolMeter(
          {
            serial,
            profile: 'demo',
            hasOneClient: serial === 'M002',
            tenant: 'T',
            substation: 'S',
            feeder: `F${Math.floor(port / 100)}`,
            transformer: `X${Math.floor(port / 10)}`,
            loadW,
            isLifeSupport: serial === 'M009',
            systemTitle: toHex(systemTitle),
          },
          { ...keys, master: masterOf(serial) },
          vault,
        ),
      ),
    }),
  );
  const registry = await openRegistry(':memory:');
  context.after(() => registry.destroy());
  const open = (signerClock: Clock) =>
    openSigner({ registry, enrolment, vault, clock: signerClock, random: seededRandom('signer') });
  let signer = await open(clock);
  const dialer = streetDialer(meters, clock);
  // Messages cross a wall of JSON, as on the real channel.
  const ask = async (message: SignerMessage) =>
    JSON.parse(JSON.stringify(await signer.handle(JSON.parse(JSON.stringify(message))))) as SignerReply;
  return {
    meters,
    dialer,
    anna,
    bela,
    cora,
    foreigner,
    clerk,
    ledger,
    mira,
    registry,
    hashOf: (batch) => batchHash(batch, installation),
    ask,
    async recipient() {
      const reply = await ask({ kind: 'recipient' });
      return reply.kind === 'recipient' ? reply.recipient : '';
    },
    file: (batch, ...signers) =>
      ask({ kind: 'file', batch, approvals: approvals(batch, clock.now(), ...signers) }),
    async carry(batch, serial) {
      const port = meters.find((meter) => meter.serial === serial)?.port ?? -1;
      const end = await carrySession({
        ask,
        dialer,
        address: { host: 'memory', port },
        clock,
        hash: batchHash(batch, installation),
        serial,
        dialTimeoutMs: 1000,
        requestTimeoutMs: 1000,
      });
      if (end.kind === 'ended' || end.kind === 'more') return end.result;
      return end.kind === 'held' ? end.reasons.map(({ code }) => code).join(' ') : end.code;
    },
    async restart(next = clock) {
      signer = await open(next);
      return signer;
    },
    dark: () => meters.filter((meter) => !meter.isConnected || meter.moves.length > 0).map((m) => m.serial),
  };
}

/** Codes of a decision, or of a refusal. */
export function codesOf(reply: SignerReply): string[] {
  if (reply.kind === 'decision') return [...new Set(reply.reasons.map(({ code }) => code))];
  return reply.kind === 'refused' ? [reply.code] : [];
}

/** The verdict of a decision; the kind of any other reply. */
export function verdictOf(reply: SignerReply): string {
  return reply.kind === 'decision' ? reply.verdict : reply.kind;
}
