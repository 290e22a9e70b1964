/** `wattline town`: the whole stack with a virtual town, whose meters live in a process of their own. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadTariffs } from '@wattline/apps/billing';
import { type Clock, formatInstant, jsonLog, messageOf, realClock, secureRandom } from '@wattline/base';
import { enrolShipmentFile, keepSigner } from '@wattline/headend';
import { tcpDialer } from '@wattline/network';
import { spawnTown, type TownProcess } from '@wattline/sim';
import { type OpenSystem, openSystem } from '@wattline/system';
import { type Api, startApi } from './api/index.ts';
import { enrolDemonstrators } from './demonstrators.ts';
import { machinePolicy } from './machine-policy.ts';
import { stopSignal } from './stop-signal.ts';
import { createTerminal, type Terminal } from './terminal.ts';
import { planTown, type TownOptions, type TownPlan } from './town-plan.ts';

export type { TownOptions } from './town-plan.ts';

const portalDirectory = join(dirname(fileURLToPath(import.meta.url)), '..', 'portal', 'dist');

/** A town that runs. */
export interface RunningTown {
  readonly url: string;
  readonly system: OpenSystem;
  readonly plan: TownPlan;
  /** Resolves when meters are read and months billed; rejects when that cannot be. */
  readonly ready: Promise<void>;
  close(): Promise<void>;
}

/** Runs the town until the process is told to stop; resolves to the exit code. */
export async function runTown(options: TownOptions): Promise<number> {
  const terminal = createTerminal({
    write: (text) => void process.stdout.write(text),
    isInteractive: process.stdout.isTTY === true,
    json: options.json,
  });
  const stop = stopSignal();
  const town = await startTown(options, terminal, startedMonotonic());
  try {
    await Promise.race([town.ready, stop]);
    await stop;
    terminal.line('stopping ...');
  } finally {
    await town.close();
  }
  return 0;
}

/** Monotonic ms at which the person's wait began: the start script hands over its own start. */
function startedMonotonic(): number {
  const clock = realClock();
  const handed = Number(process.env.WATTLINE_STARTED_MS);
  const elapsedMs = Number.isFinite(handed) && handed > 0 ? clock.now() - handed : 0;
  return clock.monotonic() - Math.max(0, elapsedMs);
}

/** Opens the town: screens are served at once, `ready` resolves when they are full. */
export async function startTown(
  options: TownOptions,
  terminal: Terminal,
  startedMonotonicMs: number,
): Promise<RunningTown> {
  const { plan, isContinued, note } = await planTown(options, realClock().now());
  if (note) terminal.line(`note: ${note}`);
  const clock = realClock(plan.anchor);
  terminal.line(describe(plan, isContinued), { seed: plan.seed, start: formatInstant(plan.startMs) });
  const log = jsonLog('warn');
  const random = secureRandom();
  const deadlines = realClock();
  const signerDirectory = join(options.data, 'signer');
  const signer = keepSigner(signerDirectory, { clock: deadlines, log });
  const system = await openSystem({
    signer,
    directory: options.data,
    clock,
    deadlines,
    random,
    log,
    dialer: tcpDialer,
    push: { host: '127.0.0.1', port: 0 },
    zone: plan.zone,
    tariffs: loadTariffs(plan.zone),
    headendPolicy: machinePolicy(),
    startedMonotonicMs,
  });
  let meters: TownProcess | undefined;
  let api: Api | undefined;
  const close = async () => {
    await api?.close();
    await system.close();
    await signer.close();
    await meters?.stop();
  };
  try {
    api = await startApi({
      system,
      mode: 'town',
      host: options.host,
      port: options.port,
      portalDirectory,
      dataDirectory: options.data,
      log,
      random,
      town: { seed: plan.seed, startMs: plan.startMs, meters: plan.meters, load: plan.load ?? 'model' },
    });
    const { url } = api;
    terminal.line(`screens at ${url} (filling while the meters are read)`, { url });
    meters = await spawnMeters(options, plan, system, clock);
    watchMeters(meters, system, terminal);
    await reportLoad(meters, system, terminal);
    enrolDemonstrators(options.data, signerDirectory);
    const { stripped } = await enrolShipmentFile(signerDirectory, meters.shipmentPath);
    signer.start();
    const shipment = { text: stripped, format: 'json' as const };
    const ready = system
      .bringUp(shipment, (readiness) => terminal.progress(readiness))
      .then(() => announce(terminal, url, options, system));
    return { url, system, plan, ready, close };
  } catch (error) {
    await close().catch((second: unknown) =>
      log.error({ error: messageOf(second) }, 'closing after a failed start failed'),
    );
    throw error;
  }
}

function spawnMeters(
  options: TownOptions,
  plan: TownPlan,
  system: OpenSystem,
  clock: Clock,
): Promise<TownProcess> {
  const push = system.headend.pushAddress;
  return spawnTown({
    seed: plan.seed,
    startMs: plan.startMs,
    nowMs: clock.now(),
    meters: plan.meters,
    zone: plan.zone,
    intervalSeconds: plan.intervalSeconds,
    load: plan.load,
    ...(plan.faults ? { faults: plan.faults } : {}),
    directory: join(options.data, 'town'),
    pushHost: push.host,
    pushPort: push.port,
    anchor: plan.anchor,
    basePort: 0,
    tariffs: loadTariffs(plan.zone),
  });
}

/** What the load file said and what of it could not be used: on the operator's list, by code. */
async function reportLoad(meters: TownProcess, system: OpenSystem, terminal: Terminal): Promise<void> {
  if (meters.loadNote) terminal.line(`load: ${meters.loadNote}`);
  if (!meters.loadReport) return;
  const { rows, problems, ...counts } = meters.loadReport;
  const found = Object.entries(counts).filter(([, count]) => count > 0);
  const said = found.map(([name, count]) => `${count} ${name}`).join(', ') || 'nothing wrong';
  terminal.line(`load: ${rows} rows, ${said}`, { load: counts });
  const now = system.clock.now();
  for (const { code, line, message } of problems) {
    const text = `line ${line}: ${message}`;
    await system.events.report({
      kind: 'import-invalid',
      occurredMs: now,
      receivedMs: now,
      code,
      message: text,
    });
  }
}

/** Meters that are gone while the town runs are told of at once; the head-end will find them unreachable. */
function watchMeters(meters: TownProcess, system: OpenSystem, terminal: Terminal): void {
  void meters.ended.then((error) => {
    if (!error) return;
    terminal.line(`the meters' process ended: ${error.message} (${error.code})`);
    const now = system.clock.now();
    const event = { kind: 'meter-unreachable', occurredMs: now, receivedMs: now, code: error.code } as const;
    system.events.report({ ...event, message: error.message }).catch(() => {});
  });
}

function describe(plan: TownPlan, isContinued: boolean): string {
  const verb = isContinued ? 'going on with' : 'building';
  const load = plan.load ?? 'modelled load';
  return `Wattline: ${verb} a virtual town of ${plan.meters} meters, seed ${plan.seed}, from ${formatInstant(plan.startMs)} (${plan.zone}), ${load}`;
}

function announce(terminal: Terminal, url: string, options: TownOptions, system: OpenSystem): void {
  const { secondsToReady, secondsToFirstBill, readingsStored, readingsPerSecond } = system.readiness();
  const seconds = (value: number | null) => (value === null ? '-' : value.toFixed(1));
  const count = (value: number | null) => (value === null ? '-' : value.toLocaleString('en-GB'));
  terminal.line('');
  terminal.line(`Wattline is up: ${url}`, { url });
  terminal.line(`  customer    ${url}/customer/UP-0001`);
  terminal.line(`  operator    ${url}/operator`);
  terminal.line(`  API         ${url}/api/docs`);
  terminal.line(`  write token ${join(options.data, 'token')}`);
  terminal.line(`  approvers   ${join(options.data, 'people')} (keys of people who may sign commands)`);
  const figures = { secondsToReady, secondsToFirstBill, readingsStored, readingsPerSecond };
  terminal.line(
    `  ready in ${seconds(secondsToReady)} s, first bill in ${seconds(secondsToFirstBill)} s, ` +
      `${count(readingsStored)} readings stored at ${count(readingsPerSecond)} readings/s`,
    figures,
  );
  terminal.line('  stop with Ctrl+C');
}
