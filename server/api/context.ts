/** What every route is given. */
import type { Clock, Log } from '@wattline/base';
import type { System } from '@wattline/system';

/** What a demonstration says of itself. */
export interface TownFacts {
  readonly seed: string;
  readonly startMs: number;
  readonly meters: number;
  /** `model`, or the file whose load is replayed. */
  readonly load: string;
}

/** The running stack and how it is served. */
export interface ApiContext {
  readonly system: System;
  /** `town` on a loopback address may be read without login; everything else never. */
  readonly mode: 'town' | 'serve';
  readonly town: TownFacts | null;
  readonly log: Log;
  /** The machine's clock, for heartbeats: the town's may run faster. */
  readonly machineClock: Clock;
}
