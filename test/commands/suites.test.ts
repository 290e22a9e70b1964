/** Meters of security suites 1 and 2 over TCP: collected, heard, commanded, their keys changed; suite 2 with keys of 32 octets throughout. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex } from '@wattline/base';
import { tcpDialer } from '@wattline/network';
import { type Office, openOffice } from './office.ts';

/** The keys that a meter holds now, by its own memory. */
function heldBy(office: Office): Record<string, Uint8Array | undefined> {
  const [serial] = office.serials;
  const names = ['reader/ek', 'reader/ak', 'management/ek', 'management/ak', 'master'];
  const held = (name: string) => office.memories[0]?.read(`${serial}/security/key/${name}`);
  return Object.fromEntries(names.map((name) => [name, fromHex(held(name) ?? '')]));
}

for (const [suite, octets] of [
  [1, 16],
  [2, 32],
] as const) {
  test(`a meter of suite ${suite}: read, heard, switched, its five keys changed by key wrap, and all of it again`, async (t) => {
    const pushed: Uint8Array[] = [];
    const office = await openOffice(t, {
      ...{ count: 1, suite },
      spec: { pushDestination: 'head-end' },
      environment: () => ({ send: (push) => void pushed.push(push) }),
    });
    const [serial = ''] = office.serials;
    const [meter] = office.meters;
    assert.ok(meter);
    const all = async (round: string) => {
      const read = await office.headend.collect(serial);
      assert.deepEqual([read.outcome, read.message], ['answer', null], round);
      for (const [command, result] of [
        ['disconnect', 'disconnected'],
        ['reconnect', 'connected'],
      ] as const) {
        const [job] = await office.carryOut(office.batch({ command, key: `${round} ${command}` }));
        assert.deepEqual([job?.state, job?.result], ['done', result], round);
      }
      const heardBefore = office.headend.figures().pushesReceived;
      meter.powerDown();
      meter.powerUp(office.clock.now());
      await push(office, pushed.splice(0));
      const { pushesReceived, pushesRefused } = office.headend.figures();
      assert.ok(pushesReceived > heardBefore && pushesRefused === 0, `${round}: ${pushesReceived} pushes`);
    };
    await all('as shipped');
    const of = ['reader', 'management', 'master'] as const;
    const [change] = await office.carryOut(office.batch({ command: 'key-change', parameters: { of } }));
    assert.deepEqual(
      [change?.state, change?.result],
      ['done', 'reader, management, master keys changed and proved'],
    );
    for (const [name, key] of Object.entries(heldBy(office))) assert.equal(key?.length, octets, name);
    await all('with new keys');
  });
}

/** What the meter pushed, sent to the head-end over a link of its own; resolves when the head-end has judged all of it. */
async function push(office: Office, octets: readonly Uint8Array[]): Promise<void> {
  const { pushesReceived, pushesRefused } = office.headend.figures();
  const link = await tcpDialer.dial(office.headend.pushAddress, 2_000);
  for (const one of octets) link.send(one);
  const judged = () => {
    const now = office.headend.figures();
    return now.pushesReceived + now.pushesRefused - pushesReceived - pushesRefused;
  };
  while (judged() < octets.length) await new Promise((resolve) => setImmediate(resolve));
  link.close();
}
