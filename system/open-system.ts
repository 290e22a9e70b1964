/** Opens the rooms in the order in which a reading passes them, and closes them in the reverse. */
import { join } from 'node:path';
import { type Billing, openBilling } from '@wattline/apps/billing';
import { type Clock, CodedError, type Log, makeDirectories, messageOf, type Random } from '@wattline/base';
import {
  createImageStore,
  type Headend,
  type HeadendPolicy,
  openCampaignDesk,
  openCommandDesk,
  openHeadend,
  type PushSources,
  runDesk,
  type SignerLink,
} from '@wattline/headend';
import { type Mdm, openMdm, type RulePack } from '@wattline/mdm';
import type { Tariff } from '@wattline/model';
import type { Address, Dialer } from '@wattline/network';
import type { ServerSettings } from '@wattline/store/readings';
import { openRegistry, type Registry } from '@wattline/store/registry';
import { type BillCycle, createBillCycle } from './bill-cycle.ts';
import { keepCapturePeriod } from './capture-period.ts';
import { requestClockShift } from './clock-policy.ts';
import { createEventHub } from './event-hub.ts';
import { createFeedCycle } from './feed-cycle.ts';
import { createReviewCycle, type ReviewCycle } from './review-cycle.ts';
import type { EventHub, Readiness, System } from './system.ts';

/** What the stack is given; nothing here is read from the environment. */
export interface SystemOptions {
  /** Data directory; one process owns it. */
  readonly directory: string;
  /** `postgres://...`; SQLite in the data directory when left out. */
  readonly registryUrl?: string;
  /** A ClickHouse server or cluster; the embedded one in the data directory when left out. */
  readonly readingsServer?: ServerSettings;
  readonly clock: Clock;
  /** The clock of deadlines when `clock` does not run at the speed of the network; default `clock`. */
  readonly deadlines?: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly dialer: Dialer;
  /** Where to listen for pushes; port 0 lets the system choose. */
  readonly push: Address;
  /** Where else meters push to: UDP, HDLC; default nowhere. */
  readonly pushSources?: PushSources;
  /** Zone of the utility's days: bill cycle, completeness. */
  readonly zone: string;
  /** By which readings are judged where no other pack was told; the generic one when left out. */
  readonly rulePack?: RulePack;
  readonly tariffs: readonly Tariff[];
  /** Monotonic ms from which `secondsToReady` counts. */
  readonly startedMonotonicMs: number;
  /** The channel to the signer, started and closed by the caller; without one nothing can be commanded. */
  readonly signer?: SignerLink;
  /** The signer's public key when it is known beforehand. */
  readonly signerRecipient?: string;
  /** Bounds and pauses of the head-end, where they are not the usual. */
  readonly headendPolicy?: Partial<HeadendPolicy>;
  /** Meters read at once. */
  readonly concurrency?: number;
}

/** A system that can be brought up from a shipment file. */
export interface OpenSystem extends System {
  /** Takes the meters, collects their history, reviews it, bills it, starts the cycles. Resolves when ready. */
  bringUp(
    shipment: { readonly text: string; readonly format: 'csv' | 'json' } | null,
    onChange: (readiness: Readiness) => void,
  ): Promise<void>;
}

/**
 * Opens the stack.
 * @throws CodedError `system/no-directory` when the data directory cannot be made or written.
 */
export async function openSystem(options: SystemOptions): Promise<OpenSystem> {
  const { directory, clock, random, log } = options;
  makeDirectory(directory);
  const closers: (() => Promise<void> | void)[] = [];
  try {
    const registry = await openRegistry(options.registryUrl ?? join(directory, 'registry.sqlite'));
    closers.push(() => registry.destroy());
    const events = createEventHub(registry, log);
    closers.push(() => events.close());
    // Until the head-end is open nobody is asked.
    let onMeter = async (_usagePointId: string): Promise<void> => {};
    const mdm = await openMdm({
      ...{ directory: join(directory, 'readings'), registry, clock, log, events },
      ...(options.readingsServer ? { readingsServer: options.readingsServer } : {}),
      ...(options.rulePack ? { rulePack: options.rulePack } : {}),
      onMeter: (usagePointId) => onMeter(usagePointId),
    });
    closers.push(() => mdm.close());
    const billing = openBilling({ registry, readings: mdm, clock });
    for (const tariff of options.tariffs) await billing.putTariff(tariff);
    let commands: System['commands'] = null;
    const headend = await openHeadend({
      registry,
      dialer: options.dialer,
      push: options.push,
      ...(options.pushSources ? { pushSources: options.pushSources } : {}),
      ...(options.headendPolicy ? { policy: options.headendPolicy } : {}),
      clock,
      deadlines: options.deadlines ?? clock,
      random,
      log,
      events,
      sink: mdm,
      progress: mdm,
      keyFile: join(directory, 'keys.bin'),
      // On PostgreSQL there may be others: wattline headend worker.
      ...(options.registryUrl === undefined ? {} : { worker: `server-${process.pid}` }),
      ...(options.signer ? { signer: options.signer.ask } : {}),
      onExchange: async ({ usagePointId, oldSerial, newSerial, ...exchange }) => {
        const reason = `${newSerial} took the place of ${oldSerial}`;
        const said = { author: 'shipment', reason };
        await mdm.assets.exchangeMeter(usagePointId, { ...exchange, oldSerial, newSerial }, said);
      },
      proposeClockShift: async (shift) => {
        if (commands) await requestClockShift(commands.desk, shift, options.deadlines ?? clock);
      },
    });
    closers.push(() => headend.close());
    onMeter = headend.meterMoved;
    commands = await openCommands(options, { registry, mdm, headend });
    return assemble({ commands, options, registry, events, mdm, billing, headend, closers });
  } catch (error) {
    await closeAll(closers, log);
    throw error;
  }
}

interface Parts {
  readonly options: SystemOptions;
  readonly registry: Registry;
  readonly events: EventHub;
  readonly mdm: Mdm;
  readonly billing: Billing;
  readonly headend: Headend;
  readonly commands: System['commands'];
  readonly closers: (() => Promise<void> | void)[];
}

/** Pause between two passes of the command desk, ms. */
const deskPauseMs = 5_000;

async function openCommands(
  options: SystemOptions,
  { registry, mdm, headend }: Pick<Parts, 'registry' | 'mdm' | 'headend'>,
): Promise<System['commands']> {
  const { readerKeys, dialer } = headend;
  const { signer, log } = options;
  if (!signer) return null;
  // Deadlines of commands are in the signer's time, which is the machine's.
  const clock = options.deadlines ?? options.clock;
  const images = createImageStore(registry);
  const desk = await openCommandDesk({
    ...{ registry, ask: signer.ask, dialer, clock, log, readerKeys },
    ...(options.signerRecipient ? { signerRecipient: options.signerRecipient } : {}),
    imageOf: images.of,
    onDone: (batch, serial) => keepCapturePeriod({ registry, mdm, clock: options.clock }, batch, serial),
  });
  const campaigns = openCampaignDesk({ registry, images, desk, clock: options.clock, deadlines: clock, log });
  return { desk, campaigns, ask: signer.ask };
}

type Progress = { -readonly [K in keyof Readiness]: Readiness[K] };

function assemble(parts: Parts): OpenSystem {
  const { options, registry, events, mdm, billing, headend, commands, closers } = parts;
  const { clock, log, zone } = options;
  const elapsedSeconds = () => (clock.monotonic() - options.startedMonotonicMs) / 1000;
  const progress: Progress = {
    phase: 'starting',
    isReady: false,
    metersProvisioned: 0,
    metersCollected: 0,
    secondsToReady: null,
    secondsToFirstBill: null,
    readingsStored: 0,
    readingsPerSecond: null,
  };
  const noteBill = () => {
    progress.secondsToFirstBill ??= elapsedSeconds();
  };
  const bills: BillCycle = createBillCycle({ registry, billing, clock, events, log, zone, onBill: noteBill });
  const reviews: ReviewCycle = createReviewCycle({ registry, mdm, clock, log });
  // Subscribers answer in the machine's time.
  const feed = createFeedCycle({ feed: mdm.feed, clock: options.deadlines ?? clock, log });
  closers.push(async () => {
    bills.close();
    reviews.close();
    await feed.close();
  });
  const readiness = (): Readiness => {
    const figures = mdm.figures();
    const perSecond =
      figures.busyMs > 0 ? Math.round((figures.readingsStored / figures.busyMs) * 1000) : null;
    return { ...progress, readingsStored: figures.readingsStored, readingsPerSecond: perSecond };
  };

  const startDesk = () => {
    if (!commands) return;
    const deadlines = options.deadlines ?? clock;
    // Changes of keys that were cut off with the last process: the meters say which pair they hold.
    headend.readerKeys
      .settle()
      .catch((error: unknown) => log.warn({ error: messageOf(error) }, 'keys stay open'));
    const passes = {
      async run() {
        await commands.desk.run();
        await commands.campaigns.step();
      },
    };
    const stop = runDesk(passes, { clock: deadlines, log, everyMs: deskPauseMs });
    closers.push(async () => {
      stop();
      await commands.desk.settled();
    });
  };

  const bringUp: OpenSystem['bringUp'] = async (shipment, onChange) => {
    const enter = (phase: Readiness['phase']) => {
      progress.phase = phase;
      onChange(readiness());
    };
    enter('provisioning');
    if (shipment) await headend.provision(shipment.text, shipment.format);
    progress.metersProvisioned = await countMeters(registry);
    enter('collecting');
    const onProgress = (done: number) => {
      progress.metersCollected = done;
      onChange(readiness());
    };
    await headend.collectAll({ concurrency: options.concurrency ?? 8, onProgress });
    await mdm.settled();
    await reviews.catchUp();
    await mdm.settled();
    enter('billing');
    await bills.runAll();
    progress.isReady = true;
    progress.secondsToReady = elapsedSeconds();
    headend.startSchedule();
    reviews.start();
    feed.start();
    bills.start();
    startDesk();
    enter('ready');
  };

  return {
    clock,
    zone,
    registry,
    mdm,
    headend,
    billing,
    events,
    commands,
    readiness,
    bringUp,
    close: () => closeAll(closers, log),
  };
}

async function countMeters(registry: Registry): Promise<number> {
  const row = await registry
    .selectFrom('meter')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirst();
  return Number(row?.count ?? 0);
}

function makeDirectory(directory: string): void {
  try {
    makeDirectories(directory);
  } catch (error) {
    const what = `the data directory ${directory} cannot be made: ${messageOf(error)}; choose a writable one with --data`;
    throw new CodedError('system/no-directory', what, { directory }, error);
  }
}

async function closeAll(closers: (() => Promise<void> | void)[], log: Log): Promise<void> {
  for (const close of closers.splice(0).reverse()) {
    try {
      await close();
    } catch (error) {
      log.error({ error: messageOf(error) }, 'a room did not close cleanly');
    }
  }
}
