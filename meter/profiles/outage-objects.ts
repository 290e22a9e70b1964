/** Failures of the supply (IEC 62056-6-1, 0-0:96.7.x; recalled): counts, durations, the threshold of a long one, and their log. */
import type { CosemObject } from '../cosem/cosem-object.ts';
import { longUnsigned } from '../cosem/data-type.ts';
import type { MeterParts } from '../meter-parts.ts';
import { outageLogColumn } from '../power/outages.ts';
import { parameterObject } from './common-objects.ts';
import { clockColumn, counterColumn, ringProfile } from './ring-profiles.ts';
import { dataObject, type RegisterRow, registers } from './value-objects.ts';

const lastLong = '0.0.96.7.19.255';

/** Registers of long failures: how many, how long all of them, what counts as one, and the log with the end and the duration of each. */
export function longOutageObjects(): CosemObject[] {
  return [
    dataObject('0.0.96.7.9.255', (w, { outages }) => w.longUnsigned(outages.longCount & 0xffff), {
      label: 'Number of long power failures in any phase',
    }),
    ...registers([
      duration(
        '0.0.96.8.10.255',
        'Duration of all long power failures',
        ({ outages }) => outages.longSeconds,
      ),
    ]),
    parameterObject(
      '0.0.96.7.20.255',
      {
        type: longUnsigned(1),
        parameter: 'long-outage',
        read: ({ outages }) => outages.longFromS,
        value: (seconds) => ({ seconds }),
      },
      { label: 'Threshold for long power failure, s' },
    ),
    ringProfile({
      obis: '1.0.99.97.0.255',
      label: 'Power failure event log',
      ringOf: ({ outages }) => outages.log,
      capturePeriodSeconds: () => 0,
      columns: [clockColumn, counterColumn(lastLong, outageLogColumn.duration)],
    }),
  ];
}

/** All failures, and how long the last long one was. */
export function outageObjects(): CosemObject[] {
  return [
    dataObject('0.0.96.7.21.255', (w, { outages }) => w.longUnsigned(outages.count & 0xffff), {
      label: 'Number of power failures in any phase',
    }),
    ...registers([
      duration(
        lastLong,
        'Duration of last long power failure in any phase',
        ({ outages }) => outages.lastLongSeconds,
      ),
    ]),
    ...longOutageObjects(),
  ];
}

function duration(obis: string, label: string, value: (parts: MeterParts) => number): RegisterRow {
  return { obis, label, unit: 's', scaler: 0, as: 'double-long-unsigned', value };
}
