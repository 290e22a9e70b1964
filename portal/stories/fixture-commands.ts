/** Commands of the invented town: what waits for people, and how the guard stands. */
import type { BoardBatch, CommandBoard } from '@wattline/model';
import { fixtureNowMs, instant } from './fixture-readings.ts';

const minuteMs = 60_000;

const guard: CommandBoard['guard'] = {
  installation: 'wattline-fixture',
  now: instant(fixtureNowMs),
  isClockDoubtful: false,
  isRedSwitchPulled: false,
  pulls: 0,
  openMoves: 3,
  sessions: 0,
  recipient: 'mQ0qLzW3w0yJbJ8b2VhVbq1m9T8m7mJ5l0oVYhX2uXs',
  ledgerHead: 'ab'.repeat(32),
  holds: 1,
  enrolmentProblem: null,
};

const disconnect: BoardBatch = {
  key: '6f1c2b',
  command: 'disconnect',
  lane: 'ordinary',
  meters: 12,
  reason: 'moved out, keys handed back',
  requestedBy: 'asha',
  requested: instant(fixtureNowMs - 20 * minuteMs),
  deadline: instant(fixtureNowMs + 220 * minuteMs),
  hash: '3c'.repeat(32),
  state: 'held',
  approvals: [
    { person: 'asha', at: instant(fixtureNowMs - 8 * minuteMs) },
    { person: 'ben', at: instant(fixtureNowMs - 3 * minuteMs) },
  ],
  cancelUntil: instant(fixtureNowMs + 12 * minuteMs),
  places: [
    { scope: 'transformer', place: 'TX-02', meters: 8, watts: 40_000, metersLeft: 10, wattsLeft: 60_000 },
    { scope: 'transformer', place: 'TX-03', meters: 4, watts: 20_000, metersLeft: 2, wattsLeft: 12_000 },
    { scope: 'feeder', place: 'Feeder 1', meters: 12, watts: 60_000, metersLeft: 42, wattsLeft: 252_000 },
    {
      scope: 'substation',
      place: 'Riverside',
      meters: 12,
      watts: 60_000,
      metersLeft: 192,
      wattsLeft: 952_000,
    },
  ],
  reasons: [
    {
      code: 'guard/limit-window',
      message: 'Too much was switched within the window of a limit: the batch waits its turn.',
      count: 1,
    },
    {
      code: 'guard/cancel-window',
      message: 'The time in which anybody may cancel has not passed.',
      count: 1,
    },
  ],
};

const firmware: BoardBatch = {
  ...disconnect,
  key: 'campaign/clock-fix/0/activation/1',
  command: 'firmware-activation',
  meters: 1,
  reason: 'fixes the clock (campaign clock-fix, canary)',
  requestedBy: 'chen',
  approvals: [],
  cancelUntil: null,
  places: [
    {
      scope: 'substation',
      place: 'Riverside',
      meters: 1,
      watts: 5_000,
      metersLeft: 5_000,
      wattsLeft: 30_000_000,
    },
  ],
  reasons: [
    {
      code: 'guard/people-missing',
      message: 'More people must approve, each freshly. 0 of 1 have.',
      count: 1,
    },
  ],
};

const texts: BoardBatch = {
  ...firmware,
  key: '91aa07',
  command: 'display-text',
  meters: 96,
  reason: 'works on Sunday',
  state: 'executing',
  approvals: [{ person: 'chen', at: instant(fixtureNowMs - 2 * minuteMs) }],
  reasons: [],
};

/** The board. */
export const fixtureBoard: CommandBoard = { guard, batches: [disconnect, firmware, texts] };
/** Nothing waits, and somebody pulled the switch. */
export const fixtureStopped: CommandBoard = {
  guard: {
    ...guard,
    isRedSwitchPulled: true,
    isClockDoubtful: true,
    enrolmentProblem: 'expected JSON',
    pulls: 1,
  },
  batches: [],
};
