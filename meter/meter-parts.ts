/** What the COSEM view sees of the meter behind it. */
import type { Data } from '@wattline/protocols/dlms';
import type { CarbonAccount } from './carbon/carbon-account.ts';
import type { MeterClock } from './clock/clock.ts';
import type { ClockBattery } from './clock/crystal.ts';
import type { Configuration, NotedChange } from './configuration/configuration.ts';
import type { ClientSecurity } from './cosem/client-security.ts';
import type { MeterClient, SecuredClient } from './cosem/clients.ts';
import type { Display } from './display/display.ts';
import type { AccessWatch } from './events/access-watch.ts';
import type { EventLog } from './events/event-log.ts';
import type { EventRecorder } from './events/event-recorder.ts';
import type { TamperWatch } from './events/tamper-watch.ts';
import type { Firmware } from './firmware/firmware.ts';
import type { TitleGuards } from './memory/invocation-counter.ts';
import type { NonVolatile } from './memory/non-volatile.ts';
import type { MeterSpec } from './meter-spec.ts';
import type { Payment } from './payment/payment.ts';
import type { TokenOrder, TokenOutcome } from './payment/token-gateway.ts';
import type { Outages } from './power/outages.ts';
import type { Quantities } from './quantities/phasor.ts';
import type { TransformerRatio } from './quantities/transformer-ratio.ts';
import type { WaveformSnapshot } from './quantities/waveform-snapshot.ts';
import type { Bookkeeping } from './registers/bookkeeping.ts';
import type { Metrology } from './registers/metrology.ts';
import type { DisconnectControl, SwitchEvent } from './supply-switch/disconnect-control.ts';
import type { SupplySwitch } from './supply-switch/supply-switch.ts';
import type { TariffKeeper } from './tariff/tariff-keeper.ts';

/** The parts; those that change are asked for, never copied. */
export interface MeterParts {
  readonly spec: MeterSpec;
  readonly logicalDeviceName: Uint8Array;
  readonly systemTitle: Uint8Array;
  readonly clients: readonly MeterClient[];
  readonly security: ClientSecurity;
  readonly memory: NonVolatile;
  readonly guards: Readonly<Record<SecuredClient, TitleGuards>>;
  readonly clock: MeterClock;
  readonly metrology: Metrology;
  readonly books: Bookkeeping;
  readonly events: EventLog;
  readonly eventRecorder: EventRecorder;
  readonly tamper: TamperWatch;
  readonly access: AccessWatch;
  readonly disconnect: DisconnectControl;
  readonly supply: SupplySwitch;
  readonly tariff: TariffKeeper;
  readonly configuration: Configuration;
  readonly outages: Outages;
  readonly battery: ClockBattery;
  readonly payment: Payment;
  readonly carbon: CarbonAccount;
  readonly transformers: TransformerRatio;
  readonly firmware: Firmware;
  readonly display: Display;
  quantities(): Quantities;
  /** The wave behind the quantities; `undefined` without supply. */
  waveform(): WaveformSnapshot | undefined;
  /** Meter time now. */
  nowMs(): number;
  /** False when the mode does not allow it in this state. */
  operateSwitch(event: SwitchEvent): boolean;
  /** Sends a push with a body, under the keys of the reader; false when the meter has nowhere to push to. */
  push(body: Data): boolean;
  /** A client set an attribute that is no parameter: on disk, audited and logged when it returns. */
  noteChange(change: NotedChange): void;
  /** A token that came over the wire or the keypad. */
  enterToken(token: Uint8Array): TokenOutcome;
  /** What a token would bring, ordered by a client that may. */
  orderPayment(order: TokenOrder): void;
  /** False when there is no emergency credit to choose. */
  chooseEmergencyCredit(): boolean;
  /** Sets the clock to a meter time. */
  setClock(meterMs: number): void;
  /** Brings the clock to a meter time: a small error by slewing, a large one in one step. */
  synchroniseClock(meterMs: number): void;
}
