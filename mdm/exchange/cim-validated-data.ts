/** CIM NotifyValidatedMeasureData (IEC 62325-451 style market document, Ediel 0:1), E66 in E23, as XML and as JSON. */

import { failure, type Result, success } from '@wattline/base';
import { quality } from '@wattline/model';
import { fileUnitOf } from './amount.ts';
import { writeCimDocument } from './cim-writer.ts';
import { lookUp } from './code-table.ts';
import { addPoints, durationSeconds, openDocument } from './document-reading.ts';
import type { ExchangeContext, ExchangeFormat, ExchangeRead } from './exchange-format.ts';
import { createIntake, type Intake } from './intake.ts';
import { isoInstant } from './time-label.ts';
import { childOf, textAt, type XmlElement } from './xml-reader.ts';

export const cimDocumentName = 'NotifyValidatedMeasureData_MarketDocument';
const namespaceRead = 'urn:ediel.org:measure:notifyvalidatedmeasuredata:0:1';

/** Quality of a point; none said means measured (A04 as provided). A06 calculated is made of measured values. */
const flagsOfQuality: Readonly<Record<string, number>> = {
  '': quality.measured,
  A01: quality.edited,
  A02: quality.missing,
  A03: quality.estimated,
  A04: quality.measured,
  A05: quality.measured | quality.suspect,
  A06: quality.measured,
};

/** Type of the metering point: E17 consumption, E18 production. */
const directionOfType: Readonly<Record<string, 'delivered' | 'received'>> = {
  E17: 'delivered',
  E18: 'received',
};
/** GS1 product codes of active and reactive energy. */
const unitOfProduct: Readonly<Record<string, string>> = { '8716867000030': 'Wh', '8716867000047': 'varh' };

const required = [
  'mRID',
  'marketEvaluationPoint.mRID',
  'marketEvaluationPoint.type',
  'registration_DateAndOrTime.dateTime',
  'product',
  'quantity_Measure_Unit.name',
  'Period',
] as const;
const optional = [
  'originalTransactionIDReference_Series.mRID',
  'marketEvaluationPoint.settlementMethod',
  'marketEvaluationPoint.meter.mRID',
  'reason.code',
];
const allowed = new Set<string>([...required, ...optional]);

function readCim(format: string, parse?: (text: string) => Result<XmlElement>) {
  return (text: string, context: ExchangeContext): ExchangeRead => {
    const intake = createIntake(format, text, context);
    const document = openDocument(text, intake, parse);
    if (!document.ok) return document.read;
    const { root } = document;
    const type = `${textAt(root, 'type')}/${textAt(root, 'process.processType')}`;
    const isRead = root.name === cimDocumentName && (parse !== undefined || root.namespace === namespaceRead);
    if (!isRead || type !== 'E66/E23') {
      const found = `${root.name} in '${root.namespace}', type ${type}`;
      return intake.refuse('mdm/exchange-unsupported-version', found, { line: root.line });
    }
    for (const child of root.children) if (child.name === 'Series') addSeries(intake, child);
    return intake.finish();
  };
}

function addSeries(intake: Intake, element: XmlElement): void {
  const { line, children } = element;
  const points = children.flatMap((child) => child.children).filter((child) => child.name === 'Point').length;
  const stranger = children.find((child) => !allowed.has(child.name));
  if (stranger) {
    intake.problem('mdm/exchange-unexpected-element', stranger.name, { line: stranger.line }, points);
    return;
  }
  const missing = required.find((name) => !childOf(element, name));
  if (missing) {
    intake.problem('mdm/exchange-missing-element', missing, { line }, points);
    return;
  }
  const unit = fileUnitOf(textAt(element, 'quantity_Measure_Unit.name'));
  const meter = textAt(element, 'marketEvaluationPoint.meter.mRID');
  const series = intake.series({
    point: textAt(element, 'marketEvaluationPoint.mRID'),
    register: textAt(element, 'marketEvaluationPoint.type'),
    meter: meter === '' ? null : meter,
    quantity: {
      kind: 'interval',
      direction: lookUp(directionOfType, textAt(element, 'marketEvaluationPoint.type')) ?? 'none',
      unit: unit.unit,
      scale: unit.scale,
      rate: 0,
    },
  });
  const expected = lookUp(unitOfProduct, textAt(element, 'product'));
  if (expected !== undefined && expected !== unit.unit) {
    series.hold('mdm/exchange-unit-mismatch', `product ${textAt(element, 'product')} in ${unit.unit}`, {
      line,
    });
  }
  for (const period of children) {
    if (period.name !== 'Period') continue;
    const startMs = isoInstant(textAt(period, 'timeInterval', 'start'));
    const endMs = isoInstant(textAt(period, 'timeInterval', 'end'));
    const seconds = durationSeconds(textAt(period, 'resolution'));
    const found = period.children.filter((child) => child.name === 'Point');
    if (startMs === null || endMs === null || seconds === null) {
      const spelled = `'${textAt(period, 'timeInterval', 'start')}', '${textAt(period, 'resolution')}'`;
      intake.problem('mdm/exchange-bad-time', spelled, { line: period.line }, found.length);
    } else if (seconds === 0) {
      const spelled = textAt(period, 'resolution');
      intake.problem('mdm/exchange-unsupported-interval', spelled, { line: period.line }, found.length);
    } else {
      const positioned = found.map((point) => pointOf(intake, point));
      addPoints(intake, series, unit, { startMs, endMs, seconds, points: positioned, line: period.line });
    }
  }
}

function pointOf(intake: Intake, point: XmlElement) {
  const code = textAt(point, 'quality');
  let flags = lookUp(flagsOfQuality, code) ?? null;
  if (flags === null) {
    intake.problem('mdm/exchange-unknown-quality', code, { line: point.line });
    flags = quality.measured | quality.suspect;
  }
  return {
    position: textAt(point, 'position'),
    text: textAt(point, 'quantity'),
    flags,
    code,
    line: point.line,
  };
}

/** The JSON form as elements: `{"value": x}` is text, an array is a repeated element. Numbers keep their digits. */
function parseCimJson(text: string): Result<XmlElement> {
  let content: unknown;
  try {
    content = JSON.parse(text.replace(/^\uFEFF/, ''), keepDigits);
  } catch {
    // JSON has no end mark but its last bracket.
    const isCutOff = !/\}\s*$/.test(text) || count(text, '{') > count(text, '}');
    return failure(
      isCutOff ? 'mdm/exchange-half-written' : 'mdm/exchange-bad-json',
      'the text cannot be parsed',
    );
  }
  const entries = isObject(content) ? Object.entries(content) : [];
  const first = entries[0];
  if (!first || entries.length !== 1) {
    return failure('mdm/exchange-unsupported-version', `expected one object of ${cimDocumentName}`);
  }
  const [element] = elementsOf(first[0], first[1], 1);
  return element ? success(element) : failure('mdm/exchange-no-readings', 'an empty document');
}

function keepDigits(_key: string, value: unknown, { source }: { source?: string } = {}): unknown {
  return typeof value === 'number' ? (source ?? String(value)) : value;
}

function count(text: string, sign: string): number {
  return text.split(sign).length - 1;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Numbers arrive as their digits. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value.trim();
  return typeof value === 'boolean' ? String(value) : '';
}

const deepestJson = 64;

function elementsOf(name: string, content: unknown, depth: number): XmlElement[] {
  if (depth > deepestJson) return [];
  if (Array.isArray(content)) return content.flatMap((entry) => elementsOf(name, entry, depth + 1));
  const element = { name, namespace: '', attributes: {}, line: 1 };
  if (!isObject(content)) return [{ ...element, text: textOf(content), children: [] }];
  const { value, ...rest } = content;
  const children = Object.entries(rest).flatMap(([key, entry]) => elementsOf(key, entry, depth + 1));
  return [{ ...element, text: textOf(value), children }];
}

/** NotifyValidatedMeasureData as XML. */
export const cimValidatedDataXml: ExchangeFormat = {
  id: 'cim-notify-validated-measure-data',
  title: 'CIM NotifyValidatedMeasureData (XML)',
  recognises: (text) =>
    text.trimStart().startsWith('<') && text.slice(0, 4000).includes(`${cimDocumentName}`),
  read: readCim('cim-notify-validated-measure-data'),
  write: writeCimDocument,
};

/** NotifyValidatedMeasureData as JSON. */
export const cimValidatedDataJson: ExchangeFormat = {
  id: 'cim-notify-validated-measure-data-json',
  title: 'CIM NotifyValidatedMeasureData (JSON)',
  recognises: (text) => /^\uFEFF?\s*\{/.test(text) && text.slice(0, 4000).includes(`"${cimDocumentName}"`),
  read: readCim('cim-notify-validated-measure-data-json', parseCimJson),
};
