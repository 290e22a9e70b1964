/** One contract for leases on SQLite and a real PostgreSQL. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type VirtualClock, virtualClock } from '@wattline/base';
import { postgresAbsence, startTrialPostgres, type TrialPostgres } from './fixture/trial-postgres.ts';
import { createLeases } from './leases.ts';
import { openRegistry, type Registry } from './open.ts';

const startMs = Date.UTC(2025, 9, 1);
const leaseMs = 60_000;

function contract(where: () => string): void {
  let registry: Registry;
  let clock: VirtualClock;
  let number = 0;
  before(async () => {
    registry = await openRegistry(where());
    clock = virtualClock(startMs);
  });
  after(() => registry.destroy());
  const workers = () => {
    number++;
    const of = (holder: string) => createLeases({ registry, clock, holder: `${holder}${number}`, leaseMs });
    return { a: of('a'), b: of('b'), name: `meter/${number}` };
  };

  test('what one worker holds no other gets, until it is given back', async () => {
    const { a, b, name } = workers();
    const mine = await a.take(name);
    assert.ok(mine);
    assert.equal(await b.take(name), undefined);
    await a.release(mine);
    const theirs = await b.take(name);
    assert.ok(theirs && theirs.fence > mine.fence);
    assert.deepEqual([await a.held(), await b.held()], [[], [name]]);
  });

  test('what a dead worker held is free when its time is over, and what it then gives back is not taken away', async () => {
    const { a, b, name } = workers();
    const mine = await a.take(name);
    assert.ok(mine);
    await clock.advance(leaseMs - 1);
    assert.equal(await b.take(name), undefined);
    await clock.advance(1);
    const theirs = await b.take(name);
    assert.ok(theirs);
    await a.release(mine);
    assert.equal(await a.take(name), undefined);
    assert.equal((await b.take(name))?.fence, theirs.fence + 1, 'a holder renews');
  });

  test('of many that come at once exactly one gets it', async () => {
    const { name } = workers();
    const all = Array.from({ length: 12 }, (_, i) =>
      createLeases({ registry, clock, holder: `crowd${i}`, leaseMs }),
    );
    const taken = await Promise.all(all.map((one) => one.take(name)));
    assert.equal(taken.filter((lease) => lease !== undefined).length, 1);
  });
}

describe('leases on SQLite', () => contract(() => ':memory:'));

const absence = await postgresAbsence();
describe('leases on PostgreSQL', { skip: absence }, () => {
  let postgres: TrialPostgres;
  before(async () => {
    postgres = await startTrialPostgres();
  });
  after(() => postgres.stop());
  contract(() => postgres.url);
});
