/** Extended register, class 4 (Blue Book 4.3.3): a value with scaler and unit, its status and the time it was captured. */

import type { MeterClock } from '../clock/clock.ts';
import { writeTime } from './clock.ts';
import { anyData, dateTime, notSpecified, trigger } from './data-type.ts';
import { type InterfaceClass, managed, readable } from './interface-class.ts';
import { type RegisterSource, scalerUnit, writeScalerUnit } from './register.ts';

/** A register whose value was captured at a time, as a maximum demand is. */
export interface ExtendedRegisterSource extends RegisterSource {
  readonly clock: MeterClock;
  readonly status: number;
  /** Meter time; undefined when nothing was captured yet. */
  readonly captureMs: number | undefined;
}

export const extendedRegister: InterfaceClass<ExtendedRegisterSource> = {
  classId: 4,
  version: 0,
  name: 'Extended register',
  section: '4.3.3',
  attributes: {
    2: {
      name: 'value',
      type: anyData,
      access: readable,
      read: (source, { writer }) => void source.write(writer),
    },
    3: {
      name: 'scaler_unit',
      type: scalerUnit,
      access: readable,
      read: (source, { writer }) => void writeScalerUnit(writer, source),
    },
    4: {
      name: 'status',
      type: anyData,
      access: readable,
      read: ({ status }, { writer }) => void writer.unsigned(status),
    },
    5: {
      name: 'capture_time',
      type: dateTime,
      access: readable,
      read({ clock, captureMs }, { writer }) {
        if (captureMs === undefined) writer.octetString(notSpecified['date-time']);
        else writeTime(writer, clock, captureMs);
      },
    },
  },
  methods: {
    1: {
      name: 'reset',
      clients: managed,
      parameter: trigger,
      invoke: (source) => ({ result: source.reset?.() ?? 'read-write-denied' }),
    },
  },
};
