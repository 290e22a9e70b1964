/** `wattline db`: statements for a server's administrator, and what goes because it is old. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { wattline } from './fixture/command-line.ts';

test('the statements of a cluster are printed for those who make the tables themselves', async () => {
  const { code, out } = await wattline('db', 'statements', '--cluster', 'town');
  assert.equal(code, 0);
  assert.match(out, /^CREATE TABLE IF NOT EXISTS block_local ON CLUSTER 'town'/);
  assert.match(out, /ENGINE = Distributed\('town'/);
  assert.doesNotMatch((await wattline('db', 'statements')).out, /CLUSTER/);
});

test('without a setting everything is kept; with one the classes are told, and wrong ones refused', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'wattline-db-'));
  t.after(() => rm(directory, { recursive: true }));
  const config = join(directory, 'wattline.yaml');
  const retention = () => wattline('db', 'retention', '--config', config, '--data', directory);
  await writeFile(config, 'zone: UTC\n');
  assert.match((await retention()).out, /Everything is kept/);
  await writeFile(config, 'keep: { readings: 24, events: 12 }\n');
  assert.match((await retention()).out, /rows to remove.*readings +24.*events +12/s);
  await writeFile(config, 'keep: { readings: 3 }\n');
  const refused = await retention();
  assert.equal(refused.code, 5);
  assert.match(refused.err, /expected whole months, 13 at least, found 3/);
});

test('a ClickHouse server that is not there, and a setting that is none, end with codes of their own', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'wattline-db-'));
  t.after(() => rm(directory, { recursive: true }));
  const config = join(directory, 'wattline.yaml');
  const retention = async (readings: string) => {
    await writeFile(config, `keep: { readings: 24 }\nreadings: ${readings}\n`);
    const { code, err } = await wattline('db', 'retention', '--config', config, '--data', directory);
    return [code, /\((\S+)\)$/.exec(err)?.[1]];
  };
  assert.deepEqual(await retention('http://127.0.0.1:1/readings'), [3, 'store/unreachable']);
  assert.deepEqual(await retention('postgres://127.0.0.1:1/readings'), [5, 'store/bad-setting']);
});
