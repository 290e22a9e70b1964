/** ACTION of one method or of several (Green Book 9.3.8), blocks either way, as one client exchange. */
import { type Result, success } from '@wattline/base';
import { type ApduValue, encodeApdu } from './apdu/apdu.ts';
import { actionResponseList, actionResponseWithOptionalData } from './apdu/services.ts';
import { encodeData } from './axdr.ts';
import type { MethodCall } from './client.ts';
import {
  type ActionResponse,
  type Asking,
  actionOutcome,
  type Block,
  createGather,
  decodeWhole,
  done,
  type Exchange,
  type ExchangeStep,
  encodeValues,
  isOurs,
  openInBlocks,
  unexpected,
  wrongCount,
} from './client-steps.ts';
import type { Codec } from './codec.ts';
import type { Data } from './data.ts';

const nullData: Data = { type: 'null-data' };

type Request = ApduValue<'action-request'>;
type Response = ApduValue<'action-response'>;

/** One method called. */
export function startAction({ reference, parameter }: MethodCall, asking: Asking): Result<Exchange> {
  const invokeIdAndPriority = asking.id;
  return startActing<ActionResponse>({
    asking,
    whole: encode({
      choice: 'action-request-normal',
      value: { invokeIdAndPriority, methodDescriptor: reference, methodInvocationParameters: parameter },
    }),
    data: parameter && encodeData(parameter),
    before: 0,
    firstBlock: (pblock) =>
      encode({
        choice: 'action-request-with-first-pblock',
        value: { invokeIdAndPriority, methodDescriptor: reference, pblock },
      }),
    answer: actionResponseWithOptionalData,
    read: (response) =>
      response.choice === 'action-response-normal' ? response.value.singleResponse : undefined,
    finish: (response) => done({ kind: 'action', outcome: actionOutcome(response) }),
  });
}

/** Several methods called; each answered by its own outcome. */
export function startActionList(items: readonly MethodCall[], asking: Asking): Result<Exchange> {
  const invokeIdAndPriority = asking.id;
  const methodDescriptorList = items.map(({ reference }) => reference);
  const values = items.map(({ parameter = nullData }) => parameter);
  const whole = encode({
    choice: 'action-request-with-list',
    value: { invokeIdAndPriority, methodDescriptorList, methodInvocationParameters: values },
  });
  const data = encodeValues(values);
  return startActing<readonly ActionResponse[]>({
    asking,
    whole,
    data,
    before: whole.length - data.length,
    firstBlock: (pblock) =>
      encode({
        choice: 'action-request-with-list-and-first-pblock',
        value: { invokeIdAndPriority, methodDescriptorList, pblock },
      }),
    answer: actionResponseList,
    read: (response) =>
      response.choice === 'action-response-with-list' ? response.value.listOfResponses : undefined,
    finish: (responses) =>
      responses.length === items.length
        ? done({ kind: 'action-list', outcomes: responses.map(actionOutcome) })
        : wrongCount(items.length, responses.length),
  });
}

/** The dialogue of an ACTION, whatever it names: blocks of the request, then the answer, whole or in blocks. */
function startActing<T>(how: {
  readonly asking: Asking;
  readonly whole: Uint8Array;
  readonly data: Uint8Array | undefined;
  readonly before: number;
  readonly firstBlock: (block: Block) => Uint8Array;
  /** How the answer stands in blocks, and how it is read out of a response that has it whole. */
  readonly answer: Codec<T>;
  readonly read: (response: Response) => T | undefined;
  readonly finish: (answer: T) => ExchangeStep;
}): Result<Exchange> {
  const { asking, firstBlock, answer, read, finish } = how;
  const invokeIdAndPriority = asking.id;
  const opened = openInBlocks({
    ...how,
    room: asking.room,
    encode: (pblock) =>
      pblock.blockNumber === 1
        ? firstBlock(pblock)
        : encode({ choice: 'action-request-with-pblock', value: { invokeIdAndPriority, pblock } }),
  });
  if (!opened.ok) return opened;
  const { first, next } = opened.value;
  const gather = createGather((blockNumber) =>
    encode({ choice: 'action-request-next-pblock', value: { invokeIdAndPriority, blockNumber } }),
  );
  const finishBlocks = (octets: Uint8Array): ExchangeStep => {
    const whole = decodeWhole(answer, octets);
    return whole.ok ? finish(whole.value) : { kind: 'failed', failure: whole.error };
  };
  return success({
    first,
    take(apdu) {
      if (apdu.apdu !== 'action-response' || !isOurs(apdu.value, asking)) return unexpected(apdu);
      const { value: response } = apdu;
      if (response.choice === 'action-response-with-pblock') {
        return gather(response.value.pblock, finishBlocks);
      }
      if (response.choice === 'action-response-next-pblock') {
        return next ? next(response.value.blockNumber) : unexpected(apdu);
      }
      const found = read(response);
      return found === undefined ? unexpected(apdu) : finish(found);
    },
  });
}

function encode(request: Request): Uint8Array {
  return encodeApdu('action-request', request);
}
