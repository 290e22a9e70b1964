/** Disconnect control, class 70 (Blue Book 4.5.8): the supply switch; only management may call it. */
import type { DataAccessResult } from '@wattline/protocols/dlms';
import {
  type ControlMode,
  controlState,
  type DisconnectControl,
} from '../supply-switch/disconnect-control.ts';
import { boolean, enumeration, enumerationTo, trigger } from './data-type.ts';
import { numberIn } from './fields.ts';
import { type InterfaceClass, managed, readable, settable } from './interface-class.ts';

/** The switch behind the object. */
export interface DisconnectSource {
  readonly disconnect: DisconnectControl;
  operateSwitch(event: 'remote-disconnect' | 'remote-reconnect'): boolean;
  setMode(mode: ControlMode): DataAccessResult;
}

export const disconnectControl: InterfaceClass<DisconnectSource> = {
  classId: 70,
  version: 0,
  name: 'Disconnect control',
  section: '4.5.8',
  attributes: {
    2: {
      name: 'output_state',
      type: boolean,
      access: readable,
      read: ({ disconnect }, { writer }) => void writer.boolean(disconnect.isClosed),
    },
    3: {
      name: 'control_state',
      type: enumeration(0, 1, 2),
      access: readable,
      read: ({ disconnect }, { writer }) => void writer.enumerate(controlState[disconnect.state]),
    },
    4: {
      name: 'control_mode',
      type: enumerationTo(6),
      access: settable,
      read: ({ disconnect }, { writer }) => void writer.enumerate(disconnect.mode),
      write: (source, value) => source.setMode(numberIn(value) as ControlMode),
    },
  },
  methods: {
    1: {
      name: 'remote_disconnect',
      clients: managed,
      parameter: trigger,
      invoke: (source) => operate(source, 'remote-disconnect'),
    },
    2: {
      name: 'remote_reconnect',
      clients: managed,
      parameter: trigger,
      invoke: (source) => operate(source, 'remote-reconnect'),
    },
  },
};

function operate(source: DisconnectSource, event: 'remote-disconnect' | 'remote-reconnect') {
  // A switch that is already there answers success: the wish is fulfilled.
  const isThere = (event === 'remote-disconnect') !== source.disconnect.isClosed;
  if (source.operateSwitch(event) || isThere) return { result: 'success' } as const;
  return { result: 'other-reason' } as const;
}
