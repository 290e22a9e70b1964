/** Pass 3 and 4 of HLS as the client sees them (Green Book 9.2.7.4): our proof into a request, the server's out of its answer. */
import { type Apdu, encodeApdu } from './apdu/apdu.ts';
import { invokeIdAndPriority } from './client-steps.ts';
import type { Data } from './data.ts';
import { replyToHlsName } from './short-names.ts';

/**
 * Pass 3: reply_to_HLS_authentication of the Association LN, or of the Association SN by a Read with selection; by a Write for servers made
 * with Gurux's libraries, which know no other and answer it as a Read.
 */
export function proofRequest(proof: Uint8Array, how: 'action' | 'read' | 'write'): Uint8Array {
  const parameter: Data = { type: 'octet-string', value: proof };
  const variableName = (replyToHlsName << 16) >> 16;
  if (how === 'read') {
    const value = { variableName, selector: 1, parameter };
    return encodeApdu('read-request', [{ choice: 'parameterized-access', value }]);
  }
  if (how === 'write') {
    const variableAccessSpecification = [{ choice: 'variable-name', value: variableName }] as const;
    return encodeApdu('write-request', { variableAccessSpecification, listOfData: [parameter] });
  }
  return encodeApdu('action-request', {
    choice: 'action-request-normal',
    value: {
      invokeIdAndPriority: invokeIdAndPriority(),
      methodDescriptor: { classId: 15, obis: '0.0.40.0.0.255', method: 1 },
      methodInvocationParameters: parameter,
    },
  });
}

/** Pass 4 out of the answer that carries it. */
export function proofAnswer(
  apdu: Apdu,
): { readonly result: string; readonly encoded?: Uint8Array | undefined } | undefined {
  if (apdu.apdu === 'read-response') {
    const [only] = apdu.value;
    if (only?.choice === 'data') return { result: 'success', encoded: only.value };
    return only?.choice === 'data-access-error' ? { result: only.value } : undefined;
  }
  if (apdu.apdu !== 'action-response' || apdu.value.choice !== 'action-response-normal') return undefined;
  const { result, returnParameters } = apdu.value.value.singleResponse;
  return { result, encoded: returnParameters?.choice === 'data' ? returnParameters.value : undefined };
}
