/** Demand register, class 5 (Blue Book 4.3.4): mean power of the running period and of the last one, by blocks or a sliding window. */
import type { ActionOutcome, DataAccessResult } from '@wattline/protocols/dlms';
import type { MeterClock } from '../clock/clock.ts';
import { writeTime } from './clock.ts';
import { anyData, dateTime, doubleLongUnsigned, longUnsigned, trigger } from './data-type.ts';
import { numberIn } from './fields.ts';
import { type InterfaceClass, managed, readable, settable } from './interface-class.ts';
import { scalerUnit, type UnitName, writeScalerUnit } from './register.ts';

/** The demand behind the object; values are whole units of `10^scaler`. */
export interface DemandSource {
  readonly clock: MeterClock;
  readonly scaler: number;
  readonly unit: UnitName;
  readonly currentAverage: number;
  readonly lastAverage: number;
  /** 0 when the last period was whole. */
  readonly status: number;
  /** End of the last period and start of the running one, meter time. */
  readonly captureMs: number;
  readonly startMs: number;
  readonly periodSeconds: number;
  readonly numberOfPeriods: number;
  /** Another period or window; demand begins anew. */
  configure(of: { readonly periodSeconds: number; readonly numberOfPeriods: number }): DataAccessResult;
  /** Forgets the last average and begins a period now. */
  reset(): ActionOutcome['result'];
  /** Ends the running period now. */
  nextPeriod(): ActionOutcome['result'];
}

export const demandRegister: InterfaceClass<DemandSource> = {
  classId: 5,
  version: 0,
  name: 'Demand register',
  section: '4.3.4',
  attributes: {
    2: {
      name: 'current_average_value',
      type: anyData,
      access: readable,
      read: ({ currentAverage }, { writer }) => void writer.doubleLongUnsigned(currentAverage),
    },
    3: {
      name: 'last_average_value',
      type: anyData,
      access: readable,
      read: ({ lastAverage }, { writer }) => void writer.doubleLongUnsigned(lastAverage),
    },
    4: {
      name: 'scaler_unit',
      type: scalerUnit,
      access: readable,
      read: (source, { writer }) => void writeScalerUnit(writer, source),
    },
    5: {
      name: 'status',
      type: anyData,
      access: readable,
      read: ({ status }, { writer }) => void writer.unsigned(status),
    },
    6: {
      name: 'capture_time',
      type: dateTime,
      access: readable,
      read: ({ clock, captureMs }, { writer }) => void writeTime(writer, clock, captureMs),
    },
    7: {
      name: 'start_time_current',
      type: dateTime,
      access: readable,
      read: ({ clock, startMs }, { writer }) => void writeTime(writer, clock, startMs),
    },
    8: {
      name: 'period',
      type: doubleLongUnsigned(1),
      access: settable,
      read: ({ periodSeconds }, { writer }) => void writer.doubleLongUnsigned(periodSeconds),
      write: (source, value) =>
        source.configure({ periodSeconds: numberIn(value), numberOfPeriods: source.numberOfPeriods }),
    },
    9: {
      name: 'number_of_periods',
      type: longUnsigned(1, 60),
      access: settable,
      read: ({ numberOfPeriods }, { writer }) => void writer.longUnsigned(numberOfPeriods),
      write: (source, value) =>
        source.configure({ periodSeconds: source.periodSeconds, numberOfPeriods: numberIn(value) }),
    },
  },
  methods: {
    1: {
      name: 'reset',
      clients: managed,
      parameter: trigger,
      invoke: (source) => ({ result: source.reset() }),
    },
    2: {
      name: 'next_period',
      clients: managed,
      parameter: trigger,
      invoke: (source) => ({ result: source.nextPeriod() }),
    },
  },
};
