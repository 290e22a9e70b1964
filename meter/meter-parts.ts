/** What the COSEM view sees of the meter behind it. */
import type { MeterClock } from './clock/clock.ts';
import type { MeterClient } from './cosem/clients.ts';
import type { EventLog } from './events/event-log.ts';
import type { TitleGuards } from './memory/invocation-counter.ts';
import type { MeterSpec, SecuredClient } from './meter-spec.ts';
import type { Quantities } from './quantities/phasor.ts';
import type { Metrology } from './registers/metrology.ts';
import type { DisconnectControl } from './supply-switch/disconnect-control.ts';

/** The parts; those that change are asked for, never copied. */
export interface MeterParts {
  readonly spec: MeterSpec;
  readonly logicalDeviceName: Uint8Array;
  readonly systemTitle: Uint8Array;
  readonly clients: readonly MeterClient[];
  readonly guards: Readonly<Record<SecuredClient, TitleGuards>>;
  readonly clock: MeterClock;
  readonly metrology: Metrology;
  readonly events: EventLog;
  readonly disconnect: DisconnectControl;
  readonly outages: { count: number; lastSeconds: number };
  quantities(): Quantities;
  /** Meter time now. */
  nowMs(): number;
  /** False when the mode does not allow it in this state. */
  operateSwitch(event: 'remote-disconnect' | 'remote-reconnect'): boolean;
  /** Sets the clock to a meter time. */
  setClock(meterMs: number): void;
}
