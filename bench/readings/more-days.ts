/**
 * A process of its own, since one directory belongs to one engine: copies the stored day of the fleet onto earlier days,
 * each value moved a little, so that the bench need not deliver a thousand million readings to have them stored.
 * `node more-days.ts <store directory> <json of { channels, days }[]>` prints how many seconds it waited for merges.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Session } from 'chdb';

const [directory = '', plan = '[]'] = process.argv.slice(2);
const session = new Session(directory);
const columns = 'channel, start, interval, known, batch, method, over, value, quality';
/** Rows of one statement at most: days are copied together while the fleet is small. */
const rowsAtOnce = 4_000_000;
/** Seconds that merges may take at most. */
const longestWaitS = 120;
let newest = Number(session.query('SELECT max(batch) FROM batch', 'TSV'));
let first = 1;
for (const { channels, days } of JSON.parse(plan) as { channels: number; days: number }[]) {
  const daysAtOnce = Math.max(1, Math.floor(rowsAtOnce / channels));
  while (first <= days) {
    const last = Math.min(days, first + daysAtOnce - 1);
    newest++;
    session.query(
      `INSERT INTO block (${columns}) SELECT channel, toUInt32(start - 86400 * back), interval, known, ${newest}, method, 0,
        arrayMap((v, i) -> v + (cityHash64(channel, back, i) % 24), value, arrayEnumerate(value)), quality
      FROM (SELECT * FROM block WHERE channel <= ${channels} AND over = 0 AND start = (SELECT max(start) FROM block WHERE over = 0)) AS b
      CROSS JOIN (SELECT toUInt32(number) + ${first} AS back FROM numbers(${last - first + 1})) AS n`,
      'TSV',
    );
    session.query(
      `INSERT INTO batch SELECT ${newest}, known, received, 'bench copy ${newest}', source, reference FROM batch LIMIT 1`,
      'TSV',
    );
    first = last + 1;
  }
}
// A store that has had its readings for a day has merged what came in bulk: questions are asked of that one.
let waited = 0;
while (waited < longestWaitS && session.query('SELECT count() FROM system.merges', 'TSV').trim() !== '0') {
  await delay(1000);
  waited++;
}
session.close();
console.log(waited);
