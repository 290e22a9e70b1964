/** What the guard knows: enrolled meters and people, and everything that the ledger tells, folded line by line. */
import type { Approval, Person } from './approval.ts';
import { type Batch, type Lane, parametersOf } from './batch.ts';
import { accountOf, type Command, type Direction, directionOf } from './darkening.ts';
import { dayMs, type GuardSettings, type Scope } from './settings.ts';

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

/** A state that takes ledger entries. */
export interface GuardBook {
  readonly state: GuardState;
  /** Puts what is enrolled in the place of what was. */
  enrol(enrolled: Pick<GuardState, 'settings' | 'meters' | 'people'>): void;
  apply(entry: LedgerEntry, atMs: number): void;
}

type Mutable<T> = { -readonly [name in keyof T]: T[name] };

/** An empty book over what is enrolled. */
export function createGuardBook(enrolled: Pick<GuardState, 'settings' | 'meters' | 'people'>): GuardBook {
  const holds = new Map<string, Hold>();
  const rules = new Map<string, LawfulRule>();
  const emergencies = new Map<string, number>();
  const filings = new Map<string, Filing>();
  const keys = new Map<string, string>();
  const sheds = new Map<string, { lastMs: number; count: number }>();
  const spent = new Set<string>();
  const evidenceMs = new Map<string, number>();
  const images = new Map<string, string>();
  const state: Mutable<GuardState> = {
    ...enrolled,
    isRedSwitchPulled: false,
    holds,
    rules,
    emergencies,
    filings,
    keys,
    moves: [],
    sheds,
    evidenceMs,
    images,
    spent,
    startedMs: 0,
    pulls: 0,
  };
  let lastMs = 0;
  const amend = (hash: string, change: Partial<Filing>) => {
    const filing = filings.get(hash);
    if (filing) filings.set(hash, { ...filing, ...change });
  };
  const amendMove = (hash: string, serial: string, change: Partial<Move> | undefined) => {
    state.moves = state.moves.flatMap((move) => {
      const isIt = move.hash === hash && move.serial === serial && move.settledMs === undefined;
      if (!isIt) return [move];
      return change ? [{ ...move, ...change }] : [];
    });
  };
  const apply: {
    [kind in LedgerEntry['kind']]: (entry: Extract<LedgerEntry, { kind: kind }>, atMs: number) => void;
  } = {
    // While no process ran nobody watched the clock: after a gap what counted then counts from now.
    started(_, atMs) {
      state.startedMs = atMs;
      if (atMs - lastMs <= state.settings.restartGapMs) return;
      state.moves = state.moves
        .filter((move) => isRemembered(move, lastMs))
        .map((move) => (move.settledMs === undefined ? move : { ...move, settledMs: atMs }));
    },
    refused: () => {},
    filed({ hash, batch, approvals }) {
      const known = filings.get(hash);
      keys.set(batch.key, hash);
      filings.set(hash, {
        batch,
        consentedMs: undefined,
        isCancelled: false,
        isAllowed: false,
        ...known,
        approvals: [...(known?.approvals ?? []), ...approvals],
      });
    },
    consented: ({ hash }, atMs) => amend(hash, { consentedMs: atMs }),
    allowed({ hash, people }, atMs) {
      const filing = filings.get(hash);
      if (!filing) return;
      amend(hash, { isAllowed: true });
      const { batch } = filing;
      const recent = state.moves.filter((move) => isRemembered(move, atMs));
      const moves = batch.meters.map(
        (serial): Move => ({
          serial,
          hash,
          command: batch.command,
          direction: directionOf(batch.command),
          lane: batch.lane,
          isSingle: batch.meters.length === 1,
          people,
          allowedMs: atMs,
          deadlineMs: batch.deadlineMs,
          sealedMs: undefined,
          settledMs: undefined,
        }),
      );
      state.moves = [...recent, ...moves];
      for (const { serial, asOfMs } of batch.evidence ?? []) evidenceMs.set(serial, asOfMs);
      if (batch.lane !== 'shed') return;
      for (const serial of batch.meters) {
        sheds.set(serial, { lastMs: atMs, count: (sheds.get(serial)?.count ?? 0) + 1 });
      }
    },
    cancelled({ hash }) {
      amend(hash, { isCancelled: true });
      state.moves = state.moves.filter((move) => move.hash !== hash || move.sealedMs !== undefined);
    },
    sealed({ hash, serial }, atMs) {
      const batch = filings.get(hash)?.batch;
      if (batch?.command === 'firmware-transfer') {
        images.set(serial, parametersOf(batch, 'firmware-transfer').manifest.digest);
      }
      amendMove(hash, serial, { sealedMs: atMs });
    },
    part({ hash, serial, name }) {
      const move = state.moves.find((one) => one.hash === hash && one.serial === serial);
      amendMove(hash, serial, { parts: [...(move?.parts ?? []), name] });
    },
    settled({ hash, serial, isSwitched, isDone, result }, atMs) {
      const command = filings.get(hash)?.batch.command;
      const end = isDone === undefined ? {} : { end: { isDone, result } };
      amendMove(hash, serial, isSwitched ? { settledMs: atMs, ...end } : undefined);
      // What was cut off earlier was gone on with: this settles it too.
      if (command === undefined || accountOf(command) !== 'service' || !isSwitched) return;
      const others = state.moves.filter((move) => move.serial === serial && move.command === command);
      for (const other of others) amendMove(other.hash, serial, { settledMs: atMs });
    },
    'red-switch'() {
      state.isRedSwitchPulled = true;
      state.pulls++;
    },
    'red-switch-released'({ hash }) {
      state.isRedSwitchPulled = false;
      spent.add(hash);
    },
    emergency({ hash, tenant }, atMs) {
      emergencies.set(tenant, atMs);
      spent.add(hash);
    },
    rule({ hash, rule }) {
      rules.set(rule.id, rule);
      spent.add(hash);
    },
    hold: ({ id, hold }) => void holds.set(id, hold),
    'hold-lifted'({ hash, id }) {
      holds.delete(id);
      spent.add(hash);
    },
  };
  return {
    state,
    enrol: (next) => void Object.assign(state, next),
    apply(entry, atMs) {
      (apply[entry.kind] as (entry: LedgerEntry, atMs: number) => void)(entry, atMs);
      lastMs = atMs;
    },
  };
}

/** Whether a move can still count: windows reach back a day at most, and what is not settled counts on. */
function isRemembered(move: Move, nowMs: number): boolean {
  // What moves no supply counts in no window.
  if (move.direction === 'none' && nowMs > move.deadlineMs) return false;
  return move.settledMs === undefined ? isOpen(move, nowMs) : move.settledMs > nowMs - dayMs;
}

/** Whether a move may still take effect: sealed and not proved, or allowed and not past its deadline. */
export function isOpen(move: Move, nowMs: number): boolean {
  return move.settledMs === undefined && (move.sealedMs !== undefined || nowMs <= move.deadlineMs);
}
