/** Stories of what stands on every screen: head, conditions, marks, sign-in. */

import { meterStates } from '../src/feeder-tree.ts';
import { Segments } from '../src/parts/card.tsx';
import { Empty, LateBanner, Skeleton, Wrong } from '../src/parts/condition.tsx';
import { CustomerPicker } from '../src/parts/customer-picker.tsx';
import { QualityLegend, StateTag } from '../src/parts/glyph.tsx';
import { BuildingNotice, PageHeader, TownBanner } from '../src/parts/page-header.tsx';
import { SignIn } from '../src/parts/sign-in.tsx';
import { problemOf } from '../src/problem.ts';
import { words } from '../src/words.ts';
import { fixtureNowMs, fixtureZone } from './fixture-readings.ts';
import { fixturePoints } from './fixture-town.ts';
import { nothing, type PartStories } from './story.ts';

const { problem } = problemOf('portal/no-connection', { request: 'GET about' });
const refused = {
  code: 'server/login-refused',
  message: 'the bearer token is not the one of this server',
  where: {},
  status: 401,
};
const list = (items: typeof fixturePoints, isCut = false) => ({
  state: 'ready' as const,
  value: { items, isCut },
  atMs: fixtureNowMs,
});
const picker = { nowMs: fixtureNowMs, onFind: nothing, onRetry: nothing };

/** The stories. */
export const pageStories: readonly PartStories[] = [
  {
    part: 'page-header',
    states: [
      {
        name: 'known',
        draw: () => (
          <PageHeader
            screen="operator"
            zone={fixtureZone}
            townMs={fixtureNowMs}
            theme="dark"
            onTheme={nothing}
          />
        ),
      },
      {
        name: 'nothing heard yet',
        draw: () => <PageHeader screen="start" zone={null} townMs={null} theme="system" onTheme={nothing} />,
      },
      { name: 'banner', draw: () => <TownBanner seed="1" /> },
      { name: 'town being read', draw: () => <BuildingNotice read={37} all={100} /> },
    ],
  },
  {
    part: 'condition',
    states: [
      { name: 'loading figure', draw: () => <Skeleton kind="figure" /> },
      { name: 'loading chart', draw: () => <Skeleton kind="chart" /> },
      { name: 'loading list', draw: () => <Skeleton kind="list" /> },
      { name: 'loading bill', draw: () => <Skeleton kind="bill" /> },
      { name: 'empty', draw: () => <Empty title={words.bill.none} text={words.bill.noneText} /> },
      { name: 'wrong', draw: () => <Wrong problem={problem} onRetry={nothing} /> },
      {
        name: 'late',
        draw: () => <LateBanner onRetry={nothing}>{words.late.connection('4 min')}</LateBanner>,
      },
    ],
  },
  {
    part: 'glyph',
    states: [
      { name: 'quality', draw: () => <QualityLegend /> },
      {
        name: 'states',
        draw: () => (
          <p class="legend">
            {meterStates.map((state) => (
              <StateTag key={state} state={state} />
            ))}
          </p>
        ),
      },
      {
        name: 'segments',
        draw: () => (
          <Segments
            label="Span"
            options={[
              { value: 'a', name: 'Day' },
              { value: 'b', name: '7 days' },
            ]}
            value="a"
            onChoose={nothing}
          />
        ),
      },
    ],
  },
  {
    part: 'customer-picker',
    states: [
      {
        name: 'found',
        draw: () => <CustomerPicker {...picker} find="" found={list(fixturePoints.slice(0, 6), true)} />,
      },
      { name: 'none found', draw: () => <CustomerPicker {...picker} find="xyz" found={list([])} /> },
      { name: 'none at all', draw: () => <CustomerPicker {...picker} find="" found={list([])} /> },
      { name: 'loading', draw: () => <CustomerPicker {...picker} find="" found={{ state: 'loading' }} /> },
      {
        name: 'wrong',
        draw: () => <CustomerPicker {...picker} find="" found={{ state: 'wrong', problem }} />,
      },
    ],
  },
  {
    part: 'sign-in',
    states: [
      {
        name: 'asked',
        draw: () => <SignIn text={words.signIn.text} problem={null} onToken={nothing} onCancel={nothing} />,
      },
      {
        name: 'refused',
        draw: () => (
          <SignIn text={words.signIn.textClosed} problem={refused} onToken={nothing} onCancel={undefined} />
        ),
      },
    ],
  },
];
