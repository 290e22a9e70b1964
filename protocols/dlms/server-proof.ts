/** Pass 3 and 4 of HLS as the server sees them (Green Book 9.2.7.4): the proof out of its request, ours into the answer. */
import { type Apdu, type ApduValue, encodeApdu } from './apdu/apdu.ts';
import { encodeData } from './axdr.ts';
import type { Data } from './data.ts';
import { replyToHlsName } from './short-names.ts';

/** The client's proof; undefined when the request is another than the one that carries it. */
export function proofOf(apdu: Apdu, isShort: boolean): Uint8Array | undefined {
  return isShort ? shortNameProofOf(apdu) : longNameProofOf(apdu);
}

/** The answer that carries our proof, or refuses the client's when there is none to give. */
export function proofAnswer(apdu: Apdu, isShort: boolean, own: Uint8Array | undefined): Uint8Array {
  return isShort ? readAnswer(own) : actionAnswer(invokeIdOf(apdu), own);
}

/** The proof in reply_to_HLS_authentication: method 1 of an association object, class 15, any instance. */
function longNameProofOf(apdu: Apdu): Uint8Array | undefined {
  if (apdu.apdu !== 'action-request' || apdu.value.choice !== 'action-request-normal') return undefined;
  const { methodDescriptor, methodInvocationParameters: parameter } = apdu.value.value;
  const isReply = methodDescriptor.classId === 15 && methodDescriptor.method === 1;
  return isReply && parameter?.type === 'octet-string' ? parameter.value : undefined;
}

function invokeIdOf(apdu: Apdu): number {
  return apdu.apdu === 'action-request' ? apdu.value.value.invokeIdAndPriority : 0;
}

/**
 * The proof with short names: a Read that calls the method by its selection. Clients made with Gurux's libraries write the proof to
 * the method's name instead, and want the answer of a Read.
 */
function shortNameProofOf(apdu: Apdu): Uint8Array | undefined {
  if (apdu.apdu === 'write-request') return writtenProofOf(apdu.value);
  const [variable] = apdu.apdu === 'read-request' ? apdu.value : [];
  if (variable?.choice !== 'parameterized-access') return undefined;
  const { variableName, parameter } = variable.value;
  const isReply = (variableName & 0xffff) === replyToHlsName;
  return isReply && parameter.type === 'octet-string' ? parameter.value : undefined;
}

function writtenProofOf({
  variableAccessSpecification: [variable],
  listOfData: [data],
}: ApduValue<'write-request'>): Uint8Array | undefined {
  const isReply = variable?.choice === 'variable-name' && (variable.value & 0xffff) === replyToHlsName;
  return isReply && data?.type === 'octet-string' ? data.value : undefined;
}

function readAnswer(proof: Uint8Array | undefined): Uint8Array {
  return encodeApdu('read-response', [
    proof
      ? { choice: 'data', value: encodeData({ type: 'octet-string', value: proof }) }
      : { choice: 'data-access-error', value: 'other-reason' },
  ]);
}

function actionAnswer(id: number, proof: Uint8Array | undefined): Uint8Array {
  const value: Data | undefined = proof && { type: 'octet-string', value: proof };
  return encodeApdu('action-response', {
    choice: 'action-response-normal',
    value: {
      invokeIdAndPriority: id,
      singleResponse: {
        result: value ? 'success' : 'other-reason',
        returnParameters: value && { choice: 'data', value: encodeData(value) },
      },
    },
  });
}
