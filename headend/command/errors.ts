/** Every error code of commands, once: what it means. */
import { CodedError, type Where } from '@wattline/base';

export const commandErrors = {
  'command/key-reused': 'The idempotency key belongs to another batch.',
  'command/batch-unknown': 'No batch of this key was requested.',
  'command/meter-unknown': 'The registry does not know how to reach the meter.',
  'command/not-done': 'The meter was read back otherwise than commanded.',
  'command/signer-other': 'The signer has another public key than the one it is known by.',
  'command/signer-refused': 'The signer refused a message.',
} as const;

/** A code of {@link commandErrors}. */
export type CommandErrorCode = keyof typeof commandErrors;

/** A coded error of commands. */
export function commandError(code: CommandErrorCode, detail: string, where: Where = {}): CodedError {
  return new CodedError(code, `${commandErrors[code]} ${detail}`, where);
}
