/** Scripts of the supply switch (Blue Book 4.5.8) and its limiter (4.5.9): read, act, read back. */
import { type Data, encodeDateTime } from '@wattline/protocols/dlms';
import {
  act,
  inAssociation,
  isSameData,
  nothingDone,
  proved,
  read,
  readBack,
  readNumber,
  type Script,
  type ScriptPart,
  type ScriptTask,
  unproved,
  writeAll,
} from './script.ts';

const switchObis = '0.0.96.3.10.255';
const controlState = { classId: 70, obis: switchObis, attribute: 3 };
const controlMode = { classId: 70, obis: switchObis, attribute: 4 };
const stateNames = ['disconnected', 'connected', 'ready-for-reconnection'] as const;
type StateName = (typeof stateNames)[number];
/** Modes in which remote_reconnect makes ready and does not close (transition d of the standard's diagram). */
const armingModes: readonly number[] = [1, 3, 5, 6];
const limiter = { classId: 71, obis: '0.0.17.0.0.255' };
/** The emergency profile and group that the signer uses in every limiter. */
const emergencyGroup = 1;

export function disconnectScript(task: ScriptTask): Script {
  return switchScript(task, { method: 1, goals: ['disconnected'] });
}

export function reconnectScript(task: ScriptTask): Script {
  return switchScript(task, { method: 2, goals: ['connected', 'ready-for-reconnection'] });
}

/** Makes ready for the button at the meter; a switch that would close at once is left alone. */
export function* armScript(task: ScriptTask): Script {
  const mode = yield* readNumber(controlMode);
  if (mode === undefined || !armingModes.includes(mode)) {
    return nothingDone(`control_mode ${mode ?? 'unknown'} makes not ready for the button`);
  }
  return yield* switchScript(task, { method: 2, goals: ['ready-for-reconnection'], never: 'connected' });
}

function* switchScript(
  { wasSealed }: ScriptTask,
  of: { readonly method: 1 | 2; readonly goals: readonly StateName[]; readonly never?: StateName },
): Script {
  const { method, goals, never } = of;
  const before = yield* readState();
  if (before !== undefined && goals.includes(before)) {
    return { isDone: true, isSwitched: wasSealed, result: before };
  }
  if (before !== undefined && before === never) return nothingDone(before);
  const answer = yield* act({ classId: 70, obis: switchObis, method }, { type: 'integer', value: 0 });
  const after = yield* readState();
  if (after === undefined)
    return unproved(`the meter answered ${answer} and does not tell its control_state`);
  const isSwitched = goals.includes(after);
  return { isDone: isSwitched, isSwitched, result: isSwitched ? after : `${after}, after ${answer}` };
}

function* readState(): ScriptPart<StateName | undefined> {
  const data = yield* read(controlState);
  return data?.type === 'enum' ? stateNames[data.value] : undefined;
}

/** Threshold, group and profile: the meter itself ends the limitation after the duration. */
export function* limiterScript({ batch, nowMs, shedDurationMs }: ScriptTask): Script {
  const { limitW } = batch;
  if (limitW === undefined) return nothingDone('a limiter needs limitW');
  const durationS = Math.round(shedDurationMs / 1000);
  const group: Data = { type: 'long-unsigned', value: emergencyGroup };
  const activation: Data = { type: 'octet-string', value: encodeDateTime(nowMs(), 0) };
  const duration: Data = { type: 'double-long-unsigned', value: durationS };
  const threshold: Data = { type: 'double-long-unsigned', value: limitW };
  const refused = yield* writeAll(limiter, [
    [5, threshold],
    [9, { type: 'array', value: [group] }],
    [8, { type: 'structure', value: [group, activation, duration] }],
  ]);
  if (refused !== undefined) return unproved(refused);
  const wrong = yield* readBack(limiter, [[5, threshold]]);
  const profile = yield* read({ ...limiter, attribute: 8 });
  // The meter may write the instant of activation in its own way; the duration says that it ends.
  const isEnding = profile?.type === 'structure' && isSameData(profile.value[2], duration);
  return wrong === undefined && isEnding
    ? proved(`limited to ${limitW} W for ${durationS} s`)
    : unproved('the limiter reads back otherwise than written');
}

/**
 * Reads how the meter stands and nothing more: for what was sealed and never proved. The association itself outdates every APDU
 * sealed before (the meter takes no lower invocation counter), so what it shows is final.
 */
export function settleSwitch({ batch }: ScriptTask): Script {
  return inAssociation(function* () {
    if (batch.command === 'limiter') {
      const threshold = yield* readNumber({ ...limiter, attribute: 5 });
      if (threshold === undefined) return unproved('the meter does not tell its threshold');
      const isSwitched = threshold === batch.limitW;
      return { isDone: isSwitched, isSwitched, result: `threshold ${threshold} W` };
    }
    const state = yield* readState();
    if (state === undefined) return unproved('the meter does not tell its control_state');
    const isSwitched = (batch.command === 'disconnect') === (state === 'disconnected');
    return { isDone: isSwitched, isSwitched, result: state };
  });
}
