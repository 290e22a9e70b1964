/** Opens the seals of pushes in the order they came, in place or, in a storm, on a thread of its own. */
import { Worker } from 'node:worker_threads';
import { codeOf, type Failure, failure, type Log, messageOf, type Result, success } from '@wattline/base';
import { type Opened, openPushSeal, type PushSeal, type SecurityKeys } from '@wattline/protocols/dlms';
import { type Answer, type Batch, jobWords, type KeyRow, protections } from './seal-batch.ts';

/** A seal with the keys it is to be opened with. */
export interface SealJob {
  readonly seal: PushSeal;
  readonly keys: SecurityKeys;
}

/** What is done with an opened seal. */
export type OnOpened = (opened: Result<Opened>) => void;

/** Opens seals. */
export interface SealOpener {
  /** Opens a seal; what is asked for first is answered first, perhaps before this returns. */
  open(job: SealJob, then: OnOpened): void;
  /** Calls back when all that was asked for before is answered, perhaps before this returns. */
  after(then: () => void): void;
  /** Resolves when what waits is opened as it will be from then on; false when there is no thread, or none any more. */
  readonly ready: Promise<boolean>;
  /** Resolves when the thread has ended; what is not answered is opened in place before. */
  close(): Promise<void>;
}

/** An opener without a thread. */
export const openInPlace: SealOpener = {
  open: ({ seal, keys }, then) => then(openPushSeal(seal, keys)),
  after: (then) => then(),
  ready: Promise.resolve(false),
  close: async () => {},
};

const program = new URL('./seal-thread.ts', import.meta.url);

/** So few in one turn of the event loop are opened in place: a thread is for a storm. */
const inPlaceMax = 4;
/** So many go to the thread before the turn is over. */
const batchMax = 64;
/** Sets of keys that the thread knows at most. */
const keysMax = 65_536;
/** Young objects of the thread, MB: ciphers that die at once, so that little is collected at a time. */
const youngMb = 4;

interface Waiting {
  /** Without one nothing is to be opened: {@link SealOpener.after}. */
  readonly job: SealJob | undefined;
  readonly then: OnOpened;
}

const nothingToOpen: Result<Opened> = failure('dlms/truncated', 'nothing was to be opened');

/** An opener with a thread, which keeps no program alive; when it ends unasked everything is opened in place. */
export function startSealThread(log: Log): SealOpener {
  const worker = new Worker(program, { resourceLimits: { maxYoungGenerationSizeMb: youngMb } });
  worker.unref();
  const ready = Promise.withResolvers<boolean>();
  let isReady = false;
  let isOver = false;
  let gathering: Waiting[] = [];
  const asked: (readonly Waiting[])[] = [];
  const introduce = createIntroductions();

  const answerInPlace = (waiting: readonly Waiting[]) => {
    for (const { job, then } of waiting) then(job ? openPushSeal(job.seal, job.keys) : nothingToOpen);
  };
  const post = () => {
    const batch = gathering;
    if (batch.length === 0) return;
    gathering = [];
    const isFew = batch.length <= inPlaceMax && asked.length === 0;
    if (!isReady || isOver || isFew) return answerInPlace(batch);
    asked.push(batch);
    const message = batchOf(batch, introduce);
    worker.postMessage(message, [message.words.buffer, message.octets.buffer]);
  };
  const wait = (waiting: Waiting) => {
    const count = gathering.push(waiting);
    if (count >= batchMax) post();
    else if (count === 1) setImmediate(post);
  };
  const end = () => {
    isOver = true;
    ready.resolve(false);
    for (const batch of asked.splice(0)) answerInPlace(batch);
  };
  worker.on('message', (answer: Answer | 'ready') => {
    if (answer === 'ready') {
      isReady = true;
      ready.resolve(true);
      return;
    }
    const batch = asked.shift();
    if (batch) tell(batch, answer);
  });
  worker.on('error', (error) => {
    log.error({ code: codeOf(error) }, `pushes are opened in place: ${messageOf(error)}`);
    end();
  });
  worker.on('exit', end);
  return {
    ready: ready.promise,
    open: (job, then) => wait({ job, then }),
    after(then) {
      if (gathering.length === 0 && asked.length === 0) then();
      else wait({ job: undefined, then });
    },
    async close() {
      end();
      answerInPlace(gathering.splice(0));
      await worker.terminate();
    },
  };
}

/** Keys are told to the thread once and go by number from then on. */
function createIntroductions() {
  let numbers = new WeakMap<SecurityKeys, number>();
  let next = 0;
  return {
    /** Whether the thread has so many that it must forget them before these are told. */
    mustForget(more: number): boolean {
      if (next + more <= keysMax) return false;
      numbers = new WeakMap();
      next = 0;
      return true;
    },
    numberOf({ seal, keys }: SealJob, rows: KeyRow[]): number {
      const known = numbers.get(keys);
      if (known !== undefined) return known;
      numbers.set(keys, next);
      rows.push({ number: next, systemTitle: new Uint8Array(seal.systemTitle), keys: copyOf(keys) });
      return next++;
    },
  };
}

/** Octets of their own: those of a pool would take the whole pool with them. */
function copyOf({ suite, ek, ak, broadcastEk }: SecurityKeys): SecurityKeys {
  const more = broadcastEk && { broadcastEk: new Uint8Array(broadcastEk) };
  return { suite, ek: new Uint8Array(ek), ak: new Uint8Array(ak), ...more };
}

function batchOf(waiting: readonly Waiting[], introduce: ReturnType<typeof createIntroductions>): Batch {
  const jobs = waiting.flatMap(({ job }) => (job ? [job] : []));
  const forget = introduce.mustForget(jobs.length);
  const keys: KeyRow[] = [];
  const words = new Uint32Array(jobs.length * jobWords);
  const octets = new Uint8Array(jobs.reduce((sum, { seal }) => sum + seal.cipheredService.length, 0));
  let at = 0;
  for (const [i, job] of jobs.entries()) {
    const { cipheredService } = job.seal;
    words[i * jobWords] = introduce.numberOf(job, keys);
    words[i * jobWords + 1] = at;
    words[i * jobWords + 2] = cipheredService.length;
    octets.set(cipheredService, at);
    at += cipheredService.length;
  }
  return { words, octets, keys, forget };
}

function tell(waiting: readonly Waiting[], { words, octets, failures }: Answer): void {
  const failed = new Map<number, Failure>(failures);
  let i = 0;
  for (const { job, then } of waiting) {
    if (!job) {
      then(nothingToOpen);
      continue;
    }
    const problem = failed.get(i);
    const word = i++ * jobWords;
    if (problem) {
      then({ ok: false, error: problem });
      continue;
    }
    const at = words[word + 1] as number;
    const plain = octets.subarray(at, at + (words[word + 2] as number));
    const protection = protections[words[word] as number] ?? 'none';
    then(success({ plain, invocationCounter: words[word + 3] as number, protection, isBroadcast: false }));
  }
}
