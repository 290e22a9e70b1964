import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex, seededRandom, toHex } from '@wattline/base';
import { encodeApdu } from './apdu/apdu.ts';
import { createMbusReceiver, decodeMbusFrame } from './mbus.ts';
import { createP1Receiver, decodeP1 } from './p1.ts';
import type { PushKeys } from './push.ts';
import { decodePushCapture, type PushQuirk } from './push-capture.ts';
import type { PushValue } from './push-values.ts';
import { keysOf, skipVectors, type Vector, vectors } from './vectors.case.ts';

const captures = vectors.filter(({ layer }) => layer === 'push');

/** Captures that need a quirk; strictly they are refused. */
const quirksOf: Readonly<Record<string, readonly PushQuirk[]>> = {
  'esph-hdlc-landis-gyr-zmf100': ['wrong-check', 'swapped-tag'],
  // The frame check was left on when the flags were taken off.
  'bmork-kamstrup-real': ['trailing-octets'],
  // A block came twice and the last came before the last but one.
  'scs-lg-e450-plain-invalid': ['shuffled-blocks'],
};

function pushKeysOf(vector: Vector): PushKeys {
  const { ek, ak } = keysOf(vector);
  return {
    keysOf: () => (ek && ak ? { suite: 0, ek, ak } : undefined),
    replayOf: () => undefined,
  };
}

const scaled = ({ value, scale }: PushValue) => Number(value) * 10 ** scale;

/** Numbers a source states by code, in the base unit as meters push and in thousands as P1 shows. */
function statedNumbers({ expected }: Vector): Map<string, number> {
  const numbers = (expected.numbers ?? expected.obis ?? expected.obis_value ?? {}) as Record<string, number>;
  return new Map(
    Object.entries(numbers).map(([code, value]) => {
      const dotted = code.replace(/[-:]/g, '.');
      return [dotted.split('.').length === 5 ? `${dotted}.255` : dotted, value];
    }),
  );
}

test('the file holds the 28 captures that must be read', { skip: skipVectors }, () => {
  assert.equal(captures.length, 28);
});

for (const vector of captures) {
  test(`${vector.id} is read from its carrier to its values`, () => {
    const quirks = quirksOf[vector.id] ?? [];
    const octets = fromHex(vector.hex);
    const keys = pushKeysOf(vector);
    if (quirks.length > 0) assert.equal(decodePushCapture(octets, keys).ok, false, 'strictly refused');
    const read = decodePushCapture(octets, keys, quirks);
    assert(read.ok, JSON.stringify(read));
    assert.deepEqual(read.value.quirks, quirks);
    const byCode = new Map(read.value.values.map((value) => [value.obis, value]));
    if (vector.id !== 'esph-raw-energomera') {
      for (const [obis, expected] of statedNumbers(vector)) {
        const found = byCode.get(obis);
        assert(found, `${obis} is there`);
        assert(Math.abs(scaled(found) - expected) < 1e-6 * Math.max(1, expected), `${obis}: ${expected}`);
        if (vector.id !== 'scs-lg-e450-plain-extended-register') assert.notEqual(found.unit, undefined, obis);
      }
    }
    for (const [obis, text] of Object.entries((vector.expected.strings ?? {}) as Record<string, string>)) {
      if (!/^\d{4}-\d\d-\d\d/.test(text) && byCode.has(obis)) assert.equal(byCode.get(obis)?.value, text);
    }
    const golden = vector.expected.golden as Record<string, number & number[] & string> | undefined;
    if (golden) assertGolden(byCode, golden);
  });
}

function assertGolden(
  byCode: ReadonlyMap<string, PushValue>,
  golden: Readonly<Record<string, unknown>>,
): void {
  const numberOf = (obis: string) => {
    // Kamstrup numbers the channel 1.
    const found = byCode.get(obis) ?? byCode.get(obis.replace('1.0.', '1.1.'));
    return found ? scaled(found) : 0;
  };
  const near = (found: number, expected: unknown, what: string) =>
    assert(Math.abs(found - Number(expected)) < 1e-6 * Math.max(1, Number(expected)), `${what}: ${found}`);
  near(numberOf('1.0.1.7.0.255'), golden.active_import_W, 'import');
  near(numberOf('1.0.2.7.0.255'), golden.active_export_W, 'export');
  for (const [i, c] of [32, 52, 72].entries()) {
    near(numberOf(`1.0.${c}.7.0.255`), (golden.U as number[])[i], `voltage ${c}`);
  }
  for (const [i, c] of [31, 51, 71].entries()) {
    near(numberOf(`1.0.${c}.7.0.255`), (golden.I as number[])[i], `current ${c}`);
  }
  // Where a capture holds no energy, the source carried it over from an earlier list.
  const hasEnergy = [...byCode.keys()].some((code) => /^1\.[01]\.1\.8\.0\./.test(code));
  if (hasEnergy) near(numberOf('1.0.1.8.0.255') / 1000, golden.active_import_energy_kWh, 'energy');
}

test('a push whose source gives no keys is its envelope, as the source reads it', {
  skip: skipVectors,
}, () => {
  const vector = vectors.find(({ id }) => id === 'esph-mbus-kmswest');
  const read = decodePushCapture(fromHex(vector?.hex ?? ''), unnamed);
  assert(read.ok && read.value.sealed);
  const { systemTitle, invocationCounter, protection, contents } = read.value.sealed;
  const stated = String(vector?.expected.decoded_xml);
  assert.match(stated, new RegExp(`SystemTitle="${toHex(systemTitle)}" FrameCounter="\\d+"`));
  assert.match(stated, new RegExp(`Ciphertext="${toHex(contents)}"`));
  assert.equal(protection, 'e');
  assert.equal(invocationCounter, 0x541f);
  assert.deepEqual(read.value.values, []);
});

test('blocks out of order are put together only where that is asked for, and never when two of a number differ', {
  skip: skipVectors,
}, () => {
  const octets = fromHex(vectors.find(({ id }) => id === 'scs-lg-e450-plain-invalid')?.hex ?? '');
  const strict = decodePushCapture(octets, unnamed, ['wrong-check', 'trailing-octets', 'swapped-tag']);
  assert(!strict.ok && strict.error.code === 'dlms/block-out-of-order');
  const read = decodePushCapture(octets, unnamed, ['shuffled-blocks']);
  assert(read.ok && read.value.values.length > 10);
  assert.equal(read.value.values.find(({ obis }) => obis === '0.0.42.0.0.255')?.value, 'LGZ1030655933512');
  // The octets of the second copy of block 2 differ: which is right cannot be known.
  const second = Buffer.from(octets).lastIndexOf(fromHex('E0400002'));
  const altered = octets.slice();
  altered[second + 12] = 0x55;
  const refused = decodePushCapture(altered, unnamed, ['wrong-check', 'shuffled-blocks']);
  assert(!refused.ok && refused.error.code === 'dlms/block-out-of-order');
});

const unnamed: PushKeys = { keysOf: () => undefined, replayOf: () => undefined };

test('a list that names nothing and is not known is data without values', () => {
  const apdu = encodeApdu('data-notification', {
    longInvokeIdAndPriority: 1,
    dateTime: new Uint8Array(0),
    notificationBody: { type: 'structure', value: [1, 2, 3].map((value) => ({ type: 'unsigned', value })) },
  });
  const read = decodePushCapture(apdu, unnamed);
  assert(read.ok);
  assert.deepEqual(read.value.values, []);
  assert(read.value.push);
});

test('the Kaifa list that names nothing is read by its table', { skip: skipVectors }, () => {
  const vector = vectors.find(({ id }) => id === 'amshan-kaifa-no-list-1');
  const read = decodePushCapture(fromHex(vector?.hex ?? ''), unnamed);
  assert(read.ok);
  assert.deepEqual(read.value.values, [{ obis: '1.0.1.7.0.255', value: 5852, scale: 0, unit: 'W' }]);
});

test('M-Bus segments are put together octet by octet, with noise before them', { skip: skipVectors }, () => {
  const whole = fromHex(vectors.find(({ id }) => id === 'esph-mbus-kmswest')?.hex ?? '');
  const apdu = whole.subarray(9, whole.length - 2);
  const frame = (segment: number, payload: Uint8Array) => {
    const body = Buffer.concat([Uint8Array.of(0x53, 0xff, segment, 1, 0x67), payload]);
    const sum = body.reduce((total, octet) => (total + octet) & 0xff, 0);
    const head = Uint8Array.of(0x68, body.length, body.length, 0x68);
    return new Uint8Array(Buffer.concat([head, body, Uint8Array.of(sum, 0x16)]));
  };
  const stream = Buffer.concat([
    fromHex('00686868'),
    frame(0, apdu.subarray(0, 40)),
    frame(1, apdu.subarray(40, 60)),
    frame(0x12, apdu.subarray(60)),
    whole,
  ]);
  const receiver = createMbusReceiver(1024);
  const received: Uint8Array[] = [];
  for (const octet of stream) received.push(...receiver.receive(Uint8Array.of(octet)).apdus);
  assert.deepEqual(received, [apdu, apdu]);
  assert(decodeMbusFrame(whole).ok);
  for (let at = 0; at < whole.length; at++) {
    const altered = whole.slice();
    altered[at] = (altered[at] as number) ^ 0x01;
    const decoded = decodeMbusFrame(altered);
    assert(!decoded.ok && decoded.error.code === 'dlms/bad-mbus-frame', `octet ${at}`);
    assert.equal(decodeMbusFrame(whole.subarray(0, at)).ok, false);
  }
  const missing = createMbusReceiver(1024).receive(frame(1, apdu));
  assert.deepEqual(
    missing.failures.map(({ code }) => code),
    ['dlms/bad-mbus-frame'],
  );
});

test('P1 telegrams are cut out of a stream in any cut, values exact with their units', {
  skip: skipVectors,
}, () => {
  const telegrams = captures.filter(({ id }) => id.startsWith('p1-')).map(({ hex }) => fromHex(hex));
  const stream = Buffer.concat([Buffer.from('noise'), ...telegrams]);
  const random = seededRandom('p1');
  const receiver = createP1Receiver();
  const found: string[] = [];
  for (let at = 0; at < stream.length; ) {
    const length = 1 + random.below(200);
    const { telegrams: whole, failures } = receiver.receive(stream.subarray(at, at + length));
    assert.deepEqual(failures, []);
    found.push(...whole.map(({ identification }) => identification));
    at += length;
  }
  assert.deepEqual(found, ['KFM5KAIFA-METER', 'ISk5\\2MT382-1000', 'ISk5\x02MIE5T-200']);
  const decoded = decodeP1(telegrams[0] as Uint8Array);
  assert(decoded.ok && decoded.value.isChecked);
  assert.deepEqual(
    decoded.value.values.filter(({ obis }) => obis === '1.0.1.8.1.255'),
    [{ obis: '1.0.1.8.1.255', value: 1581123, scale: -3, unit: 'kWh' }],
  );
  // A gas meter gives the time of its reading before it.
  assert.deepEqual(
    decoded.value.values.filter(({ obis }) => obis === '0.1.24.2.1.255'),
    [
      { obis: '0.1.24.2.1.255', value: '161129200000W', scale: 0, unit: undefined },
      { obis: '0.1.24.2.1.255', value: 981443, scale: -3, unit: 'm3' },
    ],
  );
});

test('a telegram altered, cut short or endless is refused by code', { skip: skipVectors }, () => {
  const telegram = fromHex(captures.find(({ id }) => id === 'p1-v5')?.hex ?? '');
  for (let at = 1; at < telegram.length - 6; at += 7) {
    const altered = telegram.slice();
    altered[at] = (altered[at] as number) ^ 0x01;
    const decoded = decodeP1(altered);
    assert(!decoded.ok && decoded.error.code === 'dlms/bad-telegram', `octet ${at}`);
  }
  assert.equal(decodeP1(telegram.subarray(0, 100)).ok, false);
  const { failures } = createP1Receiver(64).receive(new Uint8Array(65).fill(0x2f));
  assert.deepEqual(
    failures.map(({ code }) => code),
    ['dlms/bad-telegram'],
  );
});
