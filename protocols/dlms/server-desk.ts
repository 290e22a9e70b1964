/** The device as one client's association sees it: what services ask of it, and results in the shapes of the wire. */
import type { Result } from '@wattline/base';
import { hasConformance } from './apdu/conformance.ts';
import type { actionResponseWithOptionalData, getResultList } from './apdu/services.ts';
import { AxdrWriter } from './axdr-writer.ts';
import type { Codec, ValueOf } from './codec.ts';
import type {
  ActionOutcome,
  AttributeDescriptor,
  DataAccessResult,
  GetResult,
  MethodDescriptor,
} from './cosem.ts';
import type { Data } from './data.ts';
import { toDeltas } from './delta-values.ts';
import { attempt, OctetReader } from './octet-reader.ts';
import type { LogicalDevice } from './server.ts';
import { type BlockTransfer, createBlockTransfer } from './server-blocks.ts';
import type { Association } from './server-handshake.ts';

/** The class whose buffer may go in delta values. */
const profileGeneric = 7;

/** One result of a GET on the wire. */
export type GetDataResult = ValueOf<typeof getResultList>[number];
/** One result of an ACTION on the wire. */
export type ActionResponse = ValueOf<typeof actionResponseWithOptionalData>;

/** What serving needs: the device seen by one client, and the transfer under way. */
export interface Desk {
  readonly transfer: BlockTransfer;
  get(reference: AttributeDescriptor): GetDataResult;
  set(reference: AttributeDescriptor, value: Data): DataAccessResult;
  act(reference: MethodDescriptor, parameter: Data | undefined): ActionResponse;
}

/** The desk of an established association. */
export function createDesk(device: LogicalDevice, association: Association): Desk {
  const { policy, conformance } = association;
  const selection = association.isShort ? 'parameterized-access' : 'selective-access';
  return {
    transfer: createBlockTransfer(conformance),
    get(reference) {
      if (reference.attribute === 0) return getDataResult(getAll(device, association, reference));
      if (reference.access && !hasConformance(conformance, selection)) {
        return getDataResult({ ok: false, result: 'scope-of-access-violated' });
      }
      const result = device.get(reference, policy);
      const isBuffer = reference.classId === profileGeneric && reference.attribute === 2;
      const hasDeltas = isBuffer && hasConformance(conformance, 'delta-value-encoding');
      return getDataResult(result.ok && hasDeltas ? { ok: true, encoded: toDeltas(result.encoded) } : result);
    },
    set: (reference, value) =>
      reference.attribute === 0
        ? setAll(device, association, { ...reference, value })
        : device.set(reference, value, policy),
    act: (reference, parameter) => actionResponse(device.action(reference, parameter, policy)),
  };
}

/** Attribute 0: all attributes as one structure, null-data for those that may not be read (Green Book 9.1.4.3.9). */
function getAll(device: LogicalDevice, association: Association, reference: AttributeDescriptor): GetResult {
  const { policy, conformance } = association;
  if (!hasConformance(conformance, 'attribute0-supported-with-get') || reference.access) {
    return { ok: false, result: 'read-write-denied' };
  }
  const attributes = device.attributes?.(reference, policy);
  if (!attributes) return { ok: false, result: 'object-undefined' };
  const writer = new AxdrWriter().structure(attributes.length);
  for (const attribute of attributes) {
    const found = device.get({ ...reference, attribute }, policy);
    if (found.ok) writer.raw(found.encoded);
    else writer.nullData();
  }
  return { ok: true, encoded: writer.finish() };
}

/** Attribute 0 written: a value for each attribute, null-data where one stays as it is; the first refusal is the result. */
function setAll(
  device: LogicalDevice,
  { policy, conformance }: Association,
  { value, ...reference }: AttributeDescriptor & { readonly value: Data },
): DataAccessResult {
  if (!hasConformance(conformance, 'attribute0-supported-with-set')) return 'read-write-denied';
  const attributes = device.attributes?.(reference, policy);
  if (!attributes) return 'object-undefined';
  if (value.type !== 'structure' || value.value.length !== attributes.length) return 'type-unmatched';
  let result: DataAccessResult = 'success';
  for (const [i, attribute] of attributes.entries()) {
    const one = value.value[i] as Data;
    if (one.type === 'null-data') continue;
    const written = device.set({ ...reference, attribute }, one, policy);
    if (result === 'success') result = written;
  }
  return result;
}

function getDataResult(result: GetResult): GetDataResult {
  return result.ok
    ? { choice: 'data', value: result.encoded }
    : { choice: 'data-access-result', value: result.result };
}

/** An outcome as the wire carries it. */
export function actionResponse(outcome: ActionOutcome): ActionResponse {
  const { result, encoded } = outcome;
  return { result, returnParameters: encoded && { choice: 'data', value: encoded } };
}

/** Octets of a value of a codec. */
export function encode<T>(codec: Codec<T>, value: T): Uint8Array {
  const writer = new AxdrWriter();
  codec.write(writer, value);
  return writer.finish();
}

/** The value of a codec that takes all of the octets. */
export function decodeWhole<T>(codec: Codec<T>, octets: Uint8Array): Result<T> {
  return attempt(() => {
    const reader = new OctetReader(octets);
    const value = codec.read(reader);
    reader.expectEnd();
    return value;
  });
}
