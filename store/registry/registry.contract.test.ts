/** One contract for the registry, run against SQLite and a real PostgreSQL: what a room may rely on is the same on both. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { codeOf } from '@wattline/base';
import { sql } from 'kysely';
import { postgresAbsence, startTrialPostgres, type TrialPostgres } from './fixture/trial-postgres.ts';
import { migrations } from './migrations.ts';
import { openRegistry, type Registry } from './open.ts';
import type { NewRow } from './schema.ts';

function usagePoint(id: string): NewRow<'usage_point'> {
  return {
    id,
    customer: "Åsa O'Brien; drop table meter --",
    address: '१२ मुख्य मार्ग',
    kind: 'home',
    zone: 'Europe/London',
    substation: 'S1',
    feeder: 'F1',
    transformer: 'T1',
    tariff_id: 'tou',
    solar_w: 4200,
    latitude: 51.507351,
    longitude: -0.127758,
  };
}

function meter(serial: string, usagePointId: string): NewRow<'meter'> {
  return {
    serial,
    usage_point_id: usagePointId,
    make: 'WTL',
    profile: 'demo',
    system_title: `TITLE-${serial}`,
    host: '127.0.0.1',
    port: 4059,
    interval_seconds: 900,
    installed_ms: 1_790_000_000_123,
    state: 'waiting',
    last_contact_ms: null,
    last_interval_ms: null,
    last_outcome: null,
    failures: 0,
    route: null,
    firmware: null,
    link: 'tcp',
    model: null,
  };
}

const event = (kind: string): NewRow<'event'> => ({
  kind,
  occurred_ms: 1,
  received_ms: 2,
  usage_point_id: null,
  serial: null,
  code: null,
  message: kind,
});

/** The contract; `where` tells the place after the engine was started. */
function contract(where: () => string): void {
  let registry: Registry;
  before(async () => {
    registry = await openRegistry(where());
    await registry.insertInto('usage_point').values(usagePoint('UP-1')).execute();
    await registry.insertInto('meter').values(meter('M-1', 'UP-1')).execute();
  });
  after(() => registry.destroy());

  test('opening again migrates nothing twice and finds what was kept', async () => {
    const [again, once] = await Promise.all([openRegistry(where()), openRegistry(where())]);
    const done = await sql<{ name: string }>`select name from migration order by name`.execute(again);
    assert.deepEqual(
      done.rows.map((row) => row.name),
      migrations.map((step) => step.name),
    );
    assert.equal((await once.selectFrom('usage_point').selectAll().execute()).length, 1);
    await again.destroy();
    await once.destroy();
  });

  test('a row comes back as it went in: text of any script, decimals, nulls, instants as numbers', async () => {
    const point = await registry
      .selectFrom('usage_point')
      .selectAll()
      .where('id', '=', 'UP-1')
      .executeTakeFirst();
    assert.deepEqual({ ...point }, usagePoint('UP-1'));
    const row = await registry.selectFrom('meter').selectAll().where('serial', '=', 'M-1').executeTakeFirst();
    assert.deepEqual({ ...row }, meter('M-1', 'UP-1'));
  });

  test('channel numbers are given by the engine and never twice, even side by side', async () => {
    await registry.insertInto('usage_point').values(usagePoint('UP-channels')).execute();
    const rows = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        registry
          .insertInto('channel')
          .values({
            id: `UP-channels/type-${index}`,
            usage_point_id: 'UP-channels',
            reading_type: `type-${index}`,
            interval_seconds: 900,
          })
          .returning('number')
          .executeTakeFirstOrThrow(),
      ),
    );
    const numbers = rows.map((row) => row.number);
    assert.equal(new Set(numbers).size, 40);
    for (const number of numbers) assert(Number.isInteger(number) && number > 0);
  });

  test('events are numbered in the order in which one insert gives them', async () => {
    const rows = await registry
      .insertInto('event')
      .values([event('one'), event('two'), event('three')])
      .returning('id')
      .execute();
    const ids = rows.map((row) => Number(row.id));
    const kinds = await registry
      .selectFrom('event')
      .select('kind')
      .where('id', 'in', ids)
      .orderBy('id')
      .execute();
    assert.deepEqual(
      kinds.map((row) => row.kind),
      ['one', 'two', 'three'],
    );
  });

  test('a second meter with the same serial or system title is refused', async () => {
    await assert.rejects(registry.insertInto('meter').values(meter('M-1', 'UP-1')).execute());
    const twin = { ...meter('M-2', 'UP-1'), system_title: 'TITLE-M-1' };
    await assert.rejects(registry.insertInto('meter').values(twin).execute());
  });

  test('a meter, a channel or a bill of an unknown usage point is refused', async () => {
    await assert.rejects(registry.insertInto('meter').values(meter('M-3', 'NOWHERE')).execute());
    const channel = { id: 'NOWHERE/x', usage_point_id: 'NOWHERE', reading_type: 'x', interval_seconds: 1 };
    await assert.rejects(registry.insertInto('channel').values(channel).execute());
    await assert.rejects(registry.insertInto('bill').values(bill('NOWHERE', 1)).execute());
  });

  test('a bill version is kept once', async () => {
    await registry.insertInto('bill').values(bill('UP-1', 1)).execute();
    await registry.insertInto('bill').values(bill('UP-1', 2)).execute();
    await assert.rejects(
      registry
        .insertInto('bill')
        .values({ ...bill('UP-1', 2), id: 'other' })
        .execute(),
    );
  });

  test('a counter is raised in place and exact up to the largest safe integer', async () => {
    const raise = (value: number) =>
      registry
        .insertInto('invocation_counter')
        .values({ scope: 'M-1/reader/sent', value })
        .onConflict((conflict) => conflict.column('scope').doUpdateSet({ value }))
        .execute();
    await raise(1);
    await raise(Number.MAX_SAFE_INTEGER);
    const row = await registry.selectFrom('invocation_counter').selectAll().executeTakeFirst();
    assert.equal(row?.value, Number.MAX_SAFE_INTEGER);
  });

  test('a transaction that fails leaves nothing, one that succeeds leaves all', async () => {
    const insertTwo = (fails: boolean) =>
      registry.transaction().execute(async (transaction) => {
        await transaction
          .insertInto('fact')
          .values({ name: `first-${fails}`, value: '1' })
          .execute();
        await transaction
          .insertInto('fact')
          .values({ name: `second-${fails}`, value: '2' })
          .execute();
        if (fails) throw new Error('changed our mind');
      });
    await assert.rejects(insertTwo(true), /changed our mind/);
    await insertTwo(false);
    const facts = await registry.selectFrom('fact').select('name').orderBy('name').execute();
    assert.deepEqual(
      facts.map((row) => row.name),
      ['first-false', 'second-false'],
    );
  });

  test('transactions side by side lose no update', async () => {
    await registry.insertInto('fact').values({ name: 'count', value: '0' }).execute();
    const add = () =>
      registry.transaction().execute(async (transaction) => {
        await sql`update fact set value = cast(cast(value as integer) + 1 as text) where name = 'count'`.execute(
          transaction,
        );
      });
    await Promise.all(Array.from({ length: 20 }, add));
    const row = await registry
      .selectFrom('fact')
      .select('value')
      .where('name', '=', 'count')
      .executeTakeFirst();
    assert.equal(row?.value, '20');
  });

  test('an exchange with a megabyte of octets is kept whole', async () => {
    const hex = 'C001'.repeat(250_000);
    await registry
      .insertInto('exchange')
      .values({
        id: 'x-1',
        serial: 'M-1',
        purpose: 'profile',
        started_ms: 1,
        ended_ms: 2,
        outcome: 'answer',
        code: null,
        message: null,
        octets_sent: 10,
        octets_received: 500_000,
        digest: 'd',
        hex,
      })
      .execute();
    const row = await registry
      .selectFrom('exchange')
      .select('hex')
      .where('id', '=', 'x-1')
      .executeTakeFirst();
    assert.equal(row?.hex, hex);
  });

  test('a line of the guard’s ledger can be neither changed nor removed', async () => {
    const line = { seq: 1, at_ms: 1_790_000_000_123, body: '{}', previous: '0', hash: 'h' };
    await registry.insertInto('guard_ledger').values(line).execute();
    await assert.rejects(registry.updateTable('guard_ledger').set({ body: '' }).execute(), /append-only/);
    await assert.rejects(registry.deleteFrom('guard_ledger').execute(), /append-only/);
    const rows = await registry.selectFrom('guard_ledger').selectAll().execute();
    assert.deepEqual(
      rows.map((row) => ({ ...row })),
      [line],
    );
  });

  test('aggregates come as numbers', async () => {
    const row = await registry
      .selectFrom('meter')
      .select((eb) => [eb.fn.countAll<number>().as('count'), eb.fn.max('installed_ms').as('newest')])
      .executeTakeFirst();
    assert.equal(row?.count, 1);
    assert.equal(row?.newest, 1_790_000_000_123);
  });
}

function bill(usagePointId: string, version: number): NewRow<'bill'> {
  const id = `${usagePointId}/2026-03/${version}`;
  return {
    id,
    usage_point_id: usagePointId,
    month: '2026-03',
    version,
    state: 'closed',
    computed_ms: 5,
    body: '{}',
  };
}

describe('the registry on SQLite', () => {
  let directory = '';
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'wattline-registry-'));
  });
  after(() => rm(directory, { recursive: true }));
  contract(() => join(directory, 'registry.sqlite'));

  test('syncs every commit to disk: full synchronous, write-ahead log, foreign keys on', async () => {
    const registry = await openRegistry(join(directory, 'other.sqlite'));
    const pragma = async (name: string) =>
      Object.values((await sql.raw(`pragma ${name}`).execute(registry)).rows[0] as object)[0];
    assert.equal(await pragma('journal_mode'), 'wal');
    assert.equal(await pragma('synchronous'), 2);
    assert.equal(await pragma('foreign_keys'), 1);
    await registry.destroy();
  });

  test('in a directory that is not there is refused with a code that says what to do', async () => {
    const opening = openRegistry(join(directory, 'absent', 'registry.sqlite'));
    await assert.rejects(opening, (error) => codeOf(error) === 'store/registry-unavailable');
  });
});

const absence = await postgresAbsence();
describe('the registry on PostgreSQL', { skip: absence }, () => {
  let server: TrialPostgres;
  before(async () => {
    server = await startTrialPostgres();
  });
  after(() => server.stop());
  contract(() => server.url);

  test('goes on after the server has ended its idle connections', async () => {
    const [registry, other] = [await openRegistry(server.url), await openRegistry(server.url)];
    await sql`select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()
      and datname = current_database()`.execute(other);
    // By the round trip of another statement the word of the end has come.
    await sql`select pg_sleep(0.05)`.execute(other);
    assert.deepEqual((await sql`select 1 as one`.execute(registry)).rows, [{ one: 1 }]);
    await registry.destroy();
    await other.destroy();
  });

  test('on a port where nobody listens is refused with a code, and the password is not told', async () => {
    const opening = openRegistry('postgres://someone:hush@127.0.0.1:1/registry');
    await assert.rejects(opening, (error: Error) => {
      assert.equal(codeOf(error), 'store/registry-unavailable');
      assert.doesNotMatch(error.message, /hush/);
      return true;
    });
  });
});
