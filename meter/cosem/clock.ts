/** Clock, class 8 (Blue Book 4.5.1): local time with deviation; daylight saving as the zone has it in the year that runs. */
import type { AxdrWriter, Data, DataAccessResult } from '@wattline/protocols/dlms';
import type { MeterClock } from '../clock/clock.ts';
import { type InterfaceClass, readable, settable } from './interface-class.ts';

/** The clock behind the object; instants are meter time. */
export interface ClockSource {
  readonly clock: MeterClock;
  readonly intervalSeconds: number;
  nowMs(): number;
  setClock(meterMs: number): void;
}

/** clock_base: internal crystal. */
const internalCrystal = 1;
const minuteMs = 60_000;
/** A shift beyond this is no adjustment (Blue Book 4.5.1, method 6). */
const longestShiftSeconds = 900;
const managed = ['management'] as const;

export const clock: InterfaceClass<ClockSource> = {
  classId: 8,
  version: 0,
  name: 'Clock',
  section: '4.5.1',
  attributes: {
    2: {
      name: 'time',
      access: settable,
      read: (source, { writer }) => void writeTime(writer, source.clock, source.nowMs()),
      write: setTime,
    },
    3: {
      name: 'time_zone',
      access: readable,
      // The deviation counts from local time to UTC: an hour east of Greenwich is -60.
      read: ({ clock: { zone }, nowMs }, { writer }) => void writer.long(0 - zone.standardOffset(nowMs())),
    },
    4: {
      name: 'status',
      access: readable,
      read: ({ clock: own, nowMs }, { writer }) => void writer.unsigned(own.status(nowMs())),
    },
    5: {
      name: 'daylight_savings_begin',
      access: readable,
      read: (source, { writer }) => void writeSummer(writer, source, 'startMs'),
    },
    6: {
      name: 'daylight_savings_end',
      access: readable,
      read: (source, { writer }) => void writeSummer(writer, source, 'endMs'),
    },
    7: {
      name: 'daylight_savings_deviation',
      access: readable,
      read: (source, { writer }) => void writer.integer(summerOf(source)?.deviationMinutes ?? 0),
    },
    8: {
      name: 'daylight_savings_enabled',
      access: readable,
      read: (source, { writer }) => void writer.boolean(summerOf(source) !== undefined),
    },
    9: {
      name: 'clock_base',
      access: readable,
      read: (_, { writer }) => void writer.enumerate(internalCrystal),
    },
  },
  methods: {
    1: { name: 'adjust_to_quarter', clients: managed, invoke: (source) => adjustTo(source, 15 * minuteMs) },
    2: {
      name: 'adjust_to_measuring_period',
      clients: managed,
      invoke: (source) => adjustTo(source, source.intervalSeconds * 1000),
    },
    3: { name: 'adjust_to_minute', clients: managed, invoke: (source) => adjustTo(source, minuteMs) },
    4: { name: 'adjust_to_preset_time', clients: [] },
    5: { name: 'preset_adjusting_time', clients: [] },
    6: {
      name: 'shift_time',
      clients: managed,
      invoke(source, parameter) {
        if (parameter?.type !== 'long') return { result: 'type-unmatched' };
        if (Math.abs(parameter.value) > longestShiftSeconds) return { result: 'other-reason' };
        source.setClock(source.nowMs() + parameter.value * 1000);
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
  if (value.type !== 'octet-string' && value.type !== 'date-time') return 'type-unmatched';
  const instant = source.clock.instantOf(value.value);
  if (!instant.ok) return 'other-reason';
  source.setClock(instant.value);
  return 'success';
}

function adjustTo(source: ClockSource, stepMs: number) {
  source.setClock(Math.round(source.nowMs() / stepMs) * stepMs);
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
