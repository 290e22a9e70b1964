/** Meters that mean harm, or are broken as if they did: each session ends with its code within its bounds, and the fleet goes on. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { concatBytes, seededRandom, silentLog, type VirtualClock, virtualClock } from '@wattline/base';
import { type Dialer, type Link, memoryLinkPair } from '@wattline/network';
import { encodeWrapper, openSealed, sealPlain } from '@wattline/protocols/dlms';
import { openRegistry } from '@wattline/store/registry';
import { temporaryDirectory } from '../headend-fixture.ts';
import { openHeadend } from '../open-headend.ts';
import {
  fillProfile,
  serveMeter,
  type TestMeter,
  testDataManagement,
  testEvents,
  testMeter,
} from '../test-server.ts';

const startMs = Date.UTC(2025, 9, 1);
const hourMs = 3_600_000;

/** How a meter bends the link between itself and us: gets our end's octets and what to send back. */
type Habit = (meter: TestMeter, link: Link, clock: VirtualClock) => void;

const honest: Habit = (meter, link, clock) => serveMeter(meter, link, clock);

/** The meter's own end of a link whose answers pass through `bend`. */
function bent(meter: TestMeter, link: Link, clock: VirtualClock, bend: (octets: Uint8Array) => void): void {
  const [inner, outer] = memoryLinkPair();
  serveMeter(meter, inner, clock);
  link.receive((octets) => outer.send(octets));
  outer.receive(bend);
  void link.closed.then(() => outer.close());
}

/** A get-response-with-datablock in the clear: C4 02, invoke id, whether it is the last, number, raw data (Green Book 9.3.7). */
type Bend = (block: Uint8Array) => Uint8Array;

/** A meter whose answers in blocks are bent, and sealed anew with its own key and next number: only its word is false. */
function blocksBent(bendOf: () => Bend): Habit {
  return (meter, link, clock) => {
    const bend = bendOf();
    bent(meter, link, clock, (octets) => link.send(resealed(meter, octets, bend)));
  };
}

const gloGetResponse = 0xcc;
const headerLength = 8;

function resealed(meter: TestMeter, octets: Uint8Array, bend: Bend): Uint8Array {
  if (octets[headerLength] !== gloGetResponse) return octets;
  const first = octets[headerLength + 1] ?? 0;
  const sealed = octets.subarray(headerLength + 2 + (first < 0x80 ? 0 : first - 0x80));
  const opened = openSealed(sealed, meter);
  assert.ok(opened.ok);
  const plain = bend(opened.value.plain.slice());
  const how = { protection: 'ae', invocationCounter: meter.counter.next() } as const;
  const again = sealPlain(plain, meter, how);
  const length = again.length < 0x80 ? [again.length] : [0x82, again.length >> 8, again.length & 0xff];
  const apdu = concatBytes(Uint8Array.of(gloGetResponse, ...length), again);
  return encodeWrapper({ source: octets[3] ?? 0, destination: octets[5] ?? 0, apdu });
}

const isBlock = (plain: Uint8Array) => plain[0] === 0xc4 && plain[1] === 2;
const numberOf = (block: Uint8Array) => new DataView(block.buffer, block.byteOffset).getUint32(4);

function numbered(block: Uint8Array, number: number): Uint8Array {
  new DataView(block.buffer, block.byteOffset).setUint32(4, number);
  return block;
}

const habits: Readonly<Record<string, { readonly habit: Habit; readonly code: RegExp }>> = {
  'dribbles its answer an octet at a time': {
    habit: (meter, link, clock) =>
      bent(meter, link, clock, (octets) => {
        const dribble = (at: number) => {
          if (at >= octets.length) return;
          link.send(octets.subarray(at, at + 1));
          clock.after(9_000, () => dribble(at + 1));
        };
        dribble(0);
      }),
    code: /^headend\/session-deadline$/,
  },
  'floods the link with octets that are no frame': {
    habit: (_, link) =>
      link.receive(() => {
        for (let i = 0; i < 64; i++) link.send(new Uint8Array(65_536).fill(0xee));
      }),
    code: /^dlms\//,
  },
  'sends frames for ever that answer nothing': {
    habit: (_, link) =>
      link.receive(() => {
        const frame = new Uint8Array(8 + 4_000);
        frame.set([0, 1, 0, 1, 0, 2, 4_000 >> 8, 4_000 & 0xff]);
        for (let i = 0; i < 1_000; i++) link.send(frame);
      }),
    code: /^(dlms\/|headend\/answer-too-long)/,
  },
  'gives a profile without end': {
    habit(meter, link, clock) {
      meter.isIgnoringRanges = true;
      // A hundred years of quarter-hours, told again and again.
      for (let i = 0; i < 40_000; i++)
        meter.intervals.push({ labelMs: startMs + i, status: 0, values: [1, 1] });
      serveMeter(meter, link, clock);
    },
    code: /^headend\/answer-too-long$/,
  },
  'repeats every answer': {
    habit: (meter, link, clock) =>
      bent(meter, link, clock, (octets) => {
        link.send(octets);
        link.send(octets);
      }),
    code: /^dlms\//,
  },
  'sends a block twice': {
    habit: blocksBent(
      () => (block) => (isBlock(block) && numberOf(block) === 2 ? numbered(block, 1) : block),
    ),
    code: /^dlms\/block-out-of-order$/,
  },
  'sends its blocks in another order': {
    habit: blocksBent(
      () => (block) => (isBlock(block) && numberOf(block) > 1 ? numbered(block, numberOf(block) ^ 1) : block),
    ),
    code: /^dlms\/block-out-of-order$/,
  },
  'goes on with blocks for ever': {
    habit: blocksBent(() => {
      let last: Uint8Array | undefined;
      return (plain) => {
        if (last && plain[0] === 0xc4) last = numbered(last.slice(), numberOf(last) + 1);
        else if (isBlock(plain)) {
          // Never the last.
          if (plain[3] === 1) last = plain;
          plain[3] = 0;
          return plain;
        } else return plain;
        last[2] = plain[2] ?? 0;
        return last;
      };
    }),
    code: /^headend\/answer-too-long$/,
  },
  'speaks with the system title of another meter': {
    habit(meter, link, clock) {
      const other = testMeter(99, { clock, installedAtMs: startMs });
      serveMeter({ ...meter, systemTitle: other.systemTitle }, link, clock);
    },
    code: /^dlms\//,
  },
  'closes the link at the first octet': {
    habit: (_, link) => link.receive(() => link.close()),
    code: /^headend\/link-closed$/,
  },
};

/** A head-end over meters with habits, small bounds, virtual time. */
async function openStreet(context: TestContext, meters: ReadonlyMap<TestMeter, Habit>, clock: VirtualClock) {
  const registry = await openRegistry(':memory:');
  const sink = testDataManagement();
  const byPort = new Map([...meters].map(([meter, habit]) => [meter.shipment.meter.port, { meter, habit }]));
  const dialer: Dialer = {
    async dial({ port }) {
      const [ours, theirs] = memoryLinkPair();
      const found = byPort.get(port);
      assert.ok(found);
      found.habit(found.meter, theirs, clock);
      return ours;
    },
  };
  const headend = await openHeadend({
    ...{ registry, dialer, clock, sink, progress: sink, log: silentLog, events: testEvents() },
    push: { host: '127.0.0.1', port: 0 },
    random: seededRandom('street'),
    keyFile: join(temporaryDirectory(context), 'key'),
    policy: { maxPduSize: 512, sessionOctets: 500_000, sessionTimeoutMs: 120_000, requestTimeoutMs: 10_000 },
  });
  context.after(async () => {
    await headend.close();
    await registry.destroy();
  });
  await headend.provision(JSON.stringify([...meters.keys()].map(({ shipment }) => shipment)), 'json');
  return headend;
}

async function settle<T>(clock: VirtualClock, promise: Promise<T>): Promise<T> {
  let isDone = false;
  void promise.finally(() => {
    isDone = true;
  });
  for (let turns = 0; !isDone && turns < 600; turns++) await clock.advance(1_000);
  return promise;
}

test('each ends with its code within the bounds of a session, while the honest ones are read', async (context) => {
  const clock = virtualClock(startMs);
  const names = Object.keys(habits);
  const all = Array.from({ length: names.length + 3 }, (_, i) =>
    testMeter(i + 1, { clock, installedAtMs: startMs }),
  );
  for (const meter of all) fillProfile(meter, startMs, startMs + 24 * hourMs);
  const street = new Map(all.map((meter, i) => [meter, habits[names[i] ?? '']?.habit ?? honest]));
  const headend = await openStreet(context, street, clock);
  await clock.advance(24 * hourMs);
  const fromMs = clock.now();
  const outcomes = await settle(
    clock,
    Promise.all(all.map(({ shipment }) => headend.collect(shipment.meter.serial))),
  );
  for (const [i, name] of names.entries()) {
    const { code } = habits[name] as (typeof habits)[string];
    assert.notEqual(outcomes[i]?.outcome, 'answer', name);
    assert.match(outcomes[i]?.code ?? '', code, name);
  }
  for (const outcome of outcomes.slice(names.length)) {
    assert.deepEqual([outcome.outcome, outcome.readings], ['answer', 2 * 96]);
  }
  assert.ok(clock.now() - fromMs <= 122_000, 'no session outlived its deadline');
});
