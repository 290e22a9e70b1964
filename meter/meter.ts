/** A virtual meter: its works behind a COSEM view; no socket, no timer. */
import assert from 'node:assert/strict';
import {
  type AttributeDescriptor,
  type Data,
  type DataAccessResult,
  encodePush,
  type InvocationCounter,
} from '@wattline/protocols/dlms';
import type { CarbonAccount } from './carbon/carbon-account.ts';
import type { MeterClock } from './clock/clock.ts';
import type { ClockBattery } from './clock/crystal.ts';
import type { Configuration } from './configuration/configuration.ts';
import type { BuiltProfile } from './cosem/built-profile.ts';
import { ClientSecurity } from './cosem/client-security.ts';
import type { MeterClient, SecuredClient } from './cosem/clients.ts';
import { createLogicalDevice, type MeterDevice } from './cosem/logical-device.ts';
import { ProfileView } from './cosem/profile-view.ts';
import type { Display } from './display/display.ts';
import { modelledWaveform } from './engine/modelled-waveform.ts';
import type { AccessWatch } from './events/access-watch.ts';
import { codeIn, type EventName } from './events/event-codes.ts';
import type { EventLog } from './events/event-log.ts';
import type { EventRecorder } from './events/event-recorder.ts';
import type { Contacts, SampledSigns } from './events/observation.ts';
import type { TamperWatch } from './events/tamper-watch.ts';
import type { Firmware } from './firmware/firmware.ts';
import { logicalDeviceNameOf, systemTitleOf } from './identity.ts';
import { guardsByTitle, type ReservedCounter, reservedCounter } from './memory/invocation-counter.ts';
import { memoryOf, type NonVolatile } from './memory/non-volatile.ts';
import { ratesOf } from './meter-metrology.ts';
import type { MeterParts } from './meter-parts.ts';
import { checkSpec, type MeterEnvironment, type MeterSpec } from './meter-spec.ts';
import { type MeasuredStep, MeterWorks } from './meter-works.ts';
import type { Payment } from './payment/payment.ts';
import type { TokenOutcome } from './payment/token-gateway.ts';
import type { Outages } from './power/outages.ts';
import { encodePowerPush, type PushIdentity } from './power/power-push.ts';
import { companionProfile } from './profiles/companion-profiles.ts';
import type { Phasor, Quantities } from './quantities/phasor.ts';
import type { TransformerRatio } from './quantities/transformer-ratio.ts';
import type { WaveformSnapshot } from './quantities/waveform-snapshot.ts';
import type { Bookkeeping } from './registers/bookkeeping.ts';
import { type EnergyStep, partOf } from './registers/energy-step.ts';
import { entryLabels } from './registers/entry-label.ts';
import type { Metrology } from './registers/metrology.ts';
import type { SwitchEvent } from './supply-switch/disconnect-control.ts';
import type { SupplySwitch } from './supply-switch/supply-switch.ts';
import type { TariffKeeper } from './tariff/tariff-keeper.ts';

/** A meter. Instants are true UTC ms unless a name says meter time. */
export interface Meter {
  readonly spec: MeterSpec;
  /** 8 octets. */
  readonly systemTitle: Uint8Array;
  /** Everybody who may associate, with keys where they need any. */
  readonly clients: readonly MeterClient[];
  /** What a server connection of the dlms room speaks for. */
  readonly device: MeterDevice;
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
  /** Attempts of those who may not. */
  readonly access: AccessWatch;
  /** The switch, its limit, its welds. */
  readonly supply: SupplySwitch;
  readonly tariff: TariffKeeper;
  /** What can be changed from outside, with its audit. */
  readonly configuration: Configuration;
  readonly outages: Outages;
  readonly clock: MeterClock;
  readonly battery: ClockBattery;
  readonly payment: Payment;
  readonly carbon: CarbonAccount;
  readonly firmware: Firmware;
  readonly display: Display;
  /** Instrument transformers before the terminals: energies, phasors and waves are given as the terminals see them. */
  readonly transformers: TransformerRatio;
  /** Counts energy that passed; behind an open switch there is none, whatever the step says. Steps follow without gap. */
  accumulate(step: EnergyStep): void;
  /** Counts a step of constant phasors: shows them and integrates their power. */
  measure(step: MeasuredStep): void;
  /** What it shows now. */
  quantities(): Quantities;
  /** Shows phasors without counting energy, for those who count it otherwise; with what samples say beside them. */
  show(phasors: readonly Phasor[], frequencyHz: number, sampled?: SampledSigns): void;
  /** What the contacts and sensors of the case say from now on. */
  sense(contacts: Partial<Contacts>): void;
  /** The air about the clock's crystal has a temperature from now on; nothing to a meter without one in its specification. */
  feel(temperatureC: number): void;
  /** Supply fails at `countedToMs`: the event is logged and pushed as last gasp. `isSilent` for a past that is replayed. */
  powerDown(options?: { readonly isSilent: boolean }): void;
  /** Supply returns: what passed is captured; the event is logged and pushed. */
  powerUp(atMs: number, options?: { readonly isSilent: boolean }): void;
  recordEvent(event: EventName): void;
  /** The button, a command, or a schedule; false when the mode does not allow it in this state. */
  operateSwitch(event: SwitchEvent): boolean;
  /** A fault of the switch, for the simulated world: its contacts weld together. */
  weld(): void;
  /** A token that came over the wire or the keypad. */
  enterToken(token: Uint8Array): TokenOutcome;
  /** The customer chooses emergency credit; false when there is none to choose. */
  chooseEmergencyCredit(): boolean;
  /** Sets the clock to a meter time in one step. */
  setClock(meterMs: number): void;
  /** Brings the clock to a meter time: a small error by slewing, a large one in one step. */
  synchroniseClock(meterMs: number): void;
  /** Holds what a medium says of itself (signal, counters) in the attribute that shows it to clients; refused where a client could not read it. */
  report(reference: AttributeDescriptor, value: Data): DataAccessResult;
  /** Has invocation counters ready, so that the first answers wait for no disk. */
  reserveCounters(): void;
}

const serverSap = 1;

/**
 * Builds a meter at its start, before any energy; operations kept in its memory are done again as time passes them.
 * @throws CodedError `meter/bad-spec`, `meter/profile-unknown`
 */
export function createMeter(spec: MeterSpec, environment: MeterEnvironment): Meter {
  checkSpec(spec);
  const profile = companionProfile(spec.profile, { phases: spec.phases, rates: ratesOf(spec) });
  const defaults = { entryLabel: entryLabels[spec.profile] ?? 'end', ...profile.profile.defaults?.(spec) };
  return new VirtualMeter({ ...defaults, ...spec }, environment, profile);
}

class VirtualMeter extends MeterWorks implements Meter, MeterParts {
  readonly systemTitle: Uint8Array;
  readonly logicalDeviceName: Uint8Array;
  readonly memory: NonVolatile;
  readonly security: ClientSecurity;
  readonly guards: MeterParts['guards'];
  readonly device: MeterDevice;
  readonly #counters: Readonly<Record<SecuredClient, ReservedCounter>>;
  readonly #view: ProfileView;

  constructor(spec: MeterSpec, environment: MeterEnvironment, profile: BuiltProfile) {
    const memory = memoryOf(spec.serial, environment.memory);
    super(spec, environment, memory);
    this.memory = memory;
    this.systemTitle = systemTitleOf(spec.serial);
    this.logicalDeviceName = logicalDeviceNameOf(spec.serial);
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
    const { raiseAlarm } = profile.profile;
    if (raiseAlarm) this.eventRecorder.onAlarm = (alarm) => raiseAlarm(this.#view, alarm);
    this.device = createLogicalDevice({
      view: this.#view,
      serverSap,
      counterOf: (client) => this.#counterOf(client),
    });
  }

  get clients(): readonly MeterClient[] {
    return this.security.clients;
  }

  waveform(): WaveformSnapshot | undefined {
    if (!this.environment.waveform) return modelledWaveform(this.quantities());
    const seen = this.environment.waveform();
    return seen && this.transformers.snapshot(seen);
  }

  override accumulate(step: EnergyStep): void {
    let { startMs } = step;
    for (const endMs of [...this.#dueWithin(step), step.endMs]) {
      const fromMs = this.clock.at(startMs);
      super.accumulate(partOf(step, startMs, endMs));
      this.#view.pass({ fromMs, toMs: this.clock.at(endMs) });
      startMs = endMs;
    }
  }

  /** True instants within a step, the first ms after each at which a schedule is due: what it does is done then, not at the end of the step. */
  #dueWithin({ startMs, endMs }: EnergyStep): number[] {
    const fromMs = this.clock.at(startMs);
    const due = this.#view.due({ fromMs, toMs: this.clock.at(endMs) });
    const instants = due.map((dueMs) => startMs + Math.max(1, dueMs + 1 - fromMs));
    return [...new Set(instants)].filter((instantMs) => instantMs < endMs);
  }

  powerDown({ isSilent } = { isSilent: false }): void {
    const delayMs = this.lose();
    if (!isSilent && delayMs !== undefined) this.#push('powerDown', { outageSeconds: 0, delayMs });
  }

  powerUp(atMs: number, { isSilent } = { isSilent: false }): void {
    const outageSeconds = this.regain(atMs);
    if (!isSilent) this.#push('powerUp', { outageSeconds, delayMs: 0 });
  }

  reserveCounters(): void {
    for (const counter of Object.values(this.#counters)) counter.reserve();
  }

  /** Clients of one role share its keys, and so its counter. */
  #counterOf({ name, role }: MeterClient): InvocationCounter {
    assert(role !== 'public', `client ${name} seals nothing`);
    return this.#counters[role];
  }

  report(reference: AttributeDescriptor, value: Data): DataAccessResult {
    return this.#view.report(reference, value);
  }

  push(body: Data): boolean {
    const identity = this.#pushIdentity();
    if (!identity || !this.environment.send) return false;
    const { logicalDeviceName: _, ...sealing } = identity;
    const instantMs = this.nowMs();
    const { offsetMinutes } = this.clock.zone.stretchAt(instantMs);
    this.environment.send(encodePush({ ...sealing, protection: 'ae', instantMs, offsetMinutes, body }), 0);
    return true;
  }

  #push(event: EventName, of: { readonly outageSeconds: number; readonly delayMs: number }): void {
    const identity = this.#pushIdentity();
    if (!identity || !this.environment.send) return;
    const { outageSeconds, delayMs } = of;
    const atMs = this.clock.at(this.countedToMs);
    const code = codeIn(this.eventRecorder.scheme, event)?.code ?? 0;
    const octets = encodePowerPush(identity, this.clock, { code, atMs, outageSeconds });
    this.environment.send(octets, delayMs);
  }

  /** Pushes go to the first client of their role that has keys. */
  #pushIdentity(): PushIdentity | undefined {
    const { pushesAs = 'reader' } = this.spec;
    const taker = this.clients.find((client) => client.role === pushesAs && client.keys !== undefined);
    return (
      taker?.keys && {
        systemTitle: this.systemTitle,
        logicalDeviceName: this.logicalDeviceName,
        keys: taker.keys,
        counter: this.#counterOf(taker),
        clientSap: taker.clientSap,
        serverSap,
      }
    );
  }
}
