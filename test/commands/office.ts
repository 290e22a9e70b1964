/** For tests: virtual meters on TCP, a signer in a process of its own, and a head-end between them, with people who sign. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { loadTariffs } from '@wattline/apps/billing';
import { type Clock, type Random, realClock, secureRandom, silentLog, toHex } from '@wattline/base';
import {
  type Approval,
  approve,
  type Batch,
  batchHash,
  type CampaignDesk,
  type CommandDesk,
  createImageStore,
  enrolShipmentFile,
  type Headend,
  type Job,
  keepEnrolmentFile,
  keepSigner,
  openCampaignDesk,
  openCommandDesk,
  openEnrolmentFile,
  openHeadend,
  type Role,
  type SignerLink,
  withPerson,
} from '@wattline/headend';
import {
  createMeter,
  keysFromSeed,
  type Meter,
  type MeterEnvironment,
  type MeterSpec,
  type NonVolatile,
  type ServedMeter,
  serialOf,
  serveMeter,
  volatileMemory,
} from '@wattline/meter';
import type { MeterShipment, ReadingBatch, SystemEvent } from '@wattline/model';
import { type Dialer, tcpDialer } from '@wattline/network';
import { openRegistry, type Registry } from '@wattline/store/registry';
import { shipmentOf } from '../../bench/headend/bench-meter.ts';

export const installation = 'test-office';
const [tariff] = loadTariffs('UTC');
const host = '127.0.0.1';
const dayMs = 86_400_000;

/** The office. */
export interface Office {
  readonly directory: string;
  readonly signerDirectory: string;
  readonly clock: Clock;
  readonly meters: readonly Meter[];
  readonly served: readonly ServedMeter[];
  /** What each meter remembers. */
  readonly memories: readonly NonVolatile[];
  readonly serials: readonly string[];
  readonly registry: Registry;
  readonly headend: Headend;
  readonly signer: SignerLink;
  readonly desk: CommandDesk;
  readonly shipmentPath: string;
  /** What collection delivered. */
  readonly taken: readonly ReadingBatch[];
  /** Events that the head-end told. */
  readonly told: readonly SystemEvent[];
  /** Over the same registry: what one began another goes on with. */
  openCampaigns(): CampaignDesk;
  /** Links to meters break as a test wants it; answers that came over them so far. */
  readonly line: { breakAfter: (serial: string) => number | undefined; answers: number };
  /** Private keys of the people by name. */
  readonly keys: ReadonlyMap<string, KeyObject>;
  batch(change: Partial<Batch> & Pick<Batch, 'command'>): Batch;
  signatures(batch: Batch, ...people: readonly string[]): Approval[];
  /** Requests with the signatures of two, and runs passes until no job is open or the passes are over. */
  carryOut(batch: Batch, passes?: number): Promise<Job[]>;
  /** Ends the signer process as a power cut does; it is started again. */
  killSigner(): void;
  signerIsBack(): Promise<void>;
}

/** What a test wants otherwise. */
export interface OfficeOptions {
  readonly count?: number;
  readonly spec?: Partial<MeterSpec>;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Meters enrolled at the signer before it starts; all when left out. */
  readonly enrolled?: number;
  /** Security suite of every association, default 0. */
  readonly suite?: 0 | 1 | 2;
  /** Opens the channel otherwise than to a process on pipes. */
  /** The public key by which the desk knows the signer. */
  readonly signerRecipient?: string;
  /** More of what meters live in. */
  readonly environment?: (i: number) => Partial<MeterEnvironment>;
  readonly connect?: (signerDirectory: string) => SignerLink;
  /** The meters refuse every client but the public one and the management client, which the signer holds. */
  readonly hasOneClient?: boolean;
}

/** Opens an office with `count` meters of the profile `demo`, each with a master key. */
export async function openOffice(t: TestContext, options: OfficeOptions = {}): Promise<Office> {
  const { count = 3, spec = {}, settings = {} } = options;
  const directory = mkdtempSync(join(tmpdir(), 'wattline-office-'));
  const signerDirectory = join(directory, 'signer');
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const clock = realClock();
  const random = secureRandom();
  const memories = Array.from({ length: count }, () => volatileMemory());
  const meters = memories.map((memory, i) =>
    officeMeter(i, { clock, memory, ...options.environment?.(i) }, { suite: options.suite ?? 0, spec }),
  );
  const served: ServedMeter[] = [];
  for (const meter of meters) {
    const device = options.hasOneClient ? withoutReader(meter.device) : meter.device;
    const one = await serveMeter(device, { host, port: 0 }, { clock, random, maxPduSize: 4_096 });
    served.push(one);
    t.after(() => one.close());
  }
  const shipmentPath = join(directory, 'shipment.json');
  const { hasOneClient = false } = options;
  const rows = meters.map((meter, i) => row(meter, i, { port: served[i]?.address.port ?? 0, hasOneClient }));
  const keys = enrolPeople(signerDirectory, settings);
  writeFileSync(shipmentPath, JSON.stringify(rows.slice(0, options.enrolled ?? count)));
  await enrolShipmentFile(signerDirectory, shipmentPath);
  writeFileSync(shipmentPath, JSON.stringify(rows));
  const taken: ReadingBatch[] = [];
  const told: SystemEvent[] = [];
  let signerPid = 0;
  const onStart = (pid: number) => {
    signerPid = pid;
  };
  const signer =
    options.connect?.(signerDirectory) ?? keepSigner(signerDirectory, { clock, log: silentLog, onStart });
  signer.start();
  t.after(() => signer.close());
  const registry = await openRegistry(join(directory, 'registry.sqlite'));
  t.after(() => registry.destroy());
  const line: Office['line'] = { breakAfter: () => undefined, answers: 0 };
  const dialer = breakable(served, meters, line);
  const headend = await officeHeadend({
    ...{ directory, registry, dialer, clock, random, taken, told, signer },
    wantsReadings: options.hasOneClient ?? false,
  });
  t.after(() => headend.close());
  const readers = rows.map(({ keys: { reader }, ...rest }) => ({
    ...rest,
    ...(reader ? { keys: { reader } } : {}),
  }));
  await headend.provision(JSON.stringify(readers), 'json');
  const images = createImageStore(registry);
  const desk = await openCommandDesk({
    ...{ registry, ask: signer.ask, dialer, clock, log: silentLog, readerKeys: headend.readerKeys },
    ...{ dialTimeoutMs: 2_000, requestTimeoutMs: 2_000, retryPauseMs: 0, imageOf: images.of },
    ...(options.signerRecipient ? { signerRecipient: options.signerRecipient } : {}),
  });
  const openCampaigns = () =>
    openCampaignDesk({ registry, images, desk, clock, deadlines: clock, log: silentLog });
  let batches = 0;
  return {
    ...{
      memories,
      directory,
      signerDirectory,
      keys,
      clock,
      meters,
      served,
      registry,
      headend,
      signer,
      shipmentPath,
      line,
      taken,
      told,
    },
    serials: meters.map((meter) => meter.spec.serial),
    desk,
    openCampaigns,
    batch: (change) => ({
      ...{ key: `k${++batches}`, tenant: 'utility', lane: 'ordinary', reason: 'test', requestedBy: 'asha' },
      ...{ meters: meters.map((meter) => meter.spec.serial), deadlineMs: clock.now() + 3_600_000 },
      ...change,
    }),
    signatures: (batch, ...people) => signaturesOf(keys, batch, { atMs: clock.now(), people }),
    async carryOut(batch, passes = 20) {
      await desk.request(batch, signaturesOf(keys, batch, { atMs: clock.now(), people: ['asha', 'ben'] }));
      for (let pass = 0; pass < passes; pass++) {
        await desk.run();
        const jobs = await desk.jobs({ key: batch.key });
        if (jobs.every(({ state }) => state !== 'approved' && state !== 'executing')) return jobs;
      }
      return desk.jobs({ key: batch.key });
    },
    killSigner: () => process.kill(signerPid, 'SIGKILL'),
    async signerIsBack() {
      for (;;) {
        if (await signer.ask({ kind: 'status' }).catch(() => undefined)) return;
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}

function officeMeter(
  i: number,
  surroundings: MeterEnvironment,
  { suite, spec }: { readonly suite: 0 | 1 | 2; readonly spec: Partial<MeterSpec> },
): Meter {
  if (!tariff) throw new Error('expected a tariff');
  const serial = serialOf(30_000_001 + i);
  const keyOf = (client: string) => keysFromSeed('office', serial, client, suite);
  return createMeter(
    {
      ...{ serial, profile: 'demo', zone: 'UTC', intervalSeconds: 900, phases: 1, profileDays: 60, tariff },
      startMs: Math.floor(surroundings.clock.now() / dayMs) * dayMs,
      keys: { reader: keyOf('reader'), management: keyOf('management') },
      masterKey: keyOf('master').ek,
      ...spec,
    },
    surroundings,
  );
}

/** The meter as a make with one client alone has it. */
function withoutReader(device: Meter['device']): Meter['device'] {
  return new Proxy(device, {
    get(target, name) {
      if (name === 'policy') return (sap: number) => (sap === 2 ? undefined : target.policy(sap));
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

type OfficeRow = Omit<MeterShipment, 'keys'> & { readonly keys: Partial<MeterShipment['keys']> };

function row(
  meter: Meter,
  i: number,
  { port, hasOneClient }: { readonly port: number; readonly hasOneClient: boolean },
): OfficeRow {
  const { keys, masterKey } = meter.spec;
  const shipment = shipmentOf(meter, i, { host, port });
  const { ek, ak } = keys.management;
  return {
    ...shipment,
    meter: {
      ...shipment.meter,
      profile: 'demo',
      suite: keys.reader.suite,
      ...(hasOneClient ? { clients: 1 } : {}),
    },
    // The head-end maps the profile `demo`; where other profiles keep their objects, the signer knows.
    keys: {
      ...(hasOneClient ? {} : shipment.keys),
      management: { ek: toHex(ek), ak: toHex(ak) },
      ...(masterKey ? { master: { kek: toHex(masterKey) } } : {}),
    },
  };
}

function enrolPeople(
  signerDirectory: string,
  settings: OfficeOptions['settings'],
): ReadonlyMap<string, KeyObject> {
  const keys = new Map<string, KeyObject>();
  let file: ReturnType<typeof openEnrolmentFile> = {
    ...openEnrolmentFile(signerDirectory),
    installation,
    settings: { cancelWindowMs: 0, ...settings },
  };
  for (const [id, role] of [
    ['asha', 'operator'],
    ['ben', 'operator'],
    ['acme', 'maker'],
  ] as const) {
    const pair = generateKeyPairSync('ed25519');
    keys.set(id, pair.privateKey);
    const publicKey = pair.publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
    const roles: readonly Role[] = [role];
    file = withPerson(file, { id, name: id, roles, tenants: ['utility'], publicKey });
  }
  keepEnrolmentFile(signerDirectory, file);
  return keys;
}

function signaturesOf(
  keys: ReadonlyMap<string, KeyObject>,
  batch: Batch,
  { atMs, people }: { readonly atMs: number; readonly people: readonly string[] },
): Approval[] {
  const hash = batchHash(batch, installation);
  return people.map((person) => approve(hash, person, { atMs, key: keys.get(person) as KeyObject }));
}

/** TCP on which an answer is lost and the link with it, after as many answers as the test says. */
function breakable(served: readonly ServedMeter[], meters: readonly Meter[], line: Office['line']): Dialer {
  return {
    async dial(address, timeoutMs) {
      const link = await tcpDialer.dial(address, timeoutMs);
      const i = served.findIndex((one) => one.address.port === address.port);
      const after = line.breakAfter(meters[i]?.spec.serial ?? '');
      let answers = 0;
      return {
        ...link,
        receive: (handler) =>
          link.receive((octets) => {
            line.answers++;
            if (answers++ < (after ?? Number.POSITIVE_INFINITY)) return handler(octets);
            return link.close();
          }),
      };
    },
  };
}

function officeHeadend(of: {
  readonly directory: string;
  readonly registry: Registry;
  readonly dialer: Dialer;
  readonly clock: Clock;
  readonly random: Random;
  readonly signer: SignerLink;
  readonly taken: ReadingBatch[];
  readonly told: SystemEvent[];
  readonly wantsReadings: boolean;
}): Promise<Headend> {
  return openHeadend({
    ...of,
    signer: of.signer.ask,
    push: { host, port: 0 },
    log: silentLog,
    events: { report: async (event) => void of.told.push(event) },
    sink: {
      async ingest(batch) {
        of.taken.push(batch);
        return { accepted: 0, duplicates: 0, rejected: [] };
      },
    },
    progress: {
      knownUntil: async (_, sinceMs) => sinceMs,
      // Most tests are not about readings.
      gaps: async (_, startMs, endMs) => (of.wantsReadings ? [{ startMs, endMs }] : []),
    },
    keyFile: join(of.directory, 'keys.bin'),
    policy: { requestTimeoutMs: 2_000 },
  });
}
