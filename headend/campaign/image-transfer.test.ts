/** Image transfer over real APDUs with a meter that keeps class 18 as the Blue Book has it, and forgets what the test wants. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@wattline/base';
import {
  type ActionOutcome,
  type ClientOutcome,
  createClientConnection,
  createServerConnection,
  type Data,
  encodeData,
  type LogicalDevice,
} from '@wattline/protocols/dlms';
import { type ImageProgress, type ImageTask, transferImage } from './image-transfer.ts';

const keys = { suite: 0 as const, ek: seededRandom('ek').bytes(16), ak: seededRandom('ak').bytes(16) };
let lastNumber = 0;
const counter = { next: () => ++lastNumber };
const replay = { accept: () => true };
const blockSize = 64;
const image = seededRandom('image').bytes(1000);
const identification = Buffer.from('WTL-1.1');
const task = (change: Partial<ImageTask> = {}): ImageTask => ({
  identification,
  image,
  wasInitiated: false,
  isActivated: false,
  ...change,
});

/** A meter with one image; `loses` are blocks that it takes and forgets, once. */
function imageMeter(of: { readonly loses?: readonly number[]; readonly failsVerification?: boolean } = {}) {
  const loses = new Set(of.loses);
  const meter = {
    status: 0,
    blocks: new Map<number, Uint8Array>(),
    size: 0,
    taken: 0,
    activations: 0,
    held: () => Buffer.concat([...meter.blocks].sort(([a], [b]) => a - b).map(([, block]) => block)),
  };
  const firstMissing = () => {
    let at = 0;
    while (meter.blocks.has(at)) at++;
    return at;
  };
  const act = (method: number, parameter: Data | undefined): ActionOutcome['result'] => {
    const fields = parameter?.type === 'structure' ? parameter.value : [];
    if (method === 1 && fields[1]?.type === 'double-long-unsigned') {
      Object.assign(meter, { status: 1, size: fields[1].value });
      meter.blocks.clear();
      return 'success';
    }
    if (method === 2 && fields[0]?.type === 'double-long-unsigned' && fields[1]?.type === 'octet-string') {
      meter.taken++;
      if (!loses.delete(fields[0].value)) meter.blocks.set(fields[0].value, fields[1].value.slice());
      return 'success';
    }
    if (method === 3) {
      meter.status = of.failsVerification ? 4 : 3;
      return of.failsVerification ? 'other-reason' : 'success';
    }
    if (method !== 4 || meter.status !== 3) return 'other-reason';
    meter.activations++;
    meter.status = 6;
    return 'success';
  };
  const values: Readonly<Record<number, () => Data>> = {
    2: () => ({ type: 'double-long-unsigned', value: blockSize }),
    4: () => ({ type: 'double-long-unsigned', value: firstMissing() }),
    6: () => ({ type: 'enum', value: meter.status }),
  };
  const device: LogicalDevice = {
    systemTitle: Buffer.from('WTL00001'),
    serverSap: 1,
    policy: (clientSap) => ({
      clientSap,
      name: 'management',
      mechanism: 'gmac',
      protection: 'ae',
      keys,
      replay,
    }),
    counter: () => counter,
    get: ({ attribute }) => {
      const value = values[attribute];
      return value ? { ok: true, encoded: encodeData(value()) } : { ok: false, result: 'object-undefined' };
    },
    set: () => 'read-write-denied',
    action: ({ method }, parameter) => ({ result: act(method, parameter) }),
  };
  return { meter, device };
}

/** One session; the link breaks after `requests` of the script. Undefined when it broke. */
function session(
  device: LogicalDevice,
  of: ImageTask,
  requests = Number.POSITIVE_INFINITY,
): ImageProgress | undefined {
  const random = seededRandom('session');
  const server = createServerConnection(device, { random });
  const client = createClientConnection({
    clientSap: 1,
    serverSap: 1,
    mechanism: 'gmac',
    protection: 'ae',
    systemTitle: Buffer.from('WTLHEAD1'),
    keys,
    counter,
    replay,
    random,
  });
  const ask = (request: Parameters<typeof client.request>[0]): ClientOutcome => {
    const octets = client.request(request);
    assert.ok(octets.ok, JSON.stringify(octets));
    let waiting: readonly Uint8Array[] = [octets.value];
    for (;;) {
      const answers = waiting.flatMap((one) => [...server.receive(one).send]);
      const steps = answers.map((one) => client.receive(one));
      const done = steps.find(({ outcome }) => outcome)?.outcome;
      if (done) return done;
      waiting = steps.flatMap(({ send }) => [...send]);
      assert.ok(waiting.length > 0, 'nobody says anything more');
    }
  };
  assert.equal(ask({ kind: 'associate' }).kind, 'associated');
  const script = transferImage(of);
  let step = script.next();
  for (let asked = 0; !step.done; asked++) {
    if (asked >= requests) return undefined;
    step = script.next(ask(step.value));
  }
  return step.value;
}

test('an image is transferred, verified, and activated in a session of its own', () => {
  const { meter, device } = imageMeter();
  assert.deepEqual(session(device, task()), { state: 'verified', blocks: 16, of: 16 });
  assert.deepEqual(meter.held(), Buffer.from(image));
  assert.equal(meter.activations, 0);
  const again = session(device, task({ wasInitiated: true, isActivated: true }));
  assert.deepEqual([again?.state, meter.activations, meter.taken], ['activating', 1, 16]);
});

test('a link that breaks at any request costs no block twice that the meter has confirmed', () => {
  for (let requests = 1; requests < 24; requests++) {
    const { meter, device } = imageMeter();
    session(device, task(), requests);
    const wasInitiated = meter.status >= 1;
    assert.equal(session(device, task({ wasInitiated }))?.state, 'verified', `after ${requests}`);
    assert.deepEqual(meter.held(), Buffer.from(image));
    assert.equal(meter.taken, 16, `after ${requests}`);
  }
});

test('a block that the meter lost is sent again before it verifies', () => {
  const { meter, device } = imageMeter({ loses: [3, 7] });
  assert.equal(session(device, task())?.state, 'verified');
  assert.deepEqual(meter.held(), Buffer.from(image));
});

test('an image that the meter does not verify is not activated, and another that stands there is replaced', () => {
  const { meter, device } = imageMeter({ failsVerification: true });
  const ended = session(device, task({ isActivated: true }));
  assert.deepEqual([ended?.state, ended?.answer, meter.activations], ['transferred', 'other-reason', 0]);
  const other = imageMeter();
  session(other.device, task({ image: image.subarray(0, 500), identification: Buffer.from('OLD') }));
  assert.equal(session(other.device, task())?.state, 'verified');
  assert.deepEqual(other.meter.held(), Buffer.from(image));
});
