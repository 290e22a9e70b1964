/**
 * How long from `npm start` (packages installed, screens built) to a town that is read, validated, stored and billed?
 *
 * On paper, 100 meters x 40 days x 96 quarter-hours x 2 channels = 768,000 interval readings:
 * - bytes on the wire: 384,000 profile entries of about 35 octets = 13 MB; AES-GCM in node:crypto does 1 GB/s: 0.02 s;
 * - encoding and decoding at 1 M entries/s on each side: 0.8 s, on two cores side by side 0.4 s;
 * - log: 768,000 x 10 bytes = 8 MB, one fdatasync a meter at 2 ms: 0.2 s;
 * - store: a plain chdb insert does about 10 M rows/s: 0.1 s;
 * - two processes to start, each about 0.7 s, side by side with a database to open.
 * So 3 s is the paper limit for ready on two cores, and the first bill can be there as soon.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realClock } from '@wattline/base';
import { startTown } from '@wattline/server';
import { isQuick, printFigure } from './figure.ts';

const meters = isQuick ? 20 : 100;
const days = 40;
const size = isQuick ? { size: `${meters} meters x ${days} days` } : {};

const directory = mkdtempSync(join(tmpdir(), 'wattline-bench-'));
const quiet = { line: () => {}, progress: () => {} };
const town = await startTown(
  {
    meters,
    days,
    seed: '1',
    host: '127.0.0.1',
    port: 0,
    data: directory,
    speed: 1,
    intervalMinutes: 15,
    json: false,
  },
  quiet,
  realClock().monotonic(),
);
try {
  await town.ready;
  const readiness = town.system.readiness();
  const figure = (
    name: string,
    value: number | null,
    rest: { unit: string; higherIsBetter: boolean; target?: number; paperLimit?: number },
  ) => printFigure({ bench: 'town', figure: name, value: value ?? 0, ...rest, ...size });
  figure('seconds-to-ready', readiness.secondsToReady, {
    unit: 's',
    higherIsBetter: false,
    target: 60,
    paperLimit: 3,
  });
  figure('seconds-to-first-bill', readiness.secondsToFirstBill, {
    unit: 's',
    higherIsBetter: false,
    target: 60,
    paperLimit: 3,
  });
  figure('readings-stored', readiness.readingsStored, { unit: 'readings', higherIsBetter: true });
  figure('ingest', readiness.readingsPerSecond, {
    unit: 'readings/s',
    higherIsBetter: true,
    paperLimit: 4_000_000,
  });
} finally {
  await town.close();
  rmSync(directory, { recursive: true, force: true });
}
