/**
 * Notices that the registry was restored from a backup: numbers of invocation counters reserved since then stand in no row any more,
 * and using them again under the same keys would break AES-GCM (NIST SP 800-38D 8). Beside the key file, which a backup of the registry
 * does not hold, a witness keeps how many blocks were ever reserved. When the registry knows of fewer, all counters jump.
 */
import { closeSync, existsSync, fdatasyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { Registry } from '@wattline/store/registry';

/** Numbers skipped by each counter after a restore: years of sessions; 2^32 hold four thousand such jumps. */
export const restoreJump = 2 ** 20;

/** The witness of one registry. */
export interface RestoreWitness {
  /** Whether the registry had been restored when it was opened. */
  readonly wasRestored: boolean;
  /** Counts a block, inside the transaction that reserves it; resolves to how many there are now. */
  count(transaction: Registry): Promise<number>;
  /** Lets the witness see that many, on disk when it returns: after the commit and before the block is used. Blocks last for hundreds of sessions. */
  see(blocks: number): void;
  close(): void;
}

const fact = 'counter-blocks';
const digits = 16;

/** Opens the witness at `path` and lets counters jump when the registry is behind it. */
export async function openRestoreWitness(options: {
  readonly registry: Registry;
  readonly path: string;
}): Promise<RestoreWitness> {
  const { registry, path } = options;
  const witnessed = existsSync(path) ? Number(readFileSync(path, 'latin1').slice(0, digits)) || 0 : 0;
  let counted = await countedIn(registry);
  const wasRestored = counted < witnessed;
  if (wasRestored) {
    counted = witnessed + 1;
    await registry.transaction().execute(async (transaction) => {
      await transaction
        .updateTable('invocation_counter')
        .set((row) => ({ value: row('value', '+', restoreJump) }))
        .where('scope', 'like', '%/sent')
        .execute();
      await keep(transaction, fact, counted);
      // Meters that the backup did not know yet may have met us: their counters begin higher too.
      await keep(transaction, floorFact, (await counterFloor(transaction)) + restoreJump);
    });
  }
  const file = openSync(path, existsSync(path) ? 'r+' : 'w+', 0o600);
  let written = -1;
  const see = (blocks: number) => {
    if (written >= blocks) return;
    writeNumber(file, blocks);
    written = blocks;
  };
  see(counted);
  let isOpen = true;
  return {
    ...{ wasRestored, count: countBlock, see },
    close() {
      if (isOpen) closeSync(file);
      isOpen = false;
    },
  };
}

const floorFact = 'counter-floor';

/** The least number that a counter without a row begins at. */
export async function counterFloor(registry: Registry): Promise<number> {
  const row = await registry
    .selectFrom('fact')
    .select('value')
    .where('name', '=', floorFact)
    .executeTakeFirst();
  return Number(row?.value ?? 1);
}

async function countedIn(registry: Registry): Promise<number> {
  const row = await registry.selectFrom('fact').select('value').where('name', '=', fact).executeTakeFirst();
  return Number(row?.value ?? 0);
}

/** Counted in the registry itself: several processes may reserve at once. */
async function countBlock(transaction: Registry): Promise<number> {
  const { value } = await transaction
    .insertInto('fact')
    .values({ name: fact, value: '1' })
    .onConflict((conflict) =>
      conflict.column('name').doUpdateSet((row) => ({
        value: row.cast<string>(row(row.cast<number>('fact.value', 'bigint'), '+', 1), 'text'),
      })),
    )
    .returning('value')
    .executeTakeFirstOrThrow();
  return Number(value);
}

async function keep(transaction: Registry, name: string, value: number): Promise<void> {
  await transaction
    .insertInto('fact')
    .values({ name, value: String(value) })
    .onConflict((conflict) =>
      conflict.column('name').doUpdateSet((row) => ({ value: row.ref('excluded.value') })),
    )
    .execute();
}

/** Of one length always, at the beginning of the file: within one sector of the disk. */
function writeNumber(file: number, number: number): void {
  writeSync(file, String(number).padStart(digits, '0'), 0, 'latin1');
  fdatasyncSync(file);
}
