/** Statements built once give what statements built each time give, on both engines. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { compileEventInsert, compileInsert, compileStatement, parameter } from './compiled-statement.ts';
import { postgresAbsence, startTrialPostgres, type TrialPostgres } from './fixture/trial-postgres.ts';
import { openRegistry, type Registry } from './open.ts';
import type { NewRow } from './schema.ts';

const insertFacts = compileInsert<'fact', unknown>(['name', 'value'], (registry, rows) =>
  registry.insertInto('fact').values(rows),
);
const insertEvents = compileEventInsert(['kind', 'occurred_ms', 'received_ms', 'serial', 'message']);
const rename = compileStatement((registry) =>
  registry.updateTable('fact').set({ value: parameter }).where('name', '=', parameter),
);

function eventNumber(i: number): NewRow<'event'> {
  return {
    kind: 'power-fail',
    occurred_ms: i,
    received_ms: i,
    serial: i % 2 ? `M${i}` : null,
    message: `${i}`,
  };
}

function contract(where: () => string): void {
  let registry: Registry;
  before(async () => {
    registry = await openRegistry(where());
  });
  after(() => registry.destroy());

  test('as many rows stand as were given, whatever sizes of statement they were put into', async () => {
    for (const count of [0, 1, 3, 4, 5, 21, 300]) {
      await registry.deleteFrom('fact').execute();
      const rows = Array.from({ length: count }, (_, i) => ({ name: `n${count}-${i}`, value: `it's ${i}` }));
      await insertFacts(registry, rows);
      const found = await registry.selectFrom('fact').selectAll().execute();
      const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
      const plain = found.map((row) => ({ ...row }));
      assert.deepEqual(plain.sort(byName), rows.sort(byName));
    }
  });

  test('the number told of each event is the number it stands under', async () => {
    const rows = Array.from({ length: 341 }, (_, i) => eventNumber(i));
    const numbers = await registry.transaction().execute((transaction) => insertEvents(transaction, rows));
    const found = await registry
      .selectFrom('event')
      .select(['id', 'message', 'serial'])
      .orderBy('id')
      .execute();
    assert.deepEqual(
      found.map(({ id, message }) => [id, message]),
      rows.map(({ message }, i) => [numbers[i], message]),
    );
    assert.deepEqual([found[0]?.serial, found[1]?.serial], [null, 'M1']);
  });

  test('a statement takes new parameters each time it runs', async () => {
    await insertFacts(registry, [
      { name: 'a', value: '1' },
      { name: 'b', value: '2' },
    ]);
    await rename(registry, ['one', 'a']);
    await rename(registry, ['two', 'b']);
    const found = await registry
      .selectFrom('fact')
      .selectAll()
      .where('name', 'in', ['a', 'b'])
      .orderBy('name')
      .execute();
    assert.deepEqual(
      found.map(({ value }) => value),
      ['one', 'two'],
    );
  });
}

describe('compiled statements on SQLite', () => contract(() => ':memory:'));

const absence = await postgresAbsence();
describe('compiled statements on PostgreSQL', { skip: absence }, () => {
  let postgres: TrialPostgres;
  before(async () => {
    postgres = await startTrialPostgres();
  });
  after(() => postgres.stop());
  contract(() => postgres.url);
});
