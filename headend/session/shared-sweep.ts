/** A sweep that all workers on a registry take part in: told in the registry, walked by each in an order of its own, every meter read once. */
import type { Clock, Random } from '@wattline/base';
import type { Registry } from '@wattline/store/registry';
import type { ExchangeOutcome } from '../headend.ts';
import type { FleetMeter } from '../registry/fleet.ts';

const fact = 'sweep-since';
/** Rounds over meters that another worker held: twice the time after which a dead one holds nothing. */
const roundsMax = 7;

/** Lets every worker begin a sweep; what was read before `sinceMs` is read again. */
export async function tellSweep(registry: Registry, sinceMs: number): Promise<void> {
  await registry
    .insertInto('fact')
    .values({ name: fact, value: String(sinceMs) })
    .onConflict((conflict) =>
      conflict.column('name').doUpdateSet((row) => ({ value: row.ref('excluded.value') })),
    )
    .execute();
}

/** Begin of the newest sweep that was told, UTC ms; 0 when none ever was. */
export async function newestSweep(registry: Registry): Promise<number> {
  const row = await registry.selectFrom('fact').select('value').where('name', '=', fact).executeTakeFirst();
  return Number(row?.value ?? 0);
}

/**
 * Reads every meter once, `concurrency` at a time; a shared sweep in an order of its own, so that two workers seldom meet. What another worker holds is
 * asked for again a little later: it has been read then, or its worker has died.
 */
export async function sweepMeters(
  meters: readonly FleetMeter[],
  options: {
    readonly concurrency: number;
    readonly read: (entry: FleetMeter) => Promise<ExchangeOutcome>;
    /** Of a sweep that is shared. */
    readonly random?: Random | undefined;
    readonly deadlines: Clock;
    /** Pause between two rounds. */
    readonly pauseMs: number;
    readonly onDone: () => void;
  },
): Promise<void> {
  const { read, deadlines, pauseMs, concurrency, onDone } = options;
  let waiting = options.random ? shuffle(meters, options.random) : meters;
  // Alone a head-end asks once: what is held then is another's matter.
  const rounds = options.random ? roundsMax : 1;
  for (let round = 0; round < rounds && waiting.length > 0; round++) {
    if (round > 0) await deadlines.sleep(pauseMs);
    const held: FleetMeter[] = [];
    let next = 0;
    const walk = async () => {
      for (let entry = waiting[next++]; entry; entry = waiting[next++]) {
        const { code } = await read(entry);
        if (code === 'headend/meter-leased') held.push(entry);
        else onDone();
      }
    };
    await Promise.all(Array.from({ length: Math.min(concurrency, waiting.length) }, walk));
    waiting = held;
  }
}

/** Fisher and Yates, by octets of the source given. */
function shuffle<T>(items: readonly T[], random: Random): T[] {
  const order = [...items];
  for (let i = order.length - 1; i > 0; i--) {
    const octets = random.bytes(4);
    const j = new DataView(octets.buffer, octets.byteOffset, 4).getUint32(0) % (i + 1);
    [order[i], order[j]] = [order[j] as T, order[i] as T];
  }
  return order;
}
