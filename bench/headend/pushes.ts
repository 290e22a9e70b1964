/**
 * Pushes over real TCP, by a process of its own: DataNotifications of so many meters, sealed before the first is sent, then sent at a
 * steady rate, each when it is due. `node pushes.ts <port> <shipment file> <per second> <seconds>`; prints when the first was due, UTC ms.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { fromHex, realClock } from '@wattline/base';
import type { MeterShipment } from '@wattline/model';
import { encodeDateTime, encodePush } from '@wattline/protocols/dlms';
import { occurredMsOf } from './due-times.ts';

const links = 32;
const tickMs = 5;
/** Before the first: who started us reads when it is due. */
const leadMs = 200;

/** Sends the last gasps of the meters in a shipment file over some links, evenly in time. */
async function sendPushes(of: {
  readonly port: number;
  readonly path: string;
  readonly perSecond: number;
  readonly seconds: number;
}): Promise<void> {
  const { port, path, perSecond, seconds } = of;
  const clock = realClock();
  const rows = JSON.parse(readFileSync(path, 'utf8')) as MeterShipment[];
  const frames = pushesOf(rows, perSecond * seconds);
  const sockets = await Promise.all(Array.from({ length: links }, () => open(port)));
  console.log(clock.now() + leadMs);
  const startMs = clock.monotonic() + leadMs;
  let sent = 0;
  while (sent < frames.length) {
    const due = Math.min(frames.length, Math.floor(((clock.monotonic() - startMs) / 1000) * perSecond));
    for (; sent < due; sent++) sockets[sent % links]?.write(frames[sent] as Uint8Array);
    await clock.sleep(tickMs);
  }
  for (const socket of sockets) {
    socket.end();
    await once(socket, 'close');
  }
}

/** Last gasps, sealed beforehand, meter by meter in turn; the time in each says which it is. */
function pushesOf(rows: readonly MeterShipment[], count: number): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    const { meter, keys } = rows[i % rows.length] as MeterShipment;
    const octets = encodePush({
      systemTitle: fromHex(meter.systemTitle),
      keys: { suite: 0, ek: fromHex(keys.reader.ek), ak: fromHex(keys.reader.ak) },
      counter: { next: () => 1 + Math.floor(i / rows.length) },
      protection: 'ae',
      clientSap: 2,
      serverSap: 1,
      instantMs: occurredMsOf(i),
      offsetMinutes: 0,
      body: {
        type: 'structure',
        value: [
          { type: 'octet-string', value: Buffer.from(meter.serial) },
          { type: 'octet-string', value: Uint8Array.of(0, 0, 25, 9, 0, 255) },
          { type: 'octet-string', value: encodeDateTime(occurredMsOf(i), 0) },
          { type: 'unsigned', value: 1 },
          { type: 'double-long-unsigned', value: 0 },
        ],
      },
    });
    frames.push(octets);
  }
  return frames;
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  await once(socket, 'connect');
  socket.resume();
  return socket;
}

const [port, path = '', perSecond, seconds] = process.argv.slice(2);
await sendPushes({ port: Number(port), path, perSecond: Number(perSecond), seconds: Number(seconds) });
