/** People and their approvals: Ed25519 (RFC 8032) signatures of enrolled people over the exact hash of what they approve. */
import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import type { Evidence } from './batch.ts';
import { canonicalJson } from './canonical-json.ts';
import { isCount, isRecord, isText } from './shape.ts';

/** `operator` approves switches, `authority` signs rules, emergencies and releases; `ledger` is a machine that signs evidence, `maker` who signs firmware. */
export const roles = ['operator', 'authority', 'ledger', 'maker'] as const;
export type Role = (typeof roles)[number];

/** Somebody enrolled beforehand. */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly Role[];
  /** Tenants the person may act for. */
  readonly tenants: readonly string[];
  /** Ed25519 public key, SubjectPublicKeyInfo in DER, base64. */
  readonly publicKey: string;
}

/** One person's consent to one hash at one instant. */
export interface Approval {
  readonly person: string;
  readonly atMs: number;
  /** Ed25519, base64. */
  readonly signature: string;
}

/** The text a person signs: the device shows the batch, computes its hash, and signs this. */
export function approvalText(hash: string, person: string, atMs: number): string {
  return `wattline approval v1\n${hash}\n${person}\n${atMs}`;
}

/** Signs as a person's device does. */
export function approve(hash: string, person: string, options: { atMs: number; key: KeyObject }): Approval {
  const { atMs, key } = options;
  const text = Buffer.from(approvalText(hash, person, atMs));
  return { person, atMs, signature: sign(null, text, key).toString('base64') };
}

/** Whether the enrolled person signed this hash. */
export function isApproved(hash: string, approval: Approval, people: ReadonlyMap<string, Person>): boolean {
  const person = people.get(approval.person);
  return (
    person !== undefined &&
    isSigned(approvalText(hash, approval.person, approval.atMs), approval.signature, person.publicKey)
  );
}

/** The text of evidence that the ledger of debts signs: all of it but the signature. */
export function evidenceText(evidence: Evidence): string {
  return `wattline evidence v1\n${canonicalJson({ ...evidence, signature: undefined })}`;
}

/** Whether the enrolled ledger of the tenant signed this evidence. */
export function isEvidenced(
  evidence: Evidence,
  tenant: string,
  people: ReadonlyMap<string, Person>,
): boolean {
  const ledger = people.get(evidence.ledger);
  return (
    ledger?.roles.includes('ledger') === true &&
    ledger.tenants.includes(tenant) &&
    isSigned(evidenceText(evidence), evidence.signature, ledger.publicKey)
  );
}

function isSigned(text: string, signature: string, publicKey: string): boolean {
  const octets = Buffer.from(signature, 'base64');
  if (octets.length !== 64) return false;
  const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
  return verify(null, Buffer.from(text), key, octets);
}

/** Whether a value out of JSON is an approval. */
export function isApproval(value: unknown): value is Approval {
  return isRecord(value) && isText(value.person) && isCount(value.atMs) && isText(value.signature);
}
