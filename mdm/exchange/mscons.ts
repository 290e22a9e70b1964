/** MSCONS, the UN/EDIFACT metered services consumption report: D99A, D04B (2.2e and the German 2.4c), load profiles and registers. */

import { quality } from '@wattline/model';
import { type FileUnit, fileUnitOf } from './amount.ts';
import { lookUp } from './code-table.ts';
import { componentOf, parseSegments, type Segment } from './edifact-segments.ts';
import type { ExchangeContext, ExchangeFormat, ExchangeRead, Quantity } from './exchange-format.ts';
import type { ExchangeProblemCode } from './exchange-problems.ts';
import { createIntake, type Intake, longestText, type SeriesIntake } from './intake.ts';
import { writeMscons } from './mscons-writer.ts';
import { compactTime, isZone, localClock } from './time-label.ts';

/** Quantity qualifiers (code list 6063 with the national ones). */
const flagsOfQualifier: Readonly<Record<string, number>> = {
  '46': quality.measured,
  '79': quality.measured,
  '220': quality.measured,
  '67': quality.estimated,
  '187': quality.estimated,
  '201': quality.estimated,
  '20': quality.measured | quality.suspect,
  Z18: quality.measured | quality.suspect,
};
const versionsRead = new Set(['99A', '04B']);

/** The OBIS value group C: measured quantity. */
const quantityOfGroup: Readonly<Record<string, Pick<Quantity, 'direction' | 'unit'>>> = {
  '1': { direction: 'delivered', unit: 'Wh' },
  '2': { direction: 'received', unit: 'Wh' },
  '3': { direction: 'delivered', unit: 'varh' },
  '4': { direction: 'received', unit: 'varh' },
  '5': { direction: 'none', unit: 'varh' },
  '6': { direction: 'none', unit: 'varh' },
  '7': { direction: 'none', unit: 'varh' },
  '8': { direction: 'none', unit: 'varh' },
};
/** The OBIS value group D: 8 is a register; 9 and 29 are energy over a period. */
const kindOfGroup: Readonly<Record<string, Quantity['kind']>> = {
  '8': 'register',
  '9': 'interval',
  '29': 'interval',
};

/** A quantity whose times and states are still to come. */
interface OpenQuantity {
  readonly segment: Segment;
  startMs: number | null;
  endMs: number | null;
  readAtMs: number | null;
  readonly states: string[];
}

/** Where in the message we stand. */
interface Position {
  version: string;
  point: string;
  meter: string | null;
  obis: string;
  /** Start and step of a profile without a time per value. */
  nextMs: number | null;
  stepSeconds: number;
  open: OpenQuantity | null;
}

function readMscons(text: string, context: ExchangeContext): ExchangeRead {
  const intake = createIntake('mscons', text, context);
  if (text.length > longestText) return intake.refuse('mdm/exchange-too-large', `${text.length} characters`);
  const parsed = parseSegments(text);
  if (!parsed.ok) {
    const { code, message, where } = parsed.error;
    return intake.refuse(code as ExchangeProblemCode, message, where);
  }
  const fault = checkFrame(intake, parsed.value);
  if (fault) return intake.refuse(fault.code, fault.particulars, { segment: fault.segment });
  const at: Position = emptyPosition();
  for (const segment of parsed.value) step(intake, at, segment);
  return intake.finish();
}

function emptyPosition(): Position {
  const place = { point: '', meter: null, obis: '', nextMs: null, stepSeconds: 0, open: null };
  return { version: '', ...place };
}

/** UNB to UNZ with whole messages between; a count smaller than what came is told, a larger one means lost segments. */
function checkFrame(
  intake: Intake,
  segments: readonly Segment[],
): { code: ExchangeProblemCode; particulars: string; segment: number } | null {
  const fault = (code: ExchangeProblemCode, particulars: string, segment: number) => ({
    code,
    particulars,
    segment,
  });
  const last = segments[segments.length - 1];
  if (!last) return fault('mdm/exchange-missing-header', 'no segment', 0);
  if (segments[0]?.tag !== 'UNB')
    return fault('mdm/exchange-missing-header', `begins with ${segments[0]?.tag}`, 1);
  let head: Segment | null = null;
  let messages = 0;
  for (const segment of segments) {
    const { tag, number } = segment;
    if (tag === 'UNH') {
      if (head)
        return fault('mdm/exchange-bad-structure', 'a UNH before the UNT of the last message', number);
      head = segment;
      messages++;
      const type = componentOf(segment, 1);
      if (type !== 'MSCONS' || !versionsRead.has(componentOf(segment, 1, 2))) {
        const found = segment.elements[1]?.join(':') ?? '';
        return fault('mdm/exchange-unsupported-version', found.slice(0, 60), number);
      }
    } else if (tag === 'UNT') {
      if (!head || componentOf(head, 0) !== componentOf(segment, 1)) {
        return fault('mdm/exchange-bad-structure', 'a UNT that belongs to no message', number);
      }
      const counted = number - head.number + 1;
      const said = Number(componentOf(segment, 0));
      if (said > counted) {
        return fault('mdm/exchange-half-written', `UNT says ${said} segments, found ${counted}`, number);
      }
      if (said !== counted) {
        const particulars = `UNT says ${said} segments, found ${counted}`;
        intake.problem('mdm/exchange-count-mismatch', particulars, { segment: number });
      }
      head = null;
    }
  }
  if (last.tag !== 'UNZ' || head)
    return fault('mdm/exchange-half-written', `ends with ${last.tag}`, last.number);
  const said = Number(componentOf(last, 0));
  return said === messages
    ? null
    : fault('mdm/exchange-half-written', `UNZ says ${said} messages, found ${messages}`, last.number);
}

function step(intake: Intake, at: Position, segment: Segment): void {
  const { tag } = segment;
  if (tag !== 'DTM' && tag !== 'STS') closeQuantity(intake, at);
  if (tag === 'UNH') Object.assign(at, emptyPosition(), { version: componentOf(segment, 1, 2) });
  else if (tag === 'LOC' && componentOf(segment, 0) === '172') {
    const point = componentOf(segment, 1) || componentOf(segment, 1, 3);
    Object.assign(at, { point, meter: null, obis: '', nextMs: null, stepSeconds: 0 });
  } else if (tag === 'RFF' && componentOf(segment, 0) === 'MG') at.meter = componentOf(segment, 0, 1) || null;
  else if (tag === 'PIA') at.obis = componentOf(segment, 1);
  else if (tag === 'QTY') {
    at.open = { segment, startMs: null, endMs: null, readAtMs: null, states: [] };
  } else if (tag === 'STS') at.open?.states.push(segment.elements.map((parts) => parts.join(':')).join('+'));
  else if (tag === 'DTM') setTime(intake, at, segment);
}

function setTime(intake: Intake, at: Position, segment: Segment): void {
  const [qualifier = '', text = '', format = ''] = segment.elements[0] ?? [];
  if (qualifier === '672') {
    // Format 806 is minutes.
    if (format === '806' && /^\d{1,5}$/.test(text)) at.stepSeconds = Number(text) * 60;
    else intake.problem('mdm/exchange-unsupported-interval', `${text} in format ${format}`, place(segment));
    return;
  }
  if (!['9', '163', '164'].includes(qualifier)) return;
  const instant = instantOf(text, format, intake.context.zone);
  if (instant === null)
    intake.problem('mdm/exchange-bad-time', `'${text}' in format ${format}`, place(segment));
  if (!at.open) {
    if (qualifier === '163') at.nextMs = instant;
  } else if (qualifier === '163') at.open.startMs = instant;
  else if (qualifier === '164') at.open.endMs = instant;
  else at.open.readAtMs = instant;
}

/** Format 303 is `CCYYMMDDHHMMZZZ` with hours (or hours and minutes) east of UTC; 203 and 102 are German legal time unless a zone is given. */
function instantOf(text: string, format: string, zone = 'Europe/Berlin'): number | null {
  if (format === '303') {
    const match = /^(\d{12})([+-])(\d\d)(\d\d)?$/.exec(text);
    if (!match) return null;
    const minutes = Number(match[3]) * 60 + Number(match[4] ?? '0');
    return compactTime(match[1] as string, match[2] === '-' ? -minutes : minutes);
  }
  if (format !== '203' && format !== '102') return null;
  const wall = compactTime(text, 0);
  if (wall === null || !isZone(zone)) return null;
  const instant = localClock(zone)(wall);
  return typeof instant === 'number' ? instant : null;
}

function place(segment: Segment): { segment: number } {
  return { segment: segment.number };
}

function closeQuantity(intake: Intake, at: Position): void {
  const { open } = at;
  at.open = null;
  if (!open) return;
  const { segment, states } = open;
  const [qualifier = '', text = '', spelled = ''] = segment.elements[0] ?? [];
  const [group = '', division = '', rate = '0'] = obisGroups(at.obis);
  const kind = lookUp(kindOfGroup, division);
  const meaning = lookUp(quantityOfGroup, group);
  const unit = unitOf(spelled, meaning?.unit);
  const series = intake.series({
    point: at.point,
    register: at.obis,
    meter: at.meter,
    quantity: {
      kind: kind ?? 'interval',
      direction: meaning?.direction ?? 'none',
      unit: unit.unit,
      scale: unit.scale,
      rate: Number(rate),
    },
  });
  holdDoubtful(series, { obis: at.obis, kind, meaning: meaning?.unit, unit: unit.unit }, segment);
  const time = timeOf(at, open, kind);
  if (!time) {
    intake.problem('mdm/exchange-bad-time', 'a quantity without its times', place(segment), 1);
    return;
  }
  let flags = lookUp(flagsOfQualifier, qualifier);
  if (flags === undefined) intake.problem('mdm/exchange-unknown-quality', qualifier, place(segment));
  flags ??= quality.measured | quality.suspect;
  // In D99A profiles 79 stands among 46 where a value is not as read; later versions use it for sums alone.
  if (qualifier === '79' && at.version === '99A') flags |= quality.suspect;
  const code = [qualifier, ...states].join(' ');
  series.add({ ...time, text, flags, code, where: place(segment) }, unit);
}

/** Groups C, D and E of `A-B:C.D.E*F`. */
function obisGroups(obis: string): readonly string[] {
  return /^\d+-\d+:(\d+)\.(\d+)\.(\d+)(?:\*\d+)?$/.exec(obis)?.slice(1) ?? [];
}

/** Without a unit of its own a quantity is in kWh or kvarh, as its OBIS code says. */
function unitOf(spelled: string, meaning: string | undefined): FileUnit {
  return fileUnitOf(spelled || (meaning === 'varh' ? 'kvarh' : 'kWh'));
}

function holdDoubtful(
  series: SeriesIntake,
  found: { obis: string; kind: Quantity['kind'] | undefined; meaning: string | undefined; unit: string },
  segment: Segment,
): void {
  if (found.kind === undefined || found.meaning === undefined) {
    series.hold('mdm/exchange-no-reading-type', `OBIS code '${found.obis}'`, place(segment));
  } else if (found.meaning !== found.unit) {
    series.hold('mdm/exchange-unit-mismatch', `OBIS code ${found.obis} in ${found.unit}`, place(segment));
  }
}

function timeOf(at: Position, open: OpenQuantity, kind: Quantity['kind'] | undefined) {
  if (kind === 'register') {
    const readAtMs = open.readAtMs ?? open.startMs ?? open.endMs;
    return readAtMs === null ? null : { startMs: readAtMs, seconds: 0 };
  }
  if (open.startMs !== null && open.endMs !== null) {
    const seconds = (open.endMs - open.startMs) / 1000;
    return seconds > 0 ? { startMs: open.startMs, seconds } : null;
  }
  if (open.startMs !== null || open.endMs !== null || at.nextMs === null || at.stepSeconds === 0) return null;
  const startMs = at.nextMs;
  at.nextMs += at.stepSeconds * 1000;
  return { startMs, seconds: at.stepSeconds };
}

/** MSCONS. */
export const mscons: ExchangeFormat = {
  id: 'mscons',
  title: 'UN/EDIFACT MSCONS (D99A, D04B)',
  recognises: (text) => /^\uFEFF?\s*UN[AB]/.test(text),
  read: readMscons,
  write: writeMscons,
};
