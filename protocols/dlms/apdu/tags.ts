/** Tags of all APDUs (IEC 62056-5-3, Green Book 9.5): plain, global-ciphered and dedicated-ciphered, once. */

/** An APDU: `tag` in the clear, `glo` and `ded` when ciphered service by service. */
export interface ApduTags {
  readonly tag: number;
  readonly glo?: number;
  readonly ded?: number;
}

export const apduTags = {
  'initiate-request': { tag: 1, glo: 33, ded: 65 },
  'read-request': { tag: 5, glo: 37, ded: 69 },
  'write-request': { tag: 6, glo: 38, ded: 70 },
  'initiate-response': { tag: 8, glo: 40, ded: 72 },
  'read-response': { tag: 12, glo: 44, ded: 76 },
  'write-response': { tag: 13, glo: 45, ded: 77 },
  'confirmed-service-error': { tag: 14, glo: 46, ded: 78 },
  'data-notification': { tag: 15 },
  'data-notification-confirm': { tag: 16 },
  'unconfirmed-write-request': { tag: 22, glo: 54, ded: 86 },
  'information-report-request': { tag: 24, glo: 56, ded: 88 },
  aarq: { tag: 96 },
  aare: { tag: 97 },
  rlrq: { tag: 98 },
  rlre: { tag: 99 },
  'get-request': { tag: 192, glo: 200, ded: 208 },
  'set-request': { tag: 193, glo: 201, ded: 209 },
  'event-notification-request': { tag: 194, glo: 202, ded: 210 },
  'action-request': { tag: 195, glo: 203, ded: 211 },
  'get-response': { tag: 196, glo: 204, ded: 212 },
  'set-response': { tag: 197, glo: 205, ded: 213 },
  'action-response': { tag: 199, glo: 207, ded: 215 },
  'exception-response': { tag: 216 },
  'access-request': { tag: 217 },
  'access-response': { tag: 218 },
  'general-glo-ciphering': { tag: 219 },
  'general-ded-ciphering': { tag: 220 },
  'general-ciphering': { tag: 221 },
  'general-signing': { tag: 223 },
  'general-block-transfer': { tag: 224 },
} as const satisfies Record<string, ApduTags>;

/** The standard's name of an APDU. */
export type ApduName = keyof typeof apduTags;

/** How the octets of an APDU are dressed. */
export type Dress = 'plain' | 'glo' | 'ded';

/** Which APDU, and in which dress, a first octet announces; undefined when it is none. */
export const apduOfTag: readonly ({ readonly name: ApduName; readonly dress: Dress } | undefined)[] =
  buildApduOfTag();

function buildApduOfTag() {
  const byTag: ({ name: ApduName; dress: Dress } | undefined)[] = new Array(256).fill(undefined);
  for (const [key, tags] of Object.entries(apduTags) as [ApduName, ApduTags][]) {
    byTag[tags.tag] = { name: key, dress: 'plain' };
    if (tags.glo !== undefined) byTag[tags.glo] = { name: key, dress: 'glo' };
    if (tags.ded !== undefined) byTag[tags.ded] = { name: key, dress: 'ded' };
  }
  return byTag;
}
