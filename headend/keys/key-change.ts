/**
 * Changing the keys of a client of a meter in two phases: the new keys are on disk before an octet is sent, they are ours only when the
 * meter has answered a session sealed with them, and as long as that is open both pairs are kept and both are tried. So there is no
 * moment at which the meter may hold a key that we do not.
 */
import type { SecurityKeys } from '@wattline/protocols/dlms';

/** The two pairs of a meter, as they stand on disk. */
export interface HeldKeys {
  readonly current: SecurityKeys;
  /** On its way: from the moment it is on disk the meter may hold it. */
  readonly next: SecurityKeys | undefined;
}

/** Keeps pairs on disk; every call resolves when that is so, and rejects without a change otherwise. */
export interface KeyChangeStore {
  held(serial: string): Promise<HeldKeys>;
  /** Keeps a new pair beside the current one. There must be none yet. */
  begin(serial: string, keys: SecurityKeys): Promise<void>;
  /** The next pair becomes the current one; with `proved`, only when it is that one. Resolves to whether one did. */
  commit(serial: string, proved?: SecurityKeys): Promise<boolean>;
}

/** The way to the meter; all it tells is believed only as far as it is proved. */
export interface KeyChangeMeter {
  /** Transfers a pair, wrapped under the master key, in a session sealed with `current`; rejects when no answer came. */
  transfer(
    serial: string,
    pair: { readonly current: SecurityKeys; readonly next: SecurityKeys },
  ): Promise<'taken' | 'refused'>;
  /** Whether the meter answers a session sealed with a pair; rejects when it is silent. */
  opens(serial: string, keys: SecurityKeys): Promise<boolean>;
}

/** How one attempt ended. `open`: not proved either way, to be tried again; both pairs are kept. */
export type KeyChangeEnd = 'committed' | 'refused' | 'open';

/** Sessions tried for one question before it stays open: a lost one proves nothing. */
const triesMax = 3;

/** One attempt at one meter, from wherever the last one ended. Rejects only as the store does. */
export async function changeKeys(
  serial: string,
  of: {
    readonly store: KeyChangeStore;
    readonly meter: KeyChangeMeter;
    readonly draw: (current: SecurityKeys) => SecurityKeys;
  },
): Promise<KeyChangeEnd> {
  const { store, meter, draw } = of;
  // Reading may be tried again; what writes ends the attempt when it fails, as nobody knows how much of it stands.
  const held = (await tried(() => store.held(serial))) ?? (await store.held(serial));
  const { current, next: begun } = held;
  if (begun) {
    const proved = await whichOpens(serial, { current, next: begun }, meter);
    if (proved === 'next') return commit(serial, store);
    if (proved === undefined) return 'open';
  }
  const next = begun ?? draw(current);
  if (!begun) await store.begin(serial, next);
  const answer = await tried(() => meter.transfer(serial, { current, next }));
  const proved = await whichOpens(serial, { current, next }, meter);
  if (proved === 'next') return commit(serial, store);
  return proved === 'current' && answer === 'refused' ? 'refused' : 'open';
}

async function commit(serial: string, store: KeyChangeStore): Promise<KeyChangeEnd> {
  await store.commit(serial);
  return 'committed';
}

/** The pair that the meter answers to, the new one first; undefined when it answers to neither now. */
async function whichOpens(
  serial: string,
  { current, next }: HeldKeys,
  meter: KeyChangeMeter,
): Promise<'current' | 'next' | undefined> {
  if (next && (await tried(() => meter.opens(serial, next)))) return 'next';
  return (await tried(() => meter.opens(serial, current))) ? 'current' : undefined;
}

/** Asks until there is an answer, a few times; undefined when the meter stays silent. */
async function tried<T>(ask: () => Promise<T>): Promise<T | undefined> {
  for (let tries = 0; tries < triesMax; tries++) {
    try {
      return await ask();
    } catch {
      // Silence: the answer may be lost, or the question.
    }
  }
  return undefined;
}
