/** CO2 of what was taken from the grid, and what the meter takes for itself: objects with codes of the range for manufacturers. */
import type { CosemObject } from '../cosem/cosem-object.ts';
import type { MeterParts } from '../meter-parts.ts';
import { selfConsumptionW, usualConsumption } from '../power/self-consumption.ts';
import { clockColumn, ringProfile } from './ring-profiles.ts';
import { registers } from './value-objects.ts';

/** CO2 of the last interval, mg; the profile of all intervals that have an entry in load profile 1; own consumption, W. */
export const carbonObis = '1.0.129.29.0.255';
export const carbonProfileObis = '1.0.99.129.0.255';
export const selfConsumptionObis = '1.0.130.7.0.255';

/** Share of the time that a radio sends while somebody is associated, modelled. */
const sendingShare = 0.1;

/** The objects. */
export function carbonObjects(): CosemObject[] {
  return [
    // Milligrams: kg with scaler -6.
    ...registers([
      {
        obis: carbonObis,
        label: 'CO2 of the last interval',
        unit: 'kg',
        scaler: -6,
        as: 'double-long-unsigned',
        value: (parts) => (milligramsOf(parts, parts.metrology.loadProfile.ring.length - 1) ?? 0) / 1e6,
      },
      {
        obis: selfConsumptionObis,
        label: 'Power that the meter takes for itself, modelled',
        unit: 'W',
        scaler: -3,
        as: 'double-long-unsigned',
        value: ownW,
      },
    ]),
    ringProfile({
      obis: carbonProfileObis,
      label: 'CO2 by interval',
      ringOf: ({ metrology }) => metrology.loadProfile.ring,
      capturePeriodSeconds: ({ metrology }) => metrology.intervalSeconds,
      columns: [
        clockColumn,
        {
          ...{ classId: 3, obis: carbonObis, attribute: 2 },
          write(writer, _, entry, parts) {
            const milligrams = milligramsOf(parts, entry);
            if (milligrams === undefined) writer.nullData();
            else writer.doubleLongUnsigned(Math.min(0xffffffff, milligrams));
          },
        },
      ],
    }),
  ];
}

/** Undefined while no factor is known, and without an entry. */
function milligramsOf({ carbon, metrology, spec }: MeterParts, entry: number): number | undefined {
  const { loadProfile, intervalSeconds } = metrology;
  const { entryLabel: label } = spec;
  return entry < 0
    ? undefined
    : carbon.ofEntry(loadProfile, entry, { intervalSeconds, ...(label ? { label } : {}) });
}

function ownW(parts: MeterParts): number {
  return selfConsumptionW(usualConsumption, {
    phases: parts.spec.phases,
    isLit: parts.display.scene(parts.nowMs()).isLit,
    sendingShare: parts.access.isCommunicating ? sendingShare : 0,
    switchingPerHour: 0,
  });
}
