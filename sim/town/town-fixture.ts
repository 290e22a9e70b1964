/** What the tests of the town share: a small town's options and a client that reads a meter over TCP. */
import { fromHex, secureRandom, unwrap } from '@wattline/base';
import type { MeterShipment, Tariff } from '@wattline/model';
import { type Address, type Link, tcpDialer } from '@wattline/network';
import {
  type ClientConnection,
  type ClientOutcome,
  type ClientRequest,
  createClientConnection,
  decodeProfileColumns,
  type ProfileColumns,
} from '@wattline/protocols/dlms';
import { townTariffs } from '../world/premises.ts';
import type { TownProcessOptions } from './town-options.ts';

export const dayMs = 86_400_000;
export const quarterMs = 900_000;
export const zone = 'Europe/London';
/** Local midnight of London in summer time. */
export const startMs = Temporal.Instant.from('2026-09-30T23:00:00Z').epochMilliseconds;

const everyDay = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** A day and night tariff under every id that premises may have. */
export const tariffs: readonly Tariff[] = [...new Set(Object.values(townTariffs))].map((id) => ({
  id,
  version: 1,
  name: id,
  currency: 'GBP',
  minorDigits: 2,
  zone,
  standingPerDay: '0',
  rates: [
    { rate: 1, name: 'Day', tiers: [{ uptoKwh: null, pricePerKwh: '0.3' }] },
    { rate: 2, name: 'Night', tiers: [{ uptoKwh: null, pricePerKwh: '0.1' }] },
  ],
  calendar: [
    { days: everyDay, from: '00:00', rate: 2 },
    { days: everyDay, from: '07:00', rate: 1 },
  ],
  taxPercent: '0',
  taxName: 'none',
  received: { scheme: 'none', receivedPerKwh: '0' },
  source: 'invented for a test',
}));

/** A town of a few meters and days whose clock stands at `nowMs` when it starts. */
export function townOptions(
  directory: string,
  wallMs: number,
  change: Partial<TownProcessOptions> = {},
): TownProcessOptions {
  return {
    seed: '1',
    startMs,
    meters: 5,
    zone,
    intervalSeconds: 900,
    load: null,
    directory,
    pushHost: '127.0.0.1',
    pushPort: 0,
    anchor: { townMs: startMs + 3 * dayMs + 600_000, wallMs, speed: 1 },
    basePort: 0,
    tariffs,
    ...change,
  };
}

/** What a reader saw of a meter. */
export interface ReadMeter {
  readonly loadProfile: ProfileColumns;
  readonly totalWh: number;
  /** Invocation counter of the meter's last sealed answer. */
  readonly counter: number;
}

const clientTitle = fromHex('5453540000000001');
let sent = 0;

/** Reads profile and total of a shipped meter as its reader; counters are above `from`. */
export async function readMeter({ meter, keys }: MeterShipment, from = 0): Promise<ReadMeter> {
  let counter = 0;
  const link = await tcpDialer.dial({ host: meter.host, port: meter.port }, 2000);
  const connection = createClientConnection({
    clientSap: 2,
    serverSap: 1,
    mechanism: 'gmac',
    protection: 'ae',
    random: secureRandom(),
    systemTitle: clientTitle,
    serverSystemTitle: fromHex(meter.systemTitle),
    keys: { suite: 0, ek: fromHex(keys.reader.ek), ak: fromHex(keys.reader.ak) },
    counter: { next: () => from + ++sent },
    replay: {
      accept(number) {
        counter = number;
        return true;
      },
    },
    maxPduSize: 16_384,
  });
  try {
    await ask(link, connection, { kind: 'associate' });
    const profile = { classId: 7, obis: '1.0.99.1.0.255', attribute: 2 };
    const loadProfile = unwrap(decodeProfileColumns(await get(link, connection, profile)));
    const total = await get(link, connection, { classId: 3, obis: '1.0.1.8.0.255', attribute: 2 });
    return { loadProfile, totalWh: new DataView(total.buffer, total.byteOffset).getUint32(1), counter };
  } finally {
    link.close();
  }
}

async function get(
  link: Link,
  connection: ClientConnection,
  reference: { readonly classId: number; readonly obis: string; readonly attribute: number },
): Promise<Uint8Array> {
  const outcome = await ask(link, connection, { kind: 'get', reference });
  if (outcome.kind === 'get' && outcome.result.ok) return outcome.result.encoded;
  throw new Error(JSON.stringify(outcome));
}

function ask(link: Link, connection: ClientConnection, request: ClientRequest): Promise<ClientOutcome> {
  return new Promise((resolve, reject) => {
    link.receive((octets) => {
      const { send, outcome } = connection.receive(octets);
      for (const reply of send) link.send(reply);
      if (outcome?.kind === 'failure') reject(new Error(outcome.failure.message));
      else if (outcome) resolve(outcome);
    });
    void link.closed.then(({ message }) => reject(new Error(message)));
    link.send(unwrap(connection.request(request)));
  });
}

/** Whether a meter lets a link stay open. */
export async function staysOpen(address: Address): Promise<boolean> {
  const link = await tcpDialer.dial(address, 2000);
  const client = createClientConnection({
    clientSap: 16,
    serverSap: 1,
    mechanism: 'none',
    protection: 'none',
    random: secureRandom(),
  });
  try {
    await ask(link, client, { kind: 'associate' });
    return true;
  } catch {
    return false;
  } finally {
    link.close();
  }
}
