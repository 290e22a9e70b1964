/** What meters tell of their make-up: read as the standard lets it be written, kept with the instants between which it held. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError, virtualClock } from '@wattline/base';
import { type AttributeDescriptor, type Data, encodeData } from '@wattline/protocols/dlms';
import { headendWith } from '../headend-fixture.ts';
import type { Session } from '../session/session.ts';
import { testMeter } from '../test-server.ts';
import { readMakeUp } from './associations.ts';
import type { MakeUp } from './make-up.ts';
import { keepFirmware, keepMakeUp } from './make-up-rows.ts';

const startMs = Date.UTC(2025, 9, 1);
const hourMs = 3_600_000;

const octets = (...value: number[]): Data => ({ type: 'octet-string', value: Uint8Array.from(value) });
const structure = (...value: Data[]): Data => ({ type: 'structure', value });
const unsigned = (value: number): Data => ({ type: 'unsigned', value });
const partners = (client: number, server: number) =>
  structure({ type: 'integer', value: client }, { type: 'long-unsigned', value: server });
/** 2.16.756.5.8.2.x as octets, and as the structure of its arcs that older meters write. */
const mechanism = (id: number) => octets(0x60, 0x85, 0x74, 5, 8, 2, id);
const arcs = (kind: number, id: number) =>
  structure(
    ...[2, 16].map(unsigned),
    { type: 'long-unsigned', value: 756 },
    ...[5, 8, kind, id].map(unsigned),
  );

/** A session with a meter of these attributes, by `<class>/<logical name>/<attribute>`; it refuses the rest. */
function sessionWith(attributes: Readonly<Record<string, Data>>): Session {
  const getMany = async (references: readonly AttributeDescriptor[]) =>
    references.map(({ classId, obis, attribute }) => {
      const data = attributes[`${classId}/${obis}/${attribute}`];
      return data ? encodeData(data) : new CodedError('headend/attribute-refused', 'read-write-denied');
    });
  return { getMany } as unknown as Session;
}

const current = '15/0.0.40.0.0.255';

test('associations, logical devices and firmware are read, and what a meter refuses to tell is unknown', async () => {
  const session = sessionWith({
    '17/0.0.41.0.0.255/2': {
      type: 'array',
      value: [
        structure({ type: 'long-unsigned', value: 1 }, octets(...Buffer.from('WTL0000000000001'))),
        structure({ type: 'long-unsigned', value: 17 }, octets(1, 2, 0xff)),
      ],
    },
    '1/1.0.0.2.0.255/2': octets(...Buffer.from('3.1.4')),
    '15/0.0.40.0.1.255/3': partners(1, 1),
    '15/0.0.40.0.1.255/4': octets(0x60, 0x85, 0x74, 5, 8, 1, 3),
    '15/0.0.40.0.1.255/6': mechanism(5),
    '15/0.0.40.0.2.255/3': partners(16, 1),
    '15/0.0.40.0.2.255/4': arcs(1, 1),
    '15/0.0.40.0.2.255/6': arcs(2, 0),
    '15/0.0.40.0.3.255/3': partners(2, 1),
    [`${current}/3`]: partners(2, 1),
    [`${current}/6`]: mechanism(5),
  });
  const names = ['0.0.40.0.1', '0.0.40.0.2', '0.0.40.0.3', '0.0.40.0.4'].map((name) => `15/${name}.255`);
  const objects = [current, ...names, '17/0.0.41.0.0.255', '1/1.0.0.2.0.255'];
  const { logicalDevices, associations, firmware } = await readMakeUp(session, objects);
  assert.deepEqual(logicalDevices, [
    { sap: 1, name: 'WTL0000000000001' },
    { sap: 17, name: '0102ff' },
  ]);
  assert.equal(firmware, '3.1.4');
  assert.deepEqual(
    associations.map((row) => [row.obis, row.clientSap, row.context, row.mechanism, row.objects]),
    [
      ['0.0.40.0.1.255', 1, 'ln-ciphering', 'gmac', null],
      ['0.0.40.0.2.255', 16, 'ln', 'none', null],
      ['0.0.40.0.3.255', 2, 'unknown', 'unknown', objects.length],
    ],
  );
});

test('an association that stands nowhere but as the current one is told of too, and a meter without lists tells nothing', async () => {
  const session = sessionWith({ [`${current}/3`]: partners(-112, 1), [`${current}/6`]: mechanism(1) });
  const { associations, logicalDevices, firmware } = await readMakeUp(session, [current]);
  assert.deepEqual(associations, [
    {
      ...{ obis: '0.0.40.0.0.255', clientSap: 144, serverSap: 1 },
      ...{ context: 'unknown', mechanism: 'lls', objects: 1 },
    },
  ]);
  assert.deepEqual([logicalDevices, firmware], [[], null]);
  assert.deepEqual(await readMakeUp(sessionWith({}), [current]), {
    ...{ logicalDevices: [], associations: [], firmware: null },
  });
});

test('what a meter is made of holds from when it was told until it is told otherwise', async (context) => {
  const clock = virtualClock(startMs);
  const meter = testMeter(1, { clock, installedAtMs: startMs });
  const { registry } = await headendWith(context, { clock, meters: [meter] });
  const { serial } = meter.shipment.meter;
  const reader = { obis: '0.0.40.0.2.255', clientSap: 2, serverSap: 1, context: 'ln-ciphering' };
  const makeUp: MakeUp = {
    logicalDevices: [{ sap: 1, name: 'WTL1' }],
    associations: [{ ...reader, mechanism: 'lls', objects: 40 }],
    firmware: '1.0',
  };
  const tell = (told: MakeUp, nowMs: number) => keepMakeUp(registry, serial, { makeUp: told, nowMs });
  await tell(makeUp, startMs);
  await tell(makeUp, startMs + hourMs);
  const stronger = { ...makeUp, associations: [{ ...reader, mechanism: 'gmac', objects: 40 }] };
  await tell(stronger, startMs + 2 * hourMs);
  await tell({ logicalDevices: [], associations: [], firmware: null }, startMs + 3 * hourMs);
  const rows = await registry.selectFrom('association').selectAll().orderBy('from_ms').execute();
  assert.deepEqual(
    rows.map((row) => [row.mechanism, row.from_ms - startMs, row.until_ms && row.until_ms - startMs]),
    [
      ['lls', 0, 2 * hourMs],
      ['gmac', 2 * hourMs, null],
    ],
  );
  const devices = await registry.selectFrom('logical_device').selectAll().execute();
  assert.deepEqual({ ...devices[0] }, { serial, sap: 1, from_ms: startMs, name: 'WTL1', until_ms: null });
  assert.equal(devices.length, 1);

  await keepFirmware(registry, { serial, version: '1.0', told_by: 'meter', from_ms: startMs + 4 * hourMs });
  await keepFirmware(registry, {
    serial,
    version: '1.1',
    told_by: 'campaign',
    from_ms: startMs + 5 * hourMs,
  });
  const versions = await registry.selectFrom('firmware_history').selectAll().orderBy('from_ms').execute();
  assert.deepEqual(
    versions.map(({ version, told_by, from_ms }) => [version, told_by, from_ms - startMs]),
    [
      ['1.0', 'meter', 0],
      ['1.1', 'campaign', 5 * hourMs],
    ],
  );
  const now = await registry.selectFrom('meter').select('firmware').executeTakeFirst();
  assert.equal(now?.firmware, '1.1');
});

test('keys hold since the installation they came with, and others since the shipment that brought them', async (context) => {
  const clock = virtualClock(startMs + hourMs);
  const meter = testMeter(1, { clock, installedAtMs: startMs });
  const { headend, registry } = await headendWith(context, { clock, meters: [meter] });
  const { keys } = testMeter(2, { clock, installedAtMs: startMs }).shipment;
  await clock.advance(hourMs);
  await headend.provision(JSON.stringify([meter.shipment]), 'json');
  await headend.provision(JSON.stringify([{ ...meter.shipment, keys }]), 'json');
  const rows = await registry.selectFrom('key_history').selectAll().orderBy('from_ms').execute();
  assert.deepEqual(
    rows.map(({ client, told_by, from_ms }) => [client, told_by, from_ms - startMs]),
    [
      ['reader', 'shipment', 0],
      ['reader', 'shipment', 2 * hourMs],
    ],
  );
});
