import type { Checker } from './checker.ts';
import { Tally } from './tally.ts';

/** The record of the conversations themselves. */
export const exchangeCheck: Checker = {
  name: 'exchanges',
  holds:
    'every conversation with a meter ended after it began, with one outcome; one without an answer says why',
  async run({ system }) {
    const tally = new Tally();
    const rows = await system.registry
      .selectFrom('exchange')
      .select(['id', 'serial', 'started_ms', 'ended_ms', 'outcome', 'code'])
      .execute();
    for (const { id, serial, started_ms: began, ended_ms: ended, outcome, code } of rows) {
      const isRight = ended >= began && (outcome === 'answer' || code !== null);
      tally.count(
        isRight,
        () => `exchange ${id} with ${serial}: ${outcome}, code ${code}, ${ended - began} ms`,
      );
    }
    return tally.finding();
  },
};
