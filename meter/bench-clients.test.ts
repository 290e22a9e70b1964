/** The clients for the bench. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Mechanism } from '@wattline/protocols/dlms';
import { withBenchClients } from './bench-clients.ts';
import { volatileMemory } from './memory/non-volatile.ts';
import { testMeter } from './meter-fixture.ts';
import { companionProfiles } from './profiles/companion-profiles.ts';

const all: readonly Mechanism[] = ['none', 'lls', 'hls2', 'md5', 'sha1', 'gmac', 'sha256', 'ecdsa'];

function benchOf(mechanisms: readonly Mechanism[], seed = '1', profile = 'demo') {
  const { meter } = testMeter({ profile });
  const [rightsOf] = meter.clients.filter(({ role }) => role === 'reader');
  assert(rightsOf);
  const memory = volatileMemory();
  return {
    meter,
    ...withBenchClients(meter.device, { seed, serial: meter.spec.serial, memory, mechanisms, rightsOf }),
  };
}

test('no companion profile has a client at the SAP of a bench client, and no SAP is taken twice', () => {
  for (const profile of Object.keys(companionProfiles)) {
    const { meter, clients } = benchOf(all, '1', profile);
    const saps = [...meter.clients, ...clients].map(({ clientSap }) => clientSap);
    assert.equal(new Set(saps).size, saps.length, profile);
    assert.ok(
      saps.every((sap) => sap < 128),
      'a client address of HDLC has seven bits',
    );
  }
});

test('a meter has the mechanisms that were asked for and no other: none unless asked', () => {
  assert.deepEqual(benchOf([]).clients, []);
  assert.deepEqual(
    benchOf(['md5', 'ecdsa']).clients.map(({ name }) => name),
    ['bench-md5-none', 'bench-ecdsa-none-1', 'bench-ecdsa-ae-1', 'bench-ecdsa-ae-2'],
  );
  const { device, meter } = benchOf(['md5']);
  assert.equal(device.policy(105), undefined);
  assert.equal(device.policy(2), meter.device.policy(2));
});

test('keys, secrets and signing pairs are functions of the seed and differ from client to client', () => {
  const secretsOf = (seed: string) =>
    benchOf(all, seed).clients.map(({ keys, secret, signing }) =>
      [keys?.ek, keys?.ak, secret, signing?.own.privateKey].map((octets) =>
        octets ? Buffer.from(octets).toString('hex') : '',
      ),
    );
  assert.deepEqual(secretsOf('1'), secretsOf('1'));
  const given = [...secretsOf('1'), ...secretsOf('2')].flat().filter((hex) => hex !== '');
  assert.equal(new Set(given).size, given.length);
});

test('a bench client reads what the reader reads, and may change nothing', () => {
  const { device, clients } = benchOf(['lls']);
  const [lls] = clients;
  assert(lls);
  const energy = { classId: 3, obis: '1.0.1.8.0.255', attribute: 2 };
  assert.equal(device.get(energy, lls).ok, true);
  assert.equal(
    device.set({ classId: 8, obis: '0.0.1.0.0.255', attribute: 3 }, { type: 'long', value: 60 }, lls),
    'read-write-denied',
  );
  const disconnect = { classId: 70, obis: '0.0.96.3.10.255', method: 1 };
  assert.notEqual(device.action(disconnect, { type: 'integer', value: 0 }, lls).result, 'success');
  assert.ok((device.shortNames?.(lls) ?? []).some(({ obis }) => obis === '1.0.1.8.0.255'));
});
