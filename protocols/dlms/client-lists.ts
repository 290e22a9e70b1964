/** SET and ACTION of several references at once (Green Book 9.3.7, 9.3.8), whole or in blocks, as one client exchange. */
import { failure, type Result, success } from '@wattline/base';
import { encodeApdu } from './apdu/apdu.ts';
import { actionResponseList } from './apdu/services.ts';
import { AxdrWriter } from './axdr-writer.ts';
import type { AttributeValue, MethodCall } from './client.ts';
import {
  type ActionResponse,
  actionOutcome,
  createGather,
  createSender,
  cutBlocks,
  decodeWhole,
  done,
  type Exchange,
  type ExchangeStep,
  failed,
  invokeIdAndPriority,
  isOurs,
  unexpected,
} from './client-steps.ts';
import { data, sequenceOf } from './codec.ts';
import type { DataAccessResult } from './cosem.ts';
import type { Data } from './data.ts';

const valueList = sequenceOf(data, 'value');
const nullData: Data = { type: 'null-data' };

/** Several attributes written; each answered by its own result. */
export function startSetList(items: readonly AttributeValue[], room: number): Result<Exchange> {
  const attributeDescriptorList = items.map(({ reference }) => reference);
  const values = items.map(({ value }) => value);
  const whole = encodeApdu('set-request', {
    choice: 'set-request-with-list',
    value: { invokeIdAndPriority, attributeDescriptorList, valueList: values },
  });
  const octets = encodeValues(values);
  const blocks = whole.length <= room ? undefined : cutBlocks(octets, room, whole.length - octets.length);
  if (blocks && !blocks.ok) return blocks;
  const sender =
    blocks &&
    createSender(blocks.value, (datablock) =>
      datablock.blockNumber === 1
        ? encodeApdu('set-request', {
            choice: 'set-request-with-list-and-first-datablock',
            value: { invokeIdAndPriority, attributeDescriptorList, datablock },
          })
        : encodeApdu('set-request', {
            choice: 'set-request-with-datablock',
            value: { invokeIdAndPriority, datablock },
          }),
    );
  return success({
    first: sender?.first ?? whole,
    take(apdu) {
      if (apdu.apdu !== 'set-response' || !isOurs(apdu.value)) return unexpected(apdu);
      const { value: response } = apdu;
      switch (response.choice) {
        case 'set-response-datablock':
          return sender ? sender.next(response.value.blockNumber) : unexpected(apdu);
        case 'set-response-with-list':
        case 'set-response-last-datablock-with-list':
          return setListDone(items.length, response.value.result);
        case 'set-response-last-datablock': {
          // A transfer refused as a whole: no part of it was done.
          const { result } = response.value;
          return result === 'success'
            ? unexpected(apdu)
            : setListDone(
                items.length,
                items.map(() => result),
              );
        }
        default:
          return unexpected(apdu);
      }
    },
  });
}

function setListDone(asked: number, results: readonly DataAccessResult[]): ExchangeStep {
  return results.length === asked ? done({ kind: 'set-list', results }) : wrongCount(asked, results.length);
}

/** Several methods called; each answered by its own outcome. */
export function startActionList(items: readonly MethodCall[], room: number): Result<Exchange> {
  const methodDescriptorList = items.map(({ reference }) => reference);
  const values = items.map(({ parameter = nullData }) => parameter);
  const whole = encodeApdu('action-request', {
    choice: 'action-request-with-list',
    value: { invokeIdAndPriority, methodDescriptorList, methodInvocationParameters: values },
  });
  const octets = encodeValues(values);
  const blocks = whole.length <= room ? undefined : cutBlocks(octets, room, whole.length - octets.length);
  if (blocks && !blocks.ok) return blocks;
  const sender =
    blocks &&
    createSender(blocks.value, (pblock) =>
      pblock.blockNumber === 1
        ? encodeApdu('action-request', {
            choice: 'action-request-with-list-and-first-pblock',
            value: { invokeIdAndPriority, methodDescriptorList, pblock },
          })
        : encodeApdu('action-request', {
            choice: 'action-request-with-pblock',
            value: { invokeIdAndPriority, pblock },
          }),
    );
  const gather = createGather((blockNumber) =>
    encodeApdu('action-request', {
      choice: 'action-request-next-pblock',
      value: { invokeIdAndPriority, blockNumber },
    }),
  );
  return success({
    first: sender?.first ?? whole,
    take(apdu) {
      if (apdu.apdu !== 'action-response' || !isOurs(apdu.value)) return unexpected(apdu);
      const { value: response } = apdu;
      switch (response.choice) {
        case 'action-response-with-list':
          return actionListDone(items.length, response.value.listOfResponses);
        case 'action-response-with-pblock':
          return gather(response.value.pblock, (gathered) => actedInBlocks(items.length, gathered));
        case 'action-response-next-pblock':
          return sender ? sender.next(response.value.blockNumber) : unexpected(apdu);
        default:
          return unexpected(apdu);
      }
    },
  });
}

function actedInBlocks(asked: number, octets: Uint8Array): ExchangeStep {
  const responses = decodeWhole(actionResponseList, octets);
  return responses.ok ? actionListDone(asked, responses.value) : { kind: 'failed', failure: responses.error };
}

function actionListDone(asked: number, responses: readonly ActionResponse[]): ExchangeStep {
  if (responses.length !== asked) return wrongCount(asked, responses.length);
  return done({ kind: 'action-list', outcomes: responses.map(actionOutcome) });
}

function wrongCount(asked: number, found: number): ExchangeStep {
  return failed(failure('dlms/unexpected-answer', `expected ${asked} results, found ${found}`));
}

function encodeValues(values: readonly Data[]): Uint8Array {
  const writer = new AxdrWriter();
  valueList.write(writer, values);
  return writer.finish();
}
