/** The switch in the meter: what is told to it, what its contacts do, the limit that trips it, and the events that come of it. */
import type { EventName } from '../events/event-codes.ts';
import { type ControlMode, DisconnectControl, type SwitchEvent } from './disconnect-control.ts';
import { LoadLimit } from './load-limit.ts';
import { OverCurrent } from './over-current.ts';
import { WeldWatch } from './weld-watch.ts';

const eventOf: Readonly<Record<SwitchEvent, EventName>> = {
  'remote-disconnect': 'remoteDisconnection',
  'remote-reconnect': 'remoteConnection',
  'manual-disconnect': 'manualDisconnection',
  'manual-reconnect': 'manualConnection',
  'local-disconnect': 'localDisconnection',
  'local-reconnect': 'localConnection',
};

/** What the switch tells its meter. */
export interface SwitchHost {
  record(event: EventName, meterMs: number): void;
  /** Current stopped. */
  opened(): void;
}

/** The switch of one meter. */
export class SupplySwitch {
  readonly control: DisconnectControl;
  readonly weld = new WeldWatch();
  readonly limit: LoadLimit;
  readonly overCurrent = new OverCurrent();
  readonly #host: SwitchHost;

  constructor(mode: ControlMode, host: SwitchHost) {
    this.control = new DisconnectControl(mode);
    this.#host = host;
    this.limit = new LoadLimit((action, atMs) => {
      if (action === 'exceeded') host.record('limiterExceeded', atMs);
      else if (action === 'restored') host.record('limiterRestored', atMs);
      else this.perform(action === 'disconnect' ? 'local-disconnect' : 'local-reconnect', atMs);
    });
  }

  /** Whether current flows: a welded contact conducts whatever it is told. */
  get conducts(): boolean {
    return this.control.isClosed || this.weld.isWelded;
  }

  /** Moves the switch; false when the mode does not allow it in this state. */
  perform(event: SwitchEvent, meterMs: number): boolean {
    if (!this.control.apply(event)) return false;
    const isReady = event === 'remote-reconnect' && !this.control.isClosed;
    this.#host.record(isReady ? 'readyForReconnection' : eventOf[event], meterMs);
    if (event === 'manual-reconnect' || event === 'remote-reconnect') this.limit.release();
    if (!this.conducts) this.#host.opened();
    return true;
  }

  /** Time passed with currents, A; instants in meter time. True when they have been over the limit long enough to open it. */
  pass(startMs: number, endMs: number, phases: readonly { readonly currentA: number }[]): boolean {
    if (this.control.isClosed) return this.overCurrent.pass(endMs - startMs, phases);
    const currentA = Math.max(...phases.map((phase) => phase.currentA));
    const isFound = this.weld.pass(endMs - startMs, { isToldOpen: true, currentA });
    if (isFound) this.#host.record('switchFailed', endMs);
    return false;
  }
}
