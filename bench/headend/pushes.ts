/**
 * Pushes over real TCP: sealed DataNotifications of so many meters, made beforehand, sent by a process of its own at a steady rate;
 * the head-end opens each, keeps its counter and hands the event on. `node pushes.ts <port> <file> <per second>` is the sender.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { realClock } from '@wattline/base';

const links = 32;
const tickMs = 5;

/** Sends frames of a file (four octets of length each) over some links, evenly in time. */
export async function sendPushes(port: number, path: string, perSecond: number): Promise<void> {
  const clock = realClock();
  const frames = framesOf(readFileSync(path));
  const sockets = await Promise.all(Array.from({ length: links }, () => open(port)));
  const startedMs = clock.monotonic();
  let sent = 0;
  while (sent < frames.length) {
    const due = Math.min(frames.length, Math.floor(((clock.monotonic() - startedMs) / 1000) * perSecond));
    for (; sent < due; sent++) sockets[sent % links]?.write(frames[sent] as Uint8Array);
    await clock.sleep(tickMs);
  }
  for (const socket of sockets) {
    socket.end();
    await once(socket, 'close');
  }
}

function framesOf(octets: Uint8Array): Uint8Array[] {
  const view = new DataView(octets.buffer, octets.byteOffset);
  const frames: Uint8Array[] = [];
  for (let at = 0; at < octets.length; ) {
    const length = view.getUint32(at);
    frames.push(octets.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return frames;
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  await once(socket, 'connect');
  socket.resume();
  return socket;
}

const [port, path, perSecond] = process.argv.slice(2);
if (process.argv[1]?.endsWith('pushes.ts') && port && path && perSecond) {
  await sendPushes(Number(port), path, Number(perSecond));
}
