/** ACCESS (Green Book 9.3.9.2): GET, SET and ACTION mixed in one request, as one client exchange. */
import { failure, type Result, success } from '@wattline/base';
import { type ApduValue, encodeApdu } from './apdu/apdu.ts';
import type { AccessItem, AccessItemResult, ClientRequest } from './client.ts';
import { done, type Exchange, failed, tooLong, unexpected } from './client-steps.ts';
import type { Data } from './data.ts';
import { typeCode } from './type-codes.ts';

/** Confirmed, invoke id 1. */
const longInvokeIdAndPriority = 0x40000001;
/** Bit 29: what follows a failure is not to be done. */
const breakOnErrorBit = 0x20000000;
const invokeIdMask = 0xffffff;
const nullData: Data = { type: 'null-data' };

type Specification = ApduValue<'access-request'>['accessRequestSpecification'][number];
type Response = ApduValue<'access-response'>['accessResponseSpecification'][number];

/** One ACCESS; long ones need general-block-transfer, which the association does. */
export function startAccess(
  request: Extract<ClientRequest, { kind: 'access' }>,
  room: number,
): Result<Exchange> {
  const { items, breakOnError = false } = request;
  const first = encodeApdu('access-request', {
    longInvokeIdAndPriority: longInvokeIdAndPriority + (breakOnError ? breakOnErrorBit : 0),
    dateTime: new Uint8Array(0),
    accessRequestSpecification: items.map(specify),
    accessRequestListOfData: items.map(parameterOf),
  });
  if (first.length > room) return tooLong(first.length, room);
  return success({
    first,
    take(apdu) {
      if (apdu.apdu !== 'access-response') return unexpected(apdu);
      const { value } = apdu;
      if (((value.longInvokeIdAndPriority ^ longInvokeIdAndPriority) & invokeIdMask) !== 0) {
        return unexpected(apdu);
      }
      const results = join(items, value.accessResponseSpecification, value.accessResponseListOfData);
      return results.ok ? done({ kind: 'access', results: results.value }) : failed(results);
    },
  });
}

function specify(item: AccessItem): Specification {
  if (item.kind === 'action') return { choice: 'access-request-action', value: item.reference };
  const { access, ...attributeDescriptor } = item.reference;
  if (!access) return { choice: `access-request-${item.kind}`, value: attributeDescriptor };
  return {
    choice: `access-request-${item.kind}-with-selection`,
    value: { attributeDescriptor, accessSelection: access },
  };
}

function parameterOf(item: AccessItem): Data {
  if (item.kind === 'get') return nullData;
  return (item.kind === 'set' ? item.value : item.parameter) ?? nullData;
}

/** Results and data stand in two lists; both must be as long as what was asked, kind by kind. */
function join(
  items: readonly AccessItem[],
  responses: readonly Response[],
  data: readonly Uint8Array[],
): Result<AccessItemResult[]> | ReturnType<typeof failure> {
  if (responses.length !== items.length || data.length !== items.length) {
    const message = `expected ${items.length} results with data, found ${responses.length} and ${data.length}`;
    return failure('dlms/unexpected-answer', message);
  }
  const results: AccessItemResult[] = [];
  for (const [i, { kind }] of items.entries()) {
    const response = responses[i] as Response;
    const encoded = data[i] as Uint8Array;
    if (response.choice !== `access-response-${kind}`) {
      return failure('dlms/unexpected-answer', `expected the result of ${kind}, found ${response.choice}`);
    }
    results.push(resultOf(response, encoded));
  }
  return success(results);
}

function resultOf(response: Response, encoded: Uint8Array): AccessItemResult {
  switch (response.choice) {
    case 'access-response-get':
      return {
        kind: 'get',
        result: response.value === 'success' ? { ok: true, encoded } : { ok: false, result: response.value },
      };
    case 'access-response-set':
      return { kind: 'set', result: response.value };
    case 'access-response-action': {
      const hasData = encoded[0] !== typeCode['null-data'];
      return { kind: 'action', outcome: { result: response.value, ...(hasData ? { encoded } : {}) } };
    }
  }
}
