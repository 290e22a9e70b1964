/** The portal: head, banner, and the screen of the address. */

import type { About } from '@wattline/model';
import { useEffect, useRef } from 'preact/hooks';
import { formatAge, formatMoment } from './format.ts';
import { LateBanner, Wrong } from './parts/condition.tsx';
import { BuildingNotice, PageHeader, TownBanner } from './parts/page-header.tsx';
import { SignIn } from './parts/sign-in.tsx';
import type { Route } from './route.ts';
import { CustomerScreen } from './screens/customer-screen.tsx';
import { FrameScreen } from './screens/frame-screen.tsx';
import { MeterScreen } from './screens/meter-screen.tsx';
import { OperatorScreen } from './screens/operator-screen.tsx';
import { StartScreen } from './screens/start-screen.tsx';
import { about, aboutValue, machineCalmMs, route, token, townMs } from './store.ts';
import { chooseTheme, themeChoice } from './theme.ts';
import { words } from './words.ts';

/** The whole page. */
export function App() {
  const at = route.value;
  const known = aboutValue.value;
  const main = useRef<HTMLElement>(null);
  const place = at.screen === 'customer' ? `${at.screen} ${at.usagePointId}` : at.screen;
  useEffect(() => {
    document.title = titleOf(at);
    scrollTo(0, 0);
  }, [place]);
  return (
    <>
      <Head screen={at.screen} />
      {known?.town && <TownBanner seed={known.town.seed} />}
      <main id="content" ref={main} tabIndex={-1}>
        <ServerNotice />
        {at.screen === 'operator' && known?.trouble && <StorageNotice trouble={known.trouble} />}
        {known?.town && !known.ready && (
          <BuildingNotice read={known.collectedMeters} all={known.town.meters} />
        )}
        <Screen at={at} />
      </main>
    </>
  );
}

/** The head alone is drawn anew every second. */
function Head({ screen }: { screen: Route['screen'] }) {
  return (
    <PageHeader
      screen={screen}
      zone={aboutValue.value?.zone ?? null}
      townMs={townMs.value}
      theme={themeChoice.value}
      onTheme={chooseTheme}
    />
  );
}

/** No reading is taken, or none is stored: said to whoever runs the place, with what to do. */
function StorageNotice({ trouble: { code, advice, since } }: { trouble: NonNullable<About['trouble']> }) {
  const zone = aboutValue.value?.zone ?? 'UTC';
  return <LateBanner>{words.late.storage(formatMoment(Date.parse(since), zone), advice, code)}</LateBanner>;
}

/** The server is gone after it was there: said once, above everything. */
function ServerNotice() {
  const remote = about.remote.value;
  if (remote.state !== 'late') return null;
  return (
    <LateBanner onRetry={about.refresh}>
      {words.late.connection(formatAge(machineCalmMs.value - remote.atMs))}
    </LateBanner>
  );
}

function Screen({ at }: { at: Route }) {
  const remote = about.remote.value;
  if (remote.state === 'wrong' && remote.problem.status === 401) {
    return (
      <div class="card sign-in-card">
        <SignIn
          text={words.signIn.textClosed}
          problem={token.value === null ? null : remote.problem}
          onCancel={undefined}
          onToken={(text) => {
            token.value = text;
            about.refresh();
          }}
        />
      </div>
    );
  }
  if (remote.state === 'wrong') {
    return (
      <div class="card">
        <Wrong problem={remote.problem} onRetry={about.refresh} />
      </div>
    );
  }
  switch (at.screen) {
    case 'start':
      return <StartScreen />;
    case 'customer':
      return (
        <CustomerScreen key={at.usagePointId} usagePointId={at.usagePointId} day={at.day} month={at.month} />
      );
    case 'meter':
      return <MeterScreen key={at.serial} serial={at.serial} />;
    case 'operator':
      return <OperatorScreen kind={at.kind} state={at.state} find={at.find} />;
    case 'frames':
      return <FrameScreen />;
    case 'unknown':
      return (
        <div class="card unknown">
          <h1>{words.unknown.title}</h1>
          <p>{words.unknown.text}</p>
          <a class="button button-main" href="/">
            {words.unknown.back}
          </a>
        </div>
      );
  }
}

function titleOf(at: Route): string {
  if (at.screen === 'customer') return `${at.usagePointId} · ${words.product}`;
  if (at.screen === 'meter') return `${words.meterPage.title(at.serial)} · ${words.product}`;
  if (at.screen === 'frames') return `${words.frames.name} · ${words.product}`;
  return at.screen === 'operator' ? `${words.operator} · ${words.product}` : words.product;
}
