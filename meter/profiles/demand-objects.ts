/** Demand and maximum demand of an energy: Demand register and Extended registers over the meter's books. */

import { type CosemObject, cosemObject, type MeterView, type ObjectOptions } from '../cosem/cosem-object.ts';
import { demandRegister } from '../cosem/demand-register.ts';
import { extendedRegister } from '../cosem/extended-register.ts';
import type { UnitName } from '../cosem/register.ts';
import type { Demand, Maximum } from '../registers/demand.ts';
import { type EnergyKind, energyKinds } from '../registers/energy-kind.ts';
import { configure } from './common-objects.ts';

/** Unit of the mean power of an energy. */
const unitOf = (kind: EnergyKind) => energyKinds[kind].unit.replace('h', '') as UnitName;

/** Demand by blocks or a sliding window, 1-0:c.4.0.255. */
export function demandObject(kind: EnergyKind, options: ObjectOptions = {}): CosemObject {
  const obis = `1.0.${energyKinds[kind].c}.4.0.255`;
  return cosemObject(
    demandRegister,
    obis,
    ({ parts }) => {
      const demand = parts.books.demands.of(kind);
      const nowMs = () => parts.nowMs();
      return {
        clock: parts.clock,
        scaler: 0,
        unit: unitOf(kind),
        currentAverage: demand?.current ?? 0,
        lastAverage: demand?.last.value ?? 0,
        status: 0,
        captureMs: demand?.last.atMs ?? 0,
        startMs: demand?.startMs ?? 0,
        periodSeconds: demand?.period.periodSeconds ?? 1,
        numberOfPeriods: demand?.period.numberOfPeriods ?? 1,
        // All demands of a meter are formed alike.
        configure: (of) => configure(parts, 'demand-period', { ...of }),
        reset: () => restart(demand, nowMs()),
        // The period that ends early counts as one (Blue Book 4.3.4, method 2).
        nextPeriod() {
          demand?.reach(nowMs());
          return demand ? 'success' : 'object-unavailable';
        },
      };
    },
    options,
  );
}

function restart(demand: Demand | undefined, nowMs: number): 'success' | 'object-unavailable' {
  demand?.configure(demand.period, nowMs);
  return demand ? 'success' : 'object-unavailable';
}

/** Maximum demand since the last reset, 1-0:c.6.r.255; rate 0 is the total. */
export function maximumObject(kind: EnergyKind, rate: number, options: ObjectOptions = {}): CosemObject {
  const read = ({ parts }: MeterView) => parts.books.demands.of(kind)?.maximum(rate) ?? none;
  return maximumOf(`1.0.${energyKinds[kind].c}.6.${rate}.255`, kind, read, options);
}

const none: Maximum = { value: 0, atMs: 0 };

function maximumOf(
  obis: string,
  kind: EnergyKind,
  read: (view: MeterView) => Maximum,
  options: ObjectOptions,
): CosemObject {
  return cosemObject(
    extendedRegister,
    obis,
    (view) => {
      const { value, atMs } = read(view);
      return {
        clock: view.parts.clock,
        scaler: 0,
        unit: unitOf(kind),
        status: 0,
        captureMs: atMs === 0 ? undefined : atMs,
        write: (writer) => writer.doubleLongUnsigned(value),
        // All maxima are reset together, with their lock-out.
        reset: () =>
          view.parts.books.demands.reset(view.parts.nowMs(), 'command') ? 'temporary-failure' : 'success',
      };
    },
    options,
  );
}
