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
  /** Linear estimation bridges gaps up to this, s. Default 2 h, the customary limit of VEE practice. */
  readonly linearLongestSeconds: number;
  /** Like-day estimation looks back this many weeks. Default 4. */
  readonly likeDayWeeks: number;
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
  linearLongestSeconds: 7200,
  likeDayWeeks: 4,
  weekend: [6, 7],
  cacheOctets: 256 * 2 ** 20,
  backlogOctets: 256 * 2 ** 20,
  snapshotBlocks: 1_000_000,
};
