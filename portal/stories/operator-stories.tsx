/** Stories of the operator's parts: read rate, states, grid, exceptions, events, meters. */
import { countStates, feederTree } from '../src/feeder-tree.ts';
import { ApprovalBoard } from '../src/parts/approval-board.tsx';
import { EventList, ExceptionBoard, StreamTag } from '../src/parts/event-list.tsx';
import { GridTree } from '../src/parts/grid-tree.tsx';
import { MeterTable } from '../src/parts/meter-table.tsx';
import { ReadRateByDay, ReadRateFigure } from '../src/parts/read-rate.tsx';
import { StateSummary } from '../src/parts/state-summary.tsx';
import { fixtureBoard, fixtureStopped } from './fixture-commands.ts';
import { fixtureEvents, fixtureExceptions, fixtureReadRate } from './fixture-operations.ts';
import { fixtureNowMs, fixtureZone as zone } from './fixture-readings.ts';
import { fixtureMeters, fixturePoints } from './fixture-town.ts';
import { nothing, type PartStories } from './story.ts';

const today = '2026-11-21';
const approvals = { nowMs: fixtureNowMs, zone, isBusy: false, onDecide: nothing };
const board = { zone, today, onKind: nothing };
const table = {
  zone,
  today,
  nowMs: fixtureNowMs,
  sort: 'serial' as const,
  isDescending: false,
  onSort: nothing,
  onRead: nothing,
};
const troubled = fixtureMeters.filter(({ state }) => state !== 'ok');

/** The stories. */
export const operatorStories: readonly PartStories[] = [
  {
    part: 'read-rate',
    states: [
      { name: 'figure', draw: () => <ReadRateFigure rate={fixtureReadRate} zone={zone} /> },
      { name: 'by day', draw: () => <ReadRateByDay days={fixtureReadRate.byDay} /> },
      { name: 'three days', draw: () => <ReadRateByDay days={fixtureReadRate.byDay.slice(-3)} /> },
    ],
  },
  {
    part: 'approval-board',
    states: [
      { name: 'three batches', draw: () => <ApprovalBoard {...approvals} board={fixtureBoard} /> },
      { name: 'stopped', draw: () => <ApprovalBoard {...approvals} board={fixtureStopped} /> },
      {
        name: 'no signer',
        draw: () => <ApprovalBoard {...approvals} board={{ guard: null, batches: [] }} />,
      },
    ],
  },
  {
    part: 'state-summary',
    states: [
      {
        name: 'mixed',
        draw: () => <StateSummary counts={countStates(fixtureMeters)} selected="late" onSelect={nothing} />,
      },
      {
        name: 'none',
        draw: () => <StateSummary counts={countStates([])} selected={null} onSelect={nothing} />,
      },
    ],
  },
  {
    part: 'grid-tree',
    states: [
      {
        name: 'a town',
        draw: () => (
          <GridTree
            substations={feederTree(fixturePoints, fixtureMeters)}
            selected="TX-03"
            onSelect={nothing}
          />
        ),
      },
      {
        name: 'many meters behind a transformer',
        draw: () => (
          <GridTree
            substations={feederTree(
              fixturePoints.map((point) => ({ ...point, transformer: 'TX-1', feeder: 'Feeder 1' })),
              fixtureMeters,
            )}
            selected={null}
            onSelect={nothing}
          />
        ),
      },
    ],
  },
  {
    part: 'event-list',
    states: [
      {
        name: 'events',
        draw: () => <EventList events={fixtureEvents} zone={zone} today={today} label="events" />,
      },
      {
        name: 'stream',
        draw: () => (
          <p class="legend">
            <StreamTag state="connecting" />
            <StreamTag state="live" />
            <StreamTag state="lost" />
          </p>
        ),
      },
      {
        name: 'exceptions',
        draw: () => <ExceptionBoard {...board} page={fixtureExceptions(null)} kind={null} />,
      },
      {
        name: 'one kind',
        draw: () => (
          <ExceptionBoard
            {...board}
            page={{ ...fixtureExceptions('reading-missing'), counts: fixtureExceptions(null).counts }}
            kind="reading-missing"
          />
        ),
      },
      {
        name: 'none',
        draw: () => <ExceptionBoard {...board} page={{ items: [], next: null, counts: [] }} kind={null} />,
      },
    ],
  },
  {
    part: 'meter-table',
    states: [
      { name: 'many', draw: () => <MeterTable {...table} meters={fixtureMeters} reading={null} /> },
      {
        name: 'troubled, one being read',
        draw: () => <MeterTable {...table} meters={troubled} reading={troubled[1]?.serial ?? null} />,
      },
    ],
  },
];
