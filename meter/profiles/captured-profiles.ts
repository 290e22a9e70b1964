/** Profiles over the meter's books: capture profiles of a name, billing periods, event logs. */
import type { AxdrWriter } from '@wattline/protocols/dlms';
import { writeTime } from '../cosem/clock.ts';
import { type CosemObject, cosemObject, type ObjectOptions } from '../cosem/cosem-object.ts';
import { notSpecified } from '../cosem/data-type.ts';
import { configurableProfile, type ProfileColumnSource, profileGeneric } from '../cosem/profile-generic.ts';
import { writeCounter } from '../cosem/register.ts';
import { eventLogColumn } from '../events/event-log.ts';
import type { MeterParts } from '../meter-parts.ts';
import type { BillingSnapshot } from '../registers/billing.ts';
import { type CaptureReference, captureColumn } from '../registers/capture-profile.ts';
import type { EnergyKind } from '../registers/energy-kind.ts';
import { configure } from './common-objects.ts';
import { clockColumn, codeColumn, ringProfile } from './ring-profiles.ts';
import { type ColumnReference, clockTime } from './snapshot-profiles.ts';

/** How a captured number goes on the wire, by where it is stored. */
const writers = {
  uint8: (writer: AxdrWriter, value: number) => writer.unsigned(value),
  uint16: (writer: AxdrWriter, value: number) => writer.longUnsigned(value),
  int16: (writer: AxdrWriter, value: number) => writer.long(value),
  uint32: (writer: AxdrWriter, value: number) => writer.doubleLongUnsigned(value),
  int32: (writer: AxdrWriter, value: number) => writer.doubleLong(value),
  float64: writeCounter,
} as const;

/** The buffer of a capture profile of the books: the clock, and what was chosen, by the meter's maker or by a client. */
export function capturedProfile(
  obis: string,
  of: {
    readonly name: string;
    /** What clients know the columns as, which may differ from the names of the books: in the order of the capture objects it comes with. */
    readonly columns: readonly ColumnReference[];
  },
  options: ObjectOptions = {},
): CosemObject {
  const parameter = `profile/${of.name}`;
  return cosemObject(
    configurableProfile,
    obis,
    ({ parts }) => {
      const { clock, books, nowMs } = partsOf(parts);
      const profile = books.profiles.get(of.name);
      const ring = profile?.ring ?? nothing;
      const names = namesOf(parts.spec.profiles?.[of.name]?.capture ?? [], of.columns);
      const periodSeconds = profile?.setup.periodSeconds ?? 0;
      return {
        ring,
        clock,
        capturePeriodSeconds: periodSeconds,
        capture() {
          profile?.capture(nowMs());
          return profile ? 'success' : 'object-unavailable';
        },
        columns: [
          {
            ...clockTime,
            write: (writer, entry) => writeTime(writer, clock, ring.at(captureColumn.label, entry)),
          },
          ...(profile?.setup.quantities ?? []).map((quantity, index): ProfileColumnSource => {
            const { classId, obis, attribute } = names.shown(quantity);
            const write = (writer: AxdrWriter, entry: number) =>
              writers[quantity.storage](writer, ring.at(captureColumn.firstQuantity + index, entry));
            return { classId, obis, attribute, write };
          }),
        ],
        choose([label, ...columns]) {
          if (!label || keyOf(label) !== keyOf(clockTime)) return 'other-reason';
          const capture = columns.map((column) => names.captured(column));
          return configure(parts, parameter, { periodSeconds, capture });
        },
        setPeriod: (seconds) => configure(parts, parameter, { periodSeconds: seconds }),
      };
    },
    options,
  );
}

const keyOf = ({ classId, obis, attribute }: ColumnReference) => `${classId}/${obis}/${attribute}`;

/** What the books capture and what clients know it as, one for one; what has no other name keeps its own. */
function namesOf(captured: readonly CaptureReference[], shown: readonly ColumnReference[]) {
  const shownBy = new Map(captured.map((one, index) => [keyOf(one), shown[index] ?? one]));
  const capturedBy = new Map(captured.map((one, index) => [keyOf(shown[index] ?? one), one]));
  const nameOf = ({ classId, obis, attribute }: CaptureReference) => ({ classId, obis, attribute });
  return {
    shown: (one: CaptureReference) => shownBy.get(keyOf(one)) ?? one,
    captured: (one: ColumnReference) => nameOf(capturedBy.get(keyOf(one)) ?? one),
  };
}

const nothing = { length: 0, capacity: 1, at: () => 0 };
const partsOf = (parts: MeterParts) => ({
  clock: parts.clock,
  books: parts.books,
  nowMs: () => parts.nowMs(),
});

/** A column of a billing profile. */
export interface BillingColumn extends ColumnReference {
  write(writer: AxdrWriter, snapshot: BillingSnapshot, parts: MeterParts): unknown;
}

/** Billing date: the end of the period. */
export function billingDate(reference: ColumnReference): BillingColumn {
  return { ...reference, write: (writer, { atMs }, { clock }) => writeTime(writer, clock, atMs) };
}

/** An energy as it stood at the end of the period; rate 0 is the total. */
export function billedEnergy(obis: string, kind: EnergyKind, rate = 0): BillingColumn {
  return {
    classId: 3,
    obis,
    attribute: 2,
    write: (writer, { energies }) => writeCounter(writer, energies.get(kind)?.[rate] ?? 0),
  };
}

/** The maximum demand of the period and its time. */
export function billedMaximum(obis: string, kind: EnergyKind, rate = 0): BillingColumn[] {
  const extended = { classId: 4, obis };
  return [
    {
      ...extended,
      attribute: 2,
      write: (writer, { maxima }) => writer.doubleLongUnsigned(maxima.get(kind)?.[rate]?.value ?? 0),
    },
    {
      ...extended,
      attribute: 5,
      write(writer, { maxima }, { clock }) {
        const maximum = maxima.get(kind)?.[rate];
        if (maximum && maximum.atMs > 0) writeTime(writer, clock, maximum.atMs);
        else writer.octetString(notSpecified['date-time']);
      },
    },
  ];
}

/** A number of the period. */
export function billedNumber(
  reference: ColumnReference,
  write: (writer: AxdrWriter, snapshot: BillingSnapshot) => unknown,
): BillingColumn {
  return { ...reference, write };
}

const billingPeriods = 12;

/** The billing profile: one row for each period that ended. */
export function billingProfile(
  obis: string,
  columns: readonly BillingColumn[],
  options: ObjectOptions = {},
): CosemObject {
  return cosemObject(
    profileGeneric,
    obis,
    ({ parts }) => {
      const { snapshots } = parts.books.billing;
      // The end of the billing period by command: refused while the lock-out of the last one runs.
      const close = () => configure(parts, 'billing-close', { atMs: parts.nowMs() });
      const at = (entry: number) => snapshots[entry] as BillingSnapshot;
      return {
        ring: {
          length: snapshots.length,
          capacity: billingPeriods,
          at: (_: number, entry: number) => at(entry).atMs,
        },
        clock: parts.clock,
        capturePeriodSeconds: 0,
        capture: () => (close() === 'success' ? 'success' : 'temporary-failure'),
        columns: columns.map(
          (column): ProfileColumnSource => ({
            classId: column.classId,
            obis: column.obis,
            attribute: column.attribute,
            write: (writer, entry) => column.write(writer, at(entry), parts),
          }),
        ),
      };
    },
    options,
  );
}

/** A log of events with, where the companion profile has them, what the meter measured. */
export function eventLogProfile(
  obis: string,
  of: { readonly log: number; readonly codeObis: string; readonly hasSnapshot?: boolean },
  options: ObjectOptions = {},
): CosemObject {
  const snapshot = of.hasSnapshot
    ? [
        snapshotColumn('1.0.11.7.0.255', (writer, ring, entry) =>
          writer.doubleLongUnsigned(ring.at(eventLogColumn.current, entry)),
        ),
        snapshotColumn('1.0.12.7.0.255', (writer, ring, entry) =>
          writer.longUnsigned(ring.at(eventLogColumn.voltage, entry)),
        ),
        // Stored as thousandths above -1000.
        snapshotColumn('1.0.13.7.0.255', (writer, ring, entry) =>
          writer.long(ring.at(eventLogColumn.powerFactor, entry) - 1000),
        ),
        snapshotColumn('1.0.1.8.0.255', (writer, ring, entry) =>
          writeCounter(writer, ring.at(eventLogColumn.delivered, entry)),
        ),
      ]
    : [];
  return ringProfile({
    obis,
    ringOf: ({ eventRecorder }) => eventRecorder.log(of.log).ring,
    capturePeriodSeconds: () => 0,
    columns: [clockColumn, codeColumn(of.codeObis, eventLogColumn.code, 'longUnsigned'), ...snapshot],
    ...options,
  });
}

function snapshotColumn(
  obis: string,
  write: (writer: AxdrWriter, ring: { at(column: number, entry: number): number }, entry: number) => unknown,
) {
  return { classId: 3, obis, attribute: 2, write };
}

/** The last event code of a log, as the object that the log captures. */
export function lastCodeOf(log: number): (writer: AxdrWriter, parts: MeterParts) => unknown {
  return (writer, { eventRecorder }) => writer.longUnsigned(eventRecorder.log(log).lastCode);
}
