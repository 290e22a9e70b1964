/** The head-end's journal as the registry keeps it, read as a history of attempts. */
import type { AttemptHistory, ReadAttempts } from '@wattline/model';
import type { Registry } from '@wattline/store/registry';

/** Serial numbers asked for in one query. */
const serialsPerQuery = 500;
const nothing: ReadAttempts = { answered: 0, refused: 0, unanswered: 0, lastCode: null };

/** A history over the table of exchanges. */
export function registryAttempts(registry: Registry): AttemptHistory {
  return {
    async attempts(serials, { startMs, endMs }) {
      const found = new Map<string, ReadAttempts>();
      for (let at = 0; at < serials.length; at += serialsPerQuery) {
        const part = serials.slice(at, at + serialsPerQuery);
        const everAsked = await registry
          .selectFrom('exchange')
          .select('serial')
          .distinct()
          .where('serial', 'in', part)
          .execute();
        for (const { serial } of everAsked) found.set(serial, nothing);
        const rows = await registry
          .selectFrom('exchange')
          .select(['serial', 'outcome', 'code'])
          .where('serial', 'in', part)
          .where('started_ms', '>=', startMs)
          .where('started_ms', '<', endMs)
          .orderBy('started_ms')
          .execute();
        for (const { serial, outcome, code } of rows) {
          const { answered, refused, unanswered, lastCode } = found.get(serial) ?? nothing;
          found.set(serial, {
            answered: answered + (outcome === 'answer' ? 1 : 0),
            refused: refused + (outcome === 'refusal' ? 1 : 0),
            unanswered: unanswered + (outcome === 'answer' || outcome === 'refusal' ? 0 : 1),
            lastCode: outcome === 'answer' ? lastCode : code,
          });
        }
      }
      return found;
    },
  };
}
