/** What SQLite says of a disk that fails, in our codes. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { sql } from 'kysely';
import { openRegistry } from './open.ts';

test('a full disk refuses a transaction whole and says so; with room again the next is done', async () => {
  const registry = await openRegistry(':memory:');
  try {
    const [size] = (await sql<{ page_count: number }>`pragma page_count`.execute(registry)).rows;
    const pages = Number(size?.page_count);
    await sql`pragma max_page_count = ${sql.lit(pages + 8)}`.execute(registry);
    const fill = (count: number) =>
      registry.transaction().execute(async (transaction) => {
        for (let index = 0; index < count; index++) {
          const row = { name: `fact ${index}`, value: 'x'.repeat(1000) };
          await transaction.insertInto('fact').values(row).execute();
        }
      });
    await assert.rejects(fill(200), { code: 'store/disk-full', message: /free space on it.*registry/ });
    const names = () => registry.selectFrom('fact').select('name').where('name', 'like', 'fact %').execute();
    assert.deepEqual(await names(), []);
    await sql`pragma max_page_count = ${sql.lit(pages + 800)}`.execute(registry);
    await fill(200);
    assert.equal((await names()).length, 200);
    await assert.rejects(
      sql`insert into fact (name, value) values ('fact 1', '')`.execute(registry),
      /UNIQUE/,
    );
  } finally {
    await registry.destroy();
  }
});
