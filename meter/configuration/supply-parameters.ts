/** Parameters of the clock's synchronisation, of the last gasp and of what is a supply event. */
import type { SynchronisationPolicy } from '../clock/synchronisation.ts';
import type { SupplyThresholds } from '../engine/supply-events.ts';
import type { GaspTiming } from '../power/last-gasp.ts';
import type { Parameter } from './configuration.ts';
import { between, whole } from './parameter-values.ts';
import { record } from './record-parameter.ts';

/** Settings that stand in the meter itself. */
export interface SupplySettings {
  synchronisation: SynchronisationPolicy;
  gaspTiming: GaspTiming;
  supplyThresholds: SupplyThresholds;
}

export function supplyParameters(parts: SupplySettings): Record<string, Parameter> {
  const mostMs = 3_600_000;
  return {
    'clock-synchronisation': record<SynchronisationPolicy>({
      title: 'Errors of the clock that are let be and such that are slewed, ms, and how fast, ppm',
      event: 'parameterChanged',
      rules: { leastMs: whole(0, mostMs), mostSlewMs: whole(0, mostMs), slewPpm: whole(1, 10_000) },
      read: () => parts.synchronisation,
      apply(policy) {
        parts.synchronisation = policy;
      },
    }),
    'last-gasp': record<GaspTiming>({
      title: 'Time that a power failure must last before it is told, and longest random time after it, ms',
      event: 'parameterChanged',
      rules: { debounceMs: whole(0, mostMs), mostBackOffMs: whole(0, mostMs) },
      read: () => parts.gaspTiming,
      apply(timing) {
        parts.gaspTiming = timing;
      },
    }),
    'supply-events': record<SupplyThresholds>({
      title: 'Dip, swell, interruption, hysteresis and rapid change as shares of the declared voltage',
      event: 'parameterChanged',
      rules: {
        ...{ dip: between(0.5, 1), swell: between(1, 2), interruption: between(0, 0.5) },
        ...{ hysteresis: between(0, 0.1), rapidChange: between(0.005, 0.5) },
      },
      read: () => parts.supplyThresholds,
      apply(thresholds) {
        parts.supplyThresholds = thresholds;
      },
    }),
  };
}
