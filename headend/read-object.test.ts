/** Reading one attribute by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { realClock, seededRandom, virtualClock } from '@wattline/base';
import { listenTcp, tcpDialer } from '@wattline/network';
import { likelyClasses } from './likely-classes.ts';
import { readObject } from './read-object.ts';
import { serveMeter, type TestMeter, testDialer, testMeter } from './test-server.ts';

const clock = virtualClock(Date.UTC(2025, 9, 1));
const random = seededRandom('read');
const publicClient = { clientSap: 16, serverSap: 1, mechanism: 'none', protection: 'none' } as const;

function optionsFor(meter: TestMeter) {
  return { dialer: testDialer([meter], clock), address: { host: 'memory', port: 1 }, clock, random };
}

function readerClient(meter: TestMeter, counterStart = 1) {
  let next = counterStart;
  return {
    clientSap: 2,
    serverSap: 1,
    mechanism: 'gmac',
    protection: 'ae',
    systemTitle: Buffer.from('WTLCLI01'),
    keys: meter.keys,
    counter: { next: () => next++ },
  } as const;
}

test('the public client reads the serial number without naming its class', async () => {
  const meter = testMeter(1, { clock, installedAtMs: 0 });
  const read = await readObject({ ...optionsFor(meter), client: publicClient, obis: '0-0:96.1.0*255' });
  assert.deepEqual([read.classId, read.obis, read.attribute], [1, '0.0.96.1.0.255', 2]);
  assert.equal(read.data.type, 'octet-string');
  assert.equal(read.data.type === 'octet-string' && Buffer.from(read.data.value).toString(), 'WTL000001');
  assert.ok(read.octetsSent > 0 && read.octetsReceived > 0);
});

test('the reader with its keys reads capture_objects over TCP', async (context) => {
  const meter = testMeter(1, { clock, installedAtMs: 0 });
  const listener = await listenTcp({ host: '127.0.0.1', port: 0 }, (link) => serveMeter(meter, link, clock));
  context.after(() => listener.close());
  const read = await readObject({
    dialer: tcpDialer,
    address: listener.address,
    client: readerClient(meter),
    obis: '1.0.99.1.0.255',
    attribute: 3,
    clock: realClock(),
    random,
  });
  assert.equal(read.classId, 7);
  assert.equal(read.data.type === 'array' && read.data.value.length, 4);
  assert.deepEqual(Buffer.from(read.serverSystemTitle ?? []), Buffer.from(meter.systemTitle));
});

test('an object that no likely class has is said to be nowhere', async () => {
  const meter = testMeter(1, { clock, installedAtMs: 0 });
  const reading = readObject({ ...optionsFor(meter), client: publicClient, obis: '1.0.77.7.0.255' });
  await assert.rejects(reading, { code: 'headend/object-not-found' });
});

test('a class given is the only one tried', async () => {
  const meter = testMeter(1, { clock, installedAtMs: 0 });
  const reading = readObject({
    ...optionsFor(meter),
    client: publicClient,
    obis: '0.0.96.1.0.255',
    classId: 3,
  });
  await assert.rejects(reading, { code: 'headend/attribute-refused' });
});

test('wrong keys, an unknown client, nobody there, silence and no OBIS code are told apart', async () => {
  const meter = testMeter(1, { clock, installedAtMs: 0 });
  const other = testMeter(2, { clock, installedAtMs: 0 });
  const obis = '0.0.96.1.0.255';
  const reads: readonly (readonly [Promise<unknown>, RegExp])[] = [
    [readObject({ ...optionsFor(meter), client: readerClient(other), obis }), /^dlms\//],
    [
      readObject({ ...optionsFor(meter), client: { ...publicClient, clientSap: 99 }, obis }),
      /^(dlms|headend)\//,
    ],
    [
      readObject({ ...optionsFor({ ...meter, isUnreachable: true }), client: publicClient, obis }),
      /^network\/unreachable$/,
    ],
    [
      readObject({ ...optionsFor({ ...meter, isSilent: true }), client: publicClient, obis }),
      /^headend\/timeout$/,
    ],
    [readObject({ ...optionsFor(meter), client: publicClient, obis: '1.2.x' }), /^dlms\/bad-obis$/],
  ];
  const codes = Promise.all(
    reads.map(([read]) =>
      read.then(
        () => 'read',
        (error: { code?: string }) => error.code ?? 'none',
      ),
    ),
  );
  await clock.advance(60_000);
  for (const [i, code] of (await codes).entries()) assert.match(code, reads[i]?.[1] as RegExp);
});

test('the likely class of a code comes first', () => {
  const first = {
    '1.0.1.8.0.255': 3,
    '0.0.1.0.0.255': 8,
    '1.0.99.1.0.255': 7,
    '0.0.99.98.0.255': 7,
    '0.0.42.0.0.255': 1,
    '0.0.40.0.0.255': 15,
    '0.0.96.3.10.255': 70,
    '0.0.13.0.0.255': 20,
    '1.0.1.6.0.255': 4,
    '7.0.3.0.0.255': 3,
  };
  for (const [obis, classId] of Object.entries(first)) assert.equal(likelyClasses(obis)[0], classId, obis);
});
