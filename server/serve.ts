/** `wattline serve`: the stack for real use, without a virtual town. */
import { accessSync, constants, readFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadTariffs } from '@wattline/apps/billing';
import { CodedError, jsonLog, messageOf, realClock, secureRandom } from '@wattline/base';
import {
  connectSigner,
  enrolShipmentFile,
  keepEnrolmentFile,
  keepSigner,
  openEnrolmentFile,
} from '@wattline/headend';
import { tcpDialer } from '@wattline/network';
import { type OpenSystem, openSystem } from '@wattline/system';
import { startApi } from './api/index.ts';
import { machinePolicy } from './machine-policy.ts';
import { loadServeConfig, type ServeConfig, type ServeOptions } from './serve-config.ts';
import { stopSignal } from './stop-signal.ts';
import { createTerminal, type Terminal } from './terminal.ts';

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
  const signer =
    config.signerSocket === undefined
      ? keepSigner(config.signer, { clock, log })
      : connectSigner(config.signerSocket, { clock, log });
  const system = await openSystem({
    signer,
    ...(config.signerRecipient === undefined ? {} : { signerRecipient: config.signerRecipient }),
    directory: config.data,
    ...(config.registry === undefined ? {} : { registryUrl: config.registry }),
    ...(config.readings === undefined ? {} : { readingsServer: config.readings }),
    clock,
    random,
    log,
    dialer: tcpDialer,
    push: config.push,
    pushSources: config.pushSources,
    zone: config.zone,
    ...(config.rulePack ? { rulePack: config.rulePack } : {}),
    tariffs: loadTariffs(config.zone),
    headendPolicy: machinePolicy(),
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
    await takeShipments(config, system, terminal);
    signer.start();
    const ready = system.bringUp(null, (readiness) => terminal.progress(readiness));
    await Promise.race([ready, stop]);
    await stop;
    terminal.line('stopping ...');
    await api.close();
    return 0;
  } finally {
    await system.close();
    await signer.close();
  }
}

/** With a signer of its own the management keys of a shipment go to it first, in another process; this one gets the rest. */
async function takeShipments(config: ServeConfig, system: OpenSystem, terminal: Terminal): Promise<void> {
  const isOwnSigner = config.signerSocket === undefined;
  if (isOwnSigner) keepEnrolmentFile(config.signer, openEnrolmentFile(config.signer));
  for (const path of config.shipments) {
    expectReadable(path);
    const enrolled = isOwnSigner ? await enrolShipmentFile(config.signer, path) : undefined;
    const report = await system.headend.provision(
      enrolled?.stripped ?? readFileSync(path, 'utf8'),
      extname(path) === '.csv' ? 'csv' : 'json',
    );
    const atSigner = enrolled ? `, ${enrolled.report.enrolled} enrolled at the signer` : '';
    terminal.line(
      `  ${path}: ${report.added} meters added, ${report.updated} updated, ${report.refused.length} refused${atSigner}`,
    );
  }
}

/** Only looked at, not read: with a signer of its own this process never sees the management keys. */
function expectReadable(path: string): void {
  try {
    accessSync(path, constants.R_OK);
  } catch (error) {
    throw new CodedError(
      'server/no-shipment',
      `the shipment file ${path} cannot be read: ${messageOf(error)}`,
      { path },
      error,
    );
  }
}
