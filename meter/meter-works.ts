/** The works of a meter: clock, registers, books, events, tamper, switch, tariff and parameters, as they live through time; no view, no keys. */
import assert from 'node:assert/strict';
import { type Random, seededRandom } from '@wattline/base';
import { CarbonAccount } from './carbon/carbon-account.ts';
import { MeterClock } from './clock/clock.ts';
import { ClockBattery, crystalPpm } from './clock/crystal.ts';
import { type SynchronisationPolicy, synchronise, usualSynchronisation } from './clock/synchronisation.ts';
import { Configuration, type NotedChange } from './configuration/configuration.ts';
import { meterParameters } from './configuration/meter-parameters.ts';
import { Display } from './display/display.ts';
import { displaySourceOf } from './display/meter-display.ts';
import { type ScrollLists, scrollLists } from './display/scroll-list.ts';
import { type SupplyThresholds, supplyThresholds } from './engine/supply-events.ts';
import { AccessWatch } from './events/access-watch.ts';
import type { EventName } from './events/event-codes.ts';
import type { EventLog } from './events/event-log.ts';
import { type EventDetail, EventRecorder } from './events/event-recorder.ts';
import type { Contacts, SampledSigns } from './events/observation.ts';
import { TamperWatch } from './events/tamper-watch.ts';
import { Firmware } from './firmware/firmware.ts';
import { usualFirmware } from './firmware/usual-firmware.ts';
import type { NonVolatile } from './memory/non-volatile.ts';
import { type Operation, operationJournal } from './memory/operation-journal.ts';
import { keepRing, ringStorageBytes } from './memory/ring-memory.ts';
import { createMetrology } from './meter-metrology.ts';
import { type MeterEnvironment, type MeterSpec, ratingsOf } from './meter-spec.ts';
import { Payment, type TokenOperation } from './payment/payment.ts';
import { type TokenOrder, type TokenOutcome, trustNobody } from './payment/token-gateway.ts';
import { type GaspTiming, planLastGasp, usualGaspTiming, usualHoldUp } from './power/last-gasp.ts';
import { Outages } from './power/outages.ts';
import { type Phasor, type Quantities, quantitiesOf } from './quantities/phasor.ts';
import { TransformerRatio } from './quantities/transformer-ratio.ts';
import { Bookkeeping } from './registers/bookkeeping.ts';
import type { ColumnRing } from './registers/column-ring.ts';
import { energyOf } from './registers/energy-kind.ts';
import { type EnergyStep, partOf } from './registers/energy-step.ts';
import { profileStatus } from './registers/load-profile.ts';
import type { Metrology } from './registers/metrology.ts';
import type { DisconnectControl, SwitchEvent } from './supply-switch/disconnect-control.ts';
import { SupplySwitch } from './supply-switch/supply-switch.ts';
import { tariffCalendar } from './tariff/tariff-calendar.ts';
import { TariffKeeper } from './tariff/tariff-keeper.ts';

/** A step of constant phasors from the instant counted up to. */
export interface MeasuredStep {
  readonly endMs: number;
  readonly phasors: readonly Phasor[];
  readonly frequencyHz: number;
}

const nominalHz = 50;
/** Hours that a new battery keeps the clock: ten years on the shelf. */
const batteryHours = 87_600;
const batteryLow = 0.1;
const yearMs = 365.25 * 86_400_000;

/** The works. Instants are true UTC ms unless a name says meter time. */
export class MeterWorks {
  readonly spec: MeterSpec;
  readonly clock: MeterClock;
  readonly battery: ClockBattery;
  readonly metrology: Metrology;
  readonly books: Bookkeeping;
  readonly eventRecorder: EventRecorder;
  readonly tamper: TamperWatch;
  readonly supply: SupplySwitch;
  readonly tariff: TariffKeeper;
  readonly outages = new Outages();
  readonly payment: Payment;
  readonly carbon = new CarbonAccount();
  readonly firmware: Firmware;
  /** Instrument transformers before the terminals. */
  readonly transformers: TransformerRatio;
  readonly access = new AccessWatch((event) => this.recordEvent(event));
  /** How the clock is brought to a time it is told. */
  synchronisation: SynchronisationPolicy;
  /** When the last gasp goes. */
  gaspTiming: GaspTiming;
  /** What a dip, a swell, an interruption, a rapid change is to an engine before this meter. */
  supplyThresholds: SupplyThresholds = supplyThresholds;
  protected readonly environment: MeterEnvironment;
  readonly #journal;
  readonly #random: Random;
  #quantities: Quantities;
  #configuration: Configuration | undefined;
  #display: Display | undefined;

  /** `kept` is the specification with the defaults of its companion profile. */
  constructor(kept: MeterSpec, environment: MeterEnvironment, memory: NonVolatile) {
    this.spec = kept;
    this.environment = environment;
    this.synchronisation = kept.synchronisation ?? usualSynchronisation;
    this.gaspTiming = kept.gaspTiming ?? usualGaspTiming;
    this.#journal = operationJournal(memory);
    this.#random = seededRandom(`last gasp/${kept.serial}`);
    this.transformers = new TransformerRatio(kept.transformers);
    this.#quantities = quantitiesOf(this.transformers.phasors(idlePhasors(kept)), nominalHz, kept.apparent);
    this.battery = new ClockBattery(kept.batteryHours ?? batteryHours);
    this.clock = clockOf(kept);
    const keep = (name: string, ring: ColumnRing) => {
      const { rings } = environment;
      if (rings) keepRing(ring, rings(name, ringStorageBytes(ring)));
    };
    this.eventRecorder = new EventRecorder(kept.eventScheme ?? 'demo', (log, ring) =>
      keep(`events/${log}`, ring),
    );
    this.supply = new SupplySwitch(kept.controlMode ?? 4, {
      record: (event, meterMs) => this.record(event, meterMs),
      opened: () => this.show(idlePhasors(this.spec), nominalHz),
    });
    this.metrology = createMetrology(kept, environment, this.clock, () => this.supply.conducts);
    this.tamper = new TamperWatch({
      ratings: ratingsOf(kept),
      record: (event, atMs, detail) => this.record(event, atMs, detail),
      deliveredWh: () => this.metrology.delivered.wattHours,
    });
    this.tariff = new TariffKeeper({
      zone: kept.tariff.zone,
      rateCount: this.metrology.energies.rateCount,
      calendar: tariffCalendar(kept.tariff),
      run: (calendar, meterMs) => this.metrology.useCalendar(calendar, meterMs),
      activated: (meterMs) => this.record('tariffActivated', meterMs),
    });
    const meterMs = this.clock.at(kept.startMs);
    const { metrology, clock } = this;
    const quantities = () => this.#quantities;
    this.books = new Bookkeeping({
      ...{ options: kept, metrology, clock, phases: kept.phases, meterMs, quantities },
    });
    const { energies } = metrology;
    // Registers that outlive the process have an account that does; a past that is lived again begins without.
    this.payment = new Payment(environment.tokens ?? trustNobody, environment.pulses && memory, {
      zone: clock.zone,
      registersWh: () => energies.rates('delivered'),
      disconnect: (atMs) => void this.supply.perform('local-disconnect', atMs),
      reconnect: (atMs) => void this.supply.perform('local-reconnect', atMs),
    });
    this.firmware = new Firmware({ ...usualFirmware, ...kept.firmware }, memory, (event) =>
      this.recordEvent(event),
    );
    metrology.edges.push(this.supply.limit, this.tariff, this.payment, this.firmware);
    keep('load-profile', metrology.loadProfile.ring);
    // Entries of another length are another buffer, as below.
    metrology.onLoadProfile = ({ ring }, count) => keep(`load-profile/${count}`, ring);
    keep('daily-profile', metrology.dailyProfile.ring);
    keep('outages', this.outages.log);
    for (const [name, profile] of this.books.profiles) {
      keep(`profile/${name}`, profile.ring);
      // Another set of columns is another buffer: what was kept of the last one is none of its entries.
      profile.onRing = (ring, count) => keep(`profile/${name}/${count}`, ring);
    }
    if (environment.pulses) {
      for (const kept of [this.books, this.outages, this.eventRecorder]) kept.keep(memory);
    }
    metrology.followers.push(this.supply.limit);
  }

  /** Made when it is first asked for, as the display is: most meters of a fleet are never configured, and nobody looks at them. */
  get configuration(): Configuration {
    this.#configuration ??= new Configuration({
      parameters: meterParameters(this),
      journal: (change) => this.#do({ kind: 'configure', atMs: this.countedToMs, ...change }),
      record: (event, atMs) => this.record(event, atMs),
    });
    return this.#configuration;
  }

  get display(): Display {
    const { spec } = this;
    this.#display ??= new Display(
      displaySourceOf(this, () => ratingsOf(spec).ratedV * this.transformers.voltage),
      spec.scrollLists ?? scrollLists[spec.profile] ?? (scrollLists.demo as ScrollLists),
    );
    return this.#display;
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

  get disconnect(): DisconnectControl {
    return this.supply.control;
  }

  get isConnected(): boolean {
    return this.disconnect.isClosed;
  }

  get isCommunicating(): boolean {
    return this.access.isCommunicating;
  }

  quantities(): Quantities {
    return this.#quantities;
  }

  nowMs(): number {
    return this.clock.at(this.environment.clock.now());
  }

  accumulate(step: EnergyStep): void {
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

  measure(step: MeasuredStep): void {
    this.show(step.phasors, step.frequencyHz);
    const startMs = this.countedToMs;
    // What the terminals see: the energy is brought to the primary side with every other.
    const quantities = quantitiesOf(step.phasors, step.frequencyHz, this.spec.apparent);
    this.accumulate({ startMs, endMs: step.endMs, ...energyOf(quantities, step.endMs - startMs) });
  }

  show(phasors: readonly Phasor[], frequencyHz: number, { neutral, quantities }: SampledSigns = {}): void {
    assert(phasors.length === this.spec.phases, `this meter has ${this.spec.phases} phases`);
    const shown = this.supply.conducts ? phasors : phasors.map((phasor) => ({ ...phasor, currentA: 0 }));
    this.#quantities =
      quantities && this.supply.conducts
        ? this.transformers.quantities(quantities)
        : quantitiesOf(this.transformers.phasors(shown), frequencyHz, this.spec.apparent);
    // Thresholds are shares of what the meter is built for: of the secondary side.
    this.tamper.show(shown, this.#quantities, neutral);
  }

  sense(contacts: Partial<Contacts>): void {
    this.tamper.sense(contacts);
  }

  feel(temperatureC: number): void {
    const { crystal, startMs } = this.spec;
    if (!crystal) return;
    const ageYears = (this.countedToMs - startMs) / yearMs;
    this.clock.drift(this.countedToMs, crystalPpm(crystal, { temperatureC, ageYears }));
  }

  weld(): void {
    this.supply.weld.isWelded = true;
  }

  recordEvent(event: EventName): void {
    this.record(event, this.clock.at(this.countedToMs));
  }

  operateSwitch(event: SwitchEvent): boolean {
    if (this.disconnect.next(event) === undefined) return false;
    this.#do({ kind: event, atMs: this.countedToMs });
    return true;
  }

  enterToken(token: Uint8Array): TokenOutcome {
    const take = (genuine: Pick<TokenOperation, 'id' | 'order'>) =>
      this.#do({ kind: 'token', atMs: this.countedToMs, ...genuine });
    return this.payment.tokens.enter(token, this.nowMs(), take);
  }

  orderPayment(order: TokenOrder): void {
    const atMs = this.countedToMs;
    const { used } = this.payment.tokens;
    // A number of its own, as a token has: an order that is lived again counts once.
    const number = used.filter((id) => id.startsWith(`order/${atMs}/`)).length;
    this.#do({ kind: 'token', atMs, id: `order/${atMs}/${number}`, order });
  }

  noteChange(change: NotedChange): void {
    this.#do({ kind: 'noted', atMs: this.countedToMs, ...change });
  }

  chooseEmergencyCredit(): boolean {
    const before = this.payment.state;
    this.#do({ kind: 'emergency-credit', atMs: this.countedToMs });
    return this.payment.state.isEmergency && !before.isEmergency;
  }

  setClock(meterMs: number): void {
    const offsetMs = meterMs - this.environment.clock.now();
    this.#do({ kind: 'clock-set', atMs: this.countedToMs, offsetMs });
  }

  synchroniseClock(meterMs: number): void {
    const action = synchronise(meterMs - this.nowMs(), this.synchronisation);
    if (action.kind === 'step') this.setClock(meterMs);
    else if (action.kind === 'slew') {
      const { byMs, ppm } = action;
      this.#do({ kind: 'clock-slew', atMs: this.countedToMs, byMs, ppm });
    }
  }

  /** Supply failed; returns after how many ms the last gasp goes, undefined when the capacitor cannot pay for it. */
  protected lose(): number | undefined {
    this.metrology.powerDown();
    this.books.power(false);
    this.outages.begin();
    this.recordEvent('powerDown');
    this.payment.save();
    this.environment.memory.sync();
    return planLastGasp(this.spec.holdUp ?? usualHoldUp, this.gaspTiming, this.#random);
  }

  /** Supply is back; returns the seconds without. */
  protected regain(atMs: number): number {
    const downMs = this.countedToMs;
    const isKept = this.battery.carry(atMs - downMs);
    // A clock without battery stands still; nobody knows for how long.
    if (!isKept) this.clock.set(atMs, this.clock.at(downMs) - atMs);
    const seconds = this.metrology.powerUp(atMs);
    this.books.power(true);
    this.outages.end(this.clock.at(atMs), seconds);
    this.recordEvent('powerUp');
    if (!isKept) {
      this.clock.isInvalid = true;
      this.metrology.flag(profileStatus.clockInvalid, true);
      this.recordEvent('clockInvalid');
    } else if (this.battery.level < batteryLow) this.recordEvent('batteryLow');
    return seconds;
  }

  protected record(event: EventName, atMs: number, detail?: EventDetail): void {
    this.eventRecorder.record(event, atMs, detail);
  }

  #pass(step: EnergyStep): void {
    const [fromMs, toMs] = [this.clock.at(step.startMs), this.clock.at(step.endMs)];
    this.metrology.accumulate(this.transformers.step(step));
    this.tamper.pass(fromMs, toMs);
    if (this.supply.pass(fromMs, toMs, this.#quantities.phases))
      this.#do({ kind: 'over-current', atMs: this.countedToMs });
  }

  /** Writes an operation down, then performs it. */
  #do(operation: Operation): void {
    this.#journal.record(operation);
    this.#perform(operation);
  }

  #perform(operation: Operation): void {
    const meterMs = this.clock.at(this.countedToMs);
    if (operation.kind === 'configure') this.configuration.perform(operation, meterMs);
    else if (operation.kind === 'noted') this.configuration.note(operation, meterMs);
    else if (operation.kind === 'clock-set') {
      this.record('clockAdjustedFrom', meterMs);
      this.metrology.setClock(operation.offsetMs);
      this.metrology.flag(profileStatus.clockInvalid, false);
      this.books.clockMoved();
      this.recordEvent('clockSet');
    } else if (operation.kind === 'clock-slew') {
      this.record('clockAdjustedFrom', meterMs);
      this.clock.slew(this.countedToMs, operation.byMs, operation.ppm);
      this.record('clockSet', meterMs + operation.byMs);
    } else if (operation.kind === 'token') this.payment.take(operation, meterMs);
    else if (operation.kind === 'over-current') this.supply.limit.trip(meterMs);
    else if (operation.kind === 'emergency-credit') this.payment.chooseEmergency(meterMs);
    else this.supply.perform(operation.kind, meterMs);
  }
}

function clockOf({ zone, startMs, clockOffsetMs, clockDriftPpm }: MeterSpec): MeterClock {
  return new MeterClock({
    zone,
    startMs,
    ...(clockOffsetMs === undefined ? {} : { offsetMs: clockOffsetMs }),
    ...(clockDriftPpm === undefined ? {} : { driftPpm: clockDriftPpm }),
  });
}

function idlePhasors(spec: MeterSpec): Phasor[] {
  const { ratedV } = ratingsOf(spec);
  return Array.from({ length: spec.phases }, () => ({ voltageV: ratedV, currentA: 0, angleRad: 0 }));
}
