/** Answers that say only that it was done, or why not. */
import { type SignerErrorCode, signerErrors } from './errors.ts';
import type { SignerReply } from './messages.ts';

export function refuse(code: SignerErrorCode, detail = ''): SignerReply {
  return { kind: 'refused', code, message: detail ? `${signerErrors[code]} ${detail}` : signerErrors[code] };
}

export function done(id: string | null = null): SignerReply {
  return { kind: 'done', id };
}
