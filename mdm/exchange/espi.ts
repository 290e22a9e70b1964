/** Green Button: NAESB ESPI (REQ.21) resources in an Atom feed, tied together by their links. */

import { quality } from '@wattline/model';
import type { FileUnit } from './amount.ts';
import { lookUp } from './code-table.ts';
import { openDocument } from './document-reading.ts';
import { writeEspi } from './espi-writer.ts';
import type {
  ExchangeContext,
  ExchangeFormat,
  ExchangeRead,
  Quantity,
  SeriesSource,
} from './exchange-format.ts';
import { createIntake, type Intake } from './intake.ts';
import { childOf, textAt, type XmlElement } from './xml-reader.ts';

/** ReadingQuality (espi.xsd QualityOfReading): valid, edited, three estimates, questionable, derived, projected, mixed, raw ... */
const flagsOfQuality: Readonly<Record<string, number>> = {
  '': quality.measured,
  '0': quality.measured | quality.final,
  '7': quality.edited,
  '8': quality.estimated,
  '9': quality.estimated,
  '10': quality.measured | quality.suspect,
  '11': quality.measured,
  '12': quality.estimated,
  '13': quality.measured | quality.suspect,
  '14': quality.measured,
  '15': quality.estimated,
  '16': quality.measured | quality.suspect,
  '17': quality.measured | quality.final,
  '18': quality.measured | quality.final,
  '19': quality.measured | quality.final,
};
const unitOfMeasure: Readonly<Record<string, string>> = {
  '72': 'Wh',
  '73': 'varh',
  '71': 'VAh',
  '38': 'W',
  '63': 'var',
  '61': 'VA',
};
const directionOfFlow: Readonly<Record<string, 'delivered' | 'received'>> = {
  '1': 'delivered',
  '19': 'received',
};
/** Accumulation behaviour: 1 bulk quantity, 3 cumulative, 9 summation stand at an instant; 4 and none are differences. */
const registers = new Set(['1', '3', '9']);
const instantaneous = new Set(['6', '12']);

interface Entry {
  readonly self: string;
  readonly up: string;
  readonly related: readonly string[];
  readonly title: string;
  readonly content: XmlElement;
}

function readEspiFeed(text: string, context: ExchangeContext): ExchangeRead {
  const intake = createIntake('espi', text, context);
  const document = openDocument(text, intake);
  if (!document.ok) return document.read;
  const { root } = document;
  const isFeed = root.name === 'feed' && root.namespace === 'http://www.w3.org/2005/Atom';
  if (!isFeed) {
    const found = `${root.name} in '${root.namespace}'`;
    return intake.refuse('mdm/exchange-unsupported-version', found, { line: root.line });
  }
  const entries = root.children.filter((child) => child.name === 'entry').flatMap(entriesOf);
  const kinds = (name: string) => entries.filter((entry) => entry.content.name === name);
  const [points, readings, types] = [kinds('UsagePoint'), kinds('MeterReading'), kinds('ReadingType')];
  let lastReading: Entry | undefined;
  for (const entry of entries) {
    if (entry.content.name === 'MeterReading') lastReading = entry;
    if (entry.content.name !== 'IntervalBlock') continue;
    const reading = parentOf(entry, readings) ?? lastReading;
    const type = reading && types.find((one) => one.self !== '' && reading.related.includes(one.self));
    const point = (reading && parentOf(reading, points)) ?? (points.length === 1 ? points[0] : undefined);
    addBlock(intake, entry.content, type ?? (types.length === 1 ? types[0] : undefined), point);
  }
  return intake.finish();
}

function entriesOf(entry: XmlElement): Entry[] {
  const links = entry.children.filter((child) => child.name === 'link');
  const hrefs = (rel: string) =>
    links
      .filter((link) => link.attributes.rel === rel)
      .map((link) => (link.attributes.href ?? '').replace(/\/+$/, ''));
  const shared = {
    self: hrefs('self')[0] ?? '',
    up: hrefs('up')[0] ?? '',
    related: hrefs('related'),
    title: textAt(entry, 'title'),
  };
  return (childOf(entry, 'content')?.children ?? []).map((content) => ({ ...shared, content }));
}

/** The entry that an entry belongs to: its address begins with the parent's, or the parent names it or its collection. */
function parentOf(entry: Entry, candidates: readonly Entry[]): Entry | undefined {
  const own = [entry.self, entry.up].filter((href) => href !== '');
  return (
    candidates.find(({ related }) => own.some((href) => related.includes(href))) ??
    candidates.find(({ self }) => self !== '' && own.some((href) => href.startsWith(`${self}/`)))
  );
}

function addBlock(
  intake: Intake,
  block: XmlElement,
  type: Entry | undefined,
  point: Entry | undefined,
): void {
  const readings = block.children.filter((child) => child.name === 'IntervalReading');
  const { line } = block;
  const measure = type && measureOf(type.content);
  if (!measure) {
    const particulars = type ? 'a uom and a multiplier' : 'the ReadingType of the block';
    intake.problem('mdm/exchange-missing-element', particulars, { line }, readings.length);
    return;
  }
  const { unit, quantity, isInstantaneous } = measure;
  const source: SeriesSource = {
    point: pointId(point),
    register: type.self.slice(type.self.lastIndexOf('/') + 1),
    meter: null,
    quantity,
  };
  const series = intake.series(source);
  if (isInstantaneous) series.hold('mdm/exchange-no-reading-type', 'instantaneous values', { line });
  const length = Number(textAt(type.content, 'intervalLength') || '0');
  let next = secondsOf(textAt(block, 'interval', 'start'));
  for (const reading of readings) {
    const where = { line: reading.line };
    const period = childOf(reading, 'timePeriod');
    const start = period ? secondsOf(textAt(period, 'start')) : next;
    const duration = period ? secondsOf(textAt(period, 'duration') || String(length)) : length;
    if (start === null || duration === null || (quantity.kind === 'interval' && duration <= 0)) {
      const spelled = `start '${textAt(period, 'start')}', duration '${textAt(period, 'duration')}'`;
      intake.problem('mdm/exchange-bad-time', spelled, where, 1);
      next = null;
      continue;
    }
    next = start + duration;
    const { flags, code } = qualityOf(intake, reading);
    const text = textAt(reading, 'value');
    const seconds = quantity.kind === 'register' ? 0 : duration;
    series.add({ startMs: start * 1000, seconds, text, flags, code, where }, unit);
  }
}

/** What the reading type says of the numbers; null when it lacks a unit or has a multiplier that is none. */
function measureOf(
  type: XmlElement,
): { unit: FileUnit; quantity: Quantity; isInstantaneous: boolean } | null {
  const code = textAt(type, 'uom');
  const power = textAt(type, 'powerOfTenMultiplier') || '0';
  if (code === '' || !/^-?\d{1,2}$/.test(power)) return null;
  const known = lookUp(unitOfMeasure, code);
  const unit =
    known === undefined
      ? { unit: `uom ${code}`, exponent: Number(power) + 3, scale: -3 }
      : { unit: known, exponent: Number(power), scale: 0 };
  const accumulation = textAt(type, 'accumulationBehaviour');
  const tou = textAt(type, 'tou');
  const quantity: Quantity = {
    kind: registers.has(accumulation) ? 'register' : 'interval',
    direction: lookUp(directionOfFlow, textAt(type, 'flowDirection')) ?? 'none',
    unit: unit.unit,
    scale: unit.scale,
    rate: /^\d{1,3}$/.test(tou) ? Number(tou) : 0,
  };
  return { unit, quantity, isInstantaneous: instantaneous.has(accumulation) };
}

/** The usage point by the last part of its address; its title when the address says nothing. */
function pointId(point: Entry | undefined): string {
  if (!point) return '';
  const match = /\/UsagePoint\/([^/]+)$/.exec(point.self);
  return match ? decodePart(match[1] as string) : point.title;
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function secondsOf(text: string): number | null {
  return /^-?\d{1,12}$/.test(text) ? Number(text) : null;
}

/** Several qualities may stand at one reading: the doubts add up, and an estimate is not measured. */
function qualityOf(intake: Intake, reading: XmlElement): { flags: number; code: string } {
  const codes = reading.children
    .filter((child) => child.name === 'ReadingQuality')
    .map((child) => textAt(child, 'quality'));
  let flags = codes.length === 0 ? quality.measured : 0;
  for (const code of codes) {
    const known = lookUp(flagsOfQuality, code);
    if (known === undefined) intake.problem('mdm/exchange-unknown-quality', code, { line: reading.line });
    flags |= known ?? quality.measured | quality.suspect;
  }
  if ((flags & quality.estimated) !== 0) flags &= ~quality.measured;
  return { flags, code: codes.join(' ') };
}

/** Green Button. */
export const espi: ExchangeFormat = {
  id: 'espi',
  title: 'Green Button (NAESB ESPI) Atom feed',
  recognises: (text) => /<(?:\w+:)?feed[\s>]/.test(text.slice(0, 8000)),
  read: readEspiFeed,
  write: writeEspi,
};
