/** kill -9 in the middle of ingest, again and again on the same data: nothing acknowledged is lost, nothing is doubled. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test from 'node:test';
import { realClock, seededRandom } from '@wattline/base';

const cycles = Number(process.env.WATTLINE_KILL_CYCLES ?? 6);
/** Kills of an earlier run that this one continues: their directories are passed over. */
const from = Number(process.env.WATTLINE_KILL_FROM ?? 0);
const seed = process.env.WATTLINE_KILL_SEED ?? '1';
/** An empty ClickHouse server to keep the readings on (`http://user:password@host:8123`); the embedded engine when left out. */
const serverUrl = process.env.WATTLINE_CLICKHOUSE_URL;
/** Data directories killed side by side. */
const lanes = 2;
/** Kills of one directory; each life checks all that came before, so a long run takes a fresh one now and then. */
const killsPerDirectory = cycles < 50 ? 3 : 13;
const child = join(import.meta.dirname, '../fixture/kill-child.ts');

interface Total {
  readonly acks: number;
  readonly checks: number;
}

interface Life {
  readonly acknowledged: number[];
  readonly hasChecked: boolean;
}

/** Starts a life and kills it after `acks` acknowledgements, or `earlyMs` after it began to open the directory. */
async function live(places: readonly string[], end: { acks: number; earlyMs: number | null }): Promise<Life> {
  const ackFile = places[1] as string;
  const life = spawn(process.execPath, [child, ...places], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // A life is short: without the cache half of it would be compiling.
    env: {
      ...process.env,
      UV_THREADPOOL_SIZE: '16',
      NODE_COMPILE_CACHE: join(tmpdir(), 'wattline-compiled'),
    },
  });
  const ended = new Promise<NodeJS.Signals | null>((resolve) =>
    life.on('close', (_, signal) => resolve(signal)),
  );
  const complaints: string[] = [];
  createInterface({ input: life.stderr }).on('line', (line) => complaints.push(line));
  const acknowledged: number[] = [];
  let hasChecked = false;
  const kill = () => life.kill('SIGKILL');
  createInterface({ input: life.stdout }).on('line', (line) => {
    const [word, number] = line.split(' ');
    if (word === 'opening' && end.earlyMs !== null) realClock().after(end.earlyMs, kill);
    if (word === 'checked') hasChecked = true;
    if (word !== 'ack') return;
    acknowledged.push(Number(number));
    appendFileSync(ackFile, `${number}\n`);
    if (acknowledged.length === end.acks) kill();
  });
  const signal = await ended;
  assert.equal(signal, 'SIGKILL', complaints.join('\n'));
  return { acknowledged, hasChecked };
}

/** A database of its own on the server, if there is one; its URL. */
async function databaseFor(index: number): Promise<string | undefined> {
  if (serverUrl === undefined) return undefined;
  const { origin, username, password } = new URL(serverUrl);
  const database = `kill_${process.pid}_${index}`;
  const headers = { authorization: `Basic ${btoa(`${username || 'default'}:${password}`)}` };
  const answer = await fetch(origin, { method: 'POST', headers, body: `CREATE DATABASE ${database}` });
  assert(answer.ok, await answer.text());
  return new URL(database, serverUrl).href;
}

/** Kills one data directory `kills` times and lets a last life check it; which moments is the seed's and the directory's affair alone. */
async function killOver(index: number, kills: number): Promise<Total> {
  const random = seededRandom(`kill/${seed}/${index}`);
  const directory = await mkdtemp(join(tmpdir(), `wattline-kill-${process.pid}-`));
  const ackFile = join(directory, 'acknowledged');
  writeFileSync(ackFile, '');
  const database = await databaseFor(index);
  const total = { acks: 0, checks: 0 };
  try {
    // One life more: the last kill is checked too.
    for (let life = 0; life <= kills; life++) {
      const isEarly = life > 0 && life < kills && random.next() < 0.2;
      const end = { acks: 1 + random.below(150), earlyMs: isEarly ? random.below(150) : null };
      const places = [join(directory, 'data'), ackFile, ...(database ? [database] : [])];
      const { acknowledged, hasChecked } = await live(places, end).catch((error: unknown) => {
        throw new Error(`directory ${index}, life ${life}, seed ${seed}`, { cause: error });
      });
      total.acks += acknowledged.length;
      if (hasChecked) total.checks++;
    }
    return total;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

test(`${cycles} kills during ingest lose nothing acknowledged and double nothing`, async (t) => {
  const total = { kills: 0, acks: 0, checks: 0 };
  let next = Math.floor(from / killsPerDirectory);
  const lane = async () => {
    while (next * killsPerDirectory < from + cycles) {
      const index = next++;
      const kills = Math.min(killsPerDirectory, from + cycles - index * killsPerDirectory);
      const { acks, checks } = await killOver(index, kills);
      total.kills += kills;
      total.acks += acks;
      total.checks += checks;
      // A soak of a quarter of an hour is watched as it goes; what a test says is printed at its end.
      const say = cycles < 50 ? t.diagnostic.bind(t) : console.error;
      say(
        `seed ${seed}, directory ${index}: ${kills} kills, ${acks} batches acknowledged, ${checks} lives checked: 0 lost, 0 doubled; ${total.kills} kills so far`,
      );
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  const { acks, checks } = total;
  assert(checks > cycles / 2 && acks > cycles, `${checks} lives checked, ${acks} batches acknowledged`);
});
