/** Shapes of the HTTP API: what the portal knows. Instants are RFC 3339 in UTC and name the start of an interval. */
import type { Determinant } from './bill.ts';
import type { EventKind } from './event.ts';

/** A page of a list. `next` is an opaque cursor, null at the end. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** Any refusal: `code` to branch on, `message` for people, `where` for both. */
export interface ProblemBody {
  readonly code: string;
  readonly message: string;
  readonly where: Readonly<Record<string, string | number | boolean | null>>;
}

/** `GET /api/v1/about` */
export interface About {
  readonly name: 'Wattline';
  readonly version: string;
  /** `town` is a demonstration and says so on screen. */
  readonly mode: 'town' | 'serve';
  readonly zone: string;
  readonly currency: string;
  readonly minorDigits: number;
  readonly now: string;
  readonly town: {
    readonly seed: string;
    readonly start: string;
    readonly meters: number;
    readonly days: number;
    readonly load: string;
  } | null;
  /** True once the initial history is collected. */
  readonly ready: boolean;
  readonly collectedMeters: number;
  /** What keeps readings from the disk or the store, and since when; null when nothing does. */
  readonly trouble: { readonly code: string; readonly advice: string; readonly since: string } | null;
}

/** `GET /api/v1/usage-points` */
export interface UsagePointSummary {
  readonly id: string;
  readonly customer: string;
  readonly address: string;
  readonly kind: 'home' | 'shop' | 'public';
  readonly zone: string;
  readonly substation: string;
  readonly feeder: string;
  readonly transformer: string;
  readonly tariffId: string;
  readonly solarW: number;
  readonly latitude: number;
  readonly longitude: number;
  readonly meter: {
    readonly serial: string;
    readonly profile: string;
    readonly intervalSeconds: number;
  } | null;
  readonly channels: readonly {
    readonly id: string;
    readonly readingType: string;
    readonly unit: string;
    readonly scale: number;
  }[];
}

/** `GET /api/v1/usage-points/{id}/readings?from&to&readingType&asOf`: one channel as columns. */
export interface ReadingSeries {
  readonly channel: string;
  readonly readingType: string;
  readonly unit: string;
  readonly scale: number;
  readonly start: string;
  readonly intervalSeconds: number;
  /** Integers of 10^scale unit; null where there is none. Beyond 2^53 a decimal string. */
  readonly value: readonly (number | string | null)[];
  /** Flags of `quality`, one per value. */
  readonly quality: readonly number[];
  readonly asOf: string;
}

/** `GET /api/v1/usage-points/{id}/intervals/{start}/explanation?readingType` */
export interface IntervalExplanation {
  readonly channel: string;
  readonly start: string;
  readonly intervalSeconds: number;
  readonly versions: readonly {
    readonly knownAt: string;
    readonly value: number | string | null;
    readonly quality: number;
    readonly flags: readonly string[];
    readonly method: string;
    readonly source: string;
    readonly reference: string;
  }[];
  readonly verdicts: readonly {
    readonly rule: string;
    readonly outcome: 'pass' | 'fail';
    readonly detail: string;
    readonly knownAt: string;
  }[];
  /** The frame from the meter, when it came from one. */
  readonly exchange: {
    readonly id: string;
    readonly serial: string;
    readonly at: string;
    readonly digest: string;
    readonly hex: string | null;
  } | null;
}

/** `GET /api/v1/bills/{id}/explanation`: every line down to the intervals. */
export interface BillExplanation {
  readonly billId: string;
  readonly lines: readonly {
    readonly lineId: string;
    readonly formula: string;
    readonly determinant: Determinant | null;
    /** Days of the period with their sum in Wh and marks; links to the readings of the day. */
    readonly days: readonly {
      readonly date: string;
      readonly wh: string;
      readonly intervals: number;
      readonly estimated: number;
      readonly missing: number;
      readonly readings: string;
    }[];
  }[];
}

/** `GET /api/v1/operations/read-rate`: the days of `byDay` together; today is its last. */
export interface ReadRate {
  readonly asOf: string;
  readonly expected: number;
  readonly received: number;
  readonly estimated: number;
  readonly missing: number;
  /** received / expected, 0 to 1. */
  readonly rate: number;
  readonly meters: {
    readonly commissioned: number;
    readonly reachable: number;
    readonly unreachable: number;
  };
  readonly byDay: readonly {
    readonly date: string;
    readonly expected: number;
    readonly received: number;
    readonly estimated: number;
    readonly missing: number;
    readonly rate: number;
  }[];
}

/** `GET /api/v1/meters` */
export interface MeterStatus {
  readonly serial: string;
  readonly usagePointId: string;
  readonly customer: string;
  readonly transformer: string;
  readonly profile: string;
  readonly address: string;
  readonly state: 'waiting' | 'ok' | 'late' | 'unreachable' | 'refused';
  readonly lastContact: string | null;
  readonly lastInterval: string | null;
  readonly lastOutcome: string | null;
  readonly failures: number;
}

/** `GET /api/v1/operations/service-level` */
export interface ServiceLevelItem {
  readonly group: string;
  readonly expected: number;
  readonly received: number;
  /** received / expected; 1 when nothing is due. */
  readonly rate: number;
  readonly missing: Readonly<
    Record<'power' | 'meter' | 'decode' | 'validation' | 'concentrator' | 'link' | 'schedule', number>
  >;
}

/** `GET /api/v1/meters/{serial}/missing` */
export interface MissingIntervals {
  readonly start: string;
  readonly end: string;
  readonly cause: string;
}

/** `GET /api/v1/operations/silent-meters` */
export interface SilentMeter {
  readonly serial: string;
  readonly usagePointId: string;
  /** Null when it was never reached. */
  readonly lastContact: string | null;
}

/** `GET /api/v1/operations/held-meters`: who pushed before anybody provisioned it. */
export interface HeldMeterItem {
  readonly systemTitle: string;
  readonly peer: string;
  readonly first: string;
  readonly last: string;
  readonly pushes: number;
  readonly state: 'held' | 'approved' | 'rejected';
  readonly serial: string | null;
  readonly decidedBy: string | null;
}

/** `GET /api/v1/operations/outages`: transformers whose meters told of losing power together. */
export interface OutageItem {
  readonly transformer: string;
  readonly dark: number;
  readonly since: string;
}

/** `GET /api/v1/meters/{serial}/routes`: how a meter was reached from an instant on. */
export interface MeterRouteItem {
  readonly from: string;
  readonly host: string;
  readonly port: number;
  readonly route: string | null;
  readonly link: string;
}

/** `POST /api/v1/meters/{serial}/discovery` */
export interface DiscoveryItem {
  readonly objects: readonly string[];
  /** Companion profiles that fit, the best first. */
  readonly fits: readonly string[];
  readonly logicalDevices: readonly { readonly sap: number; readonly name: string }[];
  readonly associations: readonly {
    readonly obis: string;
    readonly clientSap: number;
    readonly serverSap: number;
    readonly context: string;
    readonly mechanism: string;
    readonly objects: number | null;
  }[];
  readonly firmware: string | null;
}

/** When something of a meter held; `until` is null while it does, both are null for what only its profile says. */
export interface HeldBetween {
  readonly from: string | null;
  readonly until: string | null;
}

/** `GET /api/v1/meters/{serial}/device`: all that the registry holds of a meter, with the instants between which it held. */
export interface DeviceItem {
  readonly serial: string;
  readonly usagePointId: string;
  readonly make: string;
  readonly model: string | null;
  readonly profile: string;
  readonly systemTitle: string;
  readonly intervalSeconds: number;
  readonly installed: string;
  /** When it was taken away; null while it stands. */
  readonly removed: string | null;
  readonly firmware: readonly (HeldBetween & { readonly version: string; readonly toldBy: string })[];
  readonly routes: readonly MeterRouteItem[];
  readonly logicalDevices: readonly (HeldBetween & {
    readonly sap: number;
    readonly name: string;
    readonly toldBy: 'meter' | 'profile';
  })[];
  readonly associations: readonly (HeldBetween & {
    readonly clientSap: number;
    readonly serverSap: number;
    readonly mechanism: string;
    /** Null where only the profile says of it. */
    readonly context: string | null;
    readonly objects: number | null;
    readonly toldBy: 'meter' | 'profile';
  })[];
  /** Since when keys hold, and whether others are on their way; never a key. */
  readonly keys: readonly (HeldBetween & { readonly client: string; readonly toldBy: string })[];
  readonly isKeyChanging: boolean;
}

/** `GET /api/v1/models`: a make and model of the fleet and what its profile says of it. */
export interface DeviceModelItem {
  readonly make: string;
  readonly model: string | null;
  readonly profile: string;
  /** Meters that stand. */
  readonly meters: number;
  /** Meters by active firmware; `unknown` those that never told. */
  readonly firmware: Readonly<Record<string, number>>;
  readonly logicalDevices: readonly { readonly sap: number; readonly what: string }[];
  readonly associations: readonly {
    readonly clientSap: number;
    readonly serverSap: number;
    readonly mechanism: string;
    readonly what: string;
  }[];
  /** Reading types its profiles give. */
  readonly readingTypes: readonly string[];
}

/** `POST /api/v1/operations/sweep` */
export interface SweepOutcome {
  readonly meters: number;
  readonly answers: number;
  readonly seconds: number;
}

/** A batch of commands, field by field as people sign it (see headend/guard). */
export interface CommandBatch {
  readonly key: string;
  readonly tenant: string;
  readonly command: string;
  readonly lane: string;
  readonly meters: readonly string[];
  readonly limitW?: number;
  readonly reason: string;
  readonly requestedBy: string;
  readonly deadlineMs: number;
}

/** `GET /api/v1/commands` */
export interface CommandJobItem {
  readonly id: string;
  readonly key: string;
  readonly serial: string;
  readonly command: string;
  readonly state: string;
  readonly deadline: string;
  readonly updated: string;
  readonly attempts: number;
  readonly code: string | null;
  readonly message: string | null;
  readonly result: string | null;
  /** Pieces done of a job that is carried out now and tells how far it is. */
  readonly progress: { readonly done: number; readonly of: number } | null;
}

/** `GET /api/v1/commands/{key}` */
export interface CommandBatchDetail {
  readonly batch: CommandBatch;
  readonly hash: string;
  readonly approvals: readonly { readonly person: string; readonly at: string }[];
  readonly jobs: readonly CommandJobItem[];
  readonly steps: readonly {
    readonly job: string;
    readonly state: string;
    readonly at: string;
    readonly code: string | null;
    readonly message: string | null;
  }[];
}

/** `POST /api/v1/commands/preview` */
export interface CommandPreview {
  readonly hash: string;
  readonly places: readonly {
    readonly scope: string;
    readonly place: string;
    readonly meters: number;
    readonly watts: number;
    /** Null for what can neither darken nor light: nothing limits it. */
    readonly metersLeft: number | null;
    readonly wattsLeft: number | null;
  }[];
  readonly unknown: readonly string[];
  readonly reasons: readonly { readonly code: string; readonly message: string; readonly where: object }[];
}

/** `GET /api/v1/commands/status` */
export interface GuardStatus {
  readonly installation: string;
  readonly now: string;
  readonly isClockDoubtful: boolean;
  readonly isRedSwitchPulled: boolean;
  readonly pulls: number;
  readonly openMoves: number;
  readonly sessions: number;
  /** Public key of the signer (X25519, base64url): keys are sealed for it on their way. */
  readonly recipient: string;
  readonly ledgerHead: string;
  /** Life-support and weather holds in force or to come. */
  readonly holds: number;
  /** Why the enrolment on the signer's disk is not the one in force; null when it is. */
  readonly enrolmentProblem: string | null;
}

/** A batch on the board: what it would do, who has signed, and what it waits for. */
export interface BoardBatch {
  readonly key: string;
  readonly command: string;
  readonly lane: string;
  readonly meters: number;
  readonly reason: string;
  readonly requestedBy: string;
  readonly requested: string;
  readonly deadline: string;
  readonly hash: string;
  /** The furthest of its jobs from an end: what a person looks at first. */
  readonly state: 'requested' | 'held' | 'approved' | 'executing';
  readonly approvals: readonly { readonly person: string; readonly at: string }[];
  /** Until when anybody may cancel it before anything is sent; null when no window runs. */
  readonly cancelUntil: string | null;
  /** Transformers, feeders and substations, each with what the batch does there and what the limits leave. */
  readonly places: CommandPreview['places'];
  /** Why it waits or is refused, as the guard says now; each code once with a count of what it is about. */
  readonly reasons: readonly { readonly code: string; readonly message: string; readonly count: number }[];
}

/** `GET /api/v1/commands/board` */
export interface CommandBoard {
  /** Null when the signer does not answer: nothing can be commanded then. */
  readonly guard: GuardStatus | null;
  /** Batches that have not ended, the newest first. */
  readonly batches: readonly BoardBatch[];
}

/** A firmware campaign in `GET /api/v1/campaigns`. */
export interface CampaignItem {
  readonly id: string;
  readonly state: 'running' | 'halted' | 'done';
  /** Why it was halted. */
  readonly reason: string | null;
  readonly version: string;
  readonly hardware: readonly string[];
  readonly maker: string;
  readonly requestedBy: string;
  /** Stages in order with their meters by state. */
  readonly stages: readonly {
    readonly name: string;
    readonly meters: number;
    readonly waiting: number;
    readonly transferred: number;
    readonly activated: number;
    readonly failed: number;
  }[];
  /** The stage that runs, from 0, or the last. */
  readonly stage: number;
  /** Harmed meters that stop the canary. */
  readonly alarmAt: number;
  /** Keys of activations that wait for people. */
  readonly waiting: readonly string[];
  readonly created: string;
  readonly updated: string;
}

/** `GET /api/v1/campaigns/{id}` */
export interface CampaignReport extends CampaignItem {
  readonly meters: readonly {
    readonly serial: string;
    readonly stage: number;
    readonly state: 'waiting' | 'transferred' | 'activated' | 'failed';
    readonly attempts: number;
    readonly code: string | null;
    readonly activated: string | null;
    /** Blocks of the image, while it is on its way. */
    readonly progress: { readonly done: number; readonly of: number } | null;
  }[];
}

/** `GET /api/v1/keys` */
export interface KeyStatus {
  /** Keys of the client that reads: the head-end's. */
  readonly reader: { readonly meters: number; readonly changed: number; readonly pending: number };
  /** Keys that the signer holds; null when it does not answer. */
  readonly signer: {
    readonly meters: number;
    readonly withoutMaster: number;
    readonly changed: { readonly management: number; readonly master: number };
    readonly pending: { readonly management: number; readonly master: number };
  } | null;
}

/** `GET /api/v1/operations/events` and each message of `GET /api/v1/operations/events/stream` (SSE). */
export interface EventItem {
  readonly id: number;
  readonly kind: EventKind;
  readonly title: string;
  readonly severity: 'info' | 'warning' | 'alarm';
  readonly occurred: string;
  readonly received: string;
  readonly usagePointId: string | null;
  readonly serial: string | null;
  readonly code: string | null;
  readonly message: string;
}

/** `GET /api/v1/operations/exceptions`: what an operator should look at, with counts by kind. */
export interface ExceptionPage extends Page<EventItem> {
  readonly counts: readonly {
    readonly kind: EventKind;
    readonly title: string;
    readonly severity: 'info' | 'warning' | 'alarm';
    readonly count: number;
  }[];
}

/** Something for a person to look at: a rule failed on a day of a channel. */
export interface WorkTask {
  readonly id: number;
  readonly usagePointId: string;
  readonly channel: string;
  readonly start: string;
  readonly end: string;
  readonly rule: string;
  readonly title: string;
  readonly detail: string;
  readonly openedAt: string;
}

/** A page of the worklist with what is open by rule. */
export interface WorkPage extends Page<WorkTask> {
  readonly counts: readonly { readonly rule: string; readonly title: string; readonly count: number }[];
}

/** A field of a decoded frame. */
export interface FrameField {
  /** The standard's own name. */
  readonly name: string;
  /** First octet, counted in the octets given, or in `octets` of the nearest field above that has some. */
  readonly offset: number;
  readonly length: number;
  readonly value: string | null;
  /** Hexadecimal digits in which the offsets below count: deciphered or put together from frames. */
  readonly octets: string | null;
  readonly children: readonly FrameField[];
}

/** `POST /api/v1/frames/decode` */
export interface DecodedFrames {
  /** The octets as they were understood, hexadecimal digits. */
  readonly octets: string;
  readonly frames: readonly FrameField[];
  /** The first thing that could not be read; the trees hold what came before it. */
  readonly problem: {
    readonly code: string;
    readonly message: string;
    readonly offset: number | null;
  } | null;
}
