/** Every error code of the signer, once: what it means. Reasons of the guard stand in guard/reasons.ts. */
import { CodedError, type Where } from '@wattline/base';

export const signerErrors = {
  'signer/message-too-long': 'A message on the channel is longer than the bound.',
  'signer/message-malformed': 'A message, or a part of it, is not what the channel takes.',
  'signer/enrolment-invalid': 'The enrolment file is unreadable, or names a person, key or meter twice.',
  'signer/not-allowed': 'The batch was not allowed, or the meter is not in it or is done.',
  'signer/not-authorised': 'Fewer than the needed people signed exactly this, freshly, or it served already.',
  'signer/unknown': 'No such batch, hold or session.',
  'signer/busy': 'The meter has a session, or as many are open as may be.',
  'signer/not-this-command': 'A request does not belong to the command that was allowed.',
  'signer/not-a-read': 'An APDU that others ask to be sealed is no GET of attributes, or asks for a secret.',
  'signer/not-a-push':
    'What others ask to be opened is no DataNotification that the meter has authenticated.',
  'signer/no-script': 'This signer cannot carry out the command.',
  'signer/manifest-refused': 'No enrolled maker of the tenant signed the manifest, or the image is another.',
  'signer/image-missing': 'The image of the batch was not brought to the signer, or not all of it.',
  'signer/no-master-key': 'The meter was enrolled without a master key: its keys cannot be changed.',
  'signer/bad-reader-keys':
    'The reader’s new keys are published, repeat themselves, or are those of another client.',
  'signer/channel-closed': 'The signer process ended or closed its channel.',
} as const;

/** A code of {@link signerErrors}. */
export type SignerErrorCode = keyof typeof signerErrors;

/** A coded error of the signer. */
export function signerError(code: SignerErrorCode, detail = '', where: Where = {}): CodedError {
  return new CodedError(code, detail ? `${signerErrors[code]} ${detail}` : signerErrors[code], where);
}
