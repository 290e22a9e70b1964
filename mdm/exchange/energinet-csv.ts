/** Measurements as Energinet's DataHub keeps them: `metering_point_id;quantity;quality;observation_time`, kWh, times in UTC. */

import { quality } from '@wattline/model';
import { fileUnitOf } from './amount.ts';
import { lookUp } from './code-table.ts';
import { readRows } from './csv-rows.ts';
import type { ExchangeContext, ExchangeFormat, ExchangeRead } from './exchange-format.ts';
import { createIntake, type Intake, longestText } from './intake.ts';
import { isoInstant } from './time-label.ts';

const directionOfType: Readonly<Record<string, 'delivered' | 'received'>> = {
  consumption: 'delivered',
  production: 'received',
};
const flagsOfQuality: Readonly<Record<string, number>> = {
  measured: quality.measured,
  calculated: quality.measured,
  estimated: quality.estimated,
  missing: quality.missing,
};
const required = ['metering_point_id', 'quantity', 'quality', 'observation_time'];
const hour = 3600;
const quarter = 900;

interface Row {
  readonly line: number;
  readonly startMs: number;
  readonly text: string;
  readonly code: string;
}

function readEnerginet(text: string, context: ExchangeContext): ExchangeRead {
  const intake = createIntake('energinet-csv', text, context);
  if (text.length > longestText) return intake.refuse('mdm/exchange-too-large', `${text.length} characters`);
  const { rows, isFinished } = readRows(text, ';');
  const names = (rows[0]?.fields ?? []).map((name) => name.trim());
  if (!required.every((name) => names.includes(name))) {
    const code = isFinished ? 'mdm/exchange-missing-header' : 'mdm/exchange-half-written';
    return intake.refuse(code, `expected columns ${required.join(', ')}`, { line: 1 });
  }
  const points = new Map<string, Row[]>();
  const fieldOf = (fields: readonly string[], name: string) => fields[names.indexOf(name)]?.trim() ?? '';
  rows.slice(1).forEach(({ fields, line }, i) => {
    if (!isFinished && i === rows.length - 2) {
      intake.problem('mdm/exchange-half-written', `line ${line} has no line end`, { line }, 1);
      return;
    }
    const startMs = isoInstant(fieldOf(fields, 'observation_time'));
    if (startMs === null) {
      const spelled = fieldOf(fields, 'observation_time').slice(0, 40);
      intake.problem('mdm/exchange-bad-time', `'${spelled}'`, { line }, 1);
      return;
    }
    const key = `${fieldOf(fields, 'metering_point_id')}\n${fieldOf(fields, 'metering_point_type')}`;
    const row = { line, startMs, text: fieldOf(fields, 'quantity'), code: fieldOf(fields, 'quality') };
    const known = points.get(key);
    if (known) known.push(row);
    else points.set(key, [row]);
  });
  for (const [key, series] of points) addSeries(intake, key, series);
  return intake.finish();
}

function addSeries(intake: Intake, key: string, rows: readonly Row[]): void {
  const [point = '', type = ''] = key.split('\n');
  const unit = fileUnitOf('kWh');
  const direction = lookUp(directionOfType, type) ?? 'none';
  const quantity = { kind: 'interval', direction, unit: unit.unit, scale: unit.scale, rate: 0 } as const;
  const series = intake.series({ point, register: type, meter: null, quantity });
  const seconds = intake.context.intervalSeconds ?? resolutionOf(rows);
  for (const { line, startMs, text, code } of rows) {
    const known = lookUp(flagsOfQuality, code);
    if (known === undefined) intake.problem('mdm/exchange-unknown-quality', code, { line });
    const flags = known ?? quality.measured | quality.suspect;
    series.add({ startMs, seconds, text, flags, code, where: { line } }, unit);
  }
}

/** The file does not say its resolution; the market knows the hour and the quarter. */
function resolutionOf(rows: readonly Row[]): number {
  return rows.some(({ startMs }) => startMs % (hour * 1000) !== 0) ? quarter : hour;
}

/** Energinet measurements. */
export const energinetCsv: ExchangeFormat = {
  id: 'energinet-csv',
  title: 'Energinet measurements (CSV)',
  recognises: (text) => /^\uFEFF?[^\n]*metering_point_id/.test(text),
  read: readEnerginet,
};
