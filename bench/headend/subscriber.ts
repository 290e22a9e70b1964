/**
 * Who listens to events as an operator's screen or program does, a process of its own: the stream of server-sent events of the API.
 * `node subscriber.ts <url> <count> <token>`; prints `open`, and after so many power failures the time each told and when it came, UTC ms, as JSON.
 */
import { realClock } from '@wattline/base';

const [url = '', count, token] = process.argv.slice(2);
const clock = realClock();
const seen: [number, number][] = [];
const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
console.log('open');
let rest = '';
for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
  const atMs = clock.now();
  const messages = (rest + text).split('\n\n');
  rest = messages.pop() ?? '';
  for (const message of messages) {
    const occurred = /"kind":"power-fail".*"occurred":"([^"]+)"/.exec(message)?.[1];
    if (occurred) seen.push([Date.parse(occurred), atMs]);
  }
  if (seen.length >= Number(count)) break;
}
console.log(JSON.stringify(seen));
