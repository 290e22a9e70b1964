/** A virtual meter: metrology, clock, switch, events and memory behind a COSEM view; no socket, no timer. */
import assert from 'node:assert/strict';
import type { InvocationCounter, LogicalDevice } from '@wattline/protocols/dlms';
import { MeterClock } from './clock/clock.ts';
import { clientsOf, type MeterClient } from './cosem/clients.ts';
import { createLogicalDevice } from './cosem/logical-device.ts';
import { EventLog, type EventName } from './events/event-log.ts';
import { logicalDeviceNameOf, systemTitleOf } from './identity.ts';
import { guardsByTitle, type ReservedCounter, reservedCounter } from './memory/invocation-counter.ts';
import { memoryOf, type NonVolatile } from './memory/non-volatile.ts';
import { type Operation, operationJournal } from './memory/operation-journal.ts';
import type { MeterParts } from './meter-parts.ts';
import { checkSpec, type MeterEnvironment, type MeterSpec } from './meter-spec.ts';
import { encodePowerPush } from './power/power-push.ts';
import { companionProfile } from './profiles/companion-profiles.ts';
import { milliwattSeconds, type Phasor, type Quantities, quantitiesOf } from './quantities/phasor.ts';
import { type EnergyStep, Metrology } from './registers/metrology.ts';
import { DisconnectControl } from './supply-switch/disconnect-control.ts';
import { tariffCalendar } from './tariff/tariff-calendar.ts';

/** A meter. Instants are true UTC ms unless a name says meter time. */
export interface Meter {
  readonly spec: MeterSpec;
  /** 8 octets. */
  readonly systemTitle: Uint8Array;
  /** Everybody who may associate, with keys where they need any. */
  readonly clients: readonly MeterClient[];
  /** What a server connection of the dlms room speaks for. */
  readonly device: LogicalDevice;
  /** Instant up to which energy is counted. */
  readonly countedToMs: number;
  readonly isPowered: boolean;
  /** Whether the switch lets current flow. */
  readonly isConnected: boolean;
  readonly metrology: Metrology;
  readonly events: EventLog;
  /** Counts energy that passed; behind an open switch there is none, whatever the step says. Steps follow without gap. */
  accumulate(step: EnergyStep): void;
  /** Counts a step of constant phasors: shows them and integrates their power. */
  measure(step: {
    readonly endMs: number;
    readonly phasors: readonly Phasor[];
    readonly frequencyHz: number;
  }): void;
  /** Shows phasors without counting energy, for those who count it otherwise. */
  show(phasors: readonly Phasor[], frequencyHz: number): void;
  /** Supply fails at `countedToMs`: the event is logged and pushed as last gasp. `isSilent` for a past that is replayed. */
  powerDown(options?: { readonly isSilent: boolean }): void;
  /** Supply returns: what passed is captured; the event is logged and pushed. */
  powerUp(atMs: number, options?: { readonly isSilent: boolean }): void;
  recordEvent(event: EventName): void;
  /** Has invocation counters ready, so that the first answers wait for no disk. */
  reserveCounters(): void;
}

const nominalV = 230;
const nominalHz = 50;
const defaultProfileDays = 90;
/** Rates that every meter has a register for, used or not. */
const leastRates = 2;
const serverSap = 1;

/**
 * Builds a meter at its start, before any energy; operations kept in its memory are done again as time passes them.
 * @throws CodedError `meter/bad-spec`, `meter/profile-unknown`
 */
export function createMeter(spec: MeterSpec, environment: MeterEnvironment): Meter {
  checkSpec(spec);
  return new VirtualMeter(spec, environment);
}

class VirtualMeter implements Meter, MeterParts {
  readonly spec: MeterSpec;
  readonly systemTitle: Uint8Array;
  readonly logicalDeviceName: Uint8Array;
  readonly clients: readonly MeterClient[];
  readonly guards: MeterParts['guards'];
  readonly clock: MeterClock;
  readonly metrology: Metrology;
  readonly events = new EventLog();
  /** Mode 4: only remote commands switch it, and reconnection is direct. */
  readonly disconnect = new DisconnectControl(4);
  readonly outages = { count: 0, lastSeconds: 0 };
  readonly device: LogicalDevice;
  readonly #environment: MeterEnvironment;
  readonly #journal;
  readonly #counters: ReadonlyMap<string, ReservedCounter>;
  #quantities: Quantities;

  constructor(spec: MeterSpec, environment: MeterEnvironment) {
    const memory = memoryOf(spec.serial, environment.memory);
    this.spec = spec;
    this.#environment = environment;
    this.systemTitle = systemTitleOf(spec.serial);
    this.logicalDeviceName = logicalDeviceNameOf(spec.serial);
    this.clock = new MeterClock({
      zone: spec.zone,
      startMs: spec.startMs,
      ...(spec.clockOffsetMs === undefined ? {} : { offsetMs: spec.clockOffsetMs }),
      ...(spec.clockDriftPpm === undefined ? {} : { driftPpm: spec.clockDriftPpm }),
    });
    this.metrology = createMetrology(spec, environment, this.clock);
    this.#journal = operationJournal(memory);
    this.#quantities = quantitiesOf(idlePhasors(spec.phases), nominalHz);
    this.guards = {
      reader: guardsByTitle(memory, 'reader/accepted'),
      management: guardsByTitle(memory, 'management/accepted'),
    };
    this.clients = clientsOf(spec.keys, (client) => this.guards[client]);
    this.#counters = countersOf(this.clients, memory);
    this.device = createLogicalDevice({
      systemTitle: this.systemTitle,
      serverSap,
      clients: this.clients,
      counterOf: (client) => this.#counterOf(client),
      objects: companionProfile(spec.profile)(this),
    });
  }

  get countedToMs(): number {
    return this.metrology.countedToMs;
  }

  get isPowered(): boolean {
    return this.metrology.isPowered;
  }

  get isConnected(): boolean {
    return this.disconnect.isClosed;
  }

  quantities(): Quantities {
    return this.#quantities;
  }

  nowMs(): number {
    return this.clock.at(this.#environment.clock.now());
  }

  accumulate(step: EnergyStep): void {
    let { startMs } = step;
    let deliveredDone = 0;
    let receivedDone = 0;
    for (;;) {
      const operation = this.#journal.peek();
      const isWithin = operation !== undefined && operation.atMs < step.endMs;
      const endMs = isWithin ? Math.max(startMs, operation.atMs) : step.endMs;
      const share = (endMs - step.startMs) / (step.endMs - step.startMs);
      const deliveredUpTo = isWithin ? Math.floor(step.deliveredMws * share) : step.deliveredMws;
      const receivedUpTo = isWithin ? Math.floor(step.receivedMws * share) : step.receivedMws;
      if (endMs > startMs) {
        this.metrology.accumulate({
          startMs,
          endMs,
          deliveredMws: this.isConnected ? deliveredUpTo - deliveredDone : 0,
          receivedMws: this.isConnected ? receivedUpTo - receivedDone : 0,
        });
      }
      if (!isWithin) return;
      this.#journal.take();
      this.#perform(operation);
      startMs = endMs;
      deliveredDone = deliveredUpTo;
      receivedDone = receivedUpTo;
    }
  }

  measure(step: {
    readonly endMs: number;
    readonly phasors: readonly Phasor[];
    readonly frequencyHz: number;
  }): void {
    this.show(step.phasors, step.frequencyHz);
    const startMs = this.countedToMs;
    const { activeW } = quantitiesOf(step.phasors, step.frequencyHz);
    const energy = milliwattSeconds(Math.abs(activeW), step.endMs - startMs);
    const [deliveredMws, receivedMws] = activeW >= 0 ? [energy, 0] : [0, energy];
    this.accumulate({ startMs, endMs: step.endMs, deliveredMws, receivedMws });
  }

  show(phasors: readonly Phasor[], frequencyHz: number): void {
    assert(phasors.length === this.spec.phases, `this meter has ${this.spec.phases} phases`);
    const shown = this.isConnected ? phasors : phasors.map((phasor) => ({ ...phasor, currentA: 0 }));
    this.#quantities = quantitiesOf(shown, frequencyHz);
  }

  powerDown({ isSilent } = { isSilent: false }): void {
    this.metrology.powerDown();
    this.outages.count++;
    const atMs = this.clock.at(this.countedToMs);
    this.events.record('powerDown', atMs);
    this.#environment.memory.sync();
    if (!isSilent) this.#push({ event: 'powerDown', atMs, outageSeconds: 0 });
  }

  powerUp(atMs: number, { isSilent } = { isSilent: false }): void {
    const outageSeconds = this.metrology.powerUp(atMs);
    this.outages.lastSeconds = outageSeconds;
    const meterMs = this.clock.at(atMs);
    this.events.record('powerUp', meterMs);
    if (!isSilent) this.#push({ event: 'powerUp', atMs: meterMs, outageSeconds });
  }

  recordEvent(event: EventName): void {
    this.events.record(event, this.clock.at(this.countedToMs));
  }

  reserveCounters(): void {
    for (const counter of this.#counters.values()) counter.reserve();
  }

  operateSwitch(event: 'remote-disconnect' | 'remote-reconnect'): boolean {
    if (this.disconnect.next(event) === undefined) return false;
    const operation: Operation = { kind: event, atMs: this.countedToMs };
    this.#journal.record(operation);
    this.#perform(operation);
    return true;
  }

  setClock(meterMs: number): void {
    const offsetMs = meterMs - this.#environment.clock.now();
    const operation: Operation = { kind: 'clock-set', atMs: this.countedToMs, offsetMs };
    this.#journal.record(operation);
    this.#perform(operation);
  }

  #perform(operation: Operation): void {
    if (operation.kind === 'clock-set') {
      this.metrology.setClock(operation.offsetMs);
      this.recordEvent('clockSet');
      return;
    }
    this.disconnect.apply(operation.kind);
    this.recordEvent(operation.kind === 'remote-disconnect' ? 'remoteDisconnection' : 'remoteConnection');
    if (!this.isConnected) this.show(idlePhasors(this.spec.phases), nominalHz);
  }

  #counterOf(client: string): InvocationCounter {
    const counter = this.#counters.get(client);
    assert(counter, `client ${client} seals nothing`);
    return counter;
  }

  #push(of: Parameters<typeof encodePowerPush>[2]): void {
    const reader = this.clients.find((client) => client.name === 'reader');
    if (!this.#environment.send || !reader?.keys) return;
    const identity = {
      systemTitle: this.systemTitle,
      logicalDeviceName: this.logicalDeviceName,
      keys: reader.keys,
      counter: this.#counterOf(reader.name),
      clientSap: reader.clientSap,
      serverSap,
    };
    this.#environment.send(encodePowerPush(identity, this.clock, of));
  }
}

function createMetrology(spec: MeterSpec, { defectAt }: MeterEnvironment, clock: MeterClock): Metrology {
  const calendar = tariffCalendar(spec.tariff);
  const days = spec.profileDays ?? defaultProfileDays;
  const rates = Math.max(leastRates, calendar.rateCount, spec.initial?.ratesWh.length ?? 0);
  return new Metrology({
    clock,
    calendar,
    intervalSeconds: spec.intervalSeconds,
    startMs: spec.startMs,
    initialRatesWh: Array.from({ length: rates }, (_, index) => spec.initial?.ratesWh[index] ?? 0),
    initialReceivedWh: spec.initial?.receivedWh ?? 0,
    intervalCapacity: Math.ceil((days * 86_400) / spec.intervalSeconds),
    midnightCapacity: days,
    ...(defectAt ? { defectAt } : {}),
  });
}

function countersOf(
  clients: readonly MeterClient[],
  memory: NonVolatile,
): ReadonlyMap<string, ReservedCounter> {
  const secured = clients.filter((client) => client.keys !== undefined);
  return new Map(secured.map(({ name }) => [name, reservedCounter(memory, `${name}/sent`)]));
}

function idlePhasors(phases: 1 | 3): Phasor[] {
  return Array.from({ length: phases }, () => ({ voltageV: nominalV, currentA: 0, angleRad: 0 }));
}
