/**
 * The supply switch (Blue Book 4.5.8, class 70): a table of mode x state x event -> state. Letters are those of the standard's diagram:
 * a remote reconnection from disconnected to connected, b and c remote disconnection from connected and from ready, d remote reconnection
 * to ready, e manual reconnection, f manual disconnection, g local disconnection, h local reconnection.
 */

/** Codes of control_state. */
export const controlState = { disconnected: 0, connected: 1, readyForReconnection: 2 } as const;
export type ControlState = keyof typeof controlState;

/** Modes 0 to 6 as the Blue Book numbers them; 0 never switches. */
export type ControlMode = 0 | 1 | 2 | 3 | 4 | 5 | 6;

/** What may be asked of the switch. `manual` is the button on the meter, `local` a function of the meter: limiter, credit, schedule. */
export type SwitchEvent =
  | 'remote-disconnect'
  | 'remote-reconnect'
  | 'manual-disconnect'
  | 'manual-reconnect'
  | 'local-disconnect'
  | 'local-reconnect';

type Transitions = Readonly<
  Partial<Record<ControlState, Readonly<Partial<Record<SwitchEvent, ControlState>>>>>
>;

/** What sets the modes apart. */
interface Traits {
  /** f: the button disconnects. */
  readonly hasManualDisconnect: boolean;
  /** a in place of d: a remote reconnection closes at once; otherwise the customer then presses the button. */
  readonly isReconnectDirect: boolean;
  /** h: the meter itself may close again. */
  readonly hasLocalReconnect: boolean;
}

function transitionsOf(of: Traits): Transitions {
  return {
    connected: {
      'remote-disconnect': 'disconnected',
      'local-disconnect': 'readyForReconnection',
      ...(of.hasManualDisconnect ? { 'manual-disconnect': 'readyForReconnection' } : {}),
    },
    disconnected: { 'remote-reconnect': of.isReconnectDirect ? 'connected' : 'readyForReconnection' },
    readyForReconnection: {
      'remote-disconnect': 'disconnected',
      'manual-reconnect': 'connected',
      ...(of.hasLocalReconnect ? { 'local-reconnect': 'connected' } : {}),
    },
  };
}

const usual: Traits = {
  hasManualDisconnect: true,
  isReconnectDirect: false,
  hasLocalReconnect: false,
};

const modes: Readonly<Record<ControlMode, Transitions>> = {
  0: {},
  1: transitionsOf(usual),
  2: transitionsOf({ ...usual, isReconnectDirect: true }),
  3: transitionsOf({ ...usual, hasManualDisconnect: false }),
  4: transitionsOf({ ...usual, hasManualDisconnect: false, isReconnectDirect: true }),
  5: transitionsOf({ ...usual, hasLocalReconnect: true }),
  6: transitionsOf({ ...usual, hasManualDisconnect: false, hasLocalReconnect: true }),
};

/** The switch. */
export class DisconnectControl {
  #mode: ControlMode;
  #state: ControlState = 'connected';

  constructor(mode: ControlMode) {
    this.#mode = mode;
  }

  get mode(): ControlMode {
    return this.#mode;
  }

  /** Another mode; the state stays. */
  configure(mode: ControlMode): void {
    this.#mode = mode;
  }

  get state(): ControlState {
    return this.#state;
  }

  /** Whether the switch is asked to let current flow: output_state. */
  get isClosed(): boolean {
    return this.#state === 'connected';
  }

  /** The state an event would lead to; undefined when the mode does not allow it in this state. */
  next(event: SwitchEvent): ControlState | undefined {
    return modes[this.#mode][this.#state]?.[event];
  }

  /** Moves the switch; false when the mode does not allow it in this state. */
  apply(event: SwitchEvent): boolean {
    const next = this.next(event);
    if (next === undefined) return false;
    this.#state = next;
    return true;
  }
}
