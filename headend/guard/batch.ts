/** A batch of commands as people sign it: what, to which meters, why, until when; its hash is what approvals approve. */
import { failure, type Result, success } from '@wattline/base';
import { hashOf } from './canonical-json.ts';
import { type Command, isCommand } from './darkening.ts';

/** `lawful`: by a standing rule and evidence for each meter. `emergency`, `shed`: while an emergency is in force. */
export const lanes = ['ordinary', 'lawful', 'emergency', 'shed'] as const;
export type Lane = (typeof lanes)[number];

/** What the ledger of debts says of one meter, signed by the ledger's key. */
export interface Evidence {
  readonly serial: string;
  readonly kind: 'prepaid' | 'non-payment';
  /** What is owed, in minor units of money; zero or less when paid. */
  readonly owedMinor: number;
  /** When the customer was told. */
  readonly noticeMs: number;
  /** When the ledger stood so. */
  readonly asOfMs: number;
  /** Enrolled key that signed. */
  readonly ledger: string;
  /** Ed25519, base64. */
  readonly signature: string;
}

/** What is asked. */
export interface Batch {
  /** Idempotency key: one key, one batch, for ever. */
  readonly key: string;
  readonly tenant: string;
  readonly command: Command;
  readonly lane: Lane;
  /** Serial numbers, ascending, each once. */
  readonly meters: readonly string[];
  /** Power left under a limiter, W. */
  readonly limitW?: number;
  readonly reason: string;
  readonly requestedBy: string;
  readonly deadlineMs: number;
  /** Rule of the lawful lane. */
  readonly rule?: string;
  /** One for each meter in the lawful lane. */
  readonly evidence?: readonly Evidence[];
}

/** The hash that approvals sign; `installation` names the signer, so that an approval serves nowhere else. */
export function batchHash(batch: Batch, installation: string): string {
  return hashOf('batch', installation, batch);
}

const textMax = 200;
const metersMax = 10_000;

/** Reads a batch out of JSON; unknown fields are refused, as people would sign what nobody reads. */
export function readBatch(value: unknown): Result<Batch> {
  if (!isRecord(value)) return malformed('an object', value);
  for (const name of Object.keys(value)) {
    if (!Object.hasOwn(fields, name)) return malformed('only known fields', name);
  }
  for (const [name, isValid] of Object.entries(fields)) {
    if (!isValid(value[name])) return malformed(`a valid field ${name}`, value[name]);
  }
  return success(value as unknown as Batch);
}

const fields: Readonly<Record<keyof Batch, (value: unknown) => boolean>> = {
  key: isText,
  tenant: isText,
  command: (value) => typeof value === 'string' && isCommand(value),
  lane: (value) => lanes.some((lane) => lane === value),
  meters: (value) => Array.isArray(value) && value.length <= metersMax && value.every(isText),
  limitW: (value) => value === undefined || isCount(value),
  reason: isText,
  requestedBy: isText,
  deadlineMs: isCount,
  rule: (value) => value === undefined || isText(value),
  evidence: (value) =>
    value === undefined || (Array.isArray(value) && value.length <= metersMax && value.every(isEvidence)),
};

const evidenceFields: Readonly<Record<keyof Evidence, (value: unknown) => boolean>> = {
  serial: isText,
  kind: (value) => value === 'prepaid' || value === 'non-payment',
  owedMinor: Number.isSafeInteger,
  noticeMs: isCount,
  asOfMs: isCount,
  ledger: isText,
  signature: isText,
};

function isEvidence(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const names = Object.keys(value);
  const rows = Object.entries(evidenceFields);
  return names.length === rows.length && rows.every(([name, isValid]) => isValid(value[name]));
}

/** Whether a value is a plain object of fields. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value is a short text. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= textMax;
}

/** Whether a value is a count or an instant. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function malformed(expected: string, found: unknown): Result<never> {
  const what = typeof found === 'string' ? found.slice(0, 40) : typeof found;
  return failure('guard/batch-malformed', `expected ${expected}, found ${what}`);
}
