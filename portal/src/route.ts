/** Addresses of the screens: what stands in the browser's bar, both ways. */

/** Where a person is. Days are local dates of the usage point, intervals are UTC instants. */
export type Route =
  | { readonly screen: 'start' }
  | {
      readonly screen: 'customer';
      readonly usagePointId: string;
      readonly day?: string;
      readonly month?: string;
    }
  | { readonly screen: 'meter'; readonly serial: string }
  | { readonly screen: 'operator'; readonly kind?: string; readonly state?: string; readonly find?: string }
  | { readonly screen: 'frames' }
  | { readonly screen: 'unknown'; readonly path: string };

/** The route of an address. */
export function parseRoute(path: string, search: string): Route {
  const query = new URLSearchParams(search);
  const [first = '', second = '', third] = path
    .split('/')
    .filter((part) => part !== '')
    .map(decode);
  if (first === '') return { screen: 'start' };
  if (first === 'customer' && second !== '' && third === undefined) {
    const day = query.get('day');
    const month = query.get('month');
    return {
      screen: 'customer',
      usagePointId: second,
      ...(day && /^\d{4}-\d{2}-\d{2}$/.test(day) ? { day } : {}),
      ...(month && /^\d{4}-\d{2}$/.test(month) ? { month } : {}),
    };
  }
  if (first === 'meter' && second !== '' && third === undefined) return { screen: 'meter', serial: second };
  if (first === 'operator' && second === '') {
    const [kind, state, find] = [query.get('kind'), query.get('state'), query.get('find')];
    return {
      screen: 'operator',
      ...(kind ? { kind } : {}),
      ...(state ? { state } : {}),
      ...(find ? { find } : {}),
    };
  }
  if (first === 'frames' && second === '') return { screen: 'frames' };
  return { screen: 'unknown', path };
}

/** The address of a route. */
export function hrefOf(route: Route): string {
  switch (route.screen) {
    case 'start':
      return '/';
    case 'customer':
      return withQuery(`/customer/${encodeURIComponent(route.usagePointId)}`, {
        day: route.day,
        month: route.month,
      });
    case 'meter':
      return `/meter/${encodeURIComponent(route.serial)}`;
    case 'operator':
      return withQuery('/operator', { kind: route.kind, state: route.state, find: route.find });
    case 'frames':
      return '/frames';
    case 'unknown':
      return route.path;
  }
}

function withQuery(path: string, query: Readonly<Record<string, string | undefined>>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value) parameters.set(name, value);
  const text = parameters.toString();
  return text === '' ? path : `${path}?${text}`;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
