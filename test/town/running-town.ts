/** A town for tests: the real stack in this process, its meters in theirs, a data directory that goes with it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realClock } from '@wattline/base';
import { type RunningTown, startTown, type TownOptions } from '@wattline/server';

const quiet = { line: () => {}, progress: () => {} };

/** A town that is ready, and how to ask it. */
export interface TestTown extends RunningTown {
  readonly directory: string;
  /** GET that must succeed, as JSON. */
  get<T>(path: string): Promise<T>;
  /** Closes the town; the directory stays when `isKept`. */
  stop(options?: { readonly isKept: boolean }): Promise<void>;
}

/** Starts a town and waits until it is ready. */
export async function startTestTown(options: Partial<TownOptions> = {}): Promise<TestTown> {
  const directory = options.data ?? mkdtempSync(join(tmpdir(), 'wattline-town-'));
  const defaults: TownOptions = {
    meters: 6,
    days: 40,
    seed: '1',
    host: '127.0.0.1',
    port: 0,
    data: directory,
    speed: 1,
    intervalMinutes: 30,
    json: false,
  };
  const town = await startTown({ ...defaults, ...options, data: directory }, quiet, realClock().monotonic());
  await town.ready;
  return {
    ...town,
    directory,
    get: (path) => getJson(`${town.url}${path}`),
    stop: async ({ isKept } = { isKept: false }) => {
      await town.close();
      if (!isKept) rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function getJson<T>(url: string): Promise<T> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}
