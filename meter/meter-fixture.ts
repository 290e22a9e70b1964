/** A meter for tests, and a client of the dlms room that talks to it over a memory link, octet by octet. */
import { type Clock, secureRandom, unwrap, virtualClock } from '@wattline/base';
import { type Link, memoryLinkPair } from '@wattline/network';
import {
  type ClientOptions,
  type ClientOutcome,
  type ClientRequest,
  createClientConnection,
  type Data,
  decodeData,
  decodeProfileColumns,
  type ProfileColumns,
  type SelectiveAccess,
} from '@wattline/protocols/dlms';
import { keysFromSeed } from './identity.ts';
import { volatileMemory } from './memory/non-volatile.ts';
import { createMeter, type Meter } from './meter.ts';
import type { MeterEnvironment, MeterSpec } from './meter-spec.ts';
import { attachMeter } from './serve.ts';

export const wattHour = 3_600_000;
export const quarterMs = 900_000;
export const serial = 'WTL00000042';

export const at = (text: string) => Temporal.Instant.from(text).epochMilliseconds;

/** Night is rate 2 until 07:00, day is rate 1; as `WTL-HOME-TOU`. */
export const dayAndNight = {
  id: 'DAY-NIGHT',
  zone: 'Europe/London',
  rates: [
    { rate: 1, name: 'Day', tiers: [] },
    { rate: 2, name: 'Night', tiers: [] },
  ],
  calendar: [
    { days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from: '00:00', rate: 2 },
    { days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from: '07:00', rate: 1 },
  ],
} as const satisfies MeterSpec['tariff'];

export interface TestMeter {
  readonly meter: Meter;
  readonly clock: ReturnType<typeof virtualClock>;
  readonly pushed: Uint8Array[];
  /** Counts one interval of so many Wh; the clock follows. */
  interval(deliveredWh: number, receivedWh?: number): Promise<void>;
}

export function testMeter(
  spec: Partial<MeterSpec> = {},
  environment: Partial<MeterEnvironment> = {},
): TestMeter {
  const startMs = spec.startMs ?? at('2026-09-30T23:00:00Z');
  const clock = virtualClock(startMs);
  const pushed: Uint8Array[] = [];
  const meter = createMeter(
    {
      serial,
      profile: 'demo',
      zone: 'Europe/London',
      intervalSeconds: 900,
      phases: 1,
      startMs,
      tariff: dayAndNight,
      keys: {
        reader: keysFromSeed('1', serial, 'reader'),
        management: keysFromSeed('1', serial, 'management'),
      },
      ...spec,
    },
    { clock, memory: volatileMemory(), send: (octets) => pushed.push(octets), ...environment },
  );
  const stepMs = meter.spec.intervalSeconds * 1000;
  return {
    meter,
    clock,
    pushed,
    async interval(deliveredWh, receivedWh = 0) {
      const startMs = meter.countedToMs;
      const endMs = (Math.floor(startMs / stepMs) + 1) * stepMs;
      meter.accumulate({
        startMs,
        endMs,
        deliveredMws: deliveredWh * wattHour,
        receivedMws: receivedWh * wattHour,
      });
      await clock.advance(endMs - clock.now());
    },
  };
}

/** A meter with some days behind it, each interval with an energy of its own. */
export async function history(days: number, startMs = at('2026-09-30T23:00:00Z')) {
  const made = testMeter({ startMs });
  for (let n = 0; n < days * 96; n++) await made.interval((n * 37) % 500, n % 7 === 0 ? 0 : (n * 11) % 90);
  return made;
}

/** Everything of an associated (or refused) client. */
export interface TestClient {
  readonly association: ClientOutcome;
  ask(request: ClientRequest): Promise<ClientOutcome>;
  /** The value, or the name of the refusal. */
  get(classId: number, obis: string, attribute: number, access?: SelectiveAccess): Promise<Data | string>;
  columns(obis: string, access?: SelectiveAccess): Promise<ProfileColumns>;
  /** The result by its name. */
  set(classId: number, obis: string, attribute: number, value: Data): Promise<string>;
  /** The result by its name, and what the method returned. */
  act(
    classId: number,
    obis: string,
    method: number,
    parameter?: Data,
  ): Promise<{ readonly result: string; readonly value: Data | undefined }>;
}

/** Has the meter answer on the far end; what opens the line goes over the near one. */
export type Attach = (device: Meter['device'], far: Link, near: Link) => void | Promise<void>;

let titles = 0;

/** Associates as a client of the meter. */
export async function connect(
  meter: Meter,
  name: string,
  options: Partial<ClientOptions> & { readonly clock?: Clock; readonly attach?: Attach } = {},
): Promise<TestClient> {
  const client = meter.clients.find((one) => one.name === name);
  if (!client) throw new Error(`no client ${name}`);
  const [near, far] = memoryLinkPair();
  const serving = { random: secureRandom(), clock: virtualClock(), maxPduSize: 4096 };
  if (options.attach) await options.attach(meter.device, far, near);
  else attachMeter(meter.device, far, serving);
  let sent = 0;
  const { clientSap, mechanism, protection, keys, secret, allowsWeak } = client;
  const connection = createClientConnection({
    clientSap,
    serverSap: 1,
    mechanism,
    protection,
    random: secureRandom(),
    ...(secret ? { secret } : {}),
    ...(allowsWeak ? { allowsWeak } : {}),
    ...(keys
      ? {
          keys,
          systemTitle: Uint8Array.of(0x54, 0x53, 0x54, 0, 0, 0, 0, ++titles),
          counter: { next: () => (titles << 16) + ++sent },
        }
      : {}),
    ...options,
  });
  const ask = (request: ClientRequest) =>
    new Promise<ClientOutcome>((resolve) => {
      near.receive((octets) => {
        const { send, outcome } = connection.receive(octets);
        for (const reply of send) near.send(reply);
        if (outcome) resolve(outcome);
      });
      near.send(unwrap(connection.request(request)));
    });
  const read = async (classId: number, obis: string, attribute: number, access?: SelectiveAccess) => {
    const reference = { classId, obis, attribute, ...(access ? { access } : {}) };
    const outcome = await ask({ kind: 'get', reference });
    if (outcome.kind !== 'get') return JSON.stringify(outcome);
    return outcome.result.ok ? outcome.result.encoded : outcome.result.result;
  };
  return {
    association: await ask({ kind: 'associate' }),
    ask,
    async get(...reference) {
      const encoded = await read(...reference);
      return typeof encoded === 'string' ? encoded : unwrap(decodeData(encoded)).value;
    },
    async set(classId, obis, attribute, value) {
      const outcome = await ask({ kind: 'set', reference: { classId, obis, attribute }, value });
      return outcome.kind === 'set' ? outcome.result : JSON.stringify(outcome);
    },
    async act(classId, obis, method, parameter) {
      const reference = { classId, obis, method };
      const outcome = await ask({ kind: 'action', reference, ...(parameter ? { parameter } : {}) });
      if (outcome.kind !== 'action') return { result: JSON.stringify(outcome), value: undefined };
      const { result, encoded } = outcome.outcome;
      return { result, value: encoded && unwrap(decodeData(encoded)).value };
    },
    async columns(obis, access) {
      const encoded = await read(7, obis, 2, access);
      if (typeof encoded === 'string') throw new Error(encoded);
      return unwrap(decodeProfileColumns(encoded));
    },
  };
}
