/** A place to try meter data management in tests: a registry with a few usage points, a temporary directory, a clock. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, silentLog, virtualClock } from '@wattline/base';
import { quality, type ReadingBatch, type ReadingBlock, type SystemEvent } from '@wattline/model';
import { openRegistry, type Registry } from '@wattline/store/registry';
import type { Mdm } from './mdm.ts';
import { openMdm } from './open-mdm.ts';
import type { MdmPolicy } from './policy.ts';

/** What a trial is built with. */
export interface TrialOptions {
  readonly zone?: string;
  readonly intervalSeconds?: number;
  readonly usagePoints?: number;
  readonly installedMs?: number;
  readonly nowMs?: number;
  readonly clock?: Clock;
  readonly directory?: string;
  readonly policy?: Partial<MdmPolicy>;
}

/** An open trial. `mdm` is replaced by `reopen`. */
export interface Trial {
  mdm: Mdm;
  readonly registry: Registry;
  readonly events: SystemEvent[];
  readonly directory: string;
  reopen(): Promise<void>;
  close(): Promise<void>;
}

/** Opens meter data management over `usagePoints` points named `UP-1`, `UP-2`, ... each with all channels. */
export async function openTrial(options: TrialOptions = {}): Promise<Trial> {
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'wattline-mdm-')));
  const registry = await trialRegistry(options);
  const events: SystemEvent[] = [];
  const clock = options.clock ?? virtualClock(options.nowMs ?? 0);
  const open = () =>
    openMdm({
      directory,
      registry,
      clock,
      log: silentLog,
      events: {
        report: async (event) => {
          events.push(event);
        },
      },
      ...(options.policy ? { policy: options.policy } : {}),
    });
  const trial: Trial = {
    mdm: await open(),
    registry,
    events,
    directory,
    async reopen() {
      await trial.mdm.close();
      trial.mdm = await open();
    },
    async close() {
      await trial.mdm.close();
      await registry.destroy();
      if (!options.directory) await rm(directory, { recursive: true, force: true });
    },
  };
  return trial;
}

/** A registry in memory with usage points, meters and channels. */
export async function trialRegistry(options: TrialOptions = {}): Promise<Registry> {
  const { zone = 'UTC', intervalSeconds = 900, usagePoints = 1, installedMs = 0 } = options;
  const registry = await openRegistry(':memory:');
  for (let index = 1; index <= usagePoints; index++) {
    const id = `UP-${index}`;
    await registry
      .insertInto('usage_point')
      .values({
        id,
        customer: 'Trial',
        address: 'Trial Street',
        kind: 'home',
        zone,
        substation: 'S',
        feeder: 'F',
        transformer: 'T',
        tariff_id: 'flat',
        solar_w: 0,
        latitude: 0,
        longitude: 0,
      })
      .execute();
    await registry
      .insertInto('meter')
      .values({
        serial: `M-${index}`,
        usage_point_id: id,
        make: 'trial',
        profile: 'demo',
        system_title: `TITLE-${index}`,
        host: '127.0.0.1',
        port: 1,
        interval_seconds: intervalSeconds,
        installed_ms: installedMs,
        state: 'ok',
        last_contact_ms: null,
        last_interval_ms: null,
        last_outcome: null,
        failures: 0,
      })
      .execute();
    for (const type of ['delivered', 'received', 'delivered-total', 'received-total']) {
      const interval_seconds = type.endsWith('total') ? 0 : intervalSeconds;
      await registry
        .insertInto('channel')
        .values({ id: `${id}/${type}`, usage_point_id: id, reading_type: type, interval_seconds })
        .execute();
    }
  }
  return registry;
}

/** A block of measured values; null is a slot without one. */
export function intervals(
  channel: string,
  startMs: number,
  values: readonly (number | null)[],
  options: { readonly intervalSeconds?: number; readonly flags?: number } = {},
): ReadingBlock {
  return {
    channel,
    startMs,
    intervalSeconds: options.intervalSeconds ?? 900,
    value: Float64Array.from(values, (value) => value ?? 0),
    quality: Uint16Array.from(values, (value) =>
      value === null ? quality.missing : (options.flags ?? quality.measured),
    ),
  };
}

/** A register reading. */
export function registerAt(channel: string, atMs: number, value: number): ReadingBlock {
  return {
    channel,
    startMs: atMs,
    intervalSeconds: 0,
    value: Float64Array.of(value),
    quality: Uint16Array.of(quality.measured),
  };
}

/** A batch of blocks from a meter. */
export function batchOf(id: string, ...blocks: readonly ReadingBlock[]): ReadingBatch {
  return { id, origin: { source: 'dlms', reference: `exchange-${id}` }, receivedMs: 0, blocks };
}
