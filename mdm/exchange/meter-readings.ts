/** IEC 61968-9 MeterReadings, the core of it: readings at instants and interval blocks, reading types by their 18 numbers. */

import { quality } from '@wattline/model';
import type { FileUnit } from './amount.ts';
import { lookUp } from './code-table.ts';
import { openDocument } from './document-reading.ts';
import type { ExchangeContext, ExchangeFormat, ExchangeRead, Quantity } from './exchange-format.ts';
import { createIntake, type Intake, type SeriesIntake } from './intake.ts';
import { directionOfFlow, secondsOfPeriod, unitOfNumber } from './meter-reading-codes.ts';
import { writeMeterReadings } from './meter-readings-writer.ts';
import { isoInstant } from './time-label.ts';
import { childOf, textAt, type XmlElement } from './xml-reader.ts';

/** Accumulation: 1 bulk quantity, 3 cumulative and 9 summation are registers; 4 is a difference over the interval. */
const kindOfAccumulation: Readonly<Record<string, Quantity['kind']>> = {
  '1': 'register',
  '3': 'register',
  '9': 'register',
  '4': 'interval',
};

/** Flags by the category in a reading quality type `system.category.code`. */
const flagsOfCategory: Readonly<Record<string, number>> = {
  '0': quality.measured | quality.final,
  '5': quality.measured | quality.suspect,
  '6': quality.measured | quality.suspect,
  '7': quality.edited,
  '8': quality.estimated,
  '10': quality.measured | quality.suspect,
  '11': quality.measured,
  '12': quality.estimated,
};

interface ReadType {
  readonly ref: string;
  readonly series: SeriesIntake;
  readonly unit: FileUnit;
  readonly quantity: Quantity;
  readonly seconds: number;
}

function readMeterReadings(text: string, context: ExchangeContext): ExchangeRead {
  const intake = createIntake('iec61968-9-meter-readings', text, context);
  const document = openDocument(text, intake);
  if (!document.ok) return document.read;
  const root = documentOf(document.root);
  if (!root) {
    const { name, namespace, line } = document.root;
    return intake.refuse('mdm/exchange-unsupported-version', `${name} in '${namespace}'`, { line });
  }
  for (const reading of root.children) if (reading.name === 'MeterReading') addMeterReading(intake, reading);
  return intake.finish();
}

/** The document may come bare or in the payload of a message. */
function documentOf(root: XmlElement): XmlElement | undefined {
  if (root.name === 'MeterReadings') return root;
  return childOf(childOf(root, 'Payload'), 'MeterReadings');
}

function addMeterReading(intake: Intake, reading: XmlElement): void {
  const meter = nameOf(childOf(reading, 'Meter'));
  const point = nameOf(childOf(reading, 'UsagePoint')) || meter;
  const open = (element: XmlElement) => typeOf(intake, element, point, meter);
  for (const child of reading.children) {
    if (child.name === 'Readings') addReading(intake, child, open(child));
    if (child.name !== 'IntervalBlocks') continue;
    const type = open(child);
    for (const entry of child.children) {
      if (entry.name === 'IntervalReadings') addReading(intake, entry, type);
    }
  }
}

function nameOf(element: XmlElement | undefined): string {
  return textAt(element, 'mRID') || textAt(element, 'Names', 'name');
}

function typeOf(intake: Intake, element: XmlElement, point: string, meter: string): ReadType | null {
  const ref = childOf(element, 'ReadingType')?.attributes.ref ?? '';
  const numbers = ref.split('.');
  if (numbers.length !== 18 || numbers.some((number) => !/^-?\d{1,4}$/.test(number))) {
    intake.problem(
      'mdm/exchange-missing-element',
      `ReadingType '${ref.slice(0, 60)}'`,
      { line: element.line },
      1,
    );
    return null;
  }
  const [, , period = '', accumulation = '', flow = '', , , , , , , tou = '', , , , power = '', number = ''] =
    numbers;
  if (Math.abs(Number(power)) > 12) {
    intake.problem('mdm/exchange-bad-record', `multiplier ${power}`, { line: element.line }, 1);
    return null;
  }
  const name = lookUp(unitOfNumber, number);
  const kind = lookUp(kindOfAccumulation, accumulation);
  const exponent = name === undefined ? 3 + Number(power) : Number(power);
  const unit = { unit: name ?? `unit ${number}`, exponent, scale: name === undefined ? -3 : 0 };
  const quantity: Quantity = {
    kind: kind ?? 'register',
    direction: lookUp(directionOfFlow, flow) ?? 'none',
    unit: unit.unit,
    scale: unit.scale,
    rate: Number(tou),
  };
  const series = intake.series({ point, register: ref, meter: meter === '' ? null : meter, quantity });
  if (!kind) {
    const particulars = `accumulation ${accumulation} tells neither register nor interval`;
    series.hold('mdm/exchange-no-reading-type', particulars, { line: element.line });
  }
  const seconds = kind === 'interval' ? (lookUp(secondsOfPeriod, period) ?? 0) : 0;
  if (kind === 'interval' && seconds === 0) {
    series.hold('mdm/exchange-unsupported-interval', `measuring period ${period}`, { line: element.line });
  }
  return { ref, series, unit, quantity, seconds };
}

/** An interval reading is labelled with the end of its interval (IEC 61968-9, IntervalReading). */
function addReading(intake: Intake, element: XmlElement, type: ReadType | null): void {
  if (!type) return;
  const { line } = element;
  const label = textAt(element, 'timeStamp');
  const at = isoInstant(label);
  if (at === null) {
    intake.problem('mdm/exchange-bad-time', `'${label.slice(0, 40)}'`, { line }, 1);
    return;
  }
  const { flags, code } = qualityOf(intake, element);
  const startMs = at - type.seconds * 1000;
  const text = textAt(element, 'value');
  type.series.add({ startMs, seconds: type.seconds, text, flags, code, where: { line } }, type.unit);
}

function qualityOf(intake: Intake, element: XmlElement): { flags: number; code: string } {
  const codes = element.children
    .filter((child) => child.name === 'ReadingQualities')
    .map((child) => childOf(child, 'ReadingQualityType')?.attributes.ref ?? '');
  let flags = 0;
  for (const code of codes) {
    const known = lookUp(flagsOfCategory, code.split('.')[1] ?? '');
    if (known === undefined) intake.problem('mdm/exchange-unknown-quality', code, { line: element.line });
    flags |= known ?? quality.measured | quality.suspect;
  }
  // Estimated and measured exclude each other; what was estimated was not measured.
  if ((flags & quality.estimated) !== 0) flags &= ~quality.measured;
  return { flags: flags === 0 ? quality.measured : flags, code: codes.join(' ') };
}

/** IEC 61968-9 MeterReadings. */
export const meterReadings: ExchangeFormat = {
  id: 'iec61968-9-meter-readings',
  title: 'IEC 61968-9 MeterReadings',
  recognises: (text) => /<(?:\w+:)?MeterReadings[\s>]/.test(text.slice(0, 8000)),
  read: readMeterReadings,
  write: writeMeterReadings,
};
