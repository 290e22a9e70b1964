/** Clock, class 8 (Blue Book 4.5.1): local time with deviation; daylight saving as the zone has it in the year that runs. */
import type { ActionOutcome, AxdrWriter, Data, DataAccessResult } from '@wattline/protocols/dlms';
import type { MeterClock } from '../clock/clock.ts';
import {
  boolean,
  dateTime,
  enumerationTo,
  integer,
  long,
  structure,
  trigger,
  unsigned,
} from './data-type.ts';
import { type InterfaceClass, managed, readable, settable } from './interface-class.ts';

/** The clock behind the object; instants are meter time. */
export interface ClockSource {
  readonly clock: MeterClock;
  readonly intervalSeconds: number;
  /** What preset_adjusting_time left, until it is used or outlived. */
  readonly preset: ClockPreset;
  nowMs(): number;
  setClock(meterMs: number): void;
  /** Brings the clock to a meter time: a small error by slewing, a large one in one step. */
  synchroniseClock(meterMs: number): void;
}

/** A time to be set later, meter time; nothing is preset while `validToMs` lies in the past. */
export interface ClockPreset {
  presetMs: number;
  validFromMs: number;
  validToMs: number;
}

/** Nothing preset. */
export function noPreset(): ClockPreset {
  return { presetMs: 0, validFromMs: 0, validToMs: 0 };
}

/** clock_base: internal crystal. */
const internalCrystal = 1;
const minuteMs = 60_000;
/** A shift beyond this is no adjustment (Blue Book 4.5.1, method 6). */
const longestShiftSeconds = 900;

export const clock: InterfaceClass<ClockSource> = {
  classId: 8,
  version: 0,
  name: 'Clock',
  section: '4.5.1',
  attributes: {
    2: {
      name: 'time',
      type: dateTime,
      access: settable,
      read: (source, { writer }) => void writeTime(writer, source.clock, source.nowMs()),
      write: setTime,
    },
    3: {
      name: 'time_zone',
      type: long(),
      access: readable,
      // The deviation counts from local time to UTC: an hour east of Greenwich is -60.
      read: ({ clock: { zone }, nowMs }, { writer }) => void writer.long(0 - zone.standardOffset(nowMs())),
    },
    4: {
      name: 'status',
      type: unsigned(),
      access: readable,
      read: ({ clock: own, nowMs }, { writer }) => void writer.unsigned(own.status(nowMs())),
    },
    5: {
      name: 'daylight_savings_begin',
      type: dateTime,
      access: readable,
      read: (source, { writer }) => void writeSummer(writer, source, 'startMs'),
    },
    6: {
      name: 'daylight_savings_end',
      type: dateTime,
      access: readable,
      read: (source, { writer }) => void writeSummer(writer, source, 'endMs'),
    },
    7: {
      name: 'daylight_savings_deviation',
      type: integer(-120, 120),
      access: readable,
      read: (source, { writer }) => void writer.integer(summerOf(source)?.deviationMinutes ?? 0),
    },
    8: {
      name: 'daylight_savings_enabled',
      type: boolean,
      access: readable,
      read: (source, { writer }) => void writer.boolean(summerOf(source) !== undefined),
    },
    9: {
      name: 'clock_base',
      type: enumerationTo(5),
      access: readable,
      read: (_, { writer }) => void writer.enumerate(internalCrystal),
    },
  },
  methods: {
    1: {
      name: 'adjust_to_quarter',
      clients: managed,
      parameter: trigger,
      invoke: (source) => adjustTo(source, 15 * minuteMs),
    },
    2: {
      name: 'adjust_to_measuring_period',
      clients: managed,
      parameter: trigger,
      invoke: (source) => adjustTo(source, source.intervalSeconds * 1000),
    },
    3: {
      name: 'adjust_to_minute',
      clients: managed,
      parameter: trigger,
      invoke: (source) => adjustTo(source, minuteMs),
    },
    4: {
      name: 'adjust_to_preset_time',
      clients: managed,
      parameter: trigger,
      invoke(source) {
        const { presetMs, validFromMs, validToMs } = source.preset;
        const nowMs = source.nowMs();
        if (nowMs < validFromMs || nowMs >= validToMs) return { result: 'other-reason' };
        source.preset.validToMs = 0;
        source.synchroniseClock(presetMs);
        return { result: 'success' };
      },
    },
    5: {
      name: 'preset_adjusting_time',
      clients: managed,
      parameter: structure({
        preset_time: dateTime,
        validity_interval_start: dateTime,
        validity_interval_end: dateTime,
      }),
      invoke: preset,
    },
    6: {
      name: 'shift_time',
      clients: managed,
      parameter: long(-longestShiftSeconds, longestShiftSeconds),
      invoke(source, parameter) {
        if (parameter?.type !== 'long') return { result: 'type-unmatched' };
        source.synchroniseClock(source.nowMs() + parameter.value * 1000);
        return { result: 'success' };
      },
    },
  },
};

/** A meter time as the octet-string of a date-time. */
export function writeTime(writer: AxdrWriter, own: MeterClock, meterMs: number): AxdrWriter {
  return writer.dateTime(meterMs, own.zone.stretchAt(meterMs).offsetMinutes, own.status(meterMs));
}

function setTime(source: ClockSource, value: Data): DataAccessResult {
  const instant = instantIn(source.clock, value);
  if (instant === undefined) return 'other-reason';
  source.setClock(instant);
  return 'success';
}

function preset({ clock: own, preset: held }: ClockSource, parameter: Data | undefined): ActionOutcome {
  const times = parameter?.type === 'structure' ? parameter.value.map((one) => instantIn(own, one)) : [];
  const [presetMs, validFromMs, validToMs] = times;
  if (presetMs === undefined || validFromMs === undefined || validToMs === undefined) {
    return { result: 'other-reason' };
  }
  Object.assign(held, { presetMs, validFromMs, validToMs });
  return { result: 'success' };
}

/** The meter time of a date-time; undefined when it names no instant. */
export function instantIn(own: MeterClock, value: Data): number | undefined {
  if (value.type !== 'octet-string' && value.type !== 'date-time') return undefined;
  const instant = own.instantOf(value.value);
  return instant.ok ? instant.value : undefined;
}

function adjustTo(source: ClockSource, stepMs: number) {
  source.synchroniseClock(Math.round(source.nowMs() / stepMs) * stepMs);
  return { result: 'success' } as const;
}

interface Summer {
  readonly startMs: number;
  readonly endMs: number;
  readonly deviationMinutes: number;
}

/** The daylight saving period that runs or comes next; undefined where the zone has none. */
function summerOf({ clock: { zone }, nowMs }: ClockSource): Summer | undefined {
  let stretch = zone.stretchAt(nowMs());
  // Winter lies between: two steps reach the next summer in any zone that has one.
  for (let step = 0; step < 2 && !stretch.isDaylightSaving; step++) {
    if (stretch.endMs === Number.POSITIVE_INFINITY) return undefined;
    stretch = zone.stretchAt(stretch.endMs);
  }
  if (!stretch.isDaylightSaving || !Number.isFinite(stretch.startMs + stretch.endMs)) return undefined;
  const deviationMinutes = stretch.offsetMinutes - zone.standardOffset(stretch.startMs);
  return { startMs: stretch.startMs, endMs: stretch.endMs, deviationMinutes };
}

const nothingSpecified = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x80, 0, 0xff);

/** Begin and end are written in the local time that ends there (Blue Book 4.5.1). */
function writeSummer(writer: AxdrWriter, source: ClockSource, edge: 'startMs' | 'endMs'): AxdrWriter {
  const summer = summerOf(source);
  return summer ? writeTimeBefore(writer, source.clock, summer[edge]) : writer.octetString(nothingSpecified);
}

function writeTimeBefore(writer: AxdrWriter, own: MeterClock, meterMs: number): AxdrWriter {
  const { offsetMinutes } = own.zone.stretchAt(meterMs - 1);
  return writer.dateTime(meterMs, offsetMinutes, own.status(meterMs - 1));
}
