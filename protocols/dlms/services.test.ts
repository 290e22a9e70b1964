import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex } from '@wattline/base';
import { decodeApdu } from './apdu/apdu.ts';
import { encodeData } from './axdr.ts';
import type { AccessItem, AttributeValue, MethodCall } from './client.ts';
import { clientFor, converse, meterTitle, profile, testDevice } from './conversation.case.ts';
import type { Data } from './data.ts';
import { serveAccess } from './server-access.ts';
import type { Desk } from './server-desk.ts';
import { skipVectors, vectors } from './vectors.case.ts';

const energy = { classId: 3, obis: '1.0.1.8.0.255', attribute: 2 };
const serial = { classId: 1, obis: '0.0.96.1.0.255', attribute: 2 };
const calendar = { classId: 20, obis: '0.0.13.0.0.255', attribute: 9 };
const disconnector = { classId: 70, obis: '0.0.96.3.10.255', method: 1 };
const unknown = { classId: 1, obis: '9.9.9.9.9.9', attribute: 2 };
const five: Data = { type: 'unsigned', value: 5 };
const fiveEncoded = encodeData(five);

for (const clientSap of [16, 2]) {
  test(`SAP ${clientSap} writes a list of attributes, whole and in blocks, each with its own result`, () => {
    for (const [serverMaxPduSize, value] of [
      [1024, five],
      [160, profile],
    ] as const) {
      const device = testDevice();
      const conversation = converse(clientFor(clientSap), { device, serverMaxPduSize });
      conversation.ask({ kind: 'associate' });
      const items: AttributeValue[] = [
        { reference: calendar, value: five },
        { reference: energy, value: five },
        { reference: calendar, value },
      ];
      assert.deepEqual(conversation.ask({ kind: 'set-list', items }), {
        kind: 'set-list',
        results: ['success', 'read-write-denied', 'success'],
      });
      assert.deepEqual(device.written, [five, value]);
    }
  });

  test(`SAP ${clientSap} calls a list of methods, whole and in blocks both ways`, () => {
    for (const [serverMaxPduSize, parameter] of [
      [1024, five],
      [160, profile],
    ] as const) {
      const conversation = converse(clientFor(clientSap, { maxPduSize: 160 }), { serverMaxPduSize });
      conversation.ask({ kind: 'associate' });
      const items: MethodCall[] = [
        { reference: disconnector, parameter },
        { reference: { ...disconnector, obis: '9.9.9.9.9.9' }, parameter: five },
      ];
      assert.deepEqual(conversation.ask({ kind: 'action-list', items }), {
        kind: 'action-list',
        outcomes: [{ result: 'success', encoded: encodeData(parameter) }, { result: 'object-undefined' }],
      });
    }
  });

  test(`SAP ${clientSap} mixes GET, SET and ACTION in one ACCESS, also one too long for an APDU`, () => {
    const device = testDevice();
    const conversation = converse(clientFor(clientSap, { generalBlockWindow: 4, maxPduSize: 128 }), {
      device,
      serverMaxPduSize: 128,
    });
    conversation.ask({ kind: 'associate' });
    const items: AccessItem[] = [
      { kind: 'get', reference: energy },
      { kind: 'get', reference: unknown },
      { kind: 'set', reference: calendar, value: profile },
      { kind: 'action', reference: disconnector, parameter: profile },
      { kind: 'get', reference: { ...serial, access: { selector: 1, parameters: five } } },
    ];
    assert.deepEqual(conversation.ask({ kind: 'access', items }), {
      kind: 'access',
      results: [
        {
          kind: 'get',
          result: { ok: true, encoded: encodeData({ type: 'double-long-unsigned', value: 5009 }) },
        },
        { kind: 'get', result: { ok: false, result: 'object-undefined' } },
        { kind: 'set', result: 'success' },
        { kind: 'action', outcome: { result: 'success', encoded: encodeData(profile) } },
        {
          kind: 'get',
          result: { ok: true, encoded: encodeData({ type: 'octet-string', value: meterTitle }) },
        },
      ],
    });
    assert.deepEqual(device.written, [profile]);
  });
}

test('an ACCESS that breaks on error does nothing after the first failure', () => {
  const device = testDevice();
  const conversation = converse(clientFor(2), { device });
  conversation.ask({ kind: 'associate' });
  const items: AccessItem[] = [
    { kind: 'get', reference: unknown },
    { kind: 'set', reference: calendar, value: five },
  ];
  assert.deepEqual(conversation.ask({ kind: 'access', items, breakOnError: true }), {
    kind: 'access',
    results: [
      { kind: 'get', result: { ok: false, result: 'object-undefined' } },
      { kind: 'set', result: 'other-reason' },
    ],
  });
  assert.deepEqual(device.written, []);
});

test('the ACCESS of the Green Book (Annex C) is served part by part', { skip: skipVectors }, () => {
  const vector = vectors.find(({ id }) => id === 'gb-c2-access-request');
  const decoded = decodeApdu(fromHex(vector?.hex ?? ''));
  assert(decoded.ok && decoded.value.apdu === 'access-request');
  const asked: string[] = [];
  const desk: Pick<Desk, 'get' | 'set' | 'act'> = {
    get: ({ obis, attribute }) => {
      asked.push(`get ${obis} ${attribute}`);
      return { choice: 'data', value: fiveEncoded };
    },
    set: ({ obis, attribute }, value) => {
      asked.push(`set ${obis} ${attribute} ${value.type === 'array' ? value.value.length : value.type}`);
      return 'success';
    },
    act: () => ({ result: 'other-reason', returnParameters: undefined }),
  };
  const answer = decodeApdu(serveAccess(desk, decoded.value.value, 1000));
  assert(answer.ok && answer.value.apdu === 'access-response');
  assert.deepEqual(asked, [
    'get 0.0.96.1.0.255 2',
    'get 0.0.1.0.0.255 2',
    'set 0.0.13.0.0.255 7 4',
    'set 0.0.13.0.0.255 8 4',
  ]);
  assert.deepEqual(
    answer.value.value.accessResponseSpecification.map(({ choice, value }) => `${choice} ${value}`),
    [
      'access-response-get success',
      'access-response-get success',
      'access-response-set success',
      'access-response-set success',
    ],
  );
});

test('an ACCESS whose lists differ in length does nothing, and one too long to answer is refused', () => {
  const refuse = () => assert.fail('the device was asked');
  const desk: Pick<Desk, 'get' | 'set' | 'act'> = { get: refuse, set: refuse, act: refuse };
  const request = {
    longInvokeIdAndPriority: 0x40000001,
    dateTime: new Uint8Array(0),
    accessRequestSpecification: [{ choice: 'access-request-get', value: energy }],
    accessRequestListOfData: [],
  } as const;
  const answer = decodeApdu(serveAccess(desk, request, 1000));
  assert(answer.ok && answer.value.apdu === 'access-response');
  assert.deepEqual(answer.value.value.accessResponseSpecification, [
    { choice: 'access-response-get', value: 'other-reason' },
  ]);
  const exception = decodeApdu(serveAccess(desk, request, 8));
  assert(exception.ok && exception.value.apdu === 'exception-response');
});

test('a request longer than the server takes is refused before it is sent when blocks cannot carry it', () => {
  const conversation = converse(clientFor(2), { serverMaxPduSize: 128 });
  conversation.ask({ kind: 'associate' });
  const sent = conversation.wire.length;
  const items: AccessItem[] = [{ kind: 'set', reference: calendar, value: profile }];
  const outcome = conversation.ask({ kind: 'access', items });
  assert(outcome.kind === 'failure' && outcome.failure.code === 'dlms/request-not-allowed');
  assert.equal(conversation.wire.length, sent);
});
