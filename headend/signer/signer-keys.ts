/**
 * The management and master keys that the signer holds: those of the enrolment, and those it changed since. A key that is on its way is on
 * disk beside the one that held before, from before its first octet is sent until the meter has proved it; so long both are tried.
 */
import { createHash } from 'node:crypto';
import type { Random } from '@wattline/base';
import type { SecurityKeys } from '@wattline/protocols/dlms';
import type { Registry, Row } from '@wattline/store/registry';
import { drawKey } from '../keys/drawn-key.ts';
import type { KeyVault } from '../keys/key-vault.ts';
import type { EnrolledMeter } from './enrolment.ts';

/** A key that holds, and one that is on its way. */
export interface KeyPair<T> {
  readonly current: T;
  readonly pending: T | undefined;
}

/** Names of what the signer changes by itself. */
export type SignerKeyName = 'management' | 'master';

/** How many meters have keys of which kind; no key. */
export interface SignerKeyFigures {
  readonly meters: number;
  /** Meters enrolled without a master key: theirs cannot be changed. */
  readonly withoutMaster: number;
  readonly changed: Readonly<Record<SignerKeyName, number>>;
  readonly pending: Readonly<Record<SignerKeyName, number>>;
}

/** The keys. */
export interface SignerKeys {
  management(meter: EnrolledMeter): KeyPair<SecurityKeys>;
  /** Undefined when the meter was enrolled without one. */
  master(meter: EnrolledMeter): KeyPair<Uint8Array> | undefined;
  /** Draws a key and keeps it beside the current one, unless one is on its way; resolves when it is on disk. */
  begin(meter: EnrolledMeter, name: SignerKeyName): Promise<void>;
  /** What was on its way is the current one; nothing is on its way any more. */
  commit(meter: EnrolledMeter, name: SignerKeyName): Promise<void>;
  figures(meters: Iterable<EnrolledMeter>): SignerKeyFigures;
}

/** Opens the keys of a signer's registry. */
export async function openSignerKeys(options: {
  readonly registry: Registry;
  readonly vault: KeyVault;
  readonly random: Random;
  readonly nowMs: () => number;
}): Promise<SignerKeys> {
  const { registry, vault, random, nowMs } = options;
  const rows = new Map<string, Row<'signer_key'>>();
  const origins = new WeakMap<EnrolledMeter, string>();
  const originOf = (meter: EnrolledMeter) => {
    const known = origins.get(meter) ?? digestOf(meter);
    origins.set(meter, known);
    return known;
  };
  const nameOf = (serial: string, name: string, state: string) => `${serial}/${name}/${state}`;
  for (const row of await registry.selectFrom('signer_key').selectAll().execute()) {
    rows.set(nameOf(row.serial, row.name, row.state), row);
  }
  const rowOf = (meter: EnrolledMeter, name: SignerKeyName, state: 'current' | 'pending') => {
    const row = rows.get(nameOf(meter.serial, name, state));
    // A meter that was enrolled anew, with other keys, starts from those.
    return row?.origin === originOf(meter) ? row : undefined;
  };
  const keep = async (row: Row<'signer_key'>) => {
    await registry
      .insertInto('signer_key')
      .values(row)
      .onConflict((conflict) =>
        conflict.columns(['serial', 'name', 'state']).doUpdateSet((eb) => ({
          sealed: eb.ref('excluded.sealed'),
          origin: eb.ref('excluded.origin'),
          updated_ms: eb.ref('excluded.updated_ms'),
        })),
      )
      .execute();
    rows.set(nameOf(row.serial, row.name, row.state), row);
  };
  /** New keys are of the suite the meter was enrolled with. */
  const draw = (meter: EnrolledMeter, name: SignerKeyName): string => {
    const { serial } = meter;
    const { suite } = pairOf(meter, meter.sealed);
    const key = () => drawKey(random, suite);
    return name === 'master'
      ? vault.sealKey({ serial, client: 'master' }, key())
      : vault.seal({ serial, client: 'management' }, { suite, ek: key(), ak: key() });
  };
  const pairOf = (meter: EnrolledMeter, sealed: string) =>
    vault.open({ serial: meter.serial, client: 'management' }, sealed);
  const keyOf = (meter: EnrolledMeter, sealed: string) =>
    vault.openKey({ serial: meter.serial, client: 'master' }, sealed);

  return {
    management(meter) {
      const pending = rowOf(meter, 'management', 'pending');
      const current = rowOf(meter, 'management', 'current')?.sealed ?? meter.sealed;
      return { current: pairOf(meter, current), pending: pending && pairOf(meter, pending.sealed) };
    },
    master(meter) {
      const current = rowOf(meter, 'master', 'current')?.sealed ?? meter.sealedMaster;
      if (current === undefined) return undefined;
      const pending = rowOf(meter, 'master', 'pending');
      return { current: keyOf(meter, current), pending: pending && keyOf(meter, pending.sealed) };
    },
    async begin(meter, name) {
      if (rowOf(meter, name, 'pending')) return;
      const sealed = draw(meter, name);
      const { serial } = meter;
      await keep({ serial, name, state: 'pending', sealed, origin: originOf(meter), updated_ms: nowMs() });
    },
    async commit(meter, name) {
      const pending = rowOf(meter, name, 'pending');
      if (!pending) return;
      const current = { ...pending, state: 'current' as const, updated_ms: nowMs() };
      const { serial } = meter;
      await registry.transaction().execute(async (transaction) => {
        const own = { serial, name };
        await transaction
          .deleteFrom('signer_key')
          .where('serial', '=', own.serial)
          .where('name', '=', own.name)
          .execute();
        await transaction.insertInto('signer_key').values(current).execute();
      });
      rows.delete(nameOf(serial, name, 'pending'));
      rows.set(nameOf(serial, name, 'current'), current);
    },
    figures(meters) {
      const count = { meters: 0, withoutMaster: 0 };
      const changed = { management: 0, master: 0 };
      const pending = { management: 0, master: 0 };
      for (const meter of meters) {
        count.meters++;
        if (meter.sealedMaster === undefined) count.withoutMaster++;
        for (const name of ['management', 'master'] as const) {
          if (rowOf(meter, name, 'current')) changed[name]++;
          if (rowOf(meter, name, 'pending')) pending[name]++;
        }
      }
      return { ...count, changed, pending };
    },
  };
}

/** What the enrolment holds of a meter's keys, as a name that tells nothing of them. */
function digestOf({ sealed, sealedMaster }: EnrolledMeter): string {
  return createHash('sha256')
    .update(`${sealed}\n${sealedMaster ?? ''}`)
    .digest('hex');
}
