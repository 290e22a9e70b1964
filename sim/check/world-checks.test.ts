import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { localDay } from '@wattline/base';
import { quality } from '@wattline/model';
import { createWorld } from '../world/world.ts';
import type { CheckSubject } from './checker.ts';
import { checkWorld } from './world-checks.ts';

const zone = 'Europe/London';
// The clock changes on 2025-03-30: one of the days has 23 hours.
const startMs = localDay('2025-03-25', zone).startMs;
const endMs = localDay('2025-04-04', zone).startMs;
const halfHourMs = 1_800_000;
const world = createWorld({ seed: '1', startMs, meters: 8, zone, intervalSeconds: 1800 });
const faulty = [...world.premises.keys()].find((index) =>
  world.faults(index, { startMs, endMs }).some(({ kind }) => kind === 'profile-gap'),
);

/** What a stack holds that made no mistake, and where a test makes it err. */
interface Stack {
  /** Adds to the stored energy of an interval. */
  energyError?(id: string, index: number): number;
  /** Adds to a register. */
  registerError?(id: string, atMs: number): number;
  /** Whether a register was never read. */
  isUnread?(id: string, atMs: number): boolean;
  /** The quality of all that the profile lost. */
  readonly qualityOfFaults?: number;
  readonly missing?: number;
  readonly exchanges?: readonly object[];
  readonly bills?: readonly object[];
}

const rightBill = {
  id: 'B1',
  state: 'closed',
  lines: [{ amount: '100' }, { amount: '20' }],
  total: '120',
  registerCheck: { agrees: true, difference: '0.000' },
};
const answered = { id: 'X1', serial: 'WTL1', started_ms: 1, ended_ms: 5, outcome: 'answer', code: null };

function subjectOf(stack: Stack): CheckSubject {
  const indexOf = (channel: string) => world.premises.findIndex(({ id }) => channel.startsWith(`${id}/`));
  const energies = (channel: string, fromMs: number, toMs: number) => {
    const slot = (atMs: number) => (atMs - startMs) / halfHourMs;
    const range = world.energyRange(indexOf(channel), slot(fromMs), slot(toMs));
    return channel.includes('/delivered') ? range.deliveredWh : range.receivedWh;
  };
  const isFaulty = (channel: string, atMs: number) =>
    world
      .faults(indexOf(channel), { startMs: atMs, endMs: atMs + halfHourMs })
      .some(({ kind }) => kind !== 'unreachable');
  const system = {
    zone,
    mdm: {
      series: async (channel: string, period: { startMs: number; endMs: number }) => {
        const value = energies(channel, period.startMs, period.endMs);
        return {
          value: value.map((wh, i) => wh + (stack.energyError?.(channel, i) ?? 0)),
          quality: Uint16Array.from(value, (_, i) =>
            isFaulty(channel, period.startMs + i * halfHourMs)
              ? (stack.qualityOfFaults ?? quality.estimated)
              : quality.measured,
          ),
        };
      },
      register: async (channel: string, atMs: number) =>
        stack.isUnread?.(channel, atMs)
          ? null
          : energies(channel, startMs, atMs).reduce((sum, wh) => sum + wh, 1000) +
            (stack.registerError?.(channel, atMs) ?? 0),
      completeness: async () => [
        { date: '2025-03-25', expected: 96, received: 90, estimated: 4, missing: stack.missing ?? 2 },
      ],
      verdicts: async () => [],
    },
    registry: {
      selectFrom: () => ({ select: () => ({ execute: async () => stack.exchanges ?? [answered] }) }),
    },
    billing: { bills: async () => stack.bills ?? [rightBill] },
  };
  return { world, period: { startMs, endMs }, system: system as unknown as CheckSubject['system'] };
}

async function wrongOf(stack: Stack): Promise<readonly string[]> {
  const { checks } = await checkWorld(subjectOf(stack));
  return checks.filter(({ wrong }) => wrong > 0).map(({ name }) => name);
}

describe('the checkers of a world (seed 1)', () => {
  test('a stack that holds the world as it was passes every check, and each check compared something', async () => {
    assert.notEqual(faulty, undefined, 'the world has a meter whose profile lost entries');
    const { isRight, checks } = await checkWorld(subjectOf({}));
    assert.equal(isRight, true, JSON.stringify(checks));
    for (const { name, compared } of checks) assert.ok(compared > 0, name);
  });

  test('one watt-hour in one interval is found and named', async () => {
    const { checks } = await checkWorld(
      subjectOf({ energyError: (channel, i) => (channel === 'UP-0002/delivered' && i === 7 ? 1 : 0) }),
    );
    const energy = checks.find(({ name }) => name === 'energy');
    assert.equal(energy?.wrong, 1);
    assert.match(energy?.examples[0] ?? '', /^UP-0002\/delivered at 2025-03-25T03:30:00Z: expected \d+ Wh/);
  });

  test('a register that is off at one midnight is found on both its days', async () => {
    const midnight = localDay('2025-03-31', zone).startMs;
    const { checks } = await checkWorld(
      subjectOf({
        registerError: (id, atMs) => (id === 'UP-0001/delivered-total' && atMs === midnight ? 1 : 0),
      }),
    );
    assert.equal(checks.find(({ name }) => name === 'registers')?.wrong, 2);
  });

  test('a midnight that was not read is found, unless the meter no longer had it', async () => {
    const second = localDay('2025-03-26', zone).startMs;
    const later = localDay('2025-03-31', zone).startMs;
    assert.deepEqual(await wrongOf({ isUnread: (_, atMs) => atMs < second }), []);
    assert.deepEqual(await wrongOf({ isUnread: (_, atMs) => atMs === later }), ['registers']);
    assert.deepEqual(await wrongOf({ isUnread: () => true }), ['registers']);
  });

  test('entries that the profile lost and that pass for measured are found', async () => {
    assert.deepEqual(await wrongOf({ qualityOfFaults: quality.measured }), ['faults']);
  });

  test('an interval that is neither received nor estimated nor missing is found', async () => {
    assert.deepEqual(await wrongOf({ missing: 1 }), ['completeness']);
  });

  test('a conversation that failed without a code, or ended before it began, is found', async () => {
    assert.deepEqual(await wrongOf({ exchanges: [{ ...answered, outcome: 'timeout' }] }), ['exchanges']);
    assert.deepEqual(await wrongOf({ exchanges: [{ ...answered, ended_ms: 0 }] }), ['exchanges']);
  });

  test('a bill whose lines do not sum, or that its registers contradict, is found', async () => {
    assert.deepEqual(await wrongOf({ bills: [{ ...rightBill, total: '121' }] }), ['bills']);
    const registerCheck = { agrees: false, difference: '0.001' };
    assert.deepEqual(await wrongOf({ bills: [{ ...rightBill, registerCheck }] }), ['bills']);
  });
});
