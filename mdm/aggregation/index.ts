/** Sums over channels and periods. */
export type { Aggregation, PeriodTotal } from './aggregation.ts';
export type { BalanceRequest, NodeBalance } from './balance.ts';
export type { ChannelDeterminants, RateDeterminant } from './determinants.ts';
export type { PowerFigures } from './power.ts';
export { loadFactor, netAndGross, powerFactor } from './power-figures.ts';
export { rateAt } from './tou-layout.ts';
export {
  differenceOf,
  sumOf,
  type VirtualMeter,
  type VirtualSeries,
  type VirtualTerm,
} from './virtual-meter.ts';
export type { NamedVirtualMeter, VirtualMeters } from './virtual-meters.ts';
