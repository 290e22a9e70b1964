/** What the tables promise of the disk: rows are synced when they are inserted, and again when the engine merges them. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { Session } from 'chdb';
import { tableStatements } from './table-statements.ts';

const insert = `INSERT INTO block (channel, start, interval, known, batch, method, over, value, quality)
  SELECT number, 1767225600, 900, 1, 1, '', 0, [1, 2], [1, 1] FROM numbers(10)`;

test('a part made by a merge is synced before the parts that it replaces go: the log no longer has their rows', () => {
  const directory = mkdtempSync(join(tmpdir(), 'wattline-tables-'));
  const session = new Session(directory);
  const ask = (select: string) => session.query(select, 'TSV').trim();
  const syncs = () => Number(ask("SELECT sum(value) FROM system.events WHERE event = 'FileSync'"));
  try {
    for (const statement of tableStatements({ kind: 'embedded' })) session.query(statement, 'TSV');
    session.query('SYSTEM STOP MERGES block', 'TSV');
    const before = syncs();
    session.query(insert, 'TSV');
    session.query(insert, 'TSV');
    const inserted = syncs();
    session.query('SYSTEM START MERGES block', 'TSV');
    session.query('OPTIMIZE TABLE block FINAL', 'TSV');
    const merged = syncs();
    assert.equal(
      ask("SELECT count(), max(level) FROM system.parts WHERE active AND table = 'block'"),
      '1\t1',
    );
    assert.ok(inserted > before, 'inserted rows were synced');
    assert.ok(merged > inserted, 'merged rows were synced');
  } finally {
    session.close();
    rmSync(directory, { recursive: true, force: true });
  }
});
