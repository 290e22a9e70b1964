/** sim: the seeded world and the real loads it can replay. */
export { type CheckReport, checkWorld, type WorldChecks } from './check/world-checks.ts';
export { type SimErrorCode, simErrors } from './errors.ts';
export { inspectLoad, type LoadOptions, type LoadSummary, readLoad } from './load/load-reader.ts';
export type { LoadProblem, LoadReport, LoadSeries, LoadSet } from './load/load-set.ts';
export { openWorld, type TownEvent } from './town/open-town.ts';
export {
  runSingleMeter,
  type SingleMeter,
  type SingleMeterClient,
  type SingleMeterOptions,
} from './town/single.ts';
export { spawnTown, type TownProcess } from './town/spawn.ts';
export { parseTownOptions, type TownProcessOptions } from './town/town-options.ts';
export type { WaveformSupply } from './town/waveform-supply.ts';
export type { SolarRoof } from './world/furnishing.ts';
export type { MeterFault } from './world/meter-fault.ts';
export type { Feeder, NetworkTree, Transformer } from './world/network-tree.ts';
export type { Outage } from './world/outage.ts';
export { type Premises, townTariffs } from './world/premises.ts';
export type { Weather } from './world/sky.ts';
export type { EnergyRange, IntervalEnergy } from './world/supplied-energy.ts';
export {
  createWorld,
  type World,
  type WorldFault,
  type WorldOptions,
  worldFaults,
} from './world/world.ts';
