/** What the signer asks a meter for each command (Blue Book 4.5.8 disconnect control, 4.5.9 limiter, 4.5.1 clock): read, act, read back. */
import {
  type AttributeDescriptor,
  type ClientOutcome,
  type ClientRequest,
  type Data,
  decodeData,
  decodeDateTime,
  encodeDateTime,
} from '@wattline/protocols/dlms';
import type { Batch } from '../guard/batch.ts';
import type { Command } from '../guard/darkening.ts';

/** A request of a script; `isActing` ones change something, and the guard is asked once more before they are sealed. */
export interface ScriptStep {
  readonly request: ClientRequest;
  readonly isActing: boolean;
}

/** How a script ended. `isSwitched` undefined: the meter proved nothing, so what was sealed counts on. */
export interface ScriptResult {
  readonly isDone: boolean;
  readonly isSwitched: boolean | undefined;
  /** What the meter was read back to hold, or why not. */
  readonly result: string;
}

/** What a script is made for. */
export interface ScriptTask {
  readonly batch: Batch;
  /** Whether an APDU of this move was sealed in an earlier session: what is found done may be its work. */
  readonly wasSealed: boolean;
  /** The signer's own clock. */
  readonly nowMs: () => number;
  readonly shedDurationMs: number;
}

export type Script = Generator<ScriptStep, ScriptResult, ClientOutcome>;

const controlState = { classId: 70, obis: '0.0.96.3.10.255', attribute: 3 };
const stateNames = ['disconnected', 'connected', 'ready-for-reconnection'] as const;
const limiterObis = '0.0.17.0.0.255';
const clockTime = { classId: 8, obis: '0.0.1.0.0.255', attribute: 2 };
/** shift_time takes a signed number of seconds up to this (Blue Book 4.5.1, method 6). */
const longestShiftSeconds = 900;
/** The emergency profile and group that the signer uses in every limiter. */
const emergencyGroup = 1;

/** Commands this signer can carry out; the others of the table are decided on and never sealed. */
const scripts: Readonly<Partial<Record<Command, (task: ScriptTask) => Script>>> = {
  disconnect: (task) => switchScript(task, { method: 1, goals: ['disconnected'] }),
  reconnect: (task) => switchScript(task, { method: 2, goals: ['connected', 'ready-for-reconnection'] }),
  limiter: limiterScript,
  'clock-shift': clockScript,
};

/** Whether the signer has a script for a command. */
export function isScripted(command: Command): boolean {
  return scripts[command] !== undefined;
}

/** The script of a task, from the association on; undefined when there is none. */
export function scriptOf(task: ScriptTask): Script | undefined {
  const script = scripts[task.batch.command];
  return script && inAssociation(() => script(task));
}

/**
 * Reads how the meter stands and nothing more: for what was sealed and never proved. The association itself outdates every APDU
 * sealed before (the meter takes no lower invocation counter), so what it shows is final.
 */
export function settleScript({ batch }: ScriptTask): Script {
  return inAssociation(function* () {
    if (batch.command === 'limiter') {
      const threshold = yield* read({ classId: 71, obis: limiterObis, attribute: 5 });
      if (threshold?.type !== 'double-long-unsigned')
        return unproved('the meter does not tell its threshold');
      const isSwitched = threshold.value === batch.limitW;
      return { isDone: isSwitched, isSwitched, result: `threshold ${threshold.value} W` };
    }
    const state = yield* readState();
    if (state === undefined) return unproved('the meter does not tell its control_state');
    const isSwitched = (batch.command === 'disconnect') === (state === 'disconnected');
    return { isDone: isSwitched, isSwitched, result: state };
  });
}

function* inAssociation(body: () => Script): Script {
  yield { request: { kind: 'associate' }, isActing: false };
  return yield* body();
}

type StateName = (typeof stateNames)[number];

function* switchScript(
  { wasSealed }: ScriptTask,
  { method, goals }: { readonly method: 1 | 2; readonly goals: readonly StateName[] },
): Script {
  const before = yield* readState();
  if (before !== undefined && goals.includes(before)) {
    return { isDone: true, isSwitched: wasSealed, result: before };
  }
  const reference = { classId: 70, obis: controlState.obis, method };
  const acted = yield {
    request: { kind: 'action', reference, parameter: { type: 'integer', value: 0 } },
    isActing: true,
  };
  const answer = acted.kind === 'action' ? acted.outcome.result : acted.kind;
  const after = yield* readState();
  if (after === undefined)
    return unproved(`the meter answered ${answer} and does not tell its control_state`);
  const isSwitched = goals.includes(after);
  return { isDone: isSwitched, isSwitched, result: isSwitched ? after : `${after}, after ${answer}` };
}

function* readState(): Generator<ScriptStep, StateName | undefined, ClientOutcome> {
  const data = yield* read(controlState);
  return data?.type === 'enum' ? stateNames[data.value] : undefined;
}

/** Threshold, group and profile: the meter itself ends the limitation after the duration. */
function* limiterScript({ batch, nowMs, shedDurationMs }: ScriptTask): Script {
  const { limitW } = batch;
  if (limitW === undefined) return nothingDone('a limiter needs limitW');
  const durationS = Math.round(shedDurationMs / 1000);
  const group: Data = { type: 'long-unsigned', value: emergencyGroup };
  const activation: Data = { type: 'octet-string', value: encodeDateTime(nowMs(), 0) };
  const duration: Data = { type: 'double-long-unsigned', value: durationS };
  const writes: readonly (readonly [number, Data])[] = [
    [5, { type: 'double-long-unsigned', value: limitW }],
    [9, { type: 'array', value: [group] }],
    [8, { type: 'structure', value: [group, activation, duration] }],
  ];
  for (const [attribute, value] of writes) {
    const reference = { classId: 71, obis: limiterObis, attribute };
    const written = yield { request: { kind: 'set', reference, value }, isActing: true };
    const answer = written.kind === 'set' ? written.result : written.kind;
    if (answer !== 'success') return unproved(`attribute ${attribute} of the limiter: ${answer}`);
  }
  const threshold = yield* read({ classId: 71, obis: limiterObis, attribute: 5 });
  const profile = yield* read({ classId: 71, obis: limiterObis, attribute: 8 });
  const held = profile?.type === 'structure' ? profile.value[2] : undefined;
  const isSet =
    threshold?.type === 'double-long-unsigned' &&
    threshold.value === limitW &&
    held?.type === 'double-long-unsigned' &&
    held.value === durationS;
  return isSet
    ? { isDone: true, isSwitched: true, result: `limited to ${limitW} W for ${durationS} s` }
    : unproved('the limiter reads back otherwise than written');
}

/** Moves the meter's clock towards the signer's own: whoever owns the head-end cannot choose the time. */
function* clockScript({ nowMs }: ScriptTask): Script {
  const before = yield* readOffsetSeconds(nowMs);
  if (before === undefined) return nothingDone('the clock of the meter names no instant');
  if (before === 0) return { isDone: true, isSwitched: false, result: 'in step' };
  if (Math.abs(before) > longestShiftSeconds) {
    return nothingDone(`the clock differs by ${before} s, more than shift_time takes`);
  }
  const reference = { classId: 8, obis: clockTime.obis, method: 6 };
  yield {
    request: { kind: 'action', reference, parameter: { type: 'long', value: -before } },
    isActing: true,
  };
  const after = yield* readOffsetSeconds(nowMs);
  const isDone = after !== undefined && Math.abs(after) <= 1;
  return { isDone, isSwitched: isDone, result: `off by ${before} s before, ${after ?? 'unknown'} s after` };
}

function* readOffsetSeconds(nowMs: () => number): Generator<ScriptStep, number | undefined, ClientOutcome> {
  const data = yield* read(clockTime);
  if (data?.type !== 'octet-string' && data?.type !== 'date-time') return undefined;
  const time = decodeDateTime(data.value);
  return time.ok ? Math.round((time.value.instantMs - nowMs()) / 1000) : undefined;
}

function* read(reference: AttributeDescriptor): Generator<ScriptStep, Data | undefined, ClientOutcome> {
  const answer = yield { request: { kind: 'get', reference }, isActing: false };
  if (answer.kind !== 'get' || !answer.result.ok) return undefined;
  const decoded = decodeData(answer.result.encoded);
  return decoded.ok ? decoded.value.value : undefined;
}

function unproved(result: string): ScriptResult {
  return { isDone: false, isSwitched: undefined, result };
}

function nothingDone(result: string): ScriptResult {
  return { isDone: false, isSwitched: false, result };
}
