/** The configuration of `wattline serve`: where readings go, and that a password is not in the file. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { codeOf } from '@wattline/base';
import { loadServeConfig } from './serve-config.ts';

test('the rule pack of the utility is one that there is', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'wattline-serve-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const config = join(directory, 'wattline.yaml');
  writeFileSync(config, 'rulePack: india\n');
  assert.equal(loadServeConfig({ config, json: false }).rulePack?.id, 'india');
  writeFileSync(config, 'rulePack: atlantis\n');
  assert.throws(() => loadServeConfig({ config, json: false }), /rulePack to be one of generic, california/);
});

test('readings go to the ClickHouse server of the configuration, with the password of its own file; a flag overrules', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'wattline-serve-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const config = join(directory, 'wattline.yaml');
  const passwordFile = join(directory, 'password');
  writeFileSync(passwordFile, 'secret\n');
  writeFileSync(
    config,
    `readings: http://wattline@clickhouse:8123/readings\nreadingsCluster: town\nreadingsPasswordFile: ${passwordFile}\n`,
  );
  assert.deepEqual(loadServeConfig({ config, json: false }).readings, {
    url: 'http://wattline@clickhouse:8123/readings',
    cluster: 'town',
    password: 'secret',
    hasTables: false,
  });
  const readings = 'https://other:8443/readings';
  assert.equal(loadServeConfig({ config, readings, json: false }).readings?.url, readings);
  writeFileSync(
    config,
    `readings: http://clickhouse:8123/readings\nreadingsPasswordFile: ${directory}/none\n`,
  );
  assert.throws(
    () => loadServeConfig({ config, json: false }),
    (error) => codeOf(error) === 'server/bad-config',
  );
});
