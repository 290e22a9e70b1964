import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '@wattline/base';
import { publicKeyOfChain } from './elliptic.ts';

const instantMs = Date.UTC(2030, 0, 1);
const derOf = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'));

/** Made with OpenSSL for these tests alone, valid for a hundred years: a root, an authority below it, a meter below that. */
const root = derOf(
  'MIIBgDCCASWgAwIBAgIUB86SWp5/NKK90eq6GHjnZu0ikIwwCgYIKoZIzj0EAwIwFDESMBAGA1UEAwwJVGVzdCBSb290MCAX' +
    'DTI2MTEyODIzMjUxNFoYDzIxMjYxMTA0MjMyNTE0WjAUMRIwEAYDVQQDDAlUZXN0IFJvb3QwWTATBgcqhkjOPQIBBggqhkjO' +
    'PQMBBwNCAASgzkSRoNW1Zqdm/52vlTekfuFLZ9DX0ReT/s3ukU30Vhsvy51dDyqxueLzhwWhaqQoYqHDEFxIkP9Be6GpwoWT' +
    'o1MwUTAdBgNVHQ4EFgQUN5Kg4k+HJHdsK5LcS8JB1UQKmd8wHwYDVR0jBBgwFoAUN5Kg4k+HJHdsK5LcS8JB1UQKmd8wDwYD' +
    'VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEArymAEQVMKLlnH0/1+A+vYK2Lh4khtIBGr//Ian/1GlcCIQC3qRdL' +
    'Ifln2tKije72xvcexzNUFwz4H/a7exQb1GB2qA==',
);
const authority = derOf(
  'MIIBkjCCATegAwIBAgIUD7D/+9D0X2llRjdC+SAHrjjRQu0wCgYIKoZIzj0EAwIwFDESMBAGA1UEAwwJVGVzdCBSb290MCAX' +
    'DTI2MTEyODIzMjUxNFoYDzIxMjYxMTA0MjMyNTE0WjAWMRQwEgYDVQQDDAtUZXN0IFN1Yi1DQTBZMBMGByqGSM49AgEGCCqG' +
    'SM49AwEHA0IABBiRjidzwVsLP7MAfUzMCcrEOeDtmReizu0ZYptUKUfxr01DNFwsgY2m3iV6lEjlIx+RQAamf+nE7KzNnbtF' +
    'tlGjYzBhMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgIEMB0GA1UdDgQWBBRVhCqTCz4uIaHEMEuPhJr0cgvHZjAf' +
    'BgNVHSMEGDAWgBQ3kqDiT4ckd2wrktxLwkHVRAqZ3zAKBggqhkjOPQQDAgNJADBGAiEAmHZskZEAupGh/EDle7DNehfVAjVH' +
    '2BTfOUAWKOaKPoICIQDm1+9rj3uUN+Av2BcyRU8WG9Vevlgx7/+ekxBqRy3Okg==',
);
const meter = derOf(
  'MIIBLDCB1AIUW4rxlTdBoklR+PpH/cAflouw6vIwCgYIKoZIzj0EAwIwFjEUMBIGA1UEAwwLVGVzdCBTdWItQ0EwIBcNMjYx' +
    'MTI4MjMyNTE1WhgPMjEyNjExMDQyMzI1MTVaMBsxGTAXBgNVBAMMEDRENEQ0RDAwMDBCQzYxNEUwWTATBgcqhkjOPQIBBggq' +
    'hkjOPQMBBwNCAAS3077GV0GvqPMJiNcFFlJ7WZvuBQtrDIeW4q0p6Rz4csHHP8dku91Nf/K7gOpX/5InTRTkVaW4mlMHAPq6' +
    'V2brMAoGCCqGSM49BAMCA0cAMEQCIEFmDmNKlpO4yP3Kyu81dv/XzTgDPXzAUJFqW2pdfIRyAiAfXEKb1V1QYlsEor00VEFh' +
    'HYEvk68qn3DtQrJE+8j1hA==',
);

const codeOf = (...[chain, trust]: Parameters<typeof publicKeyOfChain>) => {
  const read = publicKeyOfChain(chain, trust);
  return read.ok ? 'read' : read.error.code;
};

test('a chain of a meter, its authority and a trusted root gives the key of the meter', () => {
  const expected =
    'B7D3BEC65741AFA8F30988D70516527B599BEE050B6B0C8796E2AD29E91CF872' +
    'C1C73FC764BBDD4D7FF2BB80EA57FF92274D14E455A5B89A530700FABA5766EB';
  for (const chain of [
    [meter, authority],
    [meter, authority, root],
  ]) {
    const read = publicKeyOfChain(chain, { instantMs, anchors: [meter, root] });
    assert(read.ok, JSON.stringify(read));
    assert.equal(toHex(read.value), expected);
  }
});

test('a chain with a link missing, out of order, expired, too long or trusted by nobody gives no key', () => {
  const trust = { instantMs, anchors: [root] };
  for (const chain of [
    [],
    [meter],
    [authority, meter],
    [meter, root],
    [meter, authority, authority, root, root],
  ]) {
    assert.equal(codeOf(chain, trust), 'dlms/bad-certificate', `${chain.length} certificates`);
  }
  assert.equal(codeOf([meter, authority], { instantMs, anchors: [] }), 'dlms/bad-certificate');
  assert.equal(codeOf([meter, authority], { instantMs, anchors: [meter] }), 'dlms/bad-certificate');
  assert.equal(
    codeOf([meter, authority], { ...trust, instantMs: Date.UTC(2020, 0, 1) }),
    'dlms/bad-certificate',
  );
  assert.equal(
    codeOf([meter, authority], { ...trust, instantMs: Date.UTC(2190, 0, 1) }),
    'dlms/bad-certificate',
  );
  assert.equal(codeOf([meter, 'no certificate'], trust), 'dlms/bad-certificate');
  const altered = meter.slice();
  altered[altered.length - 1] = (altered.at(-1) as number) ^ 1;
  assert.equal(codeOf([altered, authority], trust), 'dlms/bad-certificate');
});
