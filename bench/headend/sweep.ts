/** Sweeps over real TCP: meters in a process of their own on this machine, the head-end in this one. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { jsonLog, realClock, secureRandom } from '@wattline/base';
import { openHeadend } from '@wattline/headend';
import { tcpDialer } from '@wattline/network';
import { openRegistry } from '@wattline/store/registry';
import { openLogSink } from './log-sink.ts';

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

const program = fileURLToPath(new URL('./meters.ts', import.meta.url));
const dayMs = 86_400_000;

/** Sweeps a fleet twice: `first` learns the meters, `day` reads one day of load profile of each. */
export async function runSweeps(options: { readonly meters: number; readonly directory: string }) {
  const { meters, directory } = options;
  const path = join(directory, 'shipment.json');
  const fleet = spawn(process.execPath, [program, String(meters), path], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(fleet.stdout, 'data');
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
    sink.forget();
    const day = await sweep();
    const memoryMb = process.resourceUsage().maxRSS / 1024;
    return { first, day, memoryMb };
  } finally {
    await headend.close();
    await sink.close();
    await registry.destroy();
    fleet.stdin.end();
    await once(fleet, 'exit');
  }
}
