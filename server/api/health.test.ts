/** What a server says of itself when its disk or its store takes nothing. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { CodedError, formatInstant } from '@wattline/base';
import { storeErrors } from '@wattline/store';
import { serveSystem } from './fixture/served-system.ts';

test('a full disk is answered with its code and what to do, and the server says that it is not ready', async (t) => {
  const served = await serveSystem();
  t.after(() => served.close());
  const { system } = served;
  const full = new CodedError('store/disk-full', `${storeErrors['store/disk-full']} (ENOSPC)`, {});
  const sinceMs = system.clock.now();
  const mdm = {
    ...system.mdm,
    trouble: () => ({ place: 'log', code: full.code, message: full.message, sinceMs }) as const,
    exchange: { ...system.mdm.exchange, deliver: () => Promise.reject(full) },
  };
  const { api, token } = await served.serveAlso({ system: { ...system, mdm } });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'text/csv' };
  const refused = await fetch(`${api.url}/api/v1/imports/files`, { method: 'POST', headers, body: 'a,b\n' });
  const problem = (await refused.json()) as { code: string; message: string };
  assert.deepEqual([refused.status, problem.code], [503, 'store/disk-full']);
  assert.match(problem.message, /free space on it/);
  const ready = await fetch(`${api.url}/readyz`);
  const { isReady, trouble } = (await ready.json()) as { isReady: boolean; trouble: { advice: string } };
  assert.deepEqual([ready.status, isReady], [503, true]);
  const advice = storeErrors['store/disk-full'];
  assert.deepEqual(trouble, { code: 'store/disk-full', advice, since: formatInstant(sinceMs) });
  assert.match(
    await (await fetch(`${api.url}/metrics`, { headers })).text(),
    /^wattline_storage_trouble 1$/m,
  );
  assert.equal((await fetch(`${served.api.url}/readyz`)).status, 200);
});
