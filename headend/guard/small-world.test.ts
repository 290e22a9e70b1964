/** The decision, checked against every small world: what may never be allowed is looked for in all of them, by other code. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Approval, Person } from './approval.ts';
import type { Batch, Lane } from './batch.ts';
import { decide, standingReasons } from './decide.ts';
import { createGuardBook } from './guard-book.ts';
import type { Filing, GuardedMeter, GuardState, Hold, Move } from './guard-state.ts';
import { defaultGuardSettings, type GuardSettings } from './settings.ts';

/** A tick of the small world, ms. */
const tick = 1_000;
const nowMs = 100 * tick;
const window = 3 * tick;

/** Two meters on one transformer, one on another; at most one meter of a transformer and two of the fleet in three ticks. */
const settings: GuardSettings = {
  ...defaultGuardSettings,
  limits: [
    { scope: 'transformer', windowMs: window, meters: 1, watts: 5_000 },
    { scope: 'fleet', windowMs: window, meters: 2, watts: 10_000 },
  ],
  emergencyLimits: [{ scope: 'fleet', windowMs: window, meters: 2, watts: 100_000 }],
  stepUpMs: 2 * tick,
  batchStepUpMs: 2 * tick,
  approvalSkewMs: 0,
  cancelWindowMs: 2 * tick,
  deadlineMs: 10 * tick,
  emergencyMs: 4 * tick,
  switchesPerMeterDay: 3,
};
const grid: readonly GuardedMeter[] = [
  ['a', 'X1'],
  ['b', 'X1'],
  ['c', 'X2'],
].map(([serial = '', transformer = '']) => ({
  serial,
  tenant: 'T',
  substation: 'S',
  feeder: 'F',
  transformer,
  loadW: 5_000,
  isLifeSupport: false,
}));
const meters = new Map(grid.map((meter) => [meter.serial, meter]));
/** The third signs with the key of the second. */
const people = new Map(
  [
    ['p', 'P'],
    ['q', 'Q'],
    ['r', 'Q'],
  ].map(([id = '', publicKey = '']): [string, Person] => [
    id,
    { id, name: id, roles: ['operator'], tenants: ['T'], publicKey },
  ]),
);
const enrolled = { settings, meters, people };

function* subsets<T>(items: readonly T[]): Generator<T[]> {
  for (let mask = 0; mask < 1 << items.length; mask++) yield items.filter((_, i) => (mask >> i) & 1);
}

function* tuples<T>(options: readonly T[], length: number): Generator<T[]> {
  if (length === 0) return yield [];
  for (const rest of tuples(options, length - 1)) for (const option of options) yield [...rest, option];
}

const hash = 'h';
const nobody = { isEvidenced: new Set<string>() };

function batchOf(change: Partial<Batch>): Batch {
  return {
    key: 'k',
    tenant: 'T',
    command: 'disconnect',
    lane: 'ordinary',
    meters: ['a'],
    reason: '-',
    requestedBy: 'p',
    deadlineMs: nowMs + 5 * tick,
    ...change,
  };
}

function move(serial: string, change: Partial<Move>): Move {
  return {
    serial,
    hash: 'other',
    command: 'disconnect',
    direction: 'dark',
    lane: 'ordinary',
    isSingle: true,
    people: [],
    allowedMs: nowMs - 50 * tick,
    deadlineMs: nowMs - tick,
    sealedMs: nowMs - 50 * tick,
    settledMs: undefined,
    ...change,
  };
}

test('in no small world is anything allowed that must not be', (t) => {
  const histories: readonly (Partial<Move> | undefined)[] = [
    undefined,
    { settledMs: nowMs - tick },
    { settledMs: nowMs - window },
    {},
    { sealedMs: undefined, deadlineMs: nowMs },
  ];
  const approvalChoices = [undefined, nowMs - tick, nowMs - 2 * tick] as const;
  const filingChoices: readonly (Partial<Filing> | undefined)[] = [
    undefined,
    { consentedMs: nowMs - tick },
    { consentedMs: nowMs - 2 * tick },
    { consentedMs: nowMs - 2 * tick, isCancelled: true },
    { consentedMs: nowMs - 2 * tick, isAllowed: true },
  ];
  const holdChoices: readonly (Hold | undefined)[] = [
    undefined,
    { kind: 'life-support', serial: 'a' },
    { kind: 'weather', scope: 'transformer', place: 'X1', fromMs: nowMs, untilMs: nowMs + tick },
  ];
  const emergencyChoices = [undefined, nowMs - tick, nowMs - 4 * tick] as const;
  let worlds = 0;
  let allowed = 0;
  const base = createGuardBook(enrolled).state;
  const pairs = [...tuples(histories, 2)].flatMap((pair) => [
    [...pair, histories[0]],
    [...pair, histories[3]],
  ]);
  for (const history of pairs) {
    const moves = history.flatMap((change, i) =>
      change ? [move((grid[i] as GuardedMeter).serial, change)] : [],
    );
    for (const hold of holdChoices) {
      for (const declaredMs of emergencyChoices) {
        for (const isRedSwitchPulled of [false, true]) {
          for (const serials of subsets(grid.map(({ serial }) => serial))) {
            for (const [command, lane] of [
              ['disconnect', 'ordinary'],
              ['reconnect', 'ordinary'],
              ['disconnect', 'emergency'],
            ] as const) {
              const batch = batchOf({ command, lane, meters: serials });
              for (const filing of filingChoices) {
                const state: GuardState = {
                  ...base,
                  moves,
                  isRedSwitchPulled,
                  holds: new Map(hold ? [['x', hold]] : []),
                  emergencies: new Map(declaredMs === undefined ? [] : [['T', declaredMs]]),
                  filings: new Map(
                    filing
                      ? [
                          [
                            hash,
                            {
                              batch,
                              approvals: [],
                              consentedMs: undefined,
                              isCancelled: false,
                              isAllowed: false,
                              ...filing,
                            },
                          ],
                        ]
                      : [],
                  ),
                };
                for (const times of tuples(approvalChoices, 3)) {
                  const approvals = times.flatMap((atMs, i): Approval[] =>
                    atMs === undefined ? [] : [{ person: 'pqr'[i] as string, atMs, signature: '' }],
                  );
                  worlds++;
                  const proposal = { batch, hash, approvals, evidenced: nobody.isEvidenced };
                  const { verdict } = decide(proposal, state, { nowMs, isDoubtful: false });
                  if (verdict !== 'allow') continue;
                  allowed++;
                  judge({ batch, lane, history, hold, declaredMs, isRedSwitchPulled, filing, times });
                }
              }
            }
          }
        }
      }
    }
  }
  // A guard that allowed nothing would pass every check above.
  t.diagnostic(`${worlds} worlds, ${allowed} allowed`);
  assert.ok(allowed > 1_000 && allowed < worlds / 10, `${allowed} of ${worlds}`);
});

/** What an allowed batch must satisfy, said once more and differently. */
function judge(world: {
  readonly batch: Batch;
  readonly lane: Lane;
  readonly history: readonly (Partial<Move> | undefined)[];
  readonly hold: Hold | undefined;
  readonly declaredMs: number | undefined;
  readonly isRedSwitchPulled: boolean;
  readonly filing: Partial<Filing> | undefined;
  readonly times: readonly (number | undefined)[];
}): void {
  const { batch, lane, history, hold, declaredMs, filing, times } = world;
  const must = (holds: boolean) => {
    if (!holds) assert.fail(JSON.stringify(world));
  };
  const isDark = batch.command === 'disconnect';
  const has = (serial: string) => batch.meters.includes(serial);
  must(batch.meters.length > 0);
  must(!world.isRedSwitchPulled);
  must(filing?.isCancelled !== true && filing?.isAllowed !== true);
  if (isDark && hold?.kind === 'life-support') must(!has('a'));
  if (isDark && hold?.kind === 'weather') must(!has('a') && !has('b'));
  // At its consent each signature was younger than two ticks; the third person holds the second one's key.
  const atMs = filing?.consentedMs ?? nowMs;
  const [p, q, r] = times.map((time) => time !== undefined && time <= atMs && atMs - time < 2 * tick);
  const keys = Number(p) + Number(q || r);
  must(keys >= Math.min(2, batch.meters.length));
  if (lane === 'emergency') {
    must(declaredMs !== undefined && nowMs - declaredMs < 4 * tick);
  }
  if (isDark && lane === 'ordinary') {
    must(filing?.consentedMs !== undefined && nowMs - filing.consentedMs >= 2 * tick);
  }
  if (!isDark) return;
  const recent = history.map((change) => change !== undefined && change.settledMs !== nowMs - window);
  const dark = grid.map(({ serial }, i) => Number(has(serial)) + Number(recent[i]));
  const [a = 0, b = 0, c = 0] = dark;
  must(a + b + c <= 2);
  if (lane === 'ordinary') must(a + b <= 1 && c <= 1);
}

/** What may happen next in the walk below. */
interface Walk {
  readonly entries: readonly (readonly [
    entry: Parameters<ReturnType<typeof createGuardBook>['apply']>[0],
    atMs: number,
  ])[];
  readonly nowMs: number;
  /** When each meter really went dark: an attacker lets a sealed APDU through whenever it suits. */
  readonly effects: readonly number[];
  readonly pending: readonly string[];
}

test('along every path of fourteen steps no window sees more effects than the limit, however APDUs are held back', (t) => {
  const walkSettings: GuardSettings = {
    ...settings,
    limits: [{ scope: 'fleet', windowMs: window, meters: 1, watts: 100_000 }],
    cancelWindowMs: 0,
    deadlineMs: 20 * tick,
  };
  const batches = ['a', 'b', 'c'].map((serial) =>
    batchOf({ key: serial, meters: [serial], deadlineMs: nowMs + 4 * tick }),
  );
  const seen = new Map<string, number>();
  let paths = 0;
  let effects = 0;
  const visit = (walk: Walk, depth: number): void => {
    const name = JSON.stringify(walk);
    if ((seen.get(name) ?? -1) >= depth) return;
    seen.set(name, depth);
    paths++;
    for (const at of walk.effects) {
      const inWindow = walk.effects.filter((other) => other > at - window && other <= at).length;
      assert.ok(inWindow <= 1, name);
    }
    effects = Math.max(effects, walk.effects.length);
    if (depth === 0) return;
    const book = createGuardBook({ ...enrolled, settings: walkSettings });
    for (const [entry, atMs] of walk.entries) book.apply(entry, atMs);
    const time = { nowMs: walk.nowMs, isDoubtful: false };
    visit({ ...walk, nowMs: walk.nowMs + tick }, depth - 1);
    for (const batch of batches) {
      const [serial = ''] = batch.meters;
      const own = book.state.moves.find((one) => one.hash === serial);
      const approvals = [{ person: 'p', atMs: walk.nowMs, signature: '' }];
      const proposal = { batch, hash: serial, approvals, evidenced: nobody.isEvidenced };
      if (decide(proposal, book.state, time).verdict === 'allow') {
        const filed = { kind: 'filed', hash: serial, batch, approvals } as const;
        const passed = { kind: 'allowed', hash: serial, people: ['p'] } as const;
        const entries = [...walk.entries, [filed, walk.nowMs], [passed, walk.nowMs]] as const;
        visit({ ...walk, entries }, depth - 1);
      }
      const standing = { serial, state: book.state, time };
      const maySeal = standingReasons(proposal, standing).length === 0;
      if (own && own.sealedMs === undefined && maySeal) {
        const entries = [...walk.entries, [{ kind: 'sealed', hash: serial, serial }, walk.nowMs]] as const;
        visit({ ...walk, entries, pending: [...walk.pending, serial] }, depth - 1);
      }
      if (walk.pending.includes(serial)) {
        const pending = walk.pending.filter((one) => one !== serial);
        visit({ ...walk, pending, effects: [...walk.effects, walk.nowMs] }, depth - 1);
      }
      if (own?.sealedMs !== undefined && own.settledMs === undefined && !walk.pending.includes(serial)) {
        const settled = { kind: 'settled', hash: serial, serial, isSwitched: true, result: '-' } as const;
        visit({ ...walk, entries: [...walk.entries, [settled, walk.nowMs]] }, depth - 1);
      }
    }
  };
  visit({ entries: [], nowMs, effects: [], pending: [] }, 14);
  // Two effects, apart, are within reach: the limit is not held by allowing nothing.
  t.diagnostic(`${paths} states, at most ${effects} effects`);
  assert.ok(effects >= 2, `${effects} effects in ${paths} worlds`);
});
