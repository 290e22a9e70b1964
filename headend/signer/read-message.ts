/** Reads a message of the channel out of JSON: every field is checked before anything looks at it. */
import { failure, type Result, success } from '@wattline/base';
import { isApproval } from '../guard/approval.ts';
import { readBatch } from '../guard/batch.ts';
import { scopes } from '../guard/settings.ts';
import { type Check, hasShape, isCount, isRecord, isText } from '../guard/shape.ts';
import type { SignerMessage } from './messages.ts';

const approvalsPerMessage = 16;
/** Base64 of the octets one message may carry. */
const octetsMax = 131_072;

const isApprovals: Check = (value) =>
  Array.isArray(value) && value.length <= approvalsPerMessage && value.every(isApproval);
/** Base64 of a request in the clear, or of a push. */
const apduMax = 8_192;
const isOctets: Check = (value) => typeof value === 'string' && value.length <= octetsMax;
const isApdu: Check = (value) => isOctets(value) && (value as string).length <= apduMax;
const isBatch: Check = (value) => readBatch(value).ok;

/** Fields of every kind of message; nothing else may stand in it. */
const shapes: { readonly [kind in SignerMessage['kind']]: Readonly<Record<string, Check>> } = {
  file: { batch: isBatch, approvals: isApprovals },
  progress: { hash: isText },
  preview: { batch: isBatch },
  cancel: { hash: isText, by: isText },
  'red-switch': { by: isText },
  release: { approvals: isApprovals },
  emergency: {
    declaration: hasShape({ tenant: isText, reason: isText, nonce: isText }),
    approvals: isApprovals,
  },
  rule: { rule: hasShape(ruleShape()), approvals: isApprovals },
  hold: { hold: isHold, by: isText },
  lift: { id: isText, approvals: isApprovals },
  open: {
    hash: isText,
    serial: isText,
    reader: (value) => value === undefined || isText(value),
  },
  'open-read': { serial: isText },
  ask: { session: isText, apdu: isApdu },
  'open-push': { serial: isText, apdu: isApdu },
  image: { hash: isText, offset: isCount, octets: isOctets },
  octets: {
    session: isText,
    octets: isOctets,
  },
  close: { session: isText },
  recipient: {},
  status: {},
};

/** A message, or what is wrong with it. */
export function readMessage(value: unknown): Result<SignerMessage> {
  const kind = isRecord(value) && typeof value.kind === 'string' ? value.kind : '';
  if (!isRecord(value) || !Object.hasOwn(shapes, kind)) {
    return failure('signer/message-malformed', `expected a kind of message, found '${kind.slice(0, 40)}'`);
  }
  const shape = shapes[kind as SignerMessage['kind']];
  if (kind === 'file' || kind === 'preview') {
    const batch = readBatch(value.batch);
    if (!batch.ok) return batch;
  }
  if (!hasShape({ kind: isText, ...shape })(value)) {
    const expected = Object.keys(shape).join(', ') || 'no field';
    return failure('signer/message-malformed', `expected ${expected} in a message '${kind}'`);
  }
  return success(value as unknown as SignerMessage);
}

function ruleShape(): Readonly<Record<string, Check>> {
  const isHour: Check = (value) => isCount(value) && value <= 24;
  return {
    id: isText,
    tenant: isText,
    kind: (value) => value === 'prepaid' || value === 'non-payment',
    owedMinor: isCount,
    noticeMs: isCount,
    evidenceAgeMs: isCount,
    zone: (value) => isText(value) && isZone(value),
    fromHour: isHour,
    untilHour: isHour,
    fromMs: isCount,
    untilMs: isCount,
  };
}

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function isHold(value: unknown): boolean {
  if (!isRecord(value)) return false;
  if (value.kind === 'life-support') return hasShape({ kind: isText, serial: isText })(value);
  return hasShape({
    kind: (kind) => kind === 'weather',
    scope: (scope) => scopes.some((known) => known === scope),
    place: (place) => typeof place === 'string' && place.length <= 200,
    fromMs: isCount,
    untilMs: isCount,
  })(value);
}
