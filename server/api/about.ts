/** `GET about`: what runs here. */
import { dateOf, formatInstant } from '@wattline/base';
import type { About } from '@wattline/model';
import { storeErrors } from '@wattline/store';
import type { FastifyInstance } from 'fastify';
import { version } from '../version.ts';
import type { ApiContext, TownFacts } from './context.ts';
import { describeRoute } from './route.ts';
import { named } from './schema/index.ts';

/** What is said before any tariff is kept. */
const noCurrency = { currency: 'XXX', minorDigits: 2 };

export function aboutRoute(app: FastifyInstance, { system, mode, town }: ApiContext): void {
  const route = describeRoute({
    id: 'about',
    tag: 'server',
    access: 'read',
    summary: 'What runs here',
    response: named('About'),
  });
  app.get('/about', route, async (): Promise<About> => {
    const nowMs = system.clock.now();
    const [tariff = noCurrency] = await system.billing.tariffs();
    const readiness = system.readiness();
    return {
      name: 'Wattline',
      version,
      mode,
      zone: system.zone,
      currency: tariff.currency,
      minorDigits: tariff.minorDigits,
      now: formatInstant(nowMs),
      town: town && describeTown(town, { nowMs, zone: system.zone }),
      ready: readiness.isReady,
      collectedMeters: readiness.metersCollected,
      trouble: troubleOf(system),
    };
  });
}

/** The code and its advice alone: particulars name machines and users, and this is for whoever may read. */
export function troubleOf({ mdm }: Pick<ApiContext['system'], 'mdm'>): About['trouble'] {
  const found = mdm.trouble();
  if (!found) return null;
  const advice =
    (storeErrors as Readonly<Record<string, string>>)[found.code] ?? 'The log of the server has the reason.';
  return { code: found.code, advice, since: formatInstant(found.sinceMs) };
}

function describeTown(
  town: TownFacts,
  { nowMs, zone }: { readonly nowMs: number; readonly zone: string },
): About['town'] {
  const first = Temporal.PlainDate.from(dateOf(town.startMs, zone));
  const days = first.until(dateOf(nowMs, zone), { largestUnit: 'day' }).days;
  return { seed: town.seed, start: formatInstant(town.startMs), meters: town.meters, days, load: town.load };
}
