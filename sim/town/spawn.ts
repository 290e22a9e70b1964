/** Starts the town's meters in a process of their own: head-end and meters share nothing but sockets. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { CodedError, realClock, type Where } from '@wattline/base';
import type { LoadReport } from '../load/load-set.ts';
import type { TownEvent } from './open-town.ts';
import type { TownProcessOptions } from './town-options.ts';

/** The running process. */
export interface TownProcess {
  readonly pid: number;
  /** JSON array of `MeterShipment`; the CSV form stands beside it. */
  readonly shipmentPath: string;
  readonly meters: number;
  /** How the load file serves the meters; null when the load is modelled. */
  readonly loadNote: string | null;
  /** What was wrong with the load file; null when the load is modelled. */
  readonly loadReport: LoadReport | null;
  /** Adds a listener. */
  onEvent(listener: (event: TownEvent) => void): void;
  /** Resolves when the process is gone: null after `stop`, otherwise the coded reason. */
  readonly ended: Promise<CodedError | null>;
  /** Ends the process and waits until it is gone. */
  stop(): Promise<void>;
}

const processPath = fileURLToPath(new URL('./process.ts', import.meta.url));
const readyTimeoutMs = 300_000;
/** A process that has not ended after this long is killed. */
const stopTimeoutMs = 5_000;

/**
 * Starts the town and resolves when all its meters answer.
 * @throws CodedError the code the process ended with, or `sim/town-died`, `sim/town-not-ready`.
 */
export async function spawnTown(options: TownProcessOptions): Promise<TownProcess> {
  const child = spawn(process.execPath, [processPath, '--options', JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const clock = realClock();
  const listeners: ((event: TownEvent) => void)[] = [];
  let isStopping = false;
  const ended = endOf(child).then((error) => (isStopping ? null : error));
  const exited = ended.then(() => {});
  child.stdin.on('error', () => {});
  const stop = async () => {
    isStopping = true;
    child.stdin.end();
    child.kill('SIGTERM');
    const cancel = clock.after(stopTimeoutMs, () => child.kill('SIGKILL'));
    await exited;
    cancel();
  };
  const ready = new Promise<ReadyLine>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const said = parseLine(line);
      if (said && 'ready' in said) resolve(said);
      else if (said && 'event' in said) for (const listener of listeners) listener(said);
    });
  });
  const died = ended.then((error) => {
    throw error ?? new CodedError('sim/town-died', 'the town was stopped before it was ready');
  });
  const late = new Promise<never>((_, reject) => {
    const cancel = clock.after(readyTimeoutMs, () => {
      reject(new CodedError('sim/town-not-ready', `the town is not ready after ${readyTimeoutMs / 1000} s`));
    });
    void Promise.race([ready, exited]).then(cancel);
  });
  try {
    const { shipment, ready: _, ...rest } = await Promise.race([ready, died, late]);
    // From here on it is for `ended` to tell.
    died.catch(() => {});
    const onEvent = (listener: (event: TownEvent) => void) => void listeners.push(listener);
    return { ...rest, pid: child.pid ?? 0, shipmentPath: shipment, onEvent, ended, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface ReadyLine {
  readonly ready: true;
  readonly meters: number;
  readonly shipment: string;
  readonly loadNote: string | null;
  readonly loadReport: LoadReport | null;
}

function parseLine(line: string): ReadyLine | TownEvent | undefined {
  try {
    return JSON.parse(line) as ReadyLine | TownEvent;
  } catch {
    return undefined;
  }
}

/** Resolves when the process is gone, with its last word as an error; other lines of its standard error are passed on. */
function endOf(child: ChildProcessWithoutNullStreams): Promise<CodedError> {
  let lastWord: CodedError | undefined;
  createInterface({ input: child.stderr }).on('line', (line) => {
    const said = parseError(line);
    if (said) lastWord = said;
    else process.stderr.write(`${line}\n`);
  });
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(new CodedError('sim/town-died', error.message, {}, error)));
    child.once('close', (code, signal) => {
      const how = signal ? `signal ${signal}` : `exit code ${code}`;
      resolve(
        lastWord ?? new CodedError('sim/town-died', `the town's process ended with ${how}`, { code, signal }),
      );
    });
  });
}

function parseError(line: string): CodedError | undefined {
  try {
    const { error } = JSON.parse(line) as { error?: { code: string; message: string; where: Where } };
    return error && new CodedError(error.code, error.message, error.where);
  } catch {
    return undefined;
  }
}
