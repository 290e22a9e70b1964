/** A batch of commands as people sign it: what, to which meters, why, until when; its hash is what approvals approve. */
import { failure, type Result, success } from '@wattline/base';
import { hashOf } from './canonical-json.ts';
import { type Command, isCommand } from './darkening.ts';
import { type CommandParameters, isParameters, type ParameterCommand } from './parameters.ts';
import { hasShape, isCount, isListOf, isRecord, isText } from './shape.ts';

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
  /** What the command takes besides. */
  readonly parameters?: CommandParameters[ParameterCommand];
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
  const batch = value as unknown as Batch;
  if (!isParameters(batch.command, batch.parameters)) {
    return malformed(`the parameters of ${batch.command}`, batch.parameters);
  }
  return success(batch);
}

const isEvidence = hasShape({
  serial: isText,
  kind: (value) => value === 'prepaid' || value === 'non-payment',
  owedMinor: Number.isSafeInteger,
  noticeMs: isCount,
  asOfMs: isCount,
  ledger: isText,
  signature: isText,
} satisfies Readonly<Record<keyof Evidence, (value: unknown) => boolean>>);

const fields: Readonly<Record<keyof Batch, (value: unknown) => boolean>> = {
  key: isText,
  tenant: isText,
  command: (value) => typeof value === 'string' && isCommand(value),
  lane: (value) => lanes.some((lane) => lane === value),
  meters: isListOf(isText, metersMax),
  limitW: (value) => value === undefined || isCount(value),
  // By the command, below.
  parameters: () => true,
  reason: isText,
  requestedBy: isText,
  deadlineMs: isCount,
  rule: (value) => value === undefined || isText(value),
  evidence: (value) => value === undefined || isListOf(isEvidence, metersMax)(value),
};

/** The parameters of a batch of a command. */
export function parametersOf<C extends ParameterCommand>(batch: Batch, _command: C): CommandParameters[C] {
  return batch.parameters as CommandParameters[C];
}

function malformed(expected: string, found: unknown): Result<never> {
  const what = typeof found === 'string' ? found.slice(0, 40) : typeof found;
  return failure('guard/batch-malformed', `expected ${expected}, found ${what}`);
}
