/** The rehearsal of pushes runs through all of it, and nobody can tell afterwards. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { silentLog, virtualClock } from '@wattline/base';
import { openRegistry } from '@wattline/store/registry';
import { headendWith } from '../headend-fixture.ts';
import { defaultPolicy } from '../policy.ts';
import { createRegistryWriter } from '../registry/registry-writer.ts';
import { testMeter } from '../test-server.ts';
import { eventually, pushOf } from './push-fixture.ts';
import { createPushGate } from './push-gate.ts';
import type { ServingOptions } from './push-line.ts';
import { createQuota } from './quota.ts';
import { rehearsePushes } from './rehearsal.ts';
import { openInPlace, startSealThread } from './seal-opener.ts';

const startMs = Date.UTC(2025, 9, 1);
const clock = virtualClock(startMs + 86_400_000);
const never = (): never => assert.fail('a rehearsal asked for what counts');

async function optionsOver(context: { after(end: () => Promise<void>): void }, opener = openInPlace) {
  const registry = await openRegistry(':memory:');
  context.after(() => registry.destroy());
  const quota = createQuota(clock, 0);
  const options: ServingOptions = {
    address: { host: '127.0.0.1', port: 0 },
    fleet: { get: never, ofSystemTitle: never },
    keysOf: never,
    counterOf: never,
    counters: { sent: never, accepted: never, keepAccepted: never, acceptedOnDisk: never },
    systemTitle: new Uint8Array(8),
    writer: createRegistryWriter(registry),
    events: { report: never, reportAfter: never },
    ...{ clock, deadlines: clock, log: silentLog, policy: defaultPolicy, opener },
    ...{ gate: createPushGate(1), refusals: quota, pushes: quota },
    ...{ claim: never, onLine: never, onUnknown: never, onPush: never, onPowerRestore: never },
  };
  return options;
}

test('every push of a rehearsal is opened, judged and told, and touches nothing that counts', async (context) => {
  assert.equal(await rehearsePushes(await optionsOver(context), { rounds: 3 }), 192);
  const opener = startSealThread(silentLog);
  assert.equal(await opener.ready, true);
  assert.equal(await rehearsePushes(await optionsOver(context, opener), { rounds: 3 }), 192);
  await opener.close();
});

test('a rehearsal ends with the listener that holds it', async (context) => {
  const options = await optionsOver(context);
  assert.equal(await rehearsePushes(options, { rounds: 1_000, until: Promise.resolve() }), 64);
});

test('after the rehearsal the first push is the first event', async (context) => {
  const meter = testMeter(1, { clock, installedAtMs: startMs, zone: 'UTC' });
  const { headend, events, registry } = await headendWith(context, {
    ...{ clock, meters: [meter], policy: { sealThread: true } },
  });
  const socket = connect(headend.pushAddress.port, headend.pushAddress.host);
  await once(socket, 'connect');
  socket.end(pushOf(meter, clock));
  await eventually(events.reported, 1);
  await headend.close();
  assert.deepEqual(
    events.reported.map(({ serial, kind }) => [serial, kind]),
    [[meter.shipment.meter.serial, 'power-fail']],
  );
  assert.equal(headend.figures().pushesReceived, 1);
  const scopes = await registry.selectFrom('invocation_counter').select('scope').execute();
  assert.deepEqual(
    scopes.map(({ scope }) => scope),
    [`${meter.shipment.meter.serial}/push/accepted`],
  );
});
