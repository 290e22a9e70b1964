/** The supply switch (Blue Book 4.5.8): a table of mode x state x event -> state. */

/** Codes of control_state. */
export const controlState = { disconnected: 0, connected: 1, readyForReconnection: 2 } as const;
export type ControlState = keyof typeof controlState;

/** Modes 0 to 4 as the Blue Book numbers them; 0 never switches. */
export type ControlMode = 0 | 1 | 2 | 3 | 4;

/** What may be asked of the switch. `manual` is the button on the meter. */
export type SwitchEvent = 'remote-disconnect' | 'remote-reconnect' | 'manual-disconnect' | 'manual-reconnect';

type Transitions = Readonly<
  Partial<Record<ControlState, Readonly<Partial<Record<SwitchEvent, ControlState>>>>>
>;

/** Remote reconnection only makes ready in modes 1 and 3: the customer then presses the button. */
function transitionsOf(mode: {
  readonly hasManualDisconnect: boolean;
  readonly isReconnectDirect: boolean;
}): Transitions {
  return {
    connected: {
      'remote-disconnect': 'disconnected',
      ...(mode.hasManualDisconnect ? { 'manual-disconnect': 'readyForReconnection' } : {}),
    },
    disconnected: { 'remote-reconnect': mode.isReconnectDirect ? 'connected' : 'readyForReconnection' },
    readyForReconnection: { 'remote-disconnect': 'disconnected', 'manual-reconnect': 'connected' },
  };
}

const modes: Readonly<Record<ControlMode, Transitions>> = {
  0: {},
  1: transitionsOf({ hasManualDisconnect: true, isReconnectDirect: false }),
  2: transitionsOf({ hasManualDisconnect: true, isReconnectDirect: true }),
  3: transitionsOf({ hasManualDisconnect: false, isReconnectDirect: false }),
  4: transitionsOf({ hasManualDisconnect: false, isReconnectDirect: true }),
};

/** The switch. */
export class DisconnectControl {
  readonly mode: ControlMode;
  #state: ControlState = 'connected';

  constructor(mode: ControlMode) {
    this.mode = mode;
  }

  get state(): ControlState {
    return this.#state;
  }

  /** Whether current can flow: output_state. */
  get isClosed(): boolean {
    return this.#state === 'connected';
  }

  /** The state an event would lead to; undefined when the mode does not allow it in this state. */
  next(event: SwitchEvent): ControlState | undefined {
    return modes[this.mode][this.#state]?.[event];
  }

  /** Moves the switch; false when the mode does not allow it in this state. */
  apply(event: SwitchEvent): boolean {
    const next = this.next(event);
    if (next === undefined) return false;
    this.#state = next;
    return true;
  }
}
