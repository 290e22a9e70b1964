/** Sweeps over real TCP: meters in a process of their own on this machine, the head-end in this one. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonLog, realClock, secureRandom } from '@wattline/base';
import { openHeadend } from '@wattline/headend';
import { tcpDialer } from '@wattline/network';
import { openRegistry } from '@wattline/store/registry';
import { openLogSink } from './log-sink.ts';
import { startMeters } from './meter-process.ts';

/** What a sweep took. */
export interface SweepFigures {
  readonly meters: number;
  readonly seconds: number;
  /** Processor time of the head-end's process, s. */
  readonly cpuSeconds: number;
  readonly failures: number;
  readonly values: number;
  readonly octetsReceived: number;
  readonly octetsSent: number;
}

const dayMs = 86_400_000;

/** Sweeps a fleet of its own, see {@link sweepOften}. */
export async function runSweeps(options: { readonly meters: number; readonly directory: string }) {
  const fleet = await startMeters(options);
  try {
    return await sweepOften({ ...options, path: fleet.path });
  } finally {
    await fleet.stop();
  }
}

/**
 * Sweeps the meters of the shipment at `path`: `first` learns the meters, `day` reads one day of load profile of each, the same day `days` times (default
 * 1), of which the last is told. The head-end's own files go to `directory`.
 */
export async function sweepOften(options: {
  readonly meters: number;
  readonly directory: string;
  readonly path: string;
  readonly days?: number;
}) {
  const { meters, directory, path, days = 1 } = options;
  const clock = realClock();
  const registry = await openRegistry(join(directory, 'registry.sqlite'));
  const sink = await openLogSink(join(directory, 'log'));
  const todayMs = Math.floor(clock.now() / dayMs) * dayMs;
  const headend = await openHeadend({
    registry,
    dialer: tcpDialer,
    push: { host: '127.0.0.1', port: 0 },
    clock,
    random: secureRandom(),
    log: jsonLog('error'),
    events: { report: async () => {} },
    sink,
    progress: sink,
    keyFile: join(directory, 'keys.bin'),
    policy: { historySinceMs: todayMs - dayMs, concurrency: 64, requestTimeoutMs: 30_000 },
  });
  const sweep = async (): Promise<SweepFigures> => {
    const before = headend.figures();
    const valuesBefore = sink.values();
    const cpu = process.cpuUsage();
    const startedMs = clock.monotonic();
    await headend.collectAll({ concurrency: 64 });
    const seconds = (clock.monotonic() - startedMs) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    const after = headend.figures();
    const answers = after.exchanges.answer - before.exchanges.answer;
    return {
      meters,
      seconds,
      cpuSeconds: (user + system) / 1e6,
      failures: meters - answers,
      values: sink.values() - valuesBefore,
      octetsReceived: after.octetsReceived - before.octetsReceived,
      octetsSent: after.octetsSent - before.octetsSent,
    };
  };
  try {
    await headend.provision(readFileSync(path, 'utf8'), 'json');
    const first = await sweep();
    const readDay = () => {
      sink.forget();
      return sweep();
    };
    for (let i = 1; i < days; i++) await readDay();
    const day = await readDay();
    const memoryMb = process.resourceUsage().maxRSS / 1024;
    return { first, day, memoryMb };
  } finally {
    await headend.close();
    await sink.close();
    await registry.destroy();
  }
}
