/** ACCESS on the server's side (Green Book 9.3.9.2): each part in order, results and data in two lists. */
import { type ApduValue, encodeApdu } from './apdu/apdu.ts';
import type { Data } from './data.ts';
import type { ActionResponse, Desk, GetDataResult } from './server-desk.ts';
import { typeCode } from './type-codes.ts';

/** Bits of the long invoke id: the answer repeats the specification; a failure ends the list. */
const selfDescriptiveBit = 0x10000000;
const breakOnErrorBit = 0x20000000;

const nullData = Uint8Array.of(typeCode['null-data']);

/** What ACCESS asks of the device. */
type AccessDesk = Pick<Desk, 'get' | 'set' | 'act'>;
type Request = ApduValue<'access-request'>;
type Specification = Request['accessRequestSpecification'][number];
type Response = ApduValue<'access-response'>['accessResponseSpecification'][number];

/** One part done. */
interface Part {
  readonly response: Response;
  readonly data: Uint8Array;
}

/** Answers an ACCESS in the clear; an answer longer than `room` is refused, since ACCESS has no blocks of its own. */
export function serveAccess(desk: AccessDesk, request: Request, room: number): Uint8Array {
  const { accessRequestSpecification: specifications, accessRequestListOfData: values } = request;
  const breaksOnError = (request.longInvokeIdAndPriority & breakOnErrorBit) !== 0;
  const parts: Part[] = [];
  let isBroken = specifications.length !== values.length;
  for (const [i, specification] of specifications.entries()) {
    const part = isBroken ? notDone(specification) : serve(desk, specification, values[i] as Data);
    parts.push(part);
    isBroken ||= breaksOnError && part.response.value !== 'success';
  }
  const isDescribed = (request.longInvokeIdAndPriority & selfDescriptiveBit) !== 0;
  const answer = encodeApdu('access-response', {
    longInvokeIdAndPriority: request.longInvokeIdAndPriority,
    dateTime: new Uint8Array(0),
    accessRequestSpecification: isDescribed ? specifications : undefined,
    accessResponseListOfData: parts.map(({ data }) => data),
    accessResponseSpecification: parts.map(({ response }) => response),
  });
  if (answer.length <= room) return answer;
  return encodeApdu('exception-response', {
    stateError: 'service-not-allowed',
    serviceError: 'pdu-too-long',
  });
}

function serve(desk: AccessDesk, specification: Specification, value: Data): Part {
  switch (specification.choice) {
    case 'access-request-get':
      return got(desk.get(specification.value));
    case 'access-request-get-with-selection': {
      const { attributeDescriptor, accessSelection: access } = specification.value;
      return got(desk.get({ ...attributeDescriptor, access }));
    }
    case 'access-request-set':
      return {
        response: { choice: 'access-response-set', value: desk.set(specification.value, value) },
        data: nullData,
      };
    case 'access-request-set-with-selection': {
      const { attributeDescriptor, accessSelection: access } = specification.value;
      const result = desk.set({ ...attributeDescriptor, access }, value);
      return { response: { choice: 'access-response-set', value: result }, data: nullData };
    }
    case 'access-request-action':
      return acted(desk.act(specification.value, value.type === 'null-data' ? undefined : value));
  }
}

function got(result: GetDataResult): Part {
  return result.choice === 'data'
    ? { response: { choice: 'access-response-get', value: 'success' }, data: result.value }
    : { response: { choice: 'access-response-get', value: result.value }, data: nullData };
}

function acted({ result, returnParameters }: ActionResponse): Part {
  const data = returnParameters?.choice === 'data' ? returnParameters.value : nullData;
  return { response: { choice: 'access-response-action', value: result }, data };
}

/** What a failure before it, or a list without its data, keeps from being done. */
function notDone({ choice }: Specification): Part {
  const value = 'other-reason';
  if (choice === 'access-request-action') {
    return { response: { choice: 'access-response-action', value }, data: nullData };
  }
  const isGet = choice === 'access-request-get' || choice === 'access-request-get-with-selection';
  return {
    response: { choice: isGet ? 'access-response-get' : 'access-response-set', value },
    data: nullData,
  };
}
