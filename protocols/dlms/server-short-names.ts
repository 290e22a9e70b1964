/** Read and Write with short names on the server's side (Green Book 9.3.13, 9.3.14): names resolved to objects of the device. */
import { type ApduValue, encodeApdu } from './apdu/apdu.ts';
import { hasConformance } from './apdu/conformance.ts';
import { readResponse } from './apdu/short-names.ts';
import { encodeData } from './axdr.ts';
import type { DataAccessResult, SelectiveAccess } from './cosem.ts';
import type { Data } from './data.ts';
import { parseObis } from './obis.ts';
import type { ShortNameObject } from './server.ts';
import { type ActionResponse, type Desk, encode } from './server-desk.ts';
import {
  associationBaseName,
  associationObject,
  encodeObjectList,
  objectListName,
  resolveShortName,
} from './short-names.ts';

/** Octets of a block of a Read in front of its data: tag, count, choice, last, number, length. */
const blockHeader = 9;

type ReadRequest = ApduValue<'read-request'>;
type Variable = ReadRequest[number];
type ReadResult = ApduValue<'read-response'>[number];
type WriteResult = ApduValue<'write-response'>[number];

/** Reading and writing by short name within one association. */
export interface ShortNameDesk {
  read(request: ReadRequest, room: number): Uint8Array;
  write(request: ApduValue<'write-request'>): Uint8Array;
}

/** What a variable of a request names. */
interface Asked {
  readonly name: number;
  readonly access: SelectiveAccess | undefined;
}

/** A desk for the objects listed, with the Association SN among them. */
export function createShortNameDesk(
  desk: Desk,
  listed: readonly ShortNameObject[],
  conformance: number,
): ShortNameDesk {
  const hasAssociation = listed.some(({ baseName }) => baseName === associationBaseName);
  const objects = hasAssociation ? listed : [associationObject, ...listed];
  let outgoing: { readonly octets: Uint8Array; at: number; block: number } | undefined;

  const nextBlock = (room: number): Uint8Array => {
    const current = outgoing;
    if (!current) return refuse('no-long-get-in-progress');
    const end = Math.min(current.octets.length, current.at + room - blockHeader);
    const rawData = current.octets.subarray(current.at, end);
    current.at = end;
    current.block += 1;
    const lastBlock = end === current.octets.length;
    if (lastBlock) outgoing = undefined;
    const value = { lastBlock, blockNumber: current.block, rawData };
    return encodeApdu('read-response', [{ choice: 'data-block-result', value }]);
  };

  return {
    read(request, room) {
      const [first] = request;
      if (first?.choice === 'block-number-access') {
        const isNext = outgoing?.block === first.value.blockNumber;
        if (!isNext) outgoing = undefined;
        return isNext ? nextBlock(room) : refuse('data-block-number-invalid');
      }
      const results = request.map((variable) => readOne(desk, objects, askedOf(variable)));
      const octets = encode(readResponse, results);
      outgoing = undefined;
      if (octets.length + 1 <= room) return encodeApdu('read-response', results);
      if (!hasConformance(conformance, 'block-transfer-with-get-or-read') || room <= blockHeader) {
        return encodeApdu('exception-response', {
          stateError: 'service-not-allowed',
          serviceError: 'pdu-too-long',
        });
      }
      outgoing = { octets, at: 0, block: 0 };
      return nextBlock(room);
    },
    write({ variableAccessSpecification: variables, listOfData: values }) {
      const isMatched = variables.length === values.length;
      const results = variables.map((variable, i): WriteResult => {
        const result = isMatched
          ? writeOne(desk, objects, askedOf(variable), values[i] as Data)
          : 'other-reason';
        return result === 'success'
          ? { choice: 'success', value: null }
          : { choice: 'data-access-error', value: result };
      });
      return encodeApdu('write-response', results);
    },
  };
}

function refuse(value: DataAccessResult): Uint8Array {
  return encodeApdu('read-response', [{ choice: 'data-access-error', value }]);
}

/** Undefined for a block where a variable belongs. */
function askedOf(variable: Variable): Asked | undefined {
  if (variable.choice === 'variable-name') return { name: variable.value & 0xffff, access: undefined };
  if (variable.choice !== 'parameterized-access') return undefined;
  const { variableName, selector, parameter: parameters } = variable.value;
  return { name: variableName & 0xffff, access: { selector, parameters } };
}

function readOne(desk: Desk, objects: readonly ShortNameObject[], asked: Asked | undefined): ReadResult {
  if (asked && !asked.access) {
    const own = readAssociation(objects, asked.name);
    if (own) return { choice: 'data', value: own };
  }
  const resolved = asked && resolveShortName(asked.name, objects);
  if (!asked || !resolved) return { choice: 'data-access-error', value: 'object-undefined' };
  const { access } = asked;
  if (resolved.kind === 'method') return acted(desk.act(resolved.reference, access?.parameters));
  const result = desk.get(access ? { ...resolved.reference, access } : resolved.reference);
  return result.choice === 'data' ? result : { choice: 'data-access-error', value: result.value };
}

/** The Association SN answers for itself: its logical name and its object list. */
function readAssociation(objects: readonly ShortNameObject[], name: number): Uint8Array | undefined {
  if (name === objectListName) return encodeObjectList(objects);
  if (name !== associationBaseName) return undefined;
  const { obis } = objects.find(({ baseName }) => baseName === name) ?? associationObject;
  return encodeData({ type: 'octet-string', value: parseObis(obis) });
}

/** A method read: what it returns, or null-data when it returns nothing. */
function acted({ result, returnParameters }: ActionResponse): ReadResult {
  if (result !== 'success') return { choice: 'data-access-error', value: refusalOf(result) };
  const value =
    returnParameters?.choice === 'data' ? returnParameters.value : encodeData({ type: 'null-data' });
  return { choice: 'data', value };
}

function writeOne(
  desk: Desk,
  objects: readonly ShortNameObject[],
  asked: Asked | undefined,
  value: Data,
): DataAccessResult {
  const resolved = asked && resolveShortName(asked.name, objects);
  if (!asked || !resolved) return 'object-undefined';
  const { access } = asked;
  if (resolved.kind === 'attribute') {
    return desk.set(access ? { ...resolved.reference, access } : resolved.reference, value);
  }
  const { result } = desk.act(resolved.reference, value);
  return result === 'success' ? result : refusalOf(result);
}

/** Results of methods that reading and writing have no word for are `other-reason`. */
function refusalOf(
  result: Exclude<ActionResponse['result'], 'success'>,
): Exclude<DataAccessResult, 'success'> {
  return result === 'long-action-aborted' || result === 'no-long-action-in-progress'
    ? 'other-reason'
    : result;
}
