/** A signer whose registry came out of a backup: no number of a counter is used twice, and people look before anything goes on. */
import assert from 'node:assert/strict';
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { openOffice } from './office.ts';

test('a restored ledger starts with the red switch pulled and with counters that jumped', async (t) => {
  const office = await openOffice(t, { count: 1 });
  const path = join(office.signerDirectory, 'signer.sqlite');
  const backup = join(office.directory, 'backup.sqlite');
  const reserved = (file: string) => {
    const database = new DatabaseSync(file, { readOnly: true });
    const row = database
      .prepare("select max(value) as value from invocation_counter where scope like '%/sent'")
      .get();
    database.close();
    return Number(row?.value ?? 0);
  };
  await office.carryOut(office.batch({ command: 'disconnect' }));
  const source = new DatabaseSync(path);
  source.exec(`vacuum into '${backup}'`);
  source.close();
  // Another process takes a block of its own: numbers that the backup knows nothing of.
  office.killSigner();
  await office.signerIsBack();
  await office.carryOut(office.batch({ command: 'reconnect' }));
  const used = reserved(path);
  assert.ok(used > reserved(backup));
  office.killSigner();
  for (const end of ['-wal', '-shm']) rmSync(path + end, { force: true });
  copyFileSync(backup, path);
  await office.signerIsBack();
  const status = await office.signer.ask({ kind: 'status' });
  assert.equal(status.kind === 'status' && status.isRedSwitchPulled, true);
  assert.ok(reserved(path) > used, `${reserved(path)} after ${used}`);
  const [job] = await office.carryOut(office.batch({ command: 'reconnect' }), 1);
  assert.deepEqual([job?.state, job?.code], ['failed', 'guard/red-switch']);
});
