import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex, toHex } from '@wattline/base';
import { type Aare, type Aarq, decodeAcse, encodeAcse } from './acse.ts';
import { conformanceNames, conformanceOf } from './apdu/conformance.ts';
import { apduOfTag, apduTags } from './apdu/tags.ts';

const title = fromHex('4D4D4D0000BC614E');

/** Every field of an AARQ: what one side may send, the other must understand. */
const fullAarq: Aarq = {
  protocolVersion: fromHex('0780'),
  applicationContextName: 'ln-ciphering',
  calledApTitle: title,
  calledAeQualifier: fromHex('01'),
  calledApInvocationId: 1,
  calledAeInvocationId: -1,
  callingApTitle: title,
  callingAeQualifier: fromHex('0102'),
  callingApInvocationId: 300,
  callingAeInvocationId: 70000,
  senderAcseRequirements: fromHex('0780'),
  mechanismName: 'gmac',
  callingAuthenticationValue: fromHex('4B35366956616759'),
  implementationInformation: fromHex('AA'),
  userInformation: fromHex('01000000065F1F0400007E1F04B0'),
};

test('an AARQ with every field, and an AARE with every field, come back as they were', () => {
  assert.deepEqual(decodeAcse(encodeAcse('aarq', fullAarq)), {
    ok: true,
    value: { apdu: 'aarq', value: fullAarq },
  });
  const aare: Aare = {
    protocolVersion: fromHex('0780'),
    applicationContextName: 'sn',
    result: 'rejected-transient',
    resultSourceDiagnostic: { source: 'acse-service-provider', reason: 'no-common-acse-version' },
    respondingApTitle: title,
    respondingAeQualifier: fromHex('01'),
    respondingApInvocationId: 127,
    respondingAeInvocationId: 128,
    responderAcseRequirements: fromHex('0780'),
    mechanismName: 'sha256',
    respondingAuthenticationValue: fromHex('503677524A323146'),
    implementationInformation: fromHex('BB'),
    userInformation: fromHex('0800065F1F040000501F01F40007'),
  };
  assert.deepEqual(decodeAcse(encodeAcse('aare', aare)), { ok: true, value: { apdu: 'aare', value: aare } });
});

test('the AARQ examples of the standard are written octet for octet', () => {
  const userInformation = fromHex('01000000065F1F0400007E1F04B0');
  const lowest = encodeAcse('aarq', { applicationContextName: 'ln', userInformation });
  assert.equal(toHex(lowest), '601DA109060760857405080101BE10040E01000000065F1F0400007E1F04B0');
  const low = encodeAcse('aarq', {
    applicationContextName: 'ln',
    senderAcseRequirements: fromHex('0780'),
    mechanismName: 'lls',
    callingAuthenticationValue: new TextEncoder().encode('12345678'),
    userInformation,
  });
  assert.equal(
    toHex(low),
    '6036A1090607608574050801018A0207808B0760857405080201AC0A80083132333435363738BE10040E01000000065F1F0400007E1F04B0',
  );
});

test('a field given twice and an unknown field are refused', () => {
  const codeOf = (hex: string) => {
    const decoded = decodeAcse(fromHex(hex));
    assert(!decoded.ok);
    return decoded.error.code;
  };
  const context = 'A109060760857405080101';
  assert.equal(codeOf(`6016${context}${context}`), 'dlms/bad-tag');
  assert.equal(codeOf(`600DA00100${context}`.replace('600D', '600E')), 'dlms/bad-tag');
  assert.equal(codeOf(`600C${context}`), 'dlms/truncated');
  assert.equal(codeOf(`600B${context}00`), 'dlms/trailing-octets');
  assert.equal(codeOf('C001'), 'dlms/unknown-apdu');
});

test('a context or mechanism that is not of DLMS, or that nobody uses, is unknown: a server must say which it was', () => {
  for (const name of ['60857405090101', '6085740508010C', '608574050801', '2A864886F70D01']) {
    const field = `A1${hexLength(name, 2)}06${hexLength(name)}${name}`;
    const decoded = decodeAcse(fromHex(`60${hexLength(field)}${field}`));
    assert(decoded.ok && decoded.value.apdu === 'aarq');
    assert.equal(decoded.value.value.applicationContextName, 'unknown');
  }
});

/** The count of octets of hexadecimal text, and some more, as one octet. */
function hexLength(hex: string, more = 0): string {
  return (hex.length / 2 + more).toString(16).padStart(2, '0');
}

test('conformance bits are named from the first octet on', () => {
  assert.deepEqual(conformanceNames(0x00001d), ['get', 'set', 'selective-access', 'action']);
  assert.equal(conformanceOf('get', 'set', 'selective-access', 'action'), 0x00001d);
  assert.deepEqual(conformanceNames(0x800000 >> 1), ['general-protection']);
});

test('no two APDUs share a tag, in any dress', () => {
  const tags = Object.values(apduTags).flatMap((entry) => Object.values(entry) as number[]);
  assert.equal(new Set(tags).size, tags.length);
  assert.equal(apduOfTag.filter((found) => found !== undefined).length, tags.length);
});
