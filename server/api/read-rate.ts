/** `GET operations/read-rate`: what should have come by now, and what did. */
import { dateOf, formatInstant, localDay } from '@wattline/base';
import type { DayCompleteness } from '@wattline/mdm';
import type { ReadRate } from '@wattline/model';
import type { FastifyInstance } from 'fastify';
import type { ApiContext } from './context.ts';
import { describeRoute } from './route.ts';
import { named } from './schema/index.ts';

/** Whole local days before the running one. */
const daysShown = 40;

export function readRateRoute(app: FastifyInstance, { system }: ApiContext): void {
  const route = describeRoute({
    id: 'getReadRate',
    tag: 'operations',
    access: 'read',
    summary: 'The read rate of the last forty days and today, from the first day on which readings were due',
    response: named('ReadRate'),
  });
  app.get('/operations/read-rate', route, async (): Promise<ReadRate> => {
    const nowMs = system.clock.now();
    const today = Temporal.PlainDate.from(dateOf(nowMs, system.zone));
    const { startMs } = localDay(today.subtract({ days: daysShown }).toString(), system.zone);
    const days = sinceFirstDue(await system.mdm.completeness({ startMs, endMs: nowMs }, system.zone));
    const total = { expected: 0, received: 0, estimated: 0, missing: 0 };
    for (const day of days) {
      total.expected += day.expected;
      total.received += day.received;
      total.estimated += day.estimated;
      total.missing += day.missing;
    }
    return {
      asOf: formatInstant(nowMs),
      ...total,
      rate: rateOf(total),
      meters: await countMeters(system.registry),
      byDay: days.map((day) => ({ ...day, rate: rateOf(day) })),
    };
  });
}

/** The days from the first on which something was due: no meter was there before it. Today is always among them. */
export function sinceFirstDue(days: readonly DayCompleteness[]): readonly DayCompleteness[] {
  const first = days.findIndex(({ expected }) => expected > 0);
  return days.slice(first < 0 ? -1 : first);
}

/** Where nothing is due nothing is lacking. */
function rateOf({ received, expected }: Pick<DayCompleteness, 'received' | 'expected'>): number {
  return expected === 0 ? 1 : received / expected;
}

async function countMeters(registry: ApiContext['system']['registry']): Promise<ReadRate['meters']> {
  const rows = await registry
    .selectFrom('meter')
    .select((eb) => ['state', eb.fn.countAll<number>().as('count')])
    .groupBy('state')
    .execute();
  const countOf = (...states: readonly string[]) =>
    rows.filter((row) => states.includes(row.state)).reduce((sum, row) => sum + Number(row.count), 0);
  return {
    commissioned: rows.reduce((sum, row) => sum + Number(row.count), 0),
    // A refusal is an answer.
    reachable: countOf('ok', 'late', 'refused'),
    unreachable: countOf('unreachable'),
  };
}
