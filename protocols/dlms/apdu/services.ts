/** GET, SET, ACTION and ACCESS with logical names (IEC 62056-5-3 clause 7, Green Book 9.3 and 9.5), declared field by field. */
import {
  type Codec,
  choice,
  data,
  encodedData,
  enumerated,
  flag,
  i8,
  obis,
  octetString,
  optional,
  sequence,
  sequenceOf,
  u8,
  u16,
  u32,
} from '../codec.ts';
import { type AttributeDescriptor, actionResult, dataAccessResult } from '../cosem.ts';

/** Invoke-Id-And-Priority: bits 0 to 3 the invoke id, bit 6 confirmed, bit 7 high priority. */
const invokeIdAndPriority = u8;

const attribute = sequence({ classId: u16, obis, attribute: i8 });
const access = sequence({ selector: u8, parameters: data });
const method = sequence({ classId: u16, obis, method: i8 });

/** Cosem-Attribute-Descriptor. */
export const attributeDescriptor: Codec<AttributeDescriptor> = attribute;

/** Cosem-Attribute-Descriptor-With-Selection. */
export const attributeWithSelection: Codec<AttributeDescriptor> = {
  read(reader) {
    const reference = attribute.read(reader);
    const optionalAccess = optional(access);
    const selection = reader.node(
      'access-selection',
      () => optionalAccess.read(reader),
      optionalAccess.print,
    );
    return selection === undefined ? reference : { ...reference, access: selection };
  },
  write(writer, value) {
    attribute.write(writer, value);
    optional(access).write(writer, value.access);
  },
};

/** A code the table does not know is the peer's own: it reads as other-reason. */
const accessResult = enumerated(dataAccessResult, 'other-reason');
const actionResultCode = enumerated(actionResult, 'other-reason');

/** Get-Data-Result with the data as octets. */
export const getDataResult = choice({
  data: [0, encodedData],
  'data-access-result': [1, accessResult],
});

/** One block of a long request or answer. */
const dataBlock = sequence({ lastBlock: flag, blockNumber: u32, rawData: octetString });

/** Action-Response-With-Optional-Data. */
export const actionResponseWithOptionalData = sequence({
  result: actionResultCode,
  returnParameters: optional(getDataResult),
});

const references = sequenceOf(attributeWithSelection, 'attribute-descriptor');
const methods = sequenceOf(method, 'method-descriptor');

export const getRequest = choice({
  'get-request-normal': [1, sequence({ invokeIdAndPriority, attributeDescriptor: attributeWithSelection })],
  'get-request-next': [2, sequence({ invokeIdAndPriority, blockNumber: u32 })],
  'get-request-with-list': [3, sequence({ invokeIdAndPriority, attributeDescriptorList: references })],
});

export const getResultList = sequenceOf(getDataResult, 'get-data-result');

export const getResponse = choice({
  'get-response-normal': [1, sequence({ invokeIdAndPriority, result: getDataResult })],
  'get-response-with-datablock': [
    2,
    sequence({
      invokeIdAndPriority,
      lastBlock: flag,
      blockNumber: u32,
      result: choice({ 'raw-data': [0, octetString], 'data-access-result': [1, accessResult] }),
    }),
  ],
  'get-response-with-list': [3, sequence({ invokeIdAndPriority, result: getResultList })],
});

const values = sequenceOf(data, 'value');

export const setRequest = choice({
  'set-request-normal': [
    1,
    sequence({ invokeIdAndPriority, attributeDescriptor: attributeWithSelection, value: data }),
  ],
  'set-request-with-first-datablock': [
    2,
    sequence({ invokeIdAndPriority, attributeDescriptor: attributeWithSelection, datablock: dataBlock }),
  ],
  'set-request-with-datablock': [3, sequence({ invokeIdAndPriority, datablock: dataBlock })],
  'set-request-with-list': [
    4,
    sequence({ invokeIdAndPriority, attributeDescriptorList: references, valueList: values }),
  ],
  'set-request-with-list-and-first-datablock': [
    5,
    sequence({ invokeIdAndPriority, attributeDescriptorList: references, datablock: dataBlock }),
  ],
});

const accessResults = sequenceOf(accessResult, 'data-access-result');

export const setResponse = choice({
  'set-response-normal': [1, sequence({ invokeIdAndPriority, result: accessResult })],
  'set-response-datablock': [2, sequence({ invokeIdAndPriority, blockNumber: u32 })],
  'set-response-last-datablock': [
    3,
    sequence({ invokeIdAndPriority, result: accessResult, blockNumber: u32 }),
  ],
  'set-response-last-datablock-with-list': [
    4,
    sequence({ invokeIdAndPriority, result: accessResults, blockNumber: u32 }),
  ],
  'set-response-with-list': [5, sequence({ invokeIdAndPriority, result: accessResults })],
});

export const actionRequest = choice({
  'action-request-normal': [
    1,
    sequence({ invokeIdAndPriority, methodDescriptor: method, methodInvocationParameters: optional(data) }),
  ],
  'action-request-next-pblock': [2, sequence({ invokeIdAndPriority, blockNumber: u32 })],
  'action-request-with-list': [
    3,
    sequence({ invokeIdAndPriority, methodDescriptorList: methods, methodInvocationParameters: values }),
  ],
  'action-request-with-first-pblock': [
    4,
    sequence({ invokeIdAndPriority, methodDescriptor: method, pblock: dataBlock }),
  ],
  'action-request-with-list-and-first-pblock': [
    5,
    sequence({ invokeIdAndPriority, methodDescriptorList: methods, pblock: dataBlock }),
  ],
  'action-request-with-pblock': [6, sequence({ invokeIdAndPriority, pblock: dataBlock })],
});

export const actionResponseList = sequenceOf(actionResponseWithOptionalData, 'action-response');

export const actionResponse = choice({
  'action-response-normal': [
    1,
    sequence({ invokeIdAndPriority, singleResponse: actionResponseWithOptionalData }),
  ],
  'action-response-with-pblock': [2, sequence({ invokeIdAndPriority, pblock: dataBlock })],
  'action-response-with-list': [3, sequence({ invokeIdAndPriority, listOfResponses: actionResponseList })],
  'action-response-next-pblock': [4, sequence({ invokeIdAndPriority, blockNumber: u32 })],
});

/** One part of an ACCESS asked for. */
export const accessSpecification = choice({
  'access-request-get': [1, attribute],
  'access-request-set': [2, attribute],
  'access-request-action': [3, method],
  'access-request-get-with-selection': [4, attributeAndAccess()],
  'access-request-set-with-selection': [5, attributeAndAccess()],
});

/** In ACCESS the selection is part of the alternative: no octet tells of presence. */
function attributeAndAccess() {
  return sequence({ attributeDescriptor: attribute, accessSelection: access });
}

export const accessRequest = sequence({
  longInvokeIdAndPriority: u32,
  dateTime: octetString,
  accessRequestSpecification: sequenceOf(accessSpecification, 'access-request'),
  accessRequestListOfData: values,
});

/** How one part of an ACCESS ended. */
export const accessResponseSpecification = choice({
  'access-response-get': [1, accessResult],
  'access-response-set': [2, accessResult],
  'access-response-action': [3, actionResultCode],
});

export const accessResponse = sequence({
  longInvokeIdAndPriority: u32,
  dateTime: octetString,
  accessRequestSpecification: optional(sequenceOf(accessSpecification, 'access-request')),
  accessResponseListOfData: sequenceOf(encodedData, 'value'),
  accessResponseSpecification: sequenceOf(accessResponseSpecification, 'access-response'),
});
