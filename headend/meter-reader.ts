/** What reads attributes within one association, whatever the referencing: the contract. */
import { type Data, decodeData, type SelectiveAccess } from '@wattline/protocols/dlms';
import { headendError } from './errors.ts';

/** One attribute asked for. */
export interface AskedAttribute {
  /** OBIS code in any form that `parseObis` takes. */
  readonly obis: string;
  /** Default 2: the value of most classes. */
  readonly attribute?: number;
  /** Interface class; looked up by {@link likelyClasses} when not given. */
  readonly classId?: number;
  readonly access?: SelectiveAccess;
}

/** An attribute that came. */
export interface ReadValue {
  readonly classId: number;
  /** OBIS code as six numbers. */
  readonly obis: string;
  readonly attribute: number;
  readonly data: Data;
  /** The A-XDR octets of `data`. */
  readonly encoded: Uint8Array;
}

/** Asks within one association. */
export interface MeterReader {
  readonly serverSystemTitle: Uint8Array | undefined;
  /**
   * @throws CodedError `headend/attribute-refused` (Data-Access-Result in `where.result`), `headend/object-not-found` (no likely class
   * has it), `headend/value-undecodable`: the association goes on; any other: it is over.
   */
  read(asked: AskedAttribute): Promise<ReadValue>;
  /**
   * Several attributes in one request (GET with list, or a Read of several variables); values in order, refusals as values.
   * Classes that are not given are the likeliest ones.
   */
  readList(asked: readonly AskedAttribute[]): Promise<readonly (ReadValue | RefusedValue)[]>;
}

/** An attribute of a list that the meter did not give. */
export interface RefusedValue {
  readonly classId: number;
  readonly obis: string;
  readonly attribute: number;
  /** Data-Access-Result. */
  readonly refusal: string;
}

/** @throws CodedError `headend/value-undecodable` */
export function readValueOf(
  {
    classId,
    obis,
    attribute,
  }: { readonly classId: number; readonly obis: string; readonly attribute: number },
  encoded: Uint8Array,
): ReadValue {
  const decoded = decodeData(encoded);
  if (decoded.ok) return { classId, obis, attribute, encoded, data: decoded.value.value };
  const what = `${obis} does not hold Data: ${decoded.error.message}`;
  throw headendError('headend/value-undecodable', what, { obis, code: decoded.error.code });
}
