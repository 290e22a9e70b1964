/** Profile generic, class 7 (Blue Book 4.3.6): a buffer of captured rows with selective access by range and by entry. */
import {
  type ActionOutcome,
  type AxdrWriter,
  type Data,
  type DataAccessResult,
  decodeEntryRange,
  formatObis,
  type SelectiveAccess,
} from '@wattline/protocols/dlms';
import type { MeterClock } from '../clock/clock.ts';
import type { CaptureReference } from '../registers/capture-profile.ts';
import type { ColumnRing } from '../registers/column-ring.ts';
import { writeTime } from './clock.ts';
import {
  anyData,
  arrayOf,
  doubleLongUnsigned,
  enumeration,
  integer,
  logicalName,
  longUnsigned,
  structure,
  trigger,
} from './data-type.ts';
import { elementsIn, numberIn } from './fields.ts';
import {
  type Attribute,
  type InterfaceClass,
  managed,
  type ReadContext,
  type ReadRefusal,
  readable,
  settable,
} from './interface-class.ts';

/** A captured attribute and how its value of a row is written; the first column is the clock. */
export interface ProfileColumnSource {
  readonly classId: number;
  readonly obis: string;
  readonly attribute: number;
  write(writer: AxdrWriter, entry: number): unknown;
}

/** A profile. Column 0 of the ring is the label by which rows are found. */
export interface ProfileSource {
  readonly ring: Pick<ColumnRing, 'length' | 'capacity' | 'at'>;
  readonly clock: MeterClock;
  readonly columns: readonly ProfileColumnSource[];
  /** Seconds; 0 when captured by event. */
  readonly capturePeriodSeconds: number;
  /** Empties the buffer; profiles that bill have no such thing. */
  reset?(): ActionOutcome['result'];
  /** Adds a row now; a refusal where the meter cannot. */
  capture?(): ActionOutcome['result'];
}

/** A profile whose period clients choose. */
export interface PeriodicProfileSource extends ProfileSource {
  /** Another capture period, seconds; the buffer is cleared. */
  setPeriod(seconds: number): DataAccessResult;
}

/** A profile whose columns and period clients choose. */
export interface ConfigurableProfileSource extends PeriodicProfileSource {
  /** Other columns, the first of them the clock; the buffer is cleared. */
  choose(columns: readonly CaptureReference[]): DataAccessResult;
}

const rangeSelector = 1;
const entrySelector = 2;
/** sort_method: first in, first out. */
const fifo = 1;
const labelColumn = 0;

/** capture_object_definition. */
export const captureObject = structure({
  class_id: longUnsigned(),
  logical_name: logicalName,
  attribute_index: integer(),
  data_index: longUnsigned(),
});

export const profileGeneric: InterfaceClass<ProfileSource> = {
  classId: 7,
  version: 1,
  name: 'Profile generic',
  section: '4.3.6',
  attributes: {
    2: {
      name: 'buffer',
      type: arrayOf(anyData, Number.POSITIVE_INFINITY),
      access: readable,
      selectors: [rangeSelector, entrySelector],
      read: readBuffer,
    },
    3: {
      name: 'capture_objects',
      type: arrayOf(captureObject),
      access: readable,
      read({ columns }, { writer }) {
        writer.array(columns.length);
        for (const column of columns) writeCaptureObject(writer, column);
      },
    },
    4: {
      name: 'capture_period',
      type: doubleLongUnsigned(),
      access: readable,
      read: ({ capturePeriodSeconds }, { writer }) => void writer.doubleLongUnsigned(capturePeriodSeconds),
    },
    5: {
      name: 'sort_method',
      type: enumeration(1, 2, 3, 4, 5, 6),
      access: readable,
      read: (_, { writer }) => void writer.enumerate(fifo),
    },
    6: {
      name: 'sort_object',
      type: captureObject,
      access: readable,
      // First in, first out sorts by no object.
      read: (_, { writer }) =>
        void writeCaptureObject(writer, { classId: 0, obis: '0.0.0.0.0.0', attribute: 0 }),
    },
    7: {
      name: 'entries_in_use',
      type: doubleLongUnsigned(),
      access: readable,
      read: ({ ring }, { writer }) => void writer.doubleLongUnsigned(ring.length),
    },
    8: {
      name: 'profile_entries',
      type: doubleLongUnsigned(),
      access: readable,
      read: ({ ring }, { writer }) => void writer.doubleLongUnsigned(ring.capacity),
    },
  },
  methods: {
    1: { name: 'reset', clients: managed, parameter: trigger, invoke: (source) => perform(source.reset) },
    2: { name: 'capture', clients: managed, parameter: trigger, invoke: (source) => perform(source.capture) },
  },
};

/** The same class where clients choose how often is captured. */
export const periodicProfile: InterfaceClass<PeriodicProfileSource> = {
  ...profileGeneric,
  attributes: {
    ...profileGeneric.attributes,
    4: {
      ...(profileGeneric.attributes[4] as Attribute<ProfileSource>),
      access: settable,
      write: (source, value) => source.setPeriod(numberIn(value)),
    },
  },
};

/** The same class where clients choose what is captured and how often. */
export const configurableProfile: InterfaceClass<ConfigurableProfileSource> = {
  ...periodicProfile,
  attributes: {
    ...periodicProfile.attributes,
    3: {
      ...(profileGeneric.attributes[3] as Attribute<ProfileSource>),
      access: settable,
      write(source, value) {
        const columns = elementsIn(value).map(captureReferenceOf);
        return columns.every((column) => column !== undefined) ? source.choose(columns) : 'other-reason';
      },
    },
  },
};

/** A load or billing profile is not emptied from afar, and a load profile captures at its own times. */
function perform(action: ProfileSource['capture']): ActionOutcome {
  return { result: action ? action() : 'read-write-denied' };
}

/** The column of a clock label. */
export function clockColumn(ring: ColumnRing, own: MeterClock): ProfileColumnSource {
  return {
    classId: 8,
    obis: '0.0.1.0.0.255',
    attribute: 2,
    write: (writer, entry) => writeTime(writer, own, ring.at(labelColumn, entry)),
  };
}

/** Rows and columns that were asked for. */
interface Selection {
  /** Entries in order, oldest first. */
  readonly entries: Uint32Array | undefined;
  readonly columns: readonly ProfileColumnSource[];
}

function readBuffer(source: ProfileSource, { writer, access }: ReadContext): ReadRefusal | undefined {
  const selection = select(source, access);
  if (typeof selection === 'string') return selection;
  const { entries, columns } = selection;
  const count = entries?.length ?? source.ring.length;
  writer.array(count);
  for (let row = 0; row < count; row++) {
    const entry = entries ? (entries[row] as number) : row;
    writer.structure(columns.length);
    for (const column of columns) column.write(writer, entry);
  }
}

function select(source: ProfileSource, access: SelectiveAccess | undefined): Selection | ReadRefusal {
  if (!access) return { entries: undefined, columns: source.columns };
  return access.selector === rangeSelector ? selectRange(source, access) : selectEntries(source, access);
}

/** Range_descriptor: restricting object, from and to (both included), selected columns (empty: all). */
function selectRange(source: ProfileSource, access: SelectiveAccess): Selection | ReadRefusal {
  const { parameters } = access;
  const fields = parameters.type === 'structure' && parameters.value.length === 4 ? parameters.value : [];
  const [restricting, from, to, selected] = fields;
  if (!restricting || !from || !to || selected?.type !== 'array') return 'type-unmatched';
  const clock = source.columns[labelColumn] as ProfileColumnSource;
  if (nameOfCapture(restricting) !== nameOf(clock)) return 'scope-of-access-violated';
  const fromMs = instantOf(source.clock, from, 'earlier');
  const toMs = instantOf(source.clock, to, 'later');
  if (fromMs === undefined || toMs === undefined) return 'type-unmatched';
  const columns = selected.value.map((one) =>
    source.columns.find((column) => nameOf(column) === nameOfCapture(one)),
  );
  if (columns.some((column) => column === undefined)) return 'scope-of-access-violated';
  const { ring } = source;
  const entries: number[] = [];
  for (let entry = 0; entry < ring.length; entry++) {
    const labelMs = ring.at(labelColumn, entry);
    if (labelMs >= fromMs && labelMs <= toMs) entries.push(entry);
  }
  return {
    entries: Uint32Array.from(entries),
    columns: columns.length === 0 ? source.columns : (columns as ProfileColumnSource[]),
  };
}

/** Entry_descriptor: rows and columns by number from 1; 0 as the end means the last. */
function selectEntries(source: ProfileSource, access: SelectiveAccess): Selection | ReadRefusal {
  const range = decodeEntryRange(access);
  if (!range.ok) return 'type-unmatched';
  const { fromEntry, toEntry, fromColumn, toColumn } = range.value;
  if (toEntry !== 0 && fromEntry > toEntry) return 'scope-of-access-violated';
  const first = Math.max(1, fromEntry);
  const last = toEntry === 0 ? source.ring.length : Math.min(toEntry, source.ring.length);
  const columns = source.columns.slice(Math.max(1, fromColumn) - 1, toColumn === 0 ? undefined : toColumn);
  if (columns.length === 0) return 'scope-of-access-violated';
  return {
    entries: Uint32Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first - 1 + index),
    columns,
  };
}

function instantOf(own: MeterClock, value: Data, ambiguous: 'earlier' | 'later'): number | undefined {
  if (value.type !== 'octet-string' && value.type !== 'date-time') return undefined;
  const instant = own.instantOf(value.value, ambiguous);
  return instant.ok ? instant.value : undefined;
}

type CaptureName = Pick<ProfileColumnSource, 'classId' | 'obis' | 'attribute'>;

function nameOf({ classId, obis, attribute }: CaptureName): string {
  return `${classId}/${obis}/${attribute}`;
}

function nameOfCapture(definition: Data): string | undefined {
  const reference = captureReferenceOf(definition);
  return reference && nameOf(reference);
}

function captureReferenceOf(definition: Data): CaptureReference | undefined {
  const [classId, obis, attribute] = definition.type === 'structure' ? definition.value : [];
  if (classId?.type !== 'long-unsigned' || obis?.type !== 'octet-string' || attribute?.type !== 'integer') {
    return undefined;
  }
  return { classId: classId.value, obis: formatObis(obis.value), attribute: attribute.value };
}

/** capture_object_definition; data_index 0 is the whole attribute. */
function writeCaptureObject(writer: AxdrWriter, { classId, obis, attribute }: CaptureName): AxdrWriter {
  return writer.structure(4).longUnsigned(classId).obis(obis).integer(attribute).longUnsigned(0);
}
