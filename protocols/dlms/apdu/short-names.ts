/** Read, Write, UnconfirmedWrite and InformationReport with short names (IEC 62056-5-3, Green Book 9.5). */
import {
  choice,
  data,
  encodedData,
  enumerated,
  flag,
  i16,
  nothing,
  octetString,
  sequence,
  sequenceOf,
  u8,
  u16,
} from '../codec.ts';
import { dataAccessResult } from '../cosem.ts';
import { optionalTime } from './notifications.ts';

const accessResult = enumerated(dataAccessResult, 'other-reason');

/** Variable-Access-Specification. */
export const variable = choice({
  'variable-name': [2, i16],
  'parameterized-access': [4, sequence({ variableName: i16, selector: u8, parameter: data })],
  'block-number-access': [5, sequence({ blockNumber: u16 })],
  'read-data-block-access': [6, sequence({ lastBlock: flag, blockNumber: u16, rawData: octetString })],
  'write-data-block-access': [7, sequence({ lastBlock: flag, blockNumber: u16 })],
});

const variables = sequenceOf(variable, 'variable-access-specification');
const values = sequenceOf(data, 'data');

export const readRequest = variables;

/** One result of a Read. */
export const readResult = choice({
  data: [0, encodedData],
  'data-access-error': [1, accessResult],
  'data-block-result': [2, sequence({ lastBlock: flag, blockNumber: u16, rawData: octetString })],
  'block-number': [3, u16],
});

export const readResponse = sequenceOf(readResult, 'read-result');

export const writeRequest = sequence({ variableAccessSpecification: variables, listOfData: values });

/** One result of a Write. */
export const writeResult = choice({
  success: [0, nothing],
  'data-access-error': [1, accessResult],
  'block-number': [2, u16],
});

export const writeResponse = sequenceOf(writeResult, 'write-result');

export const unconfirmedWriteRequest = writeRequest;

export const informationReportRequest = sequence({
  currentTime: optionalTime,
  variableAccessSpecification: variables,
  listOfData: values,
});
