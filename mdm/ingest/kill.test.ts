/** kill -9 in the middle of ingest, again and again on the same data: nothing acknowledged is lost, nothing is doubled. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test from 'node:test';
import { type Random, realClock, seededRandom } from '@wattline/base';

const cycles = Number(process.env.WATTLINE_KILL_CYCLES ?? 12);
const seed = process.env.WATTLINE_KILL_SEED ?? '1';
/** Data directories killed side by side. */
const lanes = 2;
/** Kills of one directory; each life checks all that came before, so a long run takes a fresh one now and then. */
const killsPerDirectory = 13;
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
async function live(
  directory: string,
  ackFile: string,
  end: { acks: number; earlyMs: number | null },
): Promise<Life> {
  const life = spawn(process.execPath, [child, directory, ackFile], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, UV_THREADPOOL_SIZE: '16' },
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

async function killOver(name: string, lives: number, random: Random): Promise<Total> {
  const directory = await mkdtemp(join(tmpdir(), `wattline-kill-${process.pid}-`));
  const ackFile = join(directory, 'acknowledged');
  writeFileSync(ackFile, '');
  const total = { acks: 0, checks: 0 };
  try {
    for (let life = 0; life < lives; life++) {
      const isEarly = life > 0 && life < lives - 1 && random.next() < 0.2;
      const end = { acks: 1 + random.below(150), earlyMs: isEarly ? random.below(150) : null };
      const { acknowledged, hasChecked } = await live(join(directory, 'data'), ackFile, end).catch(
        (error: unknown) => {
          throw new Error(`${name}, life ${life}, seed ${seed}`, { cause: error });
        },
      );
      total.acks += acknowledged.length;
      if (hasChecked) total.checks++;
    }
    return total;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Kills `kills` times over as many directories as that takes. */
async function lane(name: string, kills: number, random: Random): Promise<Total> {
  const total = { acks: 0, checks: 0 };
  for (let left = kills; left > 0; left -= killsPerDirectory) {
    // One life more: the last kill is checked too.
    const lives = Math.min(left, killsPerDirectory) + 1;
    const { acks, checks } = await killOver(`${name}, ${left} kills to go`, lives, random);
    total.acks += acks;
    total.checks += checks;
  }
  return total;
}

test(`${cycles} kills during ingest lose nothing acknowledged and double nothing`, async () => {
  const each = Math.ceil(cycles / lanes);
  const totals = await Promise.all(
    Array.from({ length: lanes }, (_, index) =>
      lane(`lane ${index}`, each, seededRandom(`kill/${seed}/${index}`)),
    ),
  );
  const acks = totals.reduce((sum, total) => sum + total.acks, 0);
  const checks = totals.reduce((sum, total) => sum + total.checks, 0);
  assert(checks > cycles / 2 && acks > cycles, `${checks} lives checked, ${acks} batches acknowledged`);
});
