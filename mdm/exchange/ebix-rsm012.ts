/** ebIX metered data for a time series as Denmark uses it (RSM-012, un:unece:260 EEM-DK_MeteredDataTimeSeries v3). */

import { quality } from '@wattline/model';
import { fileUnitOf } from './amount.ts';
import { lookUp } from './code-table.ts';
import { addPoints, durationSeconds, openDocument } from './document-reading.ts';
import type { ExchangeContext, ExchangeFormat, ExchangeRead } from './exchange-format.ts';
import { createIntake, type Intake } from './intake.ts';
import { isoInstant } from './time-label.ts';
import { textAt, type XmlElement } from './xml-reader.ts';

const documentName = 'DK_MeteredDataTimeSeries';
const namespaceRead = 'un:unece:260:data:EEM-DK_MeteredDataTimeSeries:v3';
const directionOfType: Readonly<Record<string, 'delivered' | 'received'>> = {
  E17: 'delivered',
  E18: 'received',
};

/** Quality of a quantity (ebIX and UN/CEFACT 4439): E01 measured, 36 revised, 56 estimated, D01 calculated of measured ones. */
const flagsOfQuality: Readonly<Record<string, number>> = {
  '': quality.measured,
  E01: quality.measured,
  D01: quality.measured,
  '36': quality.edited,
  '56': quality.estimated,
};

function readEbix(text: string, context: ExchangeContext): ExchangeRead {
  const intake = createIntake('ebix-rsm012', text, context);
  const document = openDocument(text, intake);
  if (!document.ok) return document.read;
  const { root } = document;
  if (root.name !== documentName || root.namespace !== namespaceRead) {
    const found = `${root.name} in '${root.namespace}'`;
    return intake.refuse('mdm/exchange-unsupported-version', found, { line: root.line });
  }
  for (const child of root.children) if (child.name === 'PayloadEnergyTimeSeries') addSeries(intake, child);
  return intake.finish();
}

function addSeries(intake: Intake, element: XmlElement): void {
  const { line } = element;
  const observations = element.children.filter((child) => child.name === 'IntervalEnergyObservation');
  const period = (name: string) => textAt(element, 'ObservationTimeSeriesPeriod', name);
  const [startMs, endMs] = [isoInstant(period('Start')), isoInstant(period('End'))];
  const seconds = durationSeconds(period('ResolutionDuration'));
  if (startMs === null || endMs === null || seconds === null) {
    const spelled = `'${period('Start')}' to '${period('End')}' by '${period('ResolutionDuration')}'`;
    intake.problem('mdm/exchange-bad-time', spelled, { line }, observations.length);
    return;
  }
  if (seconds === 0) {
    const spelled = period('ResolutionDuration');
    intake.problem('mdm/exchange-unsupported-interval', spelled, { line }, observations.length);
    return;
  }
  const type = textAt(element, 'DetailMeasurementMeteringPointCharacteristic', 'TypeOfMeteringPoint');
  const unit = fileUnitOf(textAt(element, 'IncludedProductCharacteristic', 'UnitType'));
  const series = intake.series({
    point: textAt(element, 'MeteringPointDomainLocation', 'Identification'),
    register: type,
    meter: null,
    quantity: {
      kind: 'interval',
      direction: lookUp(directionOfType, type) ?? 'none',
      unit: unit.unit,
      scale: unit.scale,
      rate: 0,
    },
  });
  const points = observations.map((observation) => pointOf(intake, observation));
  addPoints(intake, series, unit, { startMs, endMs, seconds, points, line });
}

function pointOf(intake: Intake, observation: XmlElement) {
  const { line } = observation;
  const isMissing = textAt(observation, 'QuantityMissing') === 'true';
  const code = isMissing ? 'QuantityMissing' : textAt(observation, 'QuantityQuality');
  const known = isMissing ? quality.missing : lookUp(flagsOfQuality, code);
  if (known === undefined) intake.problem('mdm/exchange-unknown-quality', code, { line });
  const flags = known ?? quality.measured | quality.suspect;
  return {
    position: textAt(observation, 'Position'),
    text: textAt(observation, 'EnergyQuantity'),
    flags,
    code,
    line,
  };
}

/** ebIX RSM-012. */
export const ebixRsm012: ExchangeFormat = {
  id: 'ebix-rsm012',
  title: 'ebIX RSM-012 metered data',
  recognises: (text) => text.slice(0, 4000).includes(documentName),
  read: readEbix,
};
