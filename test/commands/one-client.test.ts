/** A make whose one client reads and switches alike, over TCP: the head-end collects it through the signer, and holds nothing that could switch it. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { toHex } from '@wattline/base';
import { tcpDialer } from '@wattline/network';
import { encodeApdu } from '@wattline/protocols/dlms';
import { stepMs, supply } from '../../bench/headend/bench-meter.ts';
import { type Office, openOffice } from './office.ts';

const dayMs = 86_400_000;
const twoDaysAgo = () => Math.floor(Date.now() / dayMs) * dayMs - 2 * dayMs;

async function openShop(t: Parameters<typeof openOffice>[0], count = 1): Promise<Office> {
  const office = await openOffice(t, { count, hasOneClient: true, spec: { startMs: twoDaysAgo() } });
  const { clock } = office;
  for (const [i, meter] of office.meters.entries())
    supply(meter, i, Math.floor(clock.now() / stepMs) * stepMs);
  return office;
}

test('its load profile, midnight registers and clock are collected through the signer, interval by interval', async (t) => {
  const office = await openShop(t, 2);
  for (const [i, serial] of office.serials.entries()) {
    const outcome = await office.headend.collect(serial);
    assert.deepEqual([outcome.outcome, outcome.message], ['answer', null]);
    assert.ok(outcome.readings >= 2 * 2 * 96, `${outcome.readings} readings`);
    const blocks = office.taken[i]?.blocks ?? [];
    const delivered = blocks.filter(({ channel }) => channel.endsWith('/delivered'));
    // What the meter counted: 100 to 999 Wh in a quarter-hour, by its number and the time.
    for (const { startMs, value } of delivered) {
      value.forEach((wh, at) => {
        const quarter = startMs / stepMs + at;
        assert.equal(Number(wh), 100 + ((i + quarter) % 900));
      });
    }
    assert.ok(blocks.some(({ channel }) => channel.endsWith('/delivered-total')));
  }
  const journal = await office.registry.selectFrom('exchange').selectAll().execute();
  assert.deepEqual([...new Set(journal.map(({ outcome }) => outcome))], ['answer']);
});

test('no file of the head-end holds its keys, and whoever owns the head-end can have nothing sealed but questions', async (t) => {
  const office = await openShop(t);
  const [meter] = office.meters;
  const [serial = ''] = office.serials;
  assert.ok(meter);
  assert.equal((await office.headend.collect(serial)).outcome, 'answer');
  const secrets = Object.values(meter.spec.keys).flatMap(({ ek, ak }) => [ek, ak]);
  const files = readdirSync(office.directory, { withFileTypes: true }).filter((one) => one.isFile());
  const held = files.filter(({ name }) => !name.startsWith('shipment'));
  assert.ok(held.length >= 2, 'the registry and the key file');
  for (const { name } of held) {
    const octets = readFileSync(join(office.directory, name));
    for (const key of secrets) {
      assert.ok(!octets.includes(key) && !octets.includes(toHex(key)), `${name} holds a key`);
    }
  }
  assert.deepEqual(await office.registry.selectFrom('meter_key').selectAll().execute(), []);

  // The host asks as freely as it likes, within a session that the meter has opened.
  const opened = await associate(office, serial);
  const switchOff = encodeApdu('action-request', {
    choice: 'action-request-normal',
    value: {
      invokeIdAndPriority: 0xc1,
      methodDescriptor: { classId: 70, obis: '0.0.96.3.10.255', method: 1 },
      methodInvocationParameters: { type: 'integer', value: 0 },
    },
  });
  const limit = encodeApdu('set-request', {
    choice: 'set-request-normal',
    value: {
      invokeIdAndPriority: 0xc1,
      attributeDescriptor: { classId: 71, obis: '0.0.17.0.0.255', attribute: 4 },
      value: { type: 'double-long-unsigned', value: 0 },
    },
  });
  for (const apdu of [switchOff, limit]) {
    const reply = await opened.ask(apdu);
    assert.equal(reply.kind === 'refused' && reply.code, 'signer/not-a-read');
  }
  assert.equal(meter.isConnected, true);
});

test('it is switched by what people signed alone; while another has its session it waits; without a signer it is not read', async (t) => {
  const office = await openShop(t);
  const [serial = ''] = office.serials;
  assert.equal((await office.headend.collect(serial)).outcome, 'answer');
  const [off] = await office.carryOut(office.batch({ command: 'disconnect' }));
  assert.deepEqual([off?.state, off?.result], ['done', 'disconnected']);
  const { close } = await associate(office, serial);
  const meanwhile = await office.headend.collect(serial);
  assert.deepEqual([meanwhile.outcome, meanwhile.code], ['failure', 'signer/busy']);
  await close();
  assert.equal((await office.headend.collect(serial)).outcome, 'answer');
  await office.signer.close();
  const outcome = await office.headend.collect(serial);
  assert.deepEqual([outcome.outcome, outcome.code], ['failure', 'signer/channel-closed']);
});

test('its last gasp and its first breath become events, opened by the signer; what was heard once is refused, and a stranger’s seal too', async (t) => {
  const pushed: Uint8Array[] = [];
  const office = await openOffice(t, {
    count: 2,
    hasOneClient: true,
    spec: { startMs: twoDaysAgo(), pushesAs: 'management' },
    environment: () => ({ send: (octets) => void pushed.push(octets) }),
  });
  const [meter, stranger] = office.meters;
  const [serial = ''] = office.serials;
  assert.ok(meter && stranger);
  const { port } = office.headend.pushAddress;
  const deliver = async (...parts: readonly Uint8Array[]) => {
    const before = office.told.length;
    const link = await tcpDialer.dial({ host: '127.0.0.1', port }, 2_000);
    for (const octets of parts) link.send(octets);
    while (office.told.length < before + parts.length) await new Promise((resolve) => setImmediate(resolve));
    link.close();
  };
  const kinds = () => office.told.map((event) => [event.kind, event.serial, event.code]);
  meter.powerDown();
  const [gasp] = pushed.splice(0);
  assert.ok(gasp);
  await deliver(gasp);
  meter.powerUp(meter.countedToMs + 90_000);
  const [breath] = pushed.splice(0);
  assert.ok(breath);
  await deliver(breath);
  assert.deepEqual(kinds().slice(0, 2), [
    ['power-fail', serial, undefined],
    ['power-restore', serial, undefined],
  ]);
  const after = office.told.length;
  await deliver(gasp);
  // The other meter's gasp under this one's name: its title stands in the clear.
  stranger.powerDown();
  const forged = (pushed.shift() as Uint8Array).slice();
  forged.set(meter.systemTitle, 10);
  await deliver(forged);
  assert.deepEqual(
    kinds()
      .slice(after)
      .filter(([kind]) => kind !== 'meter-collected'),
    [
      ['frame-replayed', serial, 'dlms/counter-replayed'],
      ['authentication-failed', serial, 'dlms/decryption-failed'],
    ],
  );
  assert.equal(office.headend.figures().pushesReceived, 2);
});

/** A reading session at the signer, opened by hand over a link of its own. */
async function associate(office: Office, serial: string) {
  const port = office.served[0]?.address.port ?? 0;
  const link = await tcpDialer.dial({ host: '127.0.0.1', port }, 2_000);
  const inbox: Uint8Array[] = [];
  let wake = () => {};
  link.receive((octets) => {
    inbox.push(octets);
    wake();
  });
  let reply = await office.signer.ask({ kind: 'open-read', serial });
  while (reply.kind === 'session' && !reply.answers) {
    for (const text of reply.send) link.send(new Uint8Array(Buffer.from(text, 'base64')));
    while (inbox.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    const octets = Buffer.from(inbox.shift() as Uint8Array).toString('base64');
    reply = await office.signer.ask({ kind: 'octets', session: reply.session, octets });
  }
  assert.ok(reply.kind === 'session', JSON.stringify(reply));
  const { session } = reply;
  return {
    ask: (apdu: Uint8Array) =>
      office.signer.ask({ kind: 'ask', session, apdu: Buffer.from(apdu).toString('base64') }),
    async close() {
      await office.signer.ask({ kind: 'close', session });
      link.close();
    },
  };
}
