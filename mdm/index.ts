/** mdm: readings in, validated, estimated where they must be, kept in every version, and out again with their reasons. */
export * from './aggregation/index.ts';
export { type IndexFinding, indexConsumers, type MeterTrace } from './assets/consumer-index.ts';
export type { OneWayPoint } from './assets/one-way-points.ts';
export { type GridLevel, gridLevels } from './assets/place-history.ts';
export {
  countedBetween,
  plainCourse,
  type RegisterCourse,
  type RegisterStretch,
  stretchesBetween,
} from './assets/register-course.ts';
export { tariffAt } from './assets/tariff-history.ts';
export { type Aside, noSource, sourceOfChannel } from './distribution/aside.ts';
export type { Change, ChangeFeed, ChangePage, Post, Subscriber } from './distribution/change-feed.ts';
export type { DeliveryOutcome, ExchangeDesk } from './distribution/exchange-desk.ts';
export type { ReleasedPlaced } from './distribution/quarantine.ts';
export type { Edit, Editor } from './editing/editor.ts';
export type { TaskAction, Worklist } from './editing/worklist.ts';
export { type MdmErrorCode, mdmErrors } from './errors.ts';
export {
  type DayEstimate,
  type EstimateInput,
  estimateDay,
  estimationMethods,
} from './estimation/estimate-day.ts';
export type { DayTemperature, Weather } from './estimation/weather.ts';
export * from './exchange/index.ts';
export { readTemperatures } from './exchange/temperature-rows.ts';
export type * from './mdm.ts';
export { discardReadingsIndex, type MdmOptions, openMdm } from './open-mdm.ts';
export { policyOf, type RulePack, rulePackOf, rulePacks } from './packs/index.ts';
export { defaultPolicy, type MdmPolicy } from './policy.ts';
export type { IntervalReasons } from './queries/explanation.ts';
export { totalsOf } from './rules/day-totals.ts';
export { type DayColumns, type Rule, rules } from './rules/index.ts';
