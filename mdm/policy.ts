/** Settings of validation and estimation, with where each default comes from. */

export interface MdmPolicy {
  /** How far past the clock an interval may end, ms. Default 10 min: a meter's clock is set when it is off by more. */
  readonly futureToleranceMs: number;
  /** Sum check: largest difference of a day's intervals to its register that passes, Wh. Default 0: both are exact integers. */
  readonly sumToleranceWh: number;
  /** Spike: how many times the typical daily peak a value must exceed. Default 5: 13 of 23,214 London days of 2013 flagged. */
  readonly spikeFactor: number;
  /** Spike: mean power below which nothing is a spike, W. Default 4,000: an ordinary home's kettle and oven together. */
  readonly spikeFloorW: number;
  /** Spike: days whose peaks make the typical one; fewer than `spikeLeastDays` give no verdict. Default 28 and 5. */
  readonly spikeDays: number;
  readonly spikeLeastDays: number;
  /** Days with a sum that make the usual day; fewer give no verdict. Default 5. */
  readonly usualLeastDays: number;
  /** What the service can carry, W. Default 23,000: 100 A at 230 V. */
  readonly serviceLimitW: number;
  /** Highest interval over the third highest of its day, %, and the mean power below which it is not asked. Default 900 and 6,000. */
  readonly thirdPeakPercent: number;
  readonly thirdPeakFloorW: number;
  /** Hours over which one value above zero may stand still. Default 12. */
  readonly frozenHours: number;
  /** A day above so many usual days, and above so many Wh, is high. Default 5 and 5,000. */
  readonly highDayFactor: number;
  readonly highDayFloorWh: number;
  /** A whole day below this part of the usual is low. Default 0.05. */
  readonly lowDayFraction: number;
  /** An interval after a gap above so many usual peaks is lumped. Default 1.5. */
  readonly lumpedFactor: number;
  /** Largest difference of main and check meter over a day, %. Default 2. */
  readonly checkMeterPercent: number;
  /** Mean power both ways in one interval above which something is wrong, W. Default 2,000. */
  readonly bothDirectionsW: number;
  /** Wh by which active may exceed apparent energy. Default 1. */
  readonly apparentToleranceWh: number;
  /** Power factor of a day below which something is wrong. Default 0.4. */
  readonly leastPowerFactor: number;
  /** Nominal voltage, V, and the deviations above and below it that are too much, %. Default 230, 15 and 15. */
  readonly nominalVoltageV: number;
  readonly voltageAbovePercent: number;
  readonly voltageBelowPercent: number;
  /** Current above which energy must be counted, A. Default 0.5. */
  readonly currentFloorA: number;
  /** Linear estimation bridges gaps up to this, s. Default 2 h, the customary limit of VEE practice. */
  readonly linearLongestSeconds: number;
  /** Like-day estimation looks back this many weeks. Default 4. */
  readonly likeDayWeeks: number;
  /** Comparable points that an estimate may lean on where the channel has no like day. Default 8; 0 turns it off. */
  readonly neighbours: number;
  /** ISO days of the week that are alike among themselves and unlike the others. Default Saturday and Sunday. */
  readonly weekend: readonly number[];
  /** Octets of day blocks kept in memory. Default 256 MiB. */
  readonly cacheOctets: number;
  /** Octets acknowledged but not yet stored at which ingest waits. Default 256 MiB. */
  readonly backlogOctets: number;
  /** Blocks written after which the index is put on disk again. Default 1,000,000: reading them back takes a second or two. */
  readonly snapshotBlocks: number;
}

export const defaultPolicy: MdmPolicy = {
  futureToleranceMs: 600_000,
  sumToleranceWh: 0,
  spikeFactor: 5,
  spikeFloorW: 4000,
  spikeDays: 28,
  spikeLeastDays: 5,
  usualLeastDays: 5,
  serviceLimitW: 23_000,
  thirdPeakPercent: 900,
  thirdPeakFloorW: 6000,
  frozenHours: 12,
  highDayFactor: 5,
  highDayFloorWh: 5000,
  lowDayFraction: 0.05,
  lumpedFactor: 1.5,
  checkMeterPercent: 2,
  bothDirectionsW: 2000,
  apparentToleranceWh: 1,
  leastPowerFactor: 0.4,
  nominalVoltageV: 230,
  voltageAbovePercent: 15,
  voltageBelowPercent: 15,
  currentFloorA: 0.5,
  linearLongestSeconds: 7200,
  likeDayWeeks: 4,
  neighbours: 8,
  weekend: [6, 7],
  cacheOctets: 256 * 2 ** 20,
  backlogOctets: 256 * 2 ** 20,
  snapshotBlocks: 1_000_000,
};
