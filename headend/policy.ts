/** The head-end's policy: every bound, deadline and pause in one place, with what it is when nothing is said. */

import type { HourWindow } from './session/route-budget.ts';

/** Durations in ms unless the name says otherwise. */
export interface HeadendPolicy {
  /** Longest wait for a link to open. */
  readonly dialTimeoutMs: number;
  /** Longest silence within one request. */
  readonly requestTimeoutMs: number;
  /** Longest life of one session. */
  readonly sessionTimeoutMs: number;
  /** Octets one session may receive. */
  readonly sessionOctets: number;
  /** Largest APDU offered to the meter, octets; the meter may lower it. */
  readonly maxPduSize: number;
  /** Sessions at a time. */
  readonly concurrency: number;
  /** Sessions at a time on one route (concentrator, cell, gateway). */
  readonly routeSessions: number;
  /** Octets that sessions on one route may carry in an hour, both directions. */
  readonly routeOctetsPerHour: number;
  /** Local hours in which history and meters that failed often are read over routes; null: at all hours. */
  readonly backgroundHours: HourWindow | null;
  /** Links opened in a second. */
  readonly dialsPerSecond: number;
  /** Pause between two scheduled reads of a meter; an interval when that is longer. */
  readonly visitMs: number;
  /** How long a worker that died holds a meter; one that lives renews in time. Clocks of workers may differ by far less. */
  readonly leaseMs: number;
  /** Octets of the last frames received that the exchange journal keeps. */
  readonly journalOctets: number;
  /** Days of load profile asked for in one request, so that a broken link keeps what came. */
  readonly chunkDays: number;
  /** Ranges asked for in one session; the rest follows in the next. */
  readonly rangesPerSession: number;
  /** A hole that the meter itself has is asked for again after this long. */
  readonly holeRetryMs: number;
  /** Nothing before this instant is collected, UTC ms. */
  readonly historySinceMs: number;
  /** Midnight registers this many days back are read again in the first session after a start. */
  readonly registerDays: number;
  /** A meter's clock may differ by this much before it is an event. */
  readonly clockDriftMs: number;
  /** A clock that is out by more than this is proposed to be set; Infinity for never. */
  readonly clockShiftMs: number;
  /** A clock that is out by more is not set but looked into: shift_time takes 900 s (Blue Book 4.5.1), and so far no crystal drifts. */
  readonly clockShiftMaxMs: number;
  /** Pause between two readings of a meter's event logs; a return of power has them read at once. */
  readonly eventLogMs: number;
  /** Events of a log older than this are not asked for when nothing of it is known. */
  readonly eventLogDays: number;
  /** Pause between two questions to one meter which counter it has seen. */
  readonly counterAskPauseMs: number;
  /** Pause between two proposals to set one meter's clock. */
  readonly clockShiftPauseMs: number;
  /** Pause between an interval's boundary and the first meter read. */
  readonly settleMs: number;
  /** Meters are spread over this time after the pause, at most half an interval. */
  readonly spreadMs: number;
  /** First pause after a failure; doubles with each further one, give or take a half. */
  readonly backoffMs: number;
  /** Longest pause after a failure. */
  readonly backoffMaxMs: number;
  /** Failures in a row that make a meter unreachable. */
  readonly unreachableAfter: number;
  /** Links that may push at one time. */
  readonly pushLinks: number;
  /** Of them, those of one host on which no meter has proved itself: with one more the oldest is closed. Of all hosts half of the links. */
  readonly strangersPerHost: number;
  /** Pushes one link may send in a minute; by UDP, one host. */
  readonly pushesPerLinkMinute: number;
  /** Pushes of one link that may wait to be written: then it is read no more until half of them are; of one that cannot be held, twice as many. */
  readonly pushBacklog: number;
  /** The same for all links together: at 10,000 pushes/s, what comes in 20 ms, of the 25 ms in which what is read is to be on disk. */
  readonly pushesWaiting: number;
  /** Whether seals of pushes are opened on a thread of their own: with more than one processor a storm then needs half the time. */
  readonly sealThread: boolean;
  /** Refused pushes of one host that become events in a minute; the rest is counted only. */
  readonly refusalsPerHostMinute: number;
  /** A push link on which no whole push has come for this long is closed. */
  readonly pushIdleMs: number;
  /** The same for the line of a meter that dials in and is known: it may stay for sessions. */
  readonly inboundIdleMs: number;
}

/** What holds when nothing else is said. */
export const defaultPolicy: HeadendPolicy = {
  dialTimeoutMs: 5_000,
  requestTimeoutMs: 10_000,
  sessionTimeoutMs: 120_000,
  sessionOctets: 16_777_216,
  maxPduSize: 16_384,
  concurrency: 16,
  routeSessions: 4,
  routeOctetsPerHour: Number.POSITIVE_INFINITY,
  backgroundHours: null,
  dialsPerSecond: 2_000,
  visitMs: 0,
  leaseMs: 90_000,
  journalOctets: 65_536,
  chunkDays: 10,
  rangesPerSession: 32,
  holeRetryMs: 6 * 3_600_000,
  historySinceMs: 0,
  registerDays: 45,
  clockDriftMs: 30_000,
  clockShiftMs: 60_000,
  clockShiftMaxMs: 900_000,
  clockShiftPauseMs: 86_400_000,
  eventLogMs: 6 * 3_600_000,
  eventLogDays: 30,
  counterAskPauseMs: 86_400_000,
  settleMs: 10_000,
  spreadMs: 120_000,
  backoffMs: 30_000,
  backoffMaxMs: 3_600_000,
  unreachableAfter: 3,
  pushLinks: 4_096,
  strangersPerHost: 64,
  pushesPerLinkMinute: 6_000,
  pushBacklog: 128,
  pushesWaiting: 192,
  sealThread: false,
  refusalsPerHostMinute: 60,
  pushIdleMs: 300_000,
  inboundIdleMs: 3_600_000,
};
