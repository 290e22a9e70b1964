/** What the guard knows: enrolled meters and people, and everything that the ledger tells; guard-book.ts folds it line by line. */
import type { Approval, Person } from './approval.ts';
import type { Batch, Lane } from './batch.ts';
import type { Command, Direction } from './darkening.ts';
import type { GuardSettings, Scope } from './settings.ts';

/** A meter as enrolled at the signer: where it stands and what hangs on it. */
export interface GuardedMeter {
  readonly serial: string;
  readonly tenant: string;
  readonly substation: string;
  readonly feeder: string;
  readonly transformer: string;
  /** Declared load, W. */
  readonly loadW: number;
  readonly isLifeSupport: boolean;
}

/** A part of the grid that weather keeps from being darkened in [fromMs, untilMs), or a meter on life support. */
export type Hold =
  | { readonly kind: 'life-support'; readonly serial: string }
  | {
      readonly kind: 'weather';
      readonly scope: Scope;
      /** Name of the transformer, feeder, substation or tenant; empty for the fleet. */
      readonly place: string;
      readonly fromMs: number;
      readonly untilMs: number;
    };

/** A standing rule of the lawful lane; serves after two people signed it. */
export interface LawfulRule {
  readonly id: string;
  readonly tenant: string;
  readonly kind: 'prepaid' | 'non-payment';
  /** Least debt, minor units of money. */
  readonly owedMinor: number;
  /** Time between notice and disconnection. */
  readonly noticeMs: number;
  /** Evidence older than this is none. */
  readonly evidenceAgeMs: number;
  /** Hours of the local day in which homes may be darkened, [fromHour, untilHour). */
  readonly zone: string;
  readonly fromHour: number;
  readonly untilHour: number;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** A batch the guard has seen. */
export interface Filing {
  readonly batch: Batch;
  readonly approvals: readonly Approval[];
  /** When enough people had approved: from here the cancel window runs. */
  readonly consentedMs: number | undefined;
  readonly isCancelled: boolean;
  readonly isAllowed: boolean;
}

/**
 * One switch of one meter, from the moment it was allowed. A sealed APDU may reach its meter at any later time until the meter
 * itself has proved how it stands; so long it counts in every window.
 */
export interface Move {
  readonly serial: string;
  readonly hash: string;
  readonly command: Command;
  readonly direction: Direction;
  readonly lane: Lane;
  readonly isSingle: boolean;
  readonly people: readonly string[];
  readonly allowedMs: number;
  readonly deadlineMs: number;
  readonly sealedMs: number | undefined;
  readonly settledMs: number | undefined;
  /** How it ended, for a head-end that has not heard so. */
  readonly end?: { readonly isDone: boolean; readonly result: string };
  /** Parts of the command that the meter has proved: names of keys. */
  readonly parts?: readonly string[];
}

/** What the guard knows, as `decide` sees it. */
export interface GuardState {
  readonly settings: GuardSettings;
  readonly meters: ReadonlyMap<string, GuardedMeter>;
  readonly people: ReadonlyMap<string, Person>;
  readonly isRedSwitchPulled: boolean;
  /** By id: the hash of the ledger line that registered it. */
  readonly holds: ReadonlyMap<string, Hold>;
  readonly rules: ReadonlyMap<string, LawfulRule>;
  /** Emergencies by tenant: when declared. */
  readonly emergencies: ReadonlyMap<string, number>;
  /** By hash. */
  readonly filings: ReadonlyMap<string, Filing>;
  /** Hashes by idempotency key. */
  readonly keys: ReadonlyMap<string, string>;
  readonly moves: readonly Move[];
  /** When a meter was last shed, and how often. */
  readonly sheds: ReadonlyMap<string, { readonly lastMs: number; readonly count: number }>;
  /** Digest of the image whose transfer to a meter was begun last, by serial number. */
  readonly images: ReadonlyMap<string, string>;
  /** Instant of the newest evidence that served for a meter: evidence serves once, and older evidence never after newer. */
  readonly evidenceMs: ReadonlyMap<string, number>;
  /** Hashes of declarations, rules and releases that served. */
  readonly spent: ReadonlySet<string>;
  /** When this signer process started: a cancel window begun before it runs anew. */
  readonly startedMs: number;
  /** Count of times the red switch was pulled: a release names it, so that it serves once. */
  readonly pulls: number;
}

/** What a ledger line says. */
export type LedgerEntry =
  | { readonly kind: 'started'; readonly installation: string }
  | {
      readonly kind: 'filed';
      readonly hash: string;
      readonly batch: Batch;
      readonly approvals: readonly Approval[];
    }
  | { readonly kind: 'refused'; readonly hash: string; readonly codes: readonly string[] }
  | { readonly kind: 'consented'; readonly hash: string }
  | { readonly kind: 'allowed'; readonly hash: string; readonly people: readonly string[] }
  | { readonly kind: 'cancelled'; readonly hash: string; readonly by: string }
  | { readonly kind: 'sealed'; readonly hash: string; readonly serial: string }
  /** The meter proved a part of a command that has several: a key. */
  | { readonly kind: 'part'; readonly hash: string; readonly serial: string; readonly name: string }
  /** `isSwitched` false: the meter proved that nothing moved. */
  | {
      readonly kind: 'settled';
      readonly hash: string;
      readonly serial: string;
      readonly isSwitched: boolean;
      /** Whether the command was done; lines of earlier versions do not say. */
      readonly isDone?: boolean;
      readonly result: string;
    }
  | { readonly kind: 'red-switch'; readonly by: string }
  | { readonly kind: 'red-switch-released'; readonly hash: string; readonly people: readonly string[] }
  | {
      readonly kind: 'emergency';
      readonly hash: string;
      readonly tenant: string;
      readonly reason: string;
      readonly people: readonly string[];
    }
  | {
      readonly kind: 'rule';
      readonly hash: string;
      readonly rule: LawfulRule;
      readonly people: readonly string[];
    }
  | { readonly kind: 'hold'; readonly id: string; readonly hold: Hold; readonly by: string }
  | {
      readonly kind: 'hold-lifted';
      readonly hash: string;
      readonly id: string;
      readonly people: readonly string[];
    };

/** Whether a move may still take effect: sealed and not proved, or allowed and not past its deadline. */
export function isOpen(move: Move, nowMs: number): boolean {
  return move.settledMs === undefined && (move.sealedMs !== undefined || nowMs <= move.deadlineMs);
}
