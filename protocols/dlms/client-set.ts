/** SET of one attribute or of several (Green Book 9.3.7), whole or in blocks, as one client exchange. */
import { type Result, success } from '@wattline/base';
import { type ApduValue, encodeApdu } from './apdu/apdu.ts';
import { encodeData } from './axdr.ts';
import type { AttributeValue } from './client.ts';
import {
  type Asking,
  type Block,
  done,
  type Exchange,
  type ExchangeStep,
  encodeValues,
  isOurs,
  openInBlocks,
  unexpected,
  wrongCount,
} from './client-steps.ts';
import type { DataAccessResult } from './cosem.ts';

type Request = ApduValue<'set-request'>;
type Response = ApduValue<'set-response'>;

/** One attribute written. */
export function startSet({ reference, value }: AttributeValue, asking: Asking): Result<Exchange> {
  const invokeIdAndPriority = asking.id;
  const whole = encode({
    choice: 'set-request-normal',
    value: { invokeIdAndPriority, attributeDescriptor: reference, value },
  });
  return startSetting({
    asking,
    whole,
    data: encodeData(value),
    // A selection goes before the first block.
    before: reference.access ? whole.length : 0,
    firstBlock: (datablock) =>
      encode({
        choice: 'set-request-with-first-datablock',
        value: { invokeIdAndPriority, attributeDescriptor: reference, datablock },
      }),
    finish(response) {
      const isResult =
        response.choice === 'set-response-normal' || response.choice === 'set-response-last-datablock';
      return isResult ? done({ kind: 'set', result: response.value.result }) : undefined;
    },
  });
}

/** Several attributes written; each answered by its own result. */
export function startSetList(items: readonly AttributeValue[], asking: Asking): Result<Exchange> {
  const invokeIdAndPriority = asking.id;
  const attributeDescriptorList = items.map(({ reference }) => reference);
  const values = items.map(({ value }) => value);
  const whole = encode({
    choice: 'set-request-with-list',
    value: { invokeIdAndPriority, attributeDescriptorList, valueList: values },
  });
  const data = encodeValues(values);
  return startSetting({
    asking,
    whole,
    data,
    before: whole.length - data.length,
    firstBlock: (datablock) =>
      encode({
        choice: 'set-request-with-list-and-first-datablock',
        value: { invokeIdAndPriority, attributeDescriptorList, datablock },
      }),
    finish(response) {
      switch (response.choice) {
        case 'set-response-with-list':
        case 'set-response-last-datablock-with-list':
          return listDone(items.length, response.value.result);
        case 'set-response-last-datablock': {
          // A transfer refused as a whole: no part of it was done.
          const { result } = response.value;
          if (result === 'success') return undefined;
          return listDone(items.length, new Array<DataAccessResult>(items.length).fill(result));
        }
        default:
          return undefined;
      }
    },
  });
}

/** The dialogue of a SET, whatever it names: blocks acknowledged one by one, then the result. */
function startSetting(how: {
  readonly asking: Asking;
  readonly whole: Uint8Array;
  readonly data: Uint8Array;
  readonly before: number;
  readonly firstBlock: (block: Block) => Uint8Array;
  /** The end of the exchange; undefined when the response is none. */
  readonly finish: (response: Response) => ExchangeStep | undefined;
}): Result<Exchange> {
  const { asking, firstBlock, finish } = how;
  const opened = openInBlocks({
    ...how,
    room: asking.room,
    encode: (datablock) =>
      datablock.blockNumber === 1
        ? firstBlock(datablock)
        : encode({
            choice: 'set-request-with-datablock',
            value: { invokeIdAndPriority: asking.id, datablock },
          }),
  });
  if (!opened.ok) return opened;
  const { first, next } = opened.value;
  return success({
    first,
    take(apdu) {
      if (apdu.apdu !== 'set-response' || !isOurs(apdu.value, asking)) return unexpected(apdu);
      const { value: response } = apdu;
      if (response.choice === 'set-response-datablock' && next) return next(response.value.blockNumber);
      return finish(response) ?? unexpected(apdu);
    },
  });
}

function encode(request: Request): Uint8Array {
  return encodeApdu('set-request', request);
}

function listDone(asked: number, results: readonly DataAccessResult[]): ExchangeStep {
  return results.length === asked ? done({ kind: 'set-list', results }) : wrongCount(asked, results.length);
}
