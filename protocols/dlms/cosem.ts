/** COSEM references and results: what a GET, SET or ACTION names and what it may answer (IEC 62056-5-3). */
import type { Data } from './data.ts';

/** Attribute of an object: class id, OBIS code as six octets' text `1.0.1.8.0.255`, attribute id (1 is the logical name). */
export interface AttributeDescriptor {
  readonly classId: number;
  readonly obis: string;
  readonly attribute: number;
  readonly access?: SelectiveAccess;
}

/** Method of an object. */
export interface MethodDescriptor {
  readonly classId: number;
  readonly obis: string;
  readonly method: number;
}

/** Selective access: Profile generic (class 7) selector 1 is range_descriptor, 2 is entry_descriptor. */
export interface SelectiveAccess {
  readonly selector: number;
  readonly parameters: Data;
}

/** Data-Access-Result (Green Book 9.5). */
export const dataAccessResult = {
  success: 0,
  'hardware-fault': 1,
  'temporary-failure': 2,
  'read-write-denied': 3,
  'object-undefined': 4,
  'object-class-inconsistent': 9,
  'object-unavailable': 11,
  'type-unmatched': 12,
  'scope-of-access-violated': 13,
  'data-block-unavailable': 14,
  'long-get-aborted': 15,
  'no-long-get-in-progress': 16,
  'long-set-aborted': 17,
  'no-long-set-in-progress': 18,
  'data-block-number-invalid': 19,
  'other-reason': 250,
} as const;
export type DataAccessResult = keyof typeof dataAccessResult;

/** Action-Result (Green Book 9.5). */
export const actionResult = {
  success: 0,
  'hardware-fault': 1,
  'temporary-failure': 2,
  'read-write-denied': 3,
  'object-undefined': 4,
  'object-class-inconsistent': 9,
  'object-unavailable': 11,
  'type-unmatched': 12,
  'scope-of-access-violated': 13,
  'data-block-unavailable': 14,
  'long-action-aborted': 15,
  'no-long-action-in-progress': 16,
  'other-reason': 250,
} as const;
export type ActionResult = keyof typeof actionResult;

/** Answer to a GET: A-XDR octets of one `Data` (they go on the wire as they are), or a refusal. */
export type GetResult =
  | { readonly ok: true; readonly encoded: Uint8Array }
  | { readonly ok: false; readonly result: Exclude<DataAccessResult, 'success'> };

/** Answer to an ACTION: a result and, when the method returns something, its A-XDR octets. */
export interface ActionOutcome {
  readonly result: ActionResult;
  readonly encoded?: Uint8Array;
}
