/** SYMSEC_0_Key_Tx_*: new keys wrapped under the master key (Green Book 9.2.3.3.8, Blue Book 4.4.7 method 2), and the old ones put back. */
import { createCipheriv } from 'node:crypto';
import { concatBytes } from '@wattline/base';
import type { SecurityKeys } from '../../association.ts';
import type { Data } from '../../data.ts';
import { transferredKey, wrapKey } from '../../key-transfer.ts';
import { buildAarq } from '../acse-octets.ts';
import type { ConformanceTest, Subtest } from '../conformance-test.ts';
import { Dialogue } from '../dialogue.ts';
import type { Script } from '../script.ts';
import { actOn, judgeDone, judgeRefused, setupMethod, setupOf } from '../security-setup.ts';
import { needs, type Target } from '../target.ts';
import { Tester } from '../tester.ts';
import { Finding } from '../verdict.ts';
import { notTaken } from './appl-open.ts';
import { associated, otherKey } from './symsec.ts';

type KeyName = 'ek' | 'ak';
const idOf = { ek: transferredKey.unicast, ak: transferredKey.authentication } as const;
const publicSap = 16;

const usual = {
  group: 'SYMSEC_0',
  origin: 'public',
  clause: 'Green Book 9.2.3.3.8 (key wrap); Blue Book 4.4.7 (key_transfer)',
  needs: [needs.ciphered, needs.ln, needs.masterKey],
} as const;

/** Keys of a test: those the meter has, and those it is given. A new key is the old one with its last bit changed, so that a run that
 * is cut off leaves no key that nobody knows. */
interface KeyChange {
  readonly master: Uint8Array;
  readonly old: SecurityKeys;
  readonly fresh: SecurityKeys;
  readonly names: readonly KeyName[];
}

function changeOf({ keys, declared }: Target, names: readonly KeyName[]): KeyChange {
  if (!keys || !declared.masterKey) throw new Finding('inconclusive', 'no keys are given');
  return { master: declared.masterKey, old: keys, fresh: names.reduce(otherKey, keys), names };
}

/** The same conversation as a client with other keys, or as another client. */
const as = (dialogue: Dialogue, other: Partial<Target>): Dialogue =>
  new Dialogue({ ...dialogue.target, ...other }, dialogue.recorder);

/** The parameter of key_transfer: ids and wrapped keys. */
function keyList(items: readonly (readonly [number, Uint8Array])[]): Data {
  return {
    type: 'array',
    value: items.map(([id, wrapped]) => ({
      type: 'structure',
      value: [
        { type: 'enum', value: id },
        { type: 'octet-string', value: wrapped },
      ],
    })),
  };
}

const wrapped = ({ master, names }: KeyChange, keys: SecurityKeys) =>
  keyList(names.map((name) => [idOf[name], wrapKey(master, keys[name])]));

function transfer(tester: Tester, setup: string, parameter: Data, what: string, expected = 'success') {
  return actOn(tester, setup, { method: setupMethod.transfer, parameter, what, expected });
}

/** Does what may change keys; should it fail, the old keys are put back before it is told. */
function* restoring(
  dialogue: Dialogue,
  change: KeyChange,
  body: (tester: Tester, setup: string) => Script<void>,
): Script<void> {
  const tester: Tester = yield* associated(dialogue);
  const setup = yield* setupOf(tester);
  try {
    yield* body(tester, setup);
  } catch (error) {
    yield* putBack(dialogue, setup, change, error);
    throw error;
  }
}

/** Finds out which keys the meter has now, and gives it the old ones. */
function* putBack(dialogue: Dialogue, setup: string, change: KeyChange, error: unknown): Script<void> {
  const { old, fresh } = change;
  for (const keys of [old, fresh, { ...old, ek: fresh.ek }, { ...old, ak: fresh.ak }]) {
    try {
      const tester: Tester = yield* associated(as(dialogue, { keys }));
      if (keys === old) return;
      judgeDone(tester, yield* transfer(tester, setup, wrapped(change, old), 'the old key is put back'));
      yield* associated(dialogue);
      return;
    } catch (finding) {
      if (!(finding instanceof Finding)) throw finding;
    }
  }
  const why = error instanceof Error ? error.message : String(error);
  throw new Finding(
    'failed',
    `${why}; the old key could not be put back: the meter takes neither it nor the new one`,
  );
}

/** Keys are changed, hold for the next association in place of the old ones, and are changed back. */
function replaces(title: string, names: readonly KeyName[]): Subtest {
  return {
    title,
    *script(dialogue: Dialogue) {
      const change = changeOf(dialogue.target, names);
      yield* restoring(dialogue, change, function* (tester, setup) {
        const { old, fresh } = change;
        judgeDone(tester, yield* transfer(tester, setup, wrapped(change, fresh), 'ACTION key_transfer'));
        const renewed: Tester = yield* associated(as(dialogue, { keys: fresh }));
        yield* renewed.checkAssociated();
        for (const name of names) {
          const stale = as(dialogue, { keys: { ...fresh, [name]: old[name] } });
          const aarq = notTaken(`AARQ under the old ${name}`, (tester) => buildAarq(tester.fields()));
          yield* aarq.script(stale);
        }
        const again: Tester = yield* associated(as(dialogue, { keys: fresh }));
        judgeDone(again, yield* transfer(again, setup, wrapped(change, old), 'key_transfer of the old key'));
        const restored: Tester = yield* associated(dialogue);
        yield* restored.checkAssociated();
      });
    },
  };
}

/** Transfers of the encryption key that must be refused, one after the other; the old key goes on holding. */
function refuses(
  title: string,
  parameters: (change: KeyChange) => Readonly<Record<string, Data>>,
  client?: Partial<Target>,
): Subtest {
  return {
    title,
    *script(dialogue: Dialogue) {
      const change = changeOf(dialogue.target, ['ek']);
      yield* restoring(dialogue, change, function* (own, setup) {
        for (const [what, parameter] of Object.entries(parameters(change))) {
          const tester = client ? yield* strange(as(dialogue, client)) : own;
          if (!tester) break;
          const end = yield* transfer(tester, setup, parameter, `key_transfer: ${what}`, 'a refusal');
          judgeRefused(tester, end);
        }
        const still: Tester = yield* associated(dialogue);
        yield* still.checkAssociated();
      });
    },
  };
}

/** An association of another client, where the meter has that client. */
function* strange(dialogue: Dialogue): Script<Tester | undefined> {
  yield* dialogue.open();
  const tester: Tester = new Tester(dialogue);
  const expected = 'an association without rights, or none';
  const answer = yield* tester.sendAarq(
    buildAarq(tester.fields()),
    'AARQ of the public client',
    expected,
    'silence',
  );
  return 'result' in answer && answer.result === 0 ? tester : undefined;
}

/** Wrapped right but for the initial value of RFC 3394: a meter that does not look at it takes a key that is known here. */
function wrappedUnchecked(master: Uint8Array, key: Uint8Array): Uint8Array {
  const cipher = createCipheriv(`id-aes${master.length * 8}-wrap`, master, new Uint8Array(8).fill(0x5a));
  return concatBytes(cipher.update(key), cipher.final());
}

const flipped = (key: Uint8Array) => key.map((octet, i) => (i === 0 ? octet ^ 1 : octet));
const ek = (octets: Uint8Array) => keyList([[idOf.ek, octets]]);

export const symsecKeyTests: readonly ConformanceTest[] = [
  {
    ...usual,
    name: 'SYMSEC_0_Key_Tx_P1',
    title: 'transfer of the global unicast encryption key, and back',
    subtests: [replaces('the new key holds, the old one no more, and the old one comes back', ['ek'])],
  },
  {
    ...usual,
    name: 'SYMSEC_0_Key_Tx_P2',
    title: 'transfer of the authentication key, and back',
    needs: [...usual.needs, needs.authenticated],
    subtests: [replaces('the new key holds, the old one no more, and the old one comes back', ['ak'])],
  },
  {
    ...usual,
    name: 'SYMSEC_0_Key_Tx_P3',
    title: 'transfer of both keys at once, and back',
    needs: [...usual.needs, needs.authenticated],
    subtests: [replaces('the new keys hold, neither old one does, and the old ones come back', ['ek', 'ak'])],
  },
  {
    ...usual,
    name: 'SYMSEC_0_Key_Tx_N1',
    title: 'transfer under a key id that does not exist',
    subtests: [
      refuses('key ids 4 and 255', ({ master, fresh }) => ({
        'key id 4': keyList([[4, wrapKey(master, fresh.ek)]]),
        'key id 255': keyList([[255, wrapKey(master, fresh.ek)]]),
      })),
    ],
  },
  {
    ...usual,
    name: 'SYMSEC_0_Key_Tx_N2',
    title: 'transfer of a key that is wrapped wrongly, or by a client without the right',
    subtests: [
      // The master key is tried last: a meter that takes anything would otherwise be left with a key that nobody knows.
      refuses('another initial value; when that is refused, another master key', ({ master, fresh }) => ({
        'wrapped with another initial value': ek(wrappedUnchecked(master, fresh.ek)),
        'wrapped under another master key': ek(wrapKey(flipped(master), fresh.ek)),
      })),
      refuses('a wrapped key of wrong length', ({ master, fresh }) => ({
        'a key that is not wrapped': ek(fresh.ek),
        'eight octets more': ek(concatBytes(wrapKey(master, fresh.ek), new Uint8Array(8))),
      })),
      refuses(
        'a key wrapped right, from the public client',
        (change) => ({ 'wrapped right': wrapped(change, change.fresh) }),
        { clientSap: publicSap, mechanism: 'none', protection: 'none' },
      ),
    ],
  },
];
