/** One meter of a batch carried out: sessions one after the other until the signer says that it is over. */
import { codeOf, messageOf } from '@wattline/base';
import type { SecurityKeys } from '@wattline/protocols/dlms';
import { type Batch, parametersOf } from '../guard/batch.ts';
import type { ReaderKeys } from '../keys/reader-keys.ts';
import type { WireEnd } from '../signer/messages.ts';
import { sealPair } from '../signer/sealed-pair.ts';
import { type CarryOptions, carrySession } from '../signer/signer-channel.ts';
import { commandError } from './errors.ts';

/** What carrying out is given. */
export interface CarryJobOptions extends CarryOptions {
  readonly readerKeys?: ReaderKeys;
  /** The public key of the signer when it is known beforehand: keys are sealed for no other. */
  readonly signerRecipient?: string;
  readonly imageOf?: (digest: string) => Promise<Uint8Array | undefined>;
}

/** Sessions of one attempt at most; what is left is gone on with in the next pass. */
const sessionsMax = 8;
/** Links that may break while keys change before the rest waits for another pass: half-changed keys are soon whole. */
const triesMax = 3;
/** Octets of an image in one message: three quarters of what it takes as base64. */
const partOctets = 96_000;

/** Carries out a batch at one meter as far as it goes now. */
export async function carryJob(batch: Batch, options: CarryJobOptions): Promise<WireEnd> {
  if (batch.command === 'key-change') return carryOn(options, triesMax);
  const end = await carryOn(options);
  if (end.kind !== 'failed' || end.code !== 'signer/image-missing') return end;
  const missing = await bringImage(batch, options);
  return missing ?? carryOn(options);
}

async function carryOn(options: CarryJobOptions, tries = 1): Promise<WireEnd> {
  let lost = 0;
  for (let session = 1; ; session++) {
    const end = await carrySession(options);
    if (end.kind === 'failed' && end.code === 'headend/link-closed' && ++lost < tries) continue;
    if (end.kind !== 'more' || end.when === 'later' || session === sessionsMax) return end;
    const failed = end.needs === 'reader' ? await changeReader(options) : undefined;
    if (!failed) continue;
    if (failed.kind === 'held' || ++lost >= tries) return failed;
  }
}

/**
 * The reader's keys in two phases of the head-end's own: the signer brings them to the meter, the head-end proves them by a read. The
 * end of the attempt when they are not changed.
 */
async function changeReader(options: CarryJobOptions): Promise<WireEnd | undefined> {
  try {
    return await changeReaderOnce(options);
  } catch (error) {
    // A write that failed: what stands on disk is read anew.
    return { kind: 'failed', code: codeOf(error), message: messageOf(error) };
  }
}

async function changeReaderOnce(options: CarryJobOptions): Promise<WireEnd | undefined> {
  const { readerKeys, hash, serial } = options;
  const missing = 'this desk has no reader keys to bring';
  if (!readerKeys) return { kind: 'failed', code: 'command/not-done', message: missing };
  const recipient = await recipientOf(options);
  let told: WireEnd | undefined;
  const bring = async (next: SecurityKeys) => {
    told = await carrySession({ ...options, reader: sealPair(recipient, next, { hash, serial }) });
    return told;
  };
  const transfer = async (next: SecurityKeys) => {
    const { kind } = await bring(next);
    // A session that failed proves nothing: the answer may be what was lost.
    if (kind === 'failed') throw commandError('command/not-done', serial, { serial });
    return kind === 'held' ? 'refused' : 'taken';
  };
  const end = await readerKeys.change(serial, transfer, hash);
  if (end !== 'committed') {
    if (told?.kind === 'held' || told?.kind === 'failed') return told;
    const message = told?.result ?? 'the meter has not proved the reader’s keys';
    return { kind: 'failed', code: 'command/not-done', message };
  }
  // Proved here, though the signer may not have heard the meter's answer: it is told once more, and the meter takes what it has.
  if (told?.kind !== 'ended' && told?.kind !== 'more') await bring(await readerKeys.current(serial));
  return told?.kind === 'more' ? undefined : told;
}

/** For whom keys are sealed: nobody between here and the signer can open them. @throws CodedError `command/signer-refused`, `command/signer-other` */
async function recipientOf({ ask, signerRecipient }: CarryJobOptions): Promise<string> {
  const reply = await ask({ kind: 'recipient' });
  if (reply.kind !== 'recipient') throw commandError('command/signer-refused', reply.kind);
  if (signerRecipient === undefined || signerRecipient === reply.recipient) return reply.recipient;
  throw commandError('command/signer-other', `expected ${signerRecipient}, found ${reply.recipient}`);
}

/** Brings an image to the signer in parts; the end of the job when that cannot be. */
async function bringImage(
  batch: Batch,
  { ask, hash, imageOf }: CarryJobOptions,
): Promise<WireEnd | undefined> {
  const { digest } = parametersOf(batch, 'firmware-transfer').manifest;
  const image = await imageOf?.(digest);
  if (!image) return { kind: 'failed', code: 'signer/image-missing', message: `no image ${digest}` };
  for (let offset = 0; offset < image.length; offset += partOctets) {
    const octets = Buffer.from(image.subarray(offset, offset + partOctets)).toString('base64');
    const reply = await ask({ kind: 'image', hash, offset, octets });
    if (reply.kind === 'refused') return { kind: 'failed', code: reply.code, message: reply.message };
  }
  return undefined;
}
