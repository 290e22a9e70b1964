/**
 * What the signer seals on behalf of others: for makes whose one client reads and switches alike. An APDU is parsed whole, and what goes to the
 * meter is built anew from what was parsed: a GET of attributes, and nothing that could be taken for anything else.
 */
import { failure, type Result, success } from '@wattline/base';
import { type Apdu, type AttributeDescriptor, decodeApdu } from '@wattline/protocols/dlms';

/** Attributes of one request at most. */
const attributesMax = 64;
/** Secrets of associations (Blue Book 4.4.3, 4.4.4): no reading needs them. */
const secrets: readonly (readonly [classId: number, attribute: number])[] = [
  [15, 7],
  [12, 5],
];

/** The attributes that an APDU in the clear asks for. Fails with `signer/not-a-read` for every other service and any octet too many. */
export function readAsked(octets: Uint8Array): Result<readonly AttributeDescriptor[]> {
  const decoded = decodeApdu(octets);
  if (!decoded.ok) return refuse(`an APDU that can be read whole, found ${decoded.error.code}`);
  const { apdu, value } = decoded.value;
  if (apdu !== 'get-request') return refuse(`a get-request, found ${apdu}`);
  const asked = attributesOf(value);
  if (!asked) return refuse('a get-request of attributes, found the next block of one');
  if (asked.length === 0 || asked.length > attributesMax) return refuse(`1 to ${attributesMax} attributes`);
  const secret = asked.find(({ classId, attribute }) =>
    secrets.some(([of, number]) => of === classId && number === attribute),
  );
  return secret
    ? refuse(`no secret, found attribute ${secret.attribute} of class ${secret.classId}`)
    : success(asked);
}

type GetRequest = Extract<Apdu, { readonly apdu: 'get-request' }>['value'];

function attributesOf({ choice, value }: GetRequest): readonly AttributeDescriptor[] | undefined {
  if (choice === 'get-request-normal') return [value.attributeDescriptor];
  return choice === 'get-request-with-list' ? value.attributeDescriptorList : undefined;
}

function refuse(expected: string): Result<never> {
  return failure('signer/not-a-read', `expected ${expected}`);
}
