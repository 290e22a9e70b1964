/** Coded errors: what was expected, what came and where. Branch on `code`, never on the text. */

/** Where something went wrong: a byte offset, an object, a meter, an exchange, a file line. */
export type Where = Readonly<Record<string, string | number | boolean | null>>;

/**
 * An error of the peer or of the world (never our own mistake: that is an `assert`).
 * `code` is `<room>/<kebab-case>` and stands in the table of its room.
 */
export class CodedError extends Error {
  readonly code: string;
  readonly where: Where;

  constructor(code: string, message: string, where: Where = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'CodedError';
    this.code = code;
    this.where = where;
  }
}

/** The code of any thrown thing; `unexpected` for what is not a {@link CodedError}. */
export function codeOf(error: unknown): string {
  if (error instanceof CodedError) return error.code;
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'unexpected';
}

/** The message of any thrown thing as one line for people. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Success or a coded failure as a value: for codecs and state machines, where a throw per byte is too dear. */
export type Result<T, E = Failure> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: E };

/** A failure as data. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly where: Where;
}

/** Wraps a value as success. */
export function success<T>(value: T): Result<T, never> {
  return { ok: true, value };
}

/** Makes a coded failure. */
export function failure(
  code: string,
  message: string,
  where: Where = {},
): { readonly ok: false; readonly error: Failure } {
  return { ok: false, error: { code, message, where } };
}

/** The value of a result, or its failure thrown as a {@link CodedError}. */
export function unwrap<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new CodedError(result.error.code, result.error.message, result.error.where);
}
