/** Read and Write with short names on the server's side (Green Book 9.3.13, 9.3.14): names resolved to objects of the device. */
import { type ApduValue, encodeApdu } from './apdu/apdu.ts';
import { type ConformanceName, hasConformance } from './apdu/conformance.ts';
import { readRequest, readResponse, writeRequest } from './apdu/short-names.ts';
import { encodeData } from './axdr.ts';
import { createBlockAssembly } from './block-assembly.ts';
import type { Codec } from './codec.ts';
import type { DataAccessResult, SelectiveAccess } from './cosem.ts';
import type { Data } from './data.ts';
import { parseObis } from './obis.ts';
import type { ShortNameObject } from './server.ts';
import type { Block } from './server-blocks.ts';
import { type ActionResponse, type Desk, decodeWhole, encode } from './server-desk.ts';
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

/** Octets of a long request put together. */
const maxGathered = 1 << 20;
/** As general-block-transfer says it: the assembly is the same. */
const lastBlockBit = 0x80;
/** Alternatives of a variable that are blocks. */
const blockChoices: ReadonlySet<Variable['choice']> = new Set([
  'block-number-access',
  'read-data-block-access',
  'write-data-block-access',
]);

/** What a block of a long request led to. */
type Gathered<T> =
  | { readonly kind: 'more' }
  | { readonly kind: 'whole'; readonly value: T }
  | { readonly kind: 'refused'; readonly result: Exclude<DataAccessResult, 'success'> };

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

  const assembly = createBlockAssembly(maxGathered);

  /** One block of a long request; whole once its last has come, when what it holds is no block again. */
  const gather = <T>(
    codec: Codec<T>,
    { lastBlock, blockNumber, rawData }: Block,
    service: ConformanceName,
    variablesOf: (value: T) => readonly Variable[],
  ): Gathered<T> => {
    if (!hasConformance(conformance, service)) return { kind: 'refused', result: 'read-write-denied' };
    const blockControl = lastBlock ? lastBlockBit : 0;
    const taken = assembly.take({ blockControl, blockNumber, blockNumberAck: 0, blockData: rawData });
    if (!taken.ok) return { kind: 'refused', result: 'data-block-number-invalid' };
    if (!taken.value) return { kind: 'more' };
    const decoded = decodeWhole(codec, taken.value);
    // A block that holds a block would let a few octets call this for ever.
    const isWhole = decoded.ok && !variablesOf(decoded.value).some(({ choice }) => blockChoices.has(choice));
    return isWhole ? { kind: 'whole', value: decoded.value } : { kind: 'refused', result: 'type-unmatched' };
  };

  const desks: ShortNameDesk = {
    read(request, room) {
      const [first] = request;
      if (first?.choice === 'read-data-block-access') {
        const whole = gather(
          readRequest,
          first.value,
          'block-transfer-with-get-or-read',
          (variables) => variables,
        );
        if (whole.kind === 'whole') return desks.read(whole.value, room);
        return encodeApdu('read-response', [
          whole.kind === 'more'
            ? { choice: 'block-number', value: first.value.blockNumber }
            : { choice: 'data-access-error', value: whole.result },
        ]);
      }
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
      const [first] = variables;
      if (first?.choice === 'write-data-block-access') {
        const [raw] = values;
        const rawData = raw?.type === 'octet-string' ? raw.value : new Uint8Array(0);
        const whole = gather(
          writeRequest,
          { ...first.value, rawData },
          'block-transfer-with-set-or-write',
          ({ variableAccessSpecification }) => variableAccessSpecification,
        );
        if (whole.kind === 'whole') return desks.write(whole.value);
        return encodeApdu('write-response', [
          whole.kind === 'more'
            ? { choice: 'block-number', value: first.value.blockNumber }
            : { choice: 'data-access-error', value: whole.result },
        ]);
      }
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
  return desks;
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
