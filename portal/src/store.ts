/** What the whole portal shares: the client, what the server says of itself, the clocks, the address. */
import { batch, computed, effect, signal } from '@preact/signals';
import type { About } from '@wattline/model';
import { createApi } from './api.ts';
import { browserTimer, createResource, knownValue } from './resource.ts';
import { hrefOf, parseRoute, type Route } from './route.ts';
import { type Sighting, townTime } from './town-clock.ts';

/** The access token, in memory alone. */
export const token = signal<string | null>(null);

/** The client of the HTTP API. */
export const api = createApi({ fetch: (url, init) => fetch(url, init), token: () => token.peek() });

const aboutEveryMs = 10_000;

/** What the server says of itself. */
export const about = createResource<About>((abort) => api.get('about', {}, abort), {
  timer: browserTimer,
  everyMs: aboutEveryMs,
});

/** The machine's time, once a second. */
export const machineMs = signal(browserTimer.now());

const sightings = signal<{ readonly first: Sighting; readonly last: Sighting } | null>(null);

/** The town's time, once a second; null until the server has been heard. */
export const townMs = computed(() => {
  const seen = sightings.value;
  return seen === null ? null : townTime(seen.first, seen.last, machineMs.value);
});

const calmMs = 15_000;

/** The town's time in steps of a quarter of a minute: for what need not be drawn anew every second. */
export const townCalmMs = computed(() => {
  const now = townMs.value;
  return now === null ? null : Math.floor(now / calmMs) * calmMs;
});

/** The machine's time in the same steps. */
export const machineCalmMs = computed(() => Math.floor(machineMs.value / calmMs) * calmMs);

/** Where the person is. */
export const route = signal<Route>(parseRoute(location.pathname, location.search));

/** Goes to a screen; `replace` when it is the same screen with another detail. */
export function goTo(next: Route, how: 'push' | 'replace' = 'push'): void {
  history[how === 'push' ? 'pushState' : 'replaceState'](null, '', hrefOf(next));
  route.value = next;
}

/** Starts the clocks and listens to the browser's bar. Called once. */
export function startStore(): void {
  setInterval(() => {
    machineMs.value = browserTimer.now();
  }, 1000);
  effect(() => {
    const said = about.remote.value;
    if (said.state !== 'ready') return;
    const last = { townMs: Date.parse(said.value.now), machineMs: said.atMs };
    const first = sightings.peek()?.first ?? last;
    batch(() => {
      sightings.value = { first, last };
      machineMs.value = browserTimer.now();
    });
  });
  addEventListener('popstate', () => {
    route.value = parseRoute(location.pathname, location.search);
  });
  document.addEventListener('click', followLink);
}

/** Links between screens change the address without leaving the page; all others are the browser's. */
function followLink(event: MouseEvent): void {
  const isPlain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
  const link = (event.target as Element | null)?.closest?.('a[href]');
  if (!isPlain || event.defaultPrevented || !(link instanceof HTMLAnchorElement)) return;
  if (link.origin !== location.origin || link.target !== '' || link.hash !== '') return;
  const next = parseRoute(link.pathname, link.search);
  if (next.screen === 'unknown') return;
  event.preventDefault();
  goTo(next);
}

/** What the server said of itself last, if anything. */
export const aboutValue = computed(() => knownValue(about.remote.value));
