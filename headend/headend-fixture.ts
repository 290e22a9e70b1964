/** A head-end on a registry in memory with scripted meters, for tests. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Clock, seededRandom, silentLog } from '@wattline/base';
import { openRegistry, type Registry } from '@wattline/store/registry';
import type { ProposeClockShift } from './collection/collection-task.ts';
import { type HeadendOptions, openHeadend } from './open-headend.ts';
import type { HeadendPolicy } from './policy.ts';
import type { PushSources } from './push/push-options.ts';
import { type TestMeter, testDataManagement, testDialer, testEvents } from './test-server.ts';

/** Opens a head-end that knows `meters`; everything is closed when the test ends. */
export async function headendWith(
  context: TestContext,
  options: {
    readonly clock: Clock;
    readonly meters: readonly TestMeter[];
    readonly policy?: Partial<HeadendPolicy>;
    readonly registry?: Registry;
    readonly worker?: string;
    readonly proposeClockShift?: ProposeClockShift;
    readonly onExchange?: HeadendOptions['onExchange'];
    readonly pushSources?: PushSources;
  },
) {
  const { clock, meters } = options;
  const directory = temporaryDirectory(context);
  const registry = options.registry ?? (await openRegistry(':memory:'));
  const management = testDataManagement();
  const events = testEvents();
  const headend = await openHeadend({
    registry,
    dialer: testDialer(meters, clock),
    push: { host: '127.0.0.1', port: 0 },
    clock,
    random: seededRandom('head-end'),
    log: silentLog,
    events,
    sink: management,
    progress: management,
    keyFile: join(directory, 'key'),
    ...(options.policy ? { policy: options.policy } : {}),
    ...(options.worker ? { worker: options.worker } : {}),
    ...(options.onExchange ? { onExchange: options.onExchange } : {}),
    ...(options.pushSources ? { pushSources: options.pushSources } : {}),
    ...(options.proposeClockShift ? { proposeClockShift: options.proposeClockShift } : {}),
  });
  context.after(async () => {
    await headend.close();
    if (!options.registry) await registry.destroy();
  });
  await headend.provision(JSON.stringify(meters.map(({ shipment }) => shipment)), 'json');
  return { headend, registry, management, events, directory };
}

/** A directory that goes when the test ends. */
export function temporaryDirectory(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'wattline-headend-'));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
