/**
 * Image transfer, class 18 (Blue Book 4.4.6), from the client's side: initiate, blocks from the first that is missing, verify, and
 * activate as a step of its own. A transfer that broke goes on where the meter stands; one that is complete sends nothing.
 */
import { type ClientOutcome, type ClientRequest, type Data, decodeData } from '@wattline/protocols/dlms';

/** What a transfer is made of. */
export interface ImageTask {
  /** image_to_activate_identification. */
  readonly identification: Uint8Array;
  readonly image: Uint8Array;
  /** Whether this very image was begun in the meter before: what stands there is then gone on with. */
  readonly wasInitiated: boolean;
  /** Whether to activate once it is verified; a campaign does that in another session. */
  readonly isActivated: boolean;
  /** Logical name of the object; default that of the standard. */
  readonly obis?: string;
  /** Told of each block before it is sent: blocks that the meter has, and of how many. */
  readonly onBlock?: (done: number, of: number) => void;
}

/** Where a transfer stands at its end. */
export interface ImageProgress {
  readonly state: 'transferred' | 'verified' | 'activating' | 'refused';
  /** Blocks the meter has. */
  readonly blocks: number;
  readonly of: number;
  /** The answer of the meter that ended it, when it was not success. */
  readonly answer?: string;
}

/** Requests one after the other; ends with where the transfer stands. */
export type ImageScript = Generator<ClientRequest, ImageProgress, ClientOutcome>;

const standardObis = '0.0.44.0.0.255';
const status = { initiated: 1, verified: 3, verificationFailed: 4, activating: 5 } as const;

/** The script of one session. */
export function* transferImage(task: ImageTask): ImageScript {
  const { identification, image, wasInitiated, isActivated, onBlock, obis = standardObis } = task;
  const size = yield* readNumber(obis, 2);
  if (size === undefined || size <= 0)
    return { state: 'refused', blocks: 0, of: 0, answer: 'no image_block_size' };
  const of = Math.ceil(image.length / size);
  let standing = yield* readNumber(obis, 6);
  let next = yield* readNumber(obis, 4);
  const isUnderWay =
    standing !== undefined && standing >= status.initiated && standing !== status.verificationFailed;
  if (!wasInitiated || !isUnderWay || next === undefined) {
    const begun = yield* act(
      { classId: 18, obis, method: 1 },
      {
        type: 'structure',
        value: [
          { type: 'octet-string', value: identification },
          { type: 'double-long-unsigned', value: image.length },
        ],
      },
    );
    if (begun !== 'success') return { state: 'refused', blocks: 0, of, answer: begun };
    standing = status.initiated;
    next = 0;
  }
  while (next !== undefined && next < of) {
    onBlock?.(next, of);
    const block: Data = { type: 'octet-string', value: image.subarray(next * size, (next + 1) * size) };
    const sent = yield* act(
      { classId: 18, obis, method: 2 },
      {
        type: 'structure',
        value: [{ type: 'double-long-unsigned', value: next }, block],
      },
    );
    if (sent !== 'success') return { state: 'refused', blocks: next, of, answer: sent };
    next++;
    // A meter that dropped a block says which is the first it lacks.
    if (next === of) next = (yield* readNumber(obis, 4)) ?? of;
  }
  if (standing !== status.verified) {
    const verified = yield* act({ classId: 18, obis, method: 3 }, { type: 'integer', value: 0 });
    const isPending = verified === 'temporary-failure' && (yield* readNumber(obis, 6)) === status.verified;
    if (verified !== 'success' && !isPending)
      return { state: 'transferred', blocks: of, of, answer: verified };
  }
  if (!isActivated) return { state: 'verified', blocks: of, of };
  const activated = yield* act({ classId: 18, obis, method: 4 }, { type: 'integer', value: 0 });
  // A meter may restart before it answers, or answer that it is about to.
  const isGoing = activated === 'success' || activated === 'temporary-failure';
  return isGoing
    ? { state: 'activating', blocks: of, of }
    : { state: 'verified', blocks: of, of, answer: activated };
}

function* act(
  reference: { readonly classId: number; readonly obis: string; readonly method: number },
  parameter: Data,
): Generator<ClientRequest, string, ClientOutcome> {
  const answer = yield { kind: 'action', reference, parameter };
  return answer.kind === 'action' ? answer.outcome.result : answer.kind;
}

function* readNumber(
  obis: string,
  attribute: number,
): Generator<ClientRequest, number | undefined, ClientOutcome> {
  const data = yield* read(obis, attribute);
  return data?.type === 'double-long-unsigned' || data?.type === 'enum' ? data.value : undefined;
}

function* read(obis: string, attribute: number): Generator<ClientRequest, Data | undefined, ClientOutcome> {
  const answer = yield { kind: 'get', reference: { classId: 18, obis, attribute } };
  if (answer.kind !== 'get' || !answer.result.ok) return undefined;
  const decoded = decodeData(answer.result.encoded);
  return decoded.ok ? decoded.value.value : undefined;
}
