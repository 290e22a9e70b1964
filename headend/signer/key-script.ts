/**
 * Changing keys (Blue Book 4.4.7, Security setup, method 2): new keys go wrapped under the master key, which itself goes last. The management
 * pair is proved by an association sealed with it and a read; the master key by a transfer that only it can unwrap, of keys the meter
 * holds already. The reader's pair is the head-end's to prove, as it alone associates with it.
 */
import { encodeKeyTransfer, type KeyUpdate, type SecurityKeys } from '@wattline/protocols/dlms';
import { parametersOf } from '../guard/batch.ts';
import type { KeyName } from '../guard/parameters.ts';
import {
  act,
  proved,
  readNumber,
  type Script,
  type ScriptPart,
  type ScriptTask,
  unproved,
} from './script.ts';
import type { KeyPair } from './signer-keys.ts';

/** What the keys of one meter are while they change. */
export interface KeyTask extends ScriptTask {
  /** Names that are not proved yet, in order. */
  readonly remaining: readonly KeyName[];
  /** The reader's new pair, when the head-end sent it along. */
  readonly reader: SecurityKeys | undefined;
  readonly management: KeyPair<SecurityKeys>;
  /** Which of the two the association is sealed with. */
  readonly sealedWith: 'current' | 'pending';
  readonly master: KeyPair<Uint8Array>;
  /** Whether the master key on its way was sent in an earlier session. */
  readonly wasMasterSent: boolean;
  /** False when the guard holds the batch: what was done is looked at, and nothing more is sent. */
  readonly mayAct: boolean;
}

export function* keyScript(task: KeyTask): Script {
  const { remaining, sealedWith, management } = task;
  const left = new Set(remaining);
  if (sealedWith === 'pending') {
    // The association proved the pair; the read is what a person would call a proof.
    const status = yield* readNumber({
      classId: 64,
      obis: task.objects.securitySetup.management,
      attribute: 3,
    });
    if (status === undefined) return unproved('the meter associates with its new keys and does not answer');
    if (left.delete('management')) yield { proved: 'management' };
  }
  if (!task.mayAct && left.size > 0) return unproved('held before all keys were changed');
  if (left.has('reader') && task.reader) {
    const answer = yield* transfer(task, task.objects.securitySetup.reader, updatesOf(task.reader));
    if (answer !== 'success') return unproved(`the meter answered ${answer} to the reader’s keys`);
    left.delete('reader');
    yield { proved: 'reader' };
  }
  if (left.has('management') && management.pending) {
    const answer = yield* transfer(
      task,
      task.objects.securitySetup.management,
      updatesOf(management.pending),
    );
    const result = `the meter answered ${answer} to the management keys`;
    return answer === 'success' ? { ...unproved(result), more: 'now' } : unproved(result);
  }
  // The master key last: while others are open, what wraps them is known to hold.
  if (left.has('master') && left.size === 1 && task.master.pending) {
    const wrong = yield* changeMaster(task);
    if (wrong !== undefined) return unproved(wrong);
    left.delete('master');
    yield { proved: 'master' };
  }
  if (left.size === 0)
    return proved(`${parametersOf(task.batch, 'key-change').of.join(', ')} keys changed and proved`);
  const more = {
    ...unproved(`${[...left].join(', ')} keys are still to be changed`),
    more: 'now',
  } as const;
  return left.has('reader') && !left.has('management') ? { ...more, needs: 'reader' } : more;
}

/** Sends the new master key under the old one, unless the meter proves that it has it. */
function* changeMaster(task: KeyTask): ScriptPart<string | undefined> {
  const { master, objects, wasMasterSent } = task;
  const { pending } = master;
  if (!pending) return 'no master key was drawn';
  const obis = objects.securitySetup.management;
  if (wasMasterSent && (yield* isHeld(task, pending))) return undefined;
  const answer = yield* transferUnder(master.current, obis, [{ id: 'master', key: pending }]);
  if (yield* isHeld(task, pending)) return undefined;
  return `the meter answered ${answer} to the master key`;
}

/** Whether the meter unwraps under a master key: it is sent the pair it has. */
function* isHeld({ management, sealedWith, objects }: KeyTask, master: Uint8Array): ScriptPart<boolean> {
  const held = sealedWith === 'pending' && management.pending ? management.pending : management.current;
  return (yield* transferUnder(master, objects.securitySetup.management, updatesOf(held))) === 'success';
}

/** Under the master key that holds, or under the one on its way when the meter has that already. */
function* transfer({ master }: KeyTask, obis: string, updates: readonly KeyUpdate[]): ScriptPart<string> {
  const answer = yield* transferUnder(master.current, obis, updates);
  if (answer === 'success' || !master.pending) return answer;
  return yield* transferUnder(master.pending, obis, updates);
}

function transferUnder(master: Uint8Array, obis: string, updates: readonly KeyUpdate[]): ScriptPart<string> {
  return act({ classId: 64, obis, method: 2 }, encodeKeyTransfer(master, updates));
}

function updatesOf({ ek, ak }: SecurityKeys): readonly KeyUpdate[] {
  return [
    { id: 'unicast', key: ek },
    { id: 'authentication', key: ak },
  ];
}
