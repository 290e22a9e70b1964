/** From a meter that loses its power to who listens to the API: told after the disk has it, in order, each once, over TCP and UDP. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { fromHex } from '@wattline/base';
import type { EventItem } from '@wattline/model';
import { encodeDateTime, encodePush } from '@wattline/protocols/dlms';
import { nowMs, type ServedSystem, serveSystem, shipment } from './fixture/served-system.ts';
import { openStream } from './fixture/stream-reader.ts';

const path = '/api/v1/operations/events/stream';
const meters = 12;
const failed = 1;
const restored = 2;

/** What meter `number` pushes as its push number `counter`. */
function gaspOf(number: number, counter: number, code: number): Uint8Array {
  const { meter, keys } = shipment(number);
  return encodePush({
    systemTitle: fromHex(meter.systemTitle),
    keys: { suite: 0, ek: fromHex(keys.reader.ek), ak: fromHex(keys.reader.ak) },
    counter: { next: () => counter },
    protection: 'ae',
    ...{ clientSap: 2, serverSap: 1, instantMs: nowMs, offsetMinutes: 0 },
    body: {
      type: 'structure',
      value: [
        { type: 'octet-string', value: Buffer.from(meter.serial) },
        { type: 'octet-string', value: Uint8Array.of(0, 0, 25, 9, 0, 255) },
        { type: 'octet-string', value: encodeDateTime(nowMs + counter * 1000, 0) },
        { type: 'unsigned', value: code },
        { type: 'double-long-unsigned', value: code === restored ? 60 : 0 },
      ],
    },
  });
}

describe('a last gasp', () => {
  let served: ServedSystem;
  before(async () => {
    served = await serveSystem({ meters, pushSources: { udp: { host: '127.0.0.1', port: 0 } } });
  });
  after(() => served.close());

  /** The power events of `count` messages, asked of the stream one by one. */
  async function listen(): Promise<{ events(count: number): Promise<EventItem[]>; close(): void }> {
    const stream = await openStream(served, path);
    await stream.next();
    return {
      close: () => stream.close(),
      async events(count) {
        const events: EventItem[] = [];
        while (events.length < count) {
          const block = await stream.next();
          const event = JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? '') as EventItem;
          if (event.kind !== 'power-fail' && event.kind !== 'power-restore') continue;
          const row = await served.system.registry
            .selectFrom('event')
            .select('kind')
            .where('id', '=', event.id)
            .executeTakeFirst();
          assert.equal(row?.kind, event.kind, 'on disk before it is told');
          events.push(event);
        }
        return events;
      },
    };
  }

  /** Each once, numbers ascending, and of every meter the failure before the return. */
  function check(events: readonly EventItem[]): void {
    const ids = events.map(({ id }) => id);
    assert.deepEqual(
      ids,
      [...new Set(ids)].sort((a, b) => a - b),
    );
    for (let number = 1; number <= meters; number++) {
      const { serial } = shipment(number).meter;
      const kinds = events.filter((event) => event.serial === serial).map(({ kind }) => kind);
      assert.deepEqual(kinds, ['power-fail', 'power-restore'], serial);
    }
  }

  test('and the first breath after it reach every subscriber of a street over TCP', async () => {
    const all = await Promise.all([listen(), listen()]);
    const socket = connect(served.system.headend.pushAddress.port, '127.0.0.1');
    await once(socket, 'connect');
    for (const [counter, code] of [
      [1, failed],
      [2, restored],
    ] as const) {
      for (let number = 1; number <= meters; number++) socket.write(gaspOf(number, counter, code));
    }
    const [first = [], second] = await Promise.all(all.map(({ events }) => events(2 * meters)));
    check(first);
    assert.deepEqual(second, first);
    socket.destroy();
    for (const one of all) one.close();
  });

  test('and the first breath after it reach a subscriber over UDP, and a replay of them does not', async () => {
    const subscriber = await listen();
    const socket = createSocket('udp4');
    const { port = 0 } = served.system.headend.pushAddresses.udp ?? {};
    const before = served.system.headend.figures();
    for (const [counter, code] of [
      [3, failed],
      [4, restored],
    ] as const) {
      for (let number = 1; number <= meters; number++) {
        socket.send(gaspOf(number, counter, code), port, '127.0.0.1');
        socket.send(gaspOf(number, counter - 2, failed), port, '127.0.0.1');
      }
    }
    check(await subscriber.events(2 * meters));
    while (served.system.headend.figures().pushesOver.datagram.refused < 2 * meters) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { pushesReceived } = served.system.headend.figures();
    assert.equal(pushesReceived - before.pushesReceived, 2 * meters);
    socket.close();
    subscriber.close();
  });
});
