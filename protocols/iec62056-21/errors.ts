/** Every error code of IEC 62056-21 as it is spoken here, once. */

/** Codes of failures; the text is what a person reads in the documentation. */
export const openingErrors = {
  'iec62056-21/bad-address':
    'A device address is longer than 32 characters or holds one that is not allowed.',
  'iec62056-21/bad-identification': 'An identification message is malformed.',
  'iec62056-21/too-long': 'A message grew beyond its longest form without an end.',
  'iec62056-21/no-answer': 'The other side stayed silent, also after the request was repeated.',
  'iec62056-21/no-mode-e': 'The meter does not offer binary mode (mode E with W = 2).',
  'iec62056-21/refused': 'The meter confirmed another mode or another rate than was selected.',
} as const;
/** A code of {@link openingErrors}. */
export type OpeningErrorCode = keyof typeof openingErrors;
