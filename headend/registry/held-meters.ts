/** Meters that push before anybody has provisioned them: held until a person approves them with a row of a shipment, or turns them away. */
import { type Clock, codeOf, type Log, messageOf } from '@wattline/base';
import type { Registry, Row } from '@wattline/store/registry';
import { headendError } from '../errors.ts';

/** A sender that is held, or was decided on. */
export type HeldMeter = Row<'held_meter'>;

/** The held. */
export interface HeldMeters {
  /** Notes a push of an unknown system title; anyone can invent one, so that only so many are kept. */
  note(systemTitle: string, peer: string): void;
  /** Newest first. */
  list(): Promise<HeldMeter[]>;
  /**
   * Takes a meter in by its row of a shipment, which must carry the system title: who holds its keys may read it, and no other.
   * @throws CodedError `headend/held-unknown`, `headend/held-mismatch`, or the code for which the row was refused
   */
  approve(systemTitle: string, options: { readonly row: unknown; readonly by: string }): Promise<HeldMeter>;
  /** Turns it away: its pushes are refused as before and it is not listed as held again. @throws CodedError `headend/held-unknown` */
  reject(systemTitle: string, by: string): Promise<HeldMeter>;
  /** Resolves when what was noted is kept. */
  settled(): Promise<void>;
}

/** Titles kept; when there are more, new ones are refused without a trace but their event. */
const heldMax = 5_000;
/** A sender that goes on is written down again after this long, ms. */
const rewriteMs = 60_000;

/** Opens the list. */
export async function openHeldMeters(options: {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly log: Log;
  /** Takes a shipment of one row in JSON. */
  readonly provision: (
    text: string,
  ) => Promise<{ readonly refused: readonly { readonly code: string; readonly message: string }[] }>;
}): Promise<HeldMeters> {
  const { registry, clock, log, provision } = options;
  const known = await registry.selectFrom('held_meter').select(['system_title', 'last_ms']).execute();
  const writtenMs = new Map(known.map((row) => [row.system_title, row.last_ms]));
  const pushes = new Map<string, number>();
  let writing: Promise<unknown> = Promise.resolve();

  const write = async (system_title: string, peer: string, count: number) => {
    const nowMs = clock.now();
    await registry
      .insertInto('held_meter')
      .values({
        ...{ system_title, peer, first_ms: nowMs, last_ms: nowMs, pushes: count, state: 'held' },
        ...{ serial: null, decided_by: null, decided_ms: null },
      })
      .onConflict((conflict) =>
        conflict.column('system_title').doUpdateSet((row) => ({
          peer,
          last_ms: nowMs,
          pushes: row('held_meter.pushes', '+', count),
        })),
      )
      .execute();
  };
  const find = async (systemTitle: string) => {
    const row = await registry
      .selectFrom('held_meter')
      .selectAll()
      .where('system_title', '=', systemTitle.toUpperCase())
      .executeTakeFirst();
    if (row) return row;
    throw headendError(
      'headend/held-unknown',
      `nobody with system title '${systemTitle.slice(0, 32)}' has pushed`,
    );
  };
  const decide = async (held: HeldMeter, change: Pick<HeldMeter, 'state' | 'serial'>, by: string) => {
    await registry
      .updateTable('held_meter')
      .set({ ...change, decided_by: by, decided_ms: clock.now() })
      .where('system_title', '=', held.system_title)
      .execute();
    return find(held.system_title);
  };
  return {
    note(systemTitle, peer) {
      const count = (pushes.get(systemTitle) ?? 0) + 1;
      const lastMs = writtenMs.get(systemTitle);
      if (lastMs === undefined && writtenMs.size >= heldMax) return;
      if (lastMs !== undefined && clock.now() - lastMs < rewriteMs) {
        pushes.set(systemTitle, count);
        return;
      }
      writtenMs.set(systemTitle, clock.now());
      pushes.delete(systemTitle);
      const written = write(systemTitle, peer, count).catch((error: unknown) =>
        log.error({ systemTitle, code: codeOf(error) }, messageOf(error)),
      );
      writing = Promise.all([writing, written]);
    },
    list: () =>
      registry.selectFrom('held_meter').selectAll().orderBy('last_ms', 'desc').limit(1_000).execute(),
    async approve(systemTitle, { row, by }) {
      const held = await find(systemTitle);
      const meter = (row as { meter?: { systemTitle?: unknown; serial?: unknown } } | null)?.meter;
      if (String(meter?.systemTitle).toUpperCase() !== held.system_title) {
        const what = `expected a row of system title ${held.system_title}, found ${String(meter?.systemTitle).slice(0, 32)}`;
        throw headendError('headend/held-mismatch', what);
      }
      const { refused } = await provision(JSON.stringify([row]));
      const [problem] = refused;
      if (problem) throw headendError('headend/held-refused', `${problem.code}: ${problem.message}`);
      return decide(held, { state: 'approved', serial: String(meter?.serial) }, by);
    },
    reject: async (systemTitle, by) =>
      decide(await find(systemTitle), { state: 'rejected', serial: null }, by),
    async settled() {
      await writing;
    },
  };
}
