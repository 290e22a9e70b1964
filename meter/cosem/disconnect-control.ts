/** Disconnect control, class 70 (Blue Book 4.5.8): the supply switch; only management may call it. */
import type { Data } from '@wattline/protocols/dlms';
import { controlState, type DisconnectControl } from '../supply-switch/disconnect-control.ts';
import { type InterfaceClass, readable } from './interface-class.ts';

/** The switch behind the object. */
export interface DisconnectSource {
  readonly disconnect: DisconnectControl;
  operateSwitch(event: 'remote-disconnect' | 'remote-reconnect'): boolean;
}

export const disconnectControl: InterfaceClass<DisconnectSource> = {
  classId: 70,
  version: 0,
  name: 'Disconnect control',
  section: '4.5.8',
  attributes: {
    2: {
      name: 'output_state',
      access: readable,
      read: ({ disconnect }, { writer }) => void writer.boolean(disconnect.isClosed),
    },
    3: {
      name: 'control_state',
      access: readable,
      read: ({ disconnect }, { writer }) => void writer.enumerate(controlState[disconnect.state]),
    },
    4: {
      name: 'control_mode',
      access: readable,
      read: ({ disconnect }, { writer }) => void writer.enumerate(disconnect.mode),
    },
  },
  methods: {
    1: {
      name: 'remote_disconnect',
      clients: ['management'],
      invoke: (source, parameter) => operate(source, 'remote-disconnect', parameter),
    },
    2: {
      name: 'remote_reconnect',
      clients: ['management'],
      invoke: (source, parameter) => operate(source, 'remote-reconnect', parameter),
    },
  },
};

/** The parameter is integer 0 by the standard; without effect otherwise. */
function operate(
  source: DisconnectSource,
  event: 'remote-disconnect' | 'remote-reconnect',
  parameter: Data | undefined,
) {
  if (parameter && parameter.type !== 'integer') return { result: 'type-unmatched' } as const;
  // A switch that is already there answers success: the wish is fulfilled.
  const isThere = (event === 'remote-disconnect') !== source.disconnect.isClosed;
  if (isThere || source.operateSwitch(event)) return { result: 'success' } as const;
  return { result: 'other-reason' } as const;
}
