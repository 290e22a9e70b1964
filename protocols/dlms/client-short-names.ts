/** Read and Write with short names (Green Book 9.3.13, 9.3.14) as client exchanges; UnconfirmedWrite, which has no answer. */
import { failure, type Result, success } from '@wattline/base';
import { type ApduValue, encodeApdu } from './apdu/apdu.ts';
import { type ConformanceName, hasConformance } from './apdu/conformance.ts';
import { readResponse } from './apdu/short-names.ts';
import type { ShortName, ShortNameValue } from './client.ts';
import {
  type Asking,
  type Block,
  createGather,
  decodeWhole,
  done,
  type Exchange,
  type ExchangeStep,
  failed,
  openInBlocks,
  tooLong,
  unexpected,
  wrongCount,
} from './client-steps.ts';
import type { DataAccessResult, GetResult } from './cosem.ts';

type Variable = ApduValue<'read-request'>[number];
type ReadResult = ApduValue<'read-response'>[number];

/** Reads variables; a long request goes in blocks, a long answer comes in blocks. */
export function startRead(variables: readonly ShortName[], asking: Asking): Result<Exchange> {
  const whole = encodeApdu('read-request', variables.map(specify));
  const opened = openLong(whole, asking, 'block-transfer-with-get-or-read', (block) =>
    encodeApdu('read-request', [{ choice: 'read-data-block-access', value: block }]),
  );
  if (!opened.ok) return opened;
  const { first, next } = opened.value;
  const gather = createGather((blockNumber) =>
    encodeApdu('read-request', [{ choice: 'block-number-access', value: { blockNumber } }]),
  );
  const finish = (octets: Uint8Array): ExchangeStep => {
    const results = decodeWhole(readResponse, octets);
    return results.ok
      ? readDone(variables.length, results.value)
      : { kind: 'failed', failure: results.error };
  };
  return success({
    first,
    take(apdu) {
      if (apdu.apdu !== 'read-response') return unexpected(apdu);
      const [only] = apdu.value;
      if (only?.choice === 'block-number' && next) return next(only.value);
      if (only?.choice === 'data-block-result') return gather(only.value, finish);
      return readDone(variables.length, apdu.value);
    },
  });
}

/** A request that does not fit goes in blocks of what follows its tag, where the server agreed to that. */
function openLong(
  whole: Uint8Array,
  { room, conformance }: Asking,
  service: ConformanceName,
  encode: (block: Block) => Uint8Array,
) {
  if (whole.length > room && !hasConformance(conformance, service)) return tooLong(whole.length, room);
  return openInBlocks({ whole, data: whole.subarray(1), room, before: 0, encode });
}

function readDone(asked: number, found: readonly ReadResult[]): ExchangeStep {
  const results: GetResult[] = [];
  for (const result of found) {
    if (result.choice === 'data') results.push({ ok: true, encoded: result.value });
    else if (result.choice === 'data-access-error' && result.value !== 'success') {
      results.push({ ok: false, result: result.value });
    } else return failed(failure('dlms/unexpected-answer', `expected data, found ${result.choice}`));
  }
  return results.length === asked ? done({ kind: 'read', results }) : wrongCount(asked, results.length);
}

/** Writes variables; a long request goes in blocks. */
export function startWrite(items: readonly ShortNameValue[], asking: Asking): Result<Exchange> {
  const whole = encodeApdu('write-request', written(items));
  const opened = openLong(whole, asking, 'block-transfer-with-set-or-write', ({ rawData, ...block }) =>
    encodeApdu('write-request', {
      variableAccessSpecification: [{ choice: 'write-data-block-access', value: block }],
      listOfData: [{ type: 'octet-string', value: rawData }],
    }),
  );
  if (!opened.ok) return opened;
  const { first, next } = opened.value;
  return success({
    first,
    take(apdu) {
      if (apdu.apdu !== 'write-response') return unexpected(apdu);
      const [only] = apdu.value;
      if (only?.choice === 'block-number' && next) return next(only.value);
      // A transfer refused as a whole: no part of it was done.
      const isRefused = next && apdu.value.length === 1 && only?.choice === 'data-access-error';
      const found = isRefused ? items.map(() => only) : apdu.value;
      const results: DataAccessResult[] = [];
      for (const result of found) {
        if (result.choice === 'block-number') return unexpected(apdu);
        results.push(result.choice === 'success' ? 'success' : result.value);
      }
      return results.length === items.length
        ? done({ kind: 'write', results })
        : wrongCount(items.length, results.length);
    },
  });
}

/** The APDU that writes without an answer. */
export function encodeUnconfirmedWrite(items: readonly ShortNameValue[], room: number): Result<Uint8Array> {
  const apdu = encodeApdu('unconfirmed-write-request', written(items));
  return apdu.length > room ? tooLong(apdu.length, room) : success(apdu);
}

function written(items: readonly ShortNameValue[]): ApduValue<'write-request'> {
  return {
    variableAccessSpecification: items.map(specify),
    listOfData: items.map(({ value }) => value),
  };
}

function specify({ name, access }: ShortName): Variable {
  const variableName = (name << 16) >> 16;
  return access
    ? {
        choice: 'parameterized-access',
        value: { variableName, selector: access.selector, parameter: access.parameters },
      }
    : { choice: 'variable-name', value: variableName };
}
