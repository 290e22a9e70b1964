/** One declaration, three forms of the store: the statements as text, as the engine parses them, and over tables of an earlier release. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { codeOf, silentLog } from '@wattline/base';
import { Session } from 'chdb';
import { openReadingsStore } from './readings-store.ts';
import { insertToken } from './segment-insert.ts';
import {
  clusterNamed,
  dropPartition,
  type Form,
  settingChanges,
  tableStatements,
} from './table-statements.ts';
import { tables } from './tables.ts';

const town = clusterNamed('town');
const forms: readonly Form[] = [{ kind: 'embedded' }, { kind: 'server' }, town];
const directory = mkdtempSync(join(tmpdir(), 'wattline-statements-'));
after(() => rmSync(directory, { recursive: true, force: true }));

test('on a cluster every statement is for all of it, rows lie in replicated tables and are asked for through distributed ones', () => {
  const statements = tableStatements(town);
  for (const statement of statements) assert.match(statement, / ON CLUSTER 'town'/);
  for (const { name, shard } of tables) {
    const local = statements.find((text) => text.includes(` ${name}_local ON CLUSTER 'town' (`)) ?? '';
    assert.ok(
      local.includes(
        `ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/{database}/${name}', '{replica}')`,
      ),
    );
    assert.match(
      local,
      /replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 2592000/,
    );
    const asked =
      statements.find((text) => text.includes(` ${name} ON CLUSTER 'town' AS ${name}_local`)) ?? '';
    assert.ok(asked.includes(`ENGINE = Distributed('town', currentDatabase(), '${name}_local', ${shard})`));
  }
});

test('in this process nothing is replicated; a server alone remembers inserts', () => {
  const [embedded, server] = forms.map((form) => tableStatements(form).join('\n')) as [string, string];
  for (const text of [embedded, server]) assert.doesNotMatch(text, /CLUSTER|Replicated|Distributed|_local/);
  assert.doesNotMatch(embedded, /deduplication/);
  assert.match(server, /non_replicated_deduplication_window = 10000/);
});

test('rows of one channel go to one shard in every table that has channels', () => {
  const shards = tables.filter(({ columns }) => columns.some(({ name }) => name === 'channel'));
  assert.deepEqual([...new Set(shards.map(({ shard }) => shard))], ['cityHash64(channel)']);
});

test('the engine parses the statements of every form', () => {
  const session = new Session(join(directory, 'parse'));
  try {
    for (const form of forms) {
      const statements = [...tableStatements(form), dropPartition(form, 'member', '7')];
      for (const statement of statements) {
        const quoted = statement.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
        const parsed = session.query(`SELECT formatQuerySingleLine('${quoted}')`, 'TSVRaw');
        assert.match(parsed, /^(CREATE|ALTER) /);
      }
    }
  } finally {
    session.close();
  }
});

test('a cluster is named by a plain name, since the name stands in statements', () => {
  for (const name of ["town' DROP", '', 'a b', '1st'])
    assert.throws(
      () => clusterNamed(name),
      (error) => codeOf(error) === 'store/bad-setting',
    );
});

test('tables that have their settings are left alone, others get what they lack', () => {
  const engine =
    'MergeTree ORDER BY batch SETTINGS index_granularity = 1024, fsync_after_insert = 1, fsync_part_directory = 1';
  assert.deepEqual(settingChanges({ kind: 'embedded' }, new Map([['batch', engine]])), [
    'ALTER TABLE batch MODIFY SETTING min_rows_to_fsync_after_merge = 1, old_parts_lifetime = 60',
  ]);
  assert.deepEqual(
    settingChanges(
      { kind: 'embedded' },
      new Map([['batch', `${engine}, min_rows_to_fsync_after_merge = 1, old_parts_lifetime = 60`]]),
    ),
    [],
  );
  assert.deepEqual(
    settingChanges(
      town,
      new Map([
        ['batch', 'Distributed(town)'],
        ['batch_local', engine],
      ]),
    ),
    [
      "ALTER TABLE batch_local ON CLUSTER 'town' MODIFY SETTING min_rows_to_fsync_after_merge = 1, old_parts_lifetime = 60, replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 2592000",
    ],
  );
});

test('a store made before merges were synced syncs them from the next start on', async () => {
  const old = join(directory, 'old');
  const session = new Session(old);
  const [block = ''] = tableStatements({ kind: 'embedded' });
  session.query(block.replace(', min_rows_to_fsync_after_merge = 1', ''), 'TSV');
  session.close();
  await (await openReadingsStore({ directory: old, log: silentLog })).close();
  const again = new Session(old);
  try {
    const engine = again.query("SELECT engine_full FROM system.tables WHERE name = 'block'", 'TSVRaw');
    assert.match(engine, /min_rows_to_fsync_after_merge = 1/);
  } finally {
    again.close();
  }
});

test('the token of an insert tells tables, segments, and a segment from what is left of it after damage', () => {
  const content = { firstBatch: 1, lastBatch: 9, blocks: 20, verdicts: 3 };
  const tokens = [
    insertToken('block', content, 1000),
    insertToken('verdict', content, 1000),
    insertToken('block', { ...content, lastBatch: 10 }, 1000),
    insertToken('block', content, 900),
  ];
  assert.equal(new Set(tokens).size, tokens.length);
  assert.equal(insertToken('block', { ...content }, 1000), tokens[0]);
});
