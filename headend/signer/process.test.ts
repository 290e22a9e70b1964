/** The signer as a process of its own: its channel bounded, its keys never on it, its memory on disk through kill -9. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { realClock, toHex } from '@wattline/base';
import { temporaryDirectory } from '../headend-fixture.ts';
import { openKeyVault } from '../keys/key-vault.ts';
import { enrolMeter, readEnrolment } from './enrolment.ts';
import { signerErrors } from './errors.ts';
import { createFrameCutter, encodeFrame, messageMax } from './frames.ts';
import { serveSigner } from './serve-signer.ts';
import type { Signer } from './signer.ts';
import { carrySession, openSignerChannel } from './signer-channel.ts';
import { approvals, installation, openStreet, type Street, testBatch, testPerson } from './signer-fixture.ts';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));

/** A directory that a signer process can be started on, with one meter of the street enrolled. */
function signerDirectory(directory: string, street: Street, operator: ReturnType<typeof testPerson>): void {
  const vault = openKeyVault(join(directory, 'keys.bin'));
  const [meter] = street.meters;
  if (!meter) throw new Error('a street without meters');
  const place = {
    tenant: 'T',
    substation: 'S',
    feeder: 'F',
    transformer: 'X',
    loadW: 1,
    isLifeSupport: false,
  };
  const row = { serial: meter.serial, ...place, systemTitle: toHex(meter.systemTitle) };
  const file = { installation, people: [operator.person], meters: [enrolMeter(row, meter.keys, vault)] };
  writeFileSync(join(directory, 'enrolment.json'), JSON.stringify(file));
}

/** It does not outlive the test, whatever fails in it. */
function startSigner(
  t: TestContext,
  directory: string,
): { readonly child: ChildProcess; readonly said: Buffer[] } {
  const child = spawn(process.execPath, [main, directory], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => void child.kill('SIGKILL'));
  const said: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => said.push(chunk));
  return { child, said };
}

test('a process of its own reconnects a home; no octet of a key crosses its channel, and kill -9 loses nothing', async (t) => {
  const clock = realClock();
  const street = await openStreet(t, { clock, count: 1 });
  const operator = testPerson('olga', ['operator']);
  const directory = temporaryDirectory(t);
  signerDirectory(directory, street, operator);
  const [meter] = street.meters;
  assert.ok(meter);
  meter.isConnected = false;
  const batch = testBatch([meter.serial], clock.now(), { command: 'reconnect' });
  const hash = street.hashOf(batch);

  const first = startSigner(t, directory);
  const ask = openSignerChannel(first.child.stdout as Readable, first.child.stdin!);
  const filed = await ask({ kind: 'file', batch, approvals: approvals(batch, clock.now(), operator) });
  assert.equal(filed.kind === 'decision' && filed.isAllowed, true);
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');
  await assert.rejects(ask({ kind: 'status' }), { code: 'signer/channel-closed' });

  const second = startSigner(t, directory);
  const askAgain = openSignerChannel(second.child.stdout as Readable, second.child.stdin!);
  const end = await carrySession({
    ask: askAgain,
    dialer: street.dialer,
    address: { host: 'memory', port: meter.port },
    clock,
    hash,
    serial: meter.serial,
    dialTimeoutMs: 5_000,
    requestTimeoutMs: 5_000,
  });
  assert.deepEqual(end, { kind: 'ended', isDone: true, result: 'connected' });
  assert.equal(meter.isConnected, true);
  // Who asks again is told how it ended; no session is opened for it.
  const again = await askAgain({ kind: 'open', hash, serial: meter.serial });
  assert.deepEqual(again, { kind: 'session', session: '', send: [], end });
  second.child.stdin?.end();
  await once(second.child, 'exit');

  const heard = Buffer.concat([...first.said, ...second.said]).toString('latin1');
  const decoded = [...heard.matchAll(/"([A-Za-z0-9+/]{8,}={0,2})"/g)].map((match) =>
    Buffer.from(match[1] as string, 'base64').toString('latin1'),
  );
  for (const key of [meter.keys.ek, meter.keys.ak]) {
    const octets = Buffer.from(key).toString('latin1');
    for (const form of [octets, toHex(key), toHex(key).toLowerCase(), Buffer.from(key).toString('base64')]) {
      assert.ok(!heard.includes(form) && !decoded.some((text) => text.includes(form)));
    }
  }
});

describe('the channel', () => {
  test('messages come whole whatever the cuts; one that is too long or no JSON ends the stream', () => {
    const frames = Buffer.concat([encodeFrame({ a: 1 }), encodeFrame(['é'])]);
    for (let cut = 0; cut <= frames.length; cut++) {
      const cutter = createFrameCutter();
      const messages = [...cutter.push(frames.subarray(0, cut)), ...cutter.push(frames.subarray(cut))];
      assert.deepEqual(messages, [{ a: 1 }, ['é']]);
    }
    const long = new Uint8Array(4);
    new DataView(long.buffer).setUint32(0, messageMax + 1);
    assert.throws(() => createFrameCutter().push(long), { code: 'signer/message-too-long' });
    assert.throws(() => encodeFrame('x'.repeat(messageMax)), { code: 'signer/message-too-long' });
    const noJson = Uint8Array.of(0, 0, 0, 1, 0x7b);
    assert.throws(() => createFrameCutter().push(noJson), { code: 'signer/message-malformed' });
  });

  test('a signer that fails at a message answers so and goes on with the next', async () => {
    let calls = 0;
    const signer = {
      async handle() {
        if (calls++ === 0) throw new Error('the disk is full');
        return { kind: 'done', id: null };
      },
    } as unknown as Signer;
    const [input, output] = [new PassThrough(), new PassThrough()];
    const served = serveSigner(signer, input, output);
    const ask = openSignerChannel(output, input);
    assert.equal((await ask({ kind: 'status' })).kind, 'refused');
    assert.equal((await ask({ kind: 'status' })).kind, 'done');
    input.end();
    await served;
  });
});

describe('enrolment', () => {
  const { person } = testPerson('p', ['operator']);
  const meter = {
    serial: 'M',
    tenant: 'T',
    substation: 'S',
    feeder: 'F',
    transformer: 'X',
    loadW: 1,
    isLifeSupport: false,
    systemTitle: '57544C0000000001',
    sealed: 'x',
  };
  const file = { installation: 'i', people: [person], meters: [meter], settings: { batchMeters: 5 } };
  test('is read with the settings it changes', () => {
    assert.equal(readEnrolment(JSON.stringify(file)).settings.batchMeters, 5);
  });
  const bad: Readonly<Record<string, unknown>> = {
    'no JSON': '{',
    'a person without a key': { ...file, people: [{ ...person, publicKey: 'AAAA' }] },
    'a person twice': { ...file, people: [person, person] },
    'a role nobody has': { ...file, people: [{ ...person, roles: ['root'] }] },
    'a meter twice': { ...file, meters: [meter, meter] },
    'a meter without load': { ...file, meters: [{ ...meter, loadW: undefined }] },
    'a setting that is none': { ...file, settings: { batchMetres: 5 } },
    'a limit over more than a day': {
      ...file,
      settings: { limits: [{ scope: 'fleet', windowMs: 86_400_001, meters: 1, watts: 1 }] },
    },
    'limits that are none': { ...file, settings: { limits: [] } },
    'a count below zero': { ...file, settings: { batchPeople: -1 } },
    'no installation': { ...file, installation: '' },
  };
  for (const [name, value] of Object.entries(bad)) {
    test(`with ${name} is refused`, () => {
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      assert.throws(() => readEnrolment(text), { code: 'signer/enrolment-invalid' });
    });
  }
});

test('every code of the signer is used, and every code used is in the table', () => {
  const folder = fileURLToPath(new URL('.', import.meta.url));
  const sources = readdirSync(folder).filter((name) => !/test|errors\.ts|fixture/.test(name));
  const used = sources.flatMap(
    (name) => readFileSync(folder + name, 'utf8').match(/(?<=')signer\/[a-z-]+(?=')/g) ?? [],
  );
  assert.deepEqual([...new Set(used)].sort(), Object.keys(signerErrors).sort());
});
