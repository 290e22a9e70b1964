/** Sums over channels and periods. */
export type { Aggregation, NodeBalance, PeriodTotal } from './aggregation.ts';
export type { ChannelDeterminants, RateDeterminant } from './determinants.ts';
export { loadFactor, maximumDemand, netAndGross, powerFactor } from './power-figures.ts';
export { rateAt } from './tou-layout.ts';
export {
  differenceOf,
  sumOf,
  type VirtualMeter,
  type VirtualSeries,
  type VirtualTerm,
} from './virtual-meter.ts';
