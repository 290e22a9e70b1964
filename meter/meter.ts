/** A virtual meter: metrology, clock, switch, events and memory behind a COSEM view; no socket, no timer. */
import assert from 'node:assert/strict';
import type { InvocationCounter, LogicalDevice } from '@wattline/protocols/dlms';
import { MeterClock } from './clock/clock.ts';
import type { BuiltProfile } from './cosem/built-profile.ts';
import { ClientSecurity } from './cosem/client-security.ts';
import type { MeterClient, SecuredClient } from './cosem/clients.ts';
import { createLogicalDevice } from './cosem/logical-device.ts';
import { ProfileView } from './cosem/profile-view.ts';
import { modelledWaveform } from './engine/modelled-waveform.ts';
import { codeIn, type EventName } from './events/event-codes.ts';
import type { EventLog } from './events/event-log.ts';
import { type EventDetail, EventRecorder } from './events/event-recorder.ts';
import type { Contacts, NeutralSigns } from './events/observation.ts';
import { TamperWatch } from './events/tamper-watch.ts';
import { logicalDeviceNameOf, systemTitleOf } from './identity.ts';
import { guardsByTitle, type ReservedCounter, reservedCounter } from './memory/invocation-counter.ts';
import { memoryOf, type NonVolatile } from './memory/non-volatile.ts';
import { type Operation, operationJournal } from './memory/operation-journal.ts';
import type { MeterParts } from './meter-parts.ts';
import { checkSpec, type MeterEnvironment, type MeterSpec, ratingsOf } from './meter-spec.ts';
import { encodePowerPush } from './power/power-push.ts';
import { companionProfile } from './profiles/companion-profiles.ts';
import { type Phasor, type Quantities, quantitiesOf } from './quantities/phasor.ts';
import type { WaveformSnapshot } from './quantities/waveform-snapshot.ts';
import { Bookkeeping } from './registers/bookkeeping.ts';
import { energyOf } from './registers/energy-kind.ts';
import { type EnergyStep, partOf } from './registers/energy-step.ts';
import { Metrology } from './registers/metrology.ts';
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
  /** Demand, billing periods, chosen profiles. */
  readonly books: Bookkeeping;
  /** The standard log. */
  readonly events: EventLog;
  /** All logs by number, filters, alarms. */
  readonly eventRecorder: EventRecorder;
  /** Tamper and supply conditions. */
  readonly tamper: TamperWatch;
  /** Counts energy that passed; behind an open switch there is none, whatever the step says. Steps follow without gap. */
  accumulate(step: EnergyStep): void;
  /** Counts a step of constant phasors: shows them and integrates their power. */
  measure(step: {
    readonly endMs: number;
    readonly phasors: readonly Phasor[];
    readonly frequencyHz: number;
  }): void;
  /** Shows phasors without counting energy, for those who count it otherwise. */
  show(phasors: readonly Phasor[], frequencyHz: number, neutral?: NeutralSigns): void;
  /** What the contacts and sensors of the case say from now on. */
  sense(contacts: Partial<Contacts>): void;
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
  readonly memory: NonVolatile;
  readonly security: ClientSecurity;
  readonly guards: MeterParts['guards'];
  readonly clock: MeterClock;
  readonly metrology: Metrology;
  readonly books: Bookkeeping;
  readonly eventRecorder: EventRecorder;
  readonly tamper: TamperWatch;
  /** Mode 4: only remote commands switch it, and reconnection is direct. */
  readonly disconnect = new DisconnectControl(4);
  readonly outages = { count: 0, lastSeconds: 0 };
  readonly device: LogicalDevice;
  readonly #environment: MeterEnvironment;
  readonly #journal;
  readonly #counters: Readonly<Record<SecuredClient, ReservedCounter>>;
  readonly #view: ProfileView;
  #quantities: Quantities;

  constructor(spec: MeterSpec, environment: MeterEnvironment) {
    const memory = memoryOf(spec.serial, environment.memory);
    this.spec = spec;
    this.#environment = environment;
    this.memory = memory;
    this.systemTitle = systemTitleOf(spec.serial);
    this.logicalDeviceName = logicalDeviceNameOf(spec.serial);
    this.clock = new MeterClock({
      zone: spec.zone,
      startMs: spec.startMs,
      ...(spec.clockOffsetMs === undefined ? {} : { offsetMs: spec.clockOffsetMs }),
      ...(spec.clockDriftPpm === undefined ? {} : { driftPpm: spec.clockDriftPpm }),
    });
    this.metrology = createMetrology(spec, environment, this.clock);
    const profile = profileOf(spec, this.metrology);
    const kept = { ...profile.profile.defaults?.(spec), ...spec };
    this.eventRecorder = new EventRecorder(kept.eventScheme ?? 'demo');
    this.tamper = new TamperWatch({
      ratings: ratingsOf(spec),
      record: (event, atMs, detail) => this.#record(event, atMs, detail),
      deliveredWh: () => this.metrology.delivered.total.wattHours,
    });
    this.#journal = operationJournal(memory);
    this.#quantities = quantitiesOf(idlePhasors(spec.phases), nominalHz);
    this.books = new Bookkeeping({
      options: kept,
      metrology: this.metrology,
      clock: this.clock,
      phases: spec.phases,
      meterMs: this.clock.at(spec.startMs),
      quantities: () => this.#quantities,
    });
    this.guards = {
      reader: guardsByTitle(memory, 'reader/accepted'),
      management: guardsByTitle(memory, 'management/accepted'),
    };
    this.security = new ClientSecurity({
      memory,
      rows: profile.profile.clients,
      keys: spec.keys,
      masterKey: spec.masterKey,
      guardsOf: (role) => this.guards[role],
    });
    this.#counters = {
      reader: reservedCounter(memory, 'reader/sent'),
      management: reservedCounter(memory, 'management/sent'),
    };
    this.#view = new ProfileView(this, profile);
    this.device = createLogicalDevice({
      view: this.#view,
      serverSap,
      counterOf: (client) => this.#counterOf(client),
    });
  }

  get clients(): readonly MeterClient[] {
    return this.security.clients;
  }

  get events(): EventLog {
    return this.eventRecorder.standard;
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

  waveform(): WaveformSnapshot | undefined {
    return this.#environment.waveform ? this.#environment.waveform() : modelledWaveform(this.#quantities);
  }

  nowMs(): number {
    return this.clock.at(this.#environment.clock.now());
  }

  accumulate(step: EnergyStep): void {
    const fromMs = this.clock.at(step.startMs);
    this.#accumulate(step);
    this.#view.pass({ fromMs, toMs: this.clock.at(step.endMs) });
  }

  #accumulate(step: EnergyStep): void {
    let { startMs } = step;
    for (;;) {
      const operation = this.#journal.peek();
      const isWithin = operation !== undefined && operation.atMs < step.endMs;
      const endMs = isWithin ? Math.max(startMs, operation.atMs) : step.endMs;
      if (endMs > startMs) this.#pass(partOf(step, startMs, endMs));
      if (!isWithin) return;
      this.#journal.take();
      this.#perform(operation);
      startMs = endMs;
    }
  }

  measure(step: {
    readonly endMs: number;
    readonly phasors: readonly Phasor[];
    readonly frequencyHz: number;
  }): void {
    this.show(step.phasors, step.frequencyHz);
    const startMs = this.countedToMs;
    const quantities = quantitiesOf(step.phasors, step.frequencyHz);
    this.accumulate({ startMs, endMs: step.endMs, ...energyOf(quantities, step.endMs - startMs) });
  }

  show(phasors: readonly Phasor[], frequencyHz: number, neutral?: NeutralSigns): void {
    assert(phasors.length === this.spec.phases, `this meter has ${this.spec.phases} phases`);
    const shown = this.isConnected ? phasors : phasors.map((phasor) => ({ ...phasor, currentA: 0 }));
    this.#quantities = quantitiesOf(shown, frequencyHz);
    this.tamper.show(shown, this.#quantities, neutral);
  }

  sense(contacts: Partial<Contacts>): void {
    this.tamper.sense(contacts);
  }

  powerDown({ isSilent } = { isSilent: false }): void {
    this.metrology.powerDown();
    this.books.power(false);
    this.outages.count++;
    const atMs = this.clock.at(this.countedToMs);
    this.#record('powerDown', atMs);
    this.#environment.memory.sync();
    if (!isSilent) this.#push('powerDown', atMs, 0);
  }

  powerUp(atMs: number, { isSilent } = { isSilent: false }): void {
    const outageSeconds = this.metrology.powerUp(atMs);
    this.books.power(true);
    this.outages.lastSeconds = outageSeconds;
    const meterMs = this.clock.at(atMs);
    this.#record('powerUp', meterMs);
    if (!isSilent) this.#push('powerUp', meterMs, outageSeconds);
  }

  recordEvent(event: EventName): void {
    this.#record(event, this.clock.at(this.countedToMs));
  }

  reserveCounters(): void {
    for (const counter of Object.values(this.#counters)) counter.reserve();
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

  #pass(step: EnergyStep): void {
    const { startMs, endMs } = step;
    this.metrology.accumulate(this.isConnected ? step : { startMs, endMs, deliveredMws: 0, receivedMws: 0 });
    this.tamper.pass(this.clock.at(startMs), this.clock.at(endMs));
  }

  #perform(operation: Operation): void {
    if (operation.kind === 'clock-set') {
      this.metrology.setClock(operation.offsetMs);
      this.books.clockMoved();
      this.recordEvent('clockSet');
      return;
    }
    this.disconnect.apply(operation.kind);
    this.recordEvent(operation.kind === 'remote-disconnect' ? 'remoteDisconnection' : 'remoteConnection');
    if (!this.isConnected) this.show(idlePhasors(this.spec.phases), nominalHz);
  }

  #record(event: EventName, atMs: number, detail?: EventDetail): void {
    this.eventRecorder.record(event, atMs, detail);
  }

  /** Clients of one role share its keys, and so its counter. */
  #counterOf({ name, role }: MeterClient): InvocationCounter {
    assert(role !== 'public', `client ${name} seals nothing`);
    return this.#counters[role];
  }

  #push(event: EventName, atMs: number, outageSeconds: number): void {
    const reader = this.clients.find((client) => client.role === 'reader');
    if (!this.#environment.send || !reader?.keys) return;
    const identity = {
      systemTitle: this.systemTitle,
      logicalDeviceName: this.logicalDeviceName,
      keys: reader.keys,
      counter: this.#counterOf(reader),
      clientSap: reader.clientSap,
      serverSap,
    };
    const code = codeIn(this.eventRecorder.scheme, event)?.code ?? 0;
    this.#environment.send(encodePowerPush(identity, this.clock, { code, atMs, outageSeconds }));
  }
}

function createMetrology(spec: MeterSpec, environment: MeterEnvironment, clock: MeterClock): Metrology {
  const { defectAt, pulses } = environment;
  const calendar = tariffCalendar(spec.tariff);
  const days = spec.profileDays ?? defaultProfileDays;
  const cameWith = { delivered: spec.initial?.ratesWh ?? [], received: [spec.initial?.receivedWh ?? 0] };
  if (pulses?.isEmpty) pulses.initialise(cameWith);
  const metrology = new Metrology({
    clock,
    calendar,
    intervalSeconds: spec.intervalSeconds,
    startMs: spec.startMs,
    initial: pulses?.registers() ?? cameWith,
    rateCount: Math.max(leastRates, calendar.rateCount, cameWith.delivered.length),
    intervalCapacity: Math.ceil((days * 86_400) / spec.intervalSeconds),
    midnightCapacity: days,
    ...(spec.entryLabel ? { label: spec.entryLabel } : {}),
    ...(defectAt ? { defectAt } : {}),
  });
  if (pulses) metrology.energies.onPulses = (...pulse) => pulses.record(...pulse);
  return metrology;
}

function profileOf({ profile, phases }: MeterSpec, { delivered }: Metrology): BuiltProfile {
  return companionProfile(profile, { phases, rates: delivered.rateCount });
}

function idlePhasors(phases: 1 | 3): Phasor[] {
  return Array.from({ length: phases }, () => ({ voltageV: nominalV, currentA: 0, angleRad: 0 }));
}
