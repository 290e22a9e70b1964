/** `wattline serve`: the stack for real use, without a virtual town. */
import { readFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadTariffs } from '@wattline/apps/billing';
import { CodedError, jsonLog, messageOf, realClock, secureRandom } from '@wattline/base';
import { tcpDialer } from '@wattline/network';
import { openSystem } from '@wattline/system';
import { startApi } from './api/index.ts';
import { loadServeConfig, type ServeOptions } from './serve-config.ts';
import { stopSignal } from './stop-signal.ts';
import { createTerminal } from './terminal.ts';

export type { ServeOptions } from './serve-config.ts';

const portalDirectory = join(dirname(fileURLToPath(import.meta.url)), '..', 'portal', 'dist');

/** Runs the stack until the process is told to stop; resolves to the exit code. */
export async function runServe(options: ServeOptions): Promise<number> {
  const config = loadServeConfig(options);
  const terminal = createTerminal({
    write: (text) => void process.stdout.write(text),
    isInteractive: process.stdout.isTTY === true,
    json: options.json,
  });
  const stop = stopSignal();
  const clock = realClock();
  const random = secureRandom();
  const log = jsonLog('info');
  const system = await openSystem({
    directory: config.data,
    ...(config.registry === undefined ? {} : { registryUrl: config.registry }),
    clock,
    random,
    log,
    dialer: tcpDialer,
    push: config.push,
    zone: config.zone,
    tariffs: loadTariffs(config.zone),
    startedMonotonicMs: clock.monotonic(),
  });
  const { host, port, data } = config;
  try {
    const api = await startApi({
      system,
      mode: 'serve',
      host,
      port,
      portalDirectory,
      dataDirectory: data,
      log,
      random,
      town: null,
    });
    terminal.line(`Wattline is up: ${api.url}`, { url: api.url });
    terminal.line(
      `  token ${join(data, 'token')}, pushes to ${system.headend.pushAddress.host}:${system.headend.pushAddress.port}`,
    );
    for (const path of config.shipments) {
      const report = await system.headend.provision(
        readShipment(path),
        extname(path) === '.csv' ? 'csv' : 'json',
      );
      terminal.line(
        `  ${path}: ${report.added} meters added, ${report.updated} updated, ${report.refused.length} refused`,
      );
    }
    const ready = system.bringUp(null, (readiness) => terminal.progress(readiness));
    await Promise.race([ready, stop]);
    await stop;
    terminal.line('stopping ...');
    await api.close();
    return 0;
  } finally {
    await system.close();
  }
}

function readShipment(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new CodedError(
      'server/no-shipment',
      `the shipment file ${path} cannot be read: ${messageOf(error)}`,
      { path },
      error,
    );
  }
}
