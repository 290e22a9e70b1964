/** The guard's settings: every threshold, what it is when nothing is said, and why. */
import type { Direction } from './darkening.ts';

/** Where a limit counts: the smallest piece of the grid first. */
export const scopes = ['transformer', 'feeder', 'substation', 'tenant', 'fleet'] as const;
export type Scope = (typeof scopes)[number];

/** At most so many meters and so many watts switched in one direction, in every window of this length. */
export interface Limit {
  readonly scope: Scope;
  readonly windowMs: number;
  readonly meters: number;
  /** Declared load of the meters switched, W; 1,000,000 is 1 MW. */
  readonly watts: number;
}

type Switching = Exclude<Direction, 'none'>;

/** Durations in ms unless the name says otherwise. */
export interface GuardSettings {
  readonly limits: readonly Limit[];
  readonly emergencyLimits: readonly Limit[];
  /** For what darkens only if it goes wrong: firmware, keys, tariffs. */
  readonly serviceLimits: readonly Limit[];
  readonly batchMeters: number;
  /** Of what switches nothing when it goes well. */
  readonly serviceBatchMeters: number;
  readonly batchPeople: number;
  readonly emergencyPeople: number;
  readonly rulePeople: number;
  readonly releasePeople: number;
  readonly stepUpMs: number;
  readonly batchStepUpMs: number;
  readonly approvalSkewMs: number;
  readonly cancelWindowMs: number;
  readonly deadlineMs: number;
  readonly singlesPerPersonDay: Readonly<Record<Switching, number>>;
  readonly singlesPerTenantDay: Readonly<Record<Switching, number>>;
  readonly switchesPerMeterDay: number;
  readonly emergencyMs: number;
  readonly shedRestMs: number;
  readonly shedDurationMs: number;
  readonly clockStepMs: number;
  readonly restartGapMs: number;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** What holds when nothing else is said. */
export const defaultGuardSettings: GuardSettings = {
  limits: [
    { scope: 'transformer', windowMs: hourMs, meters: 10, watts: 60_000 },
    { scope: 'feeder', windowMs: hourMs, meters: 50, watts: 300_000 },
    { scope: 'substation', windowMs: hourMs, meters: 200, watts: 1_000_000 },
    { scope: 'tenant', windowMs: dayMs, meters: 500, watts: 2_500_000 },
    { scope: 'fleet', windowMs: 15 * minuteMs, meters: 200, watts: 1_000_000 },
    { scope: 'fleet', windowMs: dayMs, meters: 1_000, watts: 5_000_000 },
  ],
  emergencyLimits: [
    { scope: 'transformer', windowMs: hourMs, meters: 50, watts: 300_000 },
    { scope: 'feeder', windowMs: hourMs, meters: 500, watts: 3_000_000 },
    { scope: 'substation', windowMs: hourMs, meters: 2_000, watts: 10_000_000 },
    { scope: 'fleet', windowMs: hourMs, meters: 5_000, watts: 25_000_000 },
  ],
  serviceLimits: [
    { scope: 'transformer', windowMs: hourMs, meters: 200, watts: 1_200_000 },
    { scope: 'feeder', windowMs: hourMs, meters: 2_000, watts: 12_000_000 },
    { scope: 'substation', windowMs: hourMs, meters: 5_000, watts: 30_000_000 },
    { scope: 'tenant', windowMs: dayMs, meters: 20_000, watts: 120_000_000 },
    { scope: 'fleet', windowMs: dayMs, meters: 20_000, watts: 120_000_000 },
  ],
  batchMeters: 200,
  serviceBatchMeters: 2_000,
  batchPeople: 2,
  emergencyPeople: 3,
  rulePeople: 2,
  releasePeople: 2,
  stepUpMs: 5 * minuteMs,
  batchStepUpMs: hourMs,
  approvalSkewMs: 30_000,
  cancelWindowMs: 15 * minuteMs,
  deadlineMs: dayMs,
  singlesPerPersonDay: { dark: 20, light: 200 },
  singlesPerTenantDay: { dark: 100, light: 1_000 },
  switchesPerMeterDay: 4,
  emergencyMs: hourMs,
  shedRestMs: 4 * hourMs,
  shedDurationMs: 30 * minuteMs,
  clockStepMs: 5_000,
  restartGapMs: 15 * minuteMs,
};

/** Why each setting is what it is; complete by type. */
export const settingReasons: Readonly<Record<keyof GuardSettings, string>> = {
  limits:
    'a crew can visit ten homes in an hour; 1 MW in a quarter of an hour is lost in the noise of a national grid, and a utility of a million meters cuts fewer than a thousand in a day',
  emergencyLimits:
    'a rota block of a distribution substation; still far below the largest loss a grid is run for',
  serviceLimits:
    'work that darkens only if it goes wrong is watched by the canary of its campaign; should that be fooled, a day of it is still a small town',
  serviceBatchMeters:
    'what is signed is one image, calendar or rule of keys; nobody looks through the meters one by one',
  batchMeters: 'as many as one person can look through before signing',
  batchPeople: 'no one person darkens more than one home',
  emergencyPeople: 'an emergency widens the limits, so it takes one person more than a batch',
  rulePeople: 'a rule switches for months without anybody looking',
  releasePeople: 'anybody may stop, nobody alone may start again',
  stepUpMs: 'a signature is worth what its author knew a few minutes ago',
  batchStepUpMs: 'the second person needs time to look, and may sit elsewhere',
  approvalSkewMs: 'clocks of people’s devices differ by seconds',
  cancelWindowMs: 'time for the person at the door, or the colleague, to say no',
  deadlineMs: 'what was decided yesterday is asked again today',
  singlesPerPersonDay: 'a stolen session darkens twenty homes at most; lighting homes is the common case',
  singlesPerTenantDay: 'several stolen sessions together',
  switchesPerMeterDay: 'supply switches are rated for some thousand operations; toggling is an attack',
  emergencyMs: 'an emergency that lasts longer is declared again',
  shedRestMs: 'nobody is shed twice before others had their turn',
  shedDurationMs:
    'the limiter ends the shedding itself, also when the network is down; food in a freezer keeps',
  restartGapMs: 'between two processes the clock may be moved unseen: a longer gap prolongs every window',
  clockStepMs: 'more than a correction by network time: somebody moved the clock',
};
