/** What scripts are made of: requests to a meter one after the other, and what was proved by the answers. */
import {
  type AttributeDescriptor,
  type ClientOutcome,
  type ClientRequest,
  type Data,
  decodeData,
  encodeData,
} from '@wattline/protocols/dlms';
import type { Batch } from '../guard/batch.ts';
import type { KeyName } from '../guard/parameters.ts';
import type { MeterObjects } from './meter-objects.ts';

/** A request of a script; `isActing` ones change something, and the guard is asked once more before they are sealed. */
export interface ScriptRequest {
  readonly request: ClientRequest;
  readonly isActing: boolean;
  /** How far a long script is: pieces done, and of how many. */
  readonly progress?: { readonly done: number; readonly of: number };
}

/** A part of the command that the meter has proved: on disk before the script goes on. */
export interface ScriptProof {
  readonly proved: KeyName;
}

export type ScriptStep = ScriptRequest | ScriptProof;

/** How a script ended. `isSwitched` undefined: the meter proved nothing, so what was sealed counts on. */
export interface ScriptResult {
  readonly isDone: boolean;
  readonly isSwitched: boolean | undefined;
  /** What the meter was read back to hold, or why not. */
  readonly result: string;
  /** There is more to do in another session: at once, or when the meter has had time. */
  readonly more?: 'now' | 'later';
  /** What the head-end has to bring for it. */
  readonly needs?: 'reader';
}

/** What a script is made for. */
export interface ScriptTask {
  readonly batch: Batch;
  /** Whether an APDU of this move was sealed in an earlier session: what is found done may be its work. */
  readonly wasSealed: boolean;
  /** The signer's own clock. */
  readonly nowMs: () => number;
  readonly shedDurationMs: number;
  /** Where the make keeps things. */
  readonly objects: MeterObjects;
}

/** A script; a proof is answered with undefined. */
export type Script = Generator<ScriptStep, ScriptResult, ClientOutcome | undefined>;
/** A part of a script with a value of its own. */
export type ScriptPart<T> = Generator<ScriptStep, T, ClientOutcome | undefined>;

/** A script from the association on. */
export function* inAssociation(body: () => Script): Script {
  yield { request: { kind: 'associate' }, isActing: false };
  return yield* body();
}

/** Reads an attribute; undefined when the meter does not tell. */
export function* read(reference: AttributeDescriptor): ScriptPart<Data | undefined> {
  const answer = yield { request: { kind: 'get', reference }, isActing: false };
  if (answer?.kind !== 'get' || !answer.result.ok) return undefined;
  const decoded = decodeData(answer.result.encoded);
  return decoded.ok ? decoded.value.value : undefined;
}

/** Reads a number of any kind. */
export function* readNumber(reference: AttributeDescriptor): ScriptPart<number | undefined> {
  const data = yield* read(reference);
  return data && 'value' in data && typeof data.value === 'number' ? data.value : undefined;
}

/** Calls a method; the action result, as the standard names it. */
export function* act(
  reference: { readonly classId: number; readonly obis: string; readonly method: number },
  parameter: Data,
): ScriptPart<string> {
  const answer = yield { request: { kind: 'action', reference, parameter }, isActing: true };
  return answer?.kind === 'action' ? answer.outcome.result : (answer?.kind ?? 'no answer');
}

/** Writes an attribute; the Data-Access-Result, as the standard names it. */
export function* write(reference: AttributeDescriptor, value: Data): ScriptPart<string> {
  const answer = yield { request: { kind: 'set', reference, value }, isActing: true };
  return answer?.kind === 'set' ? answer.result : (answer?.kind ?? 'no answer');
}

/** Attributes of an object and what they shall hold. */
export type AttributeValues = readonly (readonly [attribute: number, value: Data])[];

interface ObjectName {
  readonly classId: number;
  readonly obis: string;
}

/** Writes attributes in order; undefined when the meter took all, else what it refused. */
export function* writeAll(object: ObjectName, values: AttributeValues): ScriptPart<string | undefined> {
  for (const [attribute, value] of values) {
    const answer = yield* write({ ...object, attribute }, value);
    if (answer !== 'success') return `attribute ${attribute} of ${object.obis}: ${answer}`;
  }
  return undefined;
}

/** Reads attributes; undefined when each holds, octet for octet, what it shall, else which does not. */
export function* readBack(object: ObjectName, values: AttributeValues): ScriptPart<string | undefined> {
  for (const [attribute, value] of values) {
    const held = yield* read({ ...object, attribute });
    if (!isSameData(held, value)) {
      return `attribute ${attribute} of ${object.obis} reads back otherwise than written`;
    }
  }
  return undefined;
}

/** Writes and reads back; undefined when the meter holds all of it. */
export function* writeAndReadBack(
  object: ObjectName,
  values: AttributeValues,
): ScriptPart<string | undefined> {
  return (yield* writeAll(object, values)) ?? (yield* readBack(object, values));
}

/** Whether a value is, octet for octet, another. */
export function isSameData(held: Data | undefined, wanted: Data): boolean {
  return held !== undefined && Buffer.from(encodeData(held)).equals(encodeData(wanted));
}

export function unproved(result: string): ScriptResult {
  return { isDone: false, isSwitched: undefined, result };
}

export function nothingDone(result: string): ScriptResult {
  return { isDone: false, isSwitched: false, result };
}

/** What was asked is there and was read back. */
export function proved(result: string): ScriptResult {
  return { isDone: true, isSwitched: true, result };
}
