/** The ledger folded, line by line, into what the guard knows. */
import { parametersOf } from './batch.ts';
import { accountOf, directionOf } from './darkening.ts';
import {
  type Filing,
  type GuardState,
  type Hold,
  isOpen,
  type LawfulRule,
  type LedgerEntry,
  type Move,
} from './guard-state.ts';
import { dayMs } from './settings.ts';

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
