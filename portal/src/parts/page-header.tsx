/** The head of every screen: name, screens, the town's clock, appearance; and the banner of a demonstration. */
import { formatClock, formatDate } from '../format.ts';
import type { ThemeChoice } from '../theme.ts';
import { townBanner, words } from '../words.ts';
import { wallOf } from '../zone-time.ts';

/** The mark of the house: a line that is a wave. */
export function Logo({ size = 28 }: { size?: number }) {
  return (
    <svg class="logo" viewBox="0 0 32 32" width={size} height={size} aria-hidden="true">
      <rect width="32" height="32" rx="8" class="logo-ground" />
      <path d="M4 17h4l3.2-8.5L16 24l4.4-12 2.2 5H28" class="logo-line" />
    </svg>
  );
}

/** The bar at the top. */
export function PageHeader(props: {
  screen: 'start' | 'customer' | 'meter' | 'operator' | 'frames' | 'unknown';
  zone: string | null;
  townMs: number | null;
  theme: ThemeChoice;
  onTheme: (theme: ThemeChoice) => void;
}) {
  const current = (is: boolean) => (is ? { 'aria-current': 'page' as const } : {});
  return (
    <header class="page-header">
      <a class="skip" href="#content">
        {words.skip}
      </a>
      <div class="page-header-row">
        <a class="brand" href="/" aria-label={words.home}>
          <Logo />
          <span>{words.product}</span>
        </a>
        <nav aria-label={words.screens}>
          <a href="/" {...current(props.screen === 'start' || props.screen === 'customer')}>
            {words.customers}
          </a>
          <a href="/operator" {...current(props.screen === 'operator')}>
            {words.operator}
          </a>
          <a href="/frames" {...current(props.screen === 'frames')}>
            {words.frames.name}
          </a>
        </nav>
        <TownClock zone={props.zone} townMs={props.townMs} />
        <ThemeToggle theme={props.theme} onTheme={props.onTheme} />
      </div>
    </header>
  );
}

/** The time of the town with its day and zone. */
export function TownClock({ zone, townMs }: { zone: string | null; townMs: number | null }) {
  if (zone === null || townMs === null) return <span class="town-clock town-clock-unknown" />;
  return (
    <span class="town-clock" title={words.clockLabel}>
      <span class="town-date">{formatDate(wallOf(townMs, zone).date)}</span>
      <time dateTime={new Date(townMs).toISOString()}>{formatClock(townMs, zone)}</time>
      <span class="zone">{zone}</span>
    </span>
  );
}

const nextTheme: Readonly<Record<ThemeChoice, ThemeChoice>> = {
  system: 'light',
  light: 'dark',
  dark: 'system',
};
const themePaths: Readonly<Record<ThemeChoice, string>> = {
  system: 'M3 3.5h14v9H3zM7.5 16.5h5M10 12.5v4',
  light:
    'M10 6.6a3.4 3.4 0 1 0 0 6.8 3.4 3.4 0 0 0 0-6.8zM10 1.6v2M10 16.4v2M1.6 10h2M16.4 10h2M4.1 4.1l1.4 1.4M14.5 14.5l1.4 1.4M4.1 15.9l1.4-1.4M14.5 5.5l1.4-1.4',
  dark: 'M16.6 12.4A7 7 0 0 1 7.6 3.4a7 7 0 1 0 9 9z',
};

/** Light, dark, or as the device has it. */
export function ThemeToggle({
  theme,
  onTheme,
}: {
  theme: ThemeChoice;
  onTheme: (theme: ThemeChoice) => void;
}) {
  const label = `${words.theme.label}: ${words.theme[theme]}`;
  return (
    <button
      type="button"
      class="icon-button"
      aria-label={label}
      title={label}
      onClick={() => onTheme(nextTheme[theme])}
    >
      <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
        <path d={themePaths[theme]} class="stroke" />
      </svg>
    </button>
  );
}

/** Says that nobody lives here. */
export function TownBanner({ seed }: { seed: string }) {
  return (
    <p class="town-banner">
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
        <path d="M2 14V7l4-3 4 3v7M10 14V9h4v5M1 14h14M5 9.2h2" class="stroke" />
      </svg>
      {townBanner(seed)}
    </p>
  );
}

/** The first collection is under way. */
export function BuildingNotice({ read, all }: { read: number; all: number }) {
  const share = all > 0 ? Math.min(1, read / all) : 0;
  return (
    <div class="building" role="status">
      <div class="building-text">
        <b>{words.building.title}</b>
        <span>{words.building.text(read, all)}</span>
      </div>
      <div
        class="progress"
        role="progressbar"
        aria-label={words.building.title}
        aria-valuemin={0}
        aria-valuemax={all}
        aria-valuenow={read}
      >
        <span style={{ width: `${share * 100}%` }} />
      </div>
    </div>
  );
}
