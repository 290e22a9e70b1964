/** Keys changed in meters over TCP by the signer process: two phases, the master key last, whatever breaks in between. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { toHex } from '@wattline/base';
import { enrolShipmentFile } from '@wattline/headend';
import { type Office, openOffice } from './office.ts';

/** What a meter holds now, as its own memory says. */
const heldBy = (office: Office, i: number) => {
  const { keys, masterKey } = office.meters[i]!.spec;
  const held = (name: string, shipped: Uint8Array) =>
    (office.memories[i]!.read(`${office.serials[i]}/security/key/${name}`) ?? toHex(shipped)).toUpperCase();
  return [
    held('reader/ek', keys.reader.ek),
    held('reader/ak', keys.reader.ak),
    held('management/ek', keys.management.ek),
    held('management/ak', keys.management.ak),
    held('master', masterKey ?? new Uint8Array(0)),
  ];
};
const all = ['reader', 'management', 'master'] as const;

test('reader, management and master keys of three meters are changed, proved, and serve from then on', async (t) => {
  const office = await openOffice(t);
  const before = office.serials.map((_, i) => heldBy(office, i));
  const jobs = await office.carryOut(office.batch({ command: 'key-change', parameters: { of: all } }));
  assert.deepEqual(
    jobs.map(({ state, result, code }) => [state, result ?? code]),
    office.serials.map(() => ['done', 'reader, management, master keys changed and proved']),
  );
  const after = office.serials.map((_, i) => heldBy(office, i));
  const seen = new Set([...before.flat(), ...after.flat()]);
  assert.equal(
    seen.size,
    2 * 5 * office.serials.length,
    'every key is another than before, and no two are the same',
  );
  // The head-end reads with the new reader keys, the signer switches with the new management keys.
  for (const serial of office.serials) assert.equal((await office.headend.collect(serial)).outcome, 'answer');
  const [off] = await office.carryOut(
    office.batch({ command: 'disconnect', meters: office.serials.slice(0, 1) }),
  );
  assert.deepEqual([off?.state, off?.result], ['done', 'disconnected']);
  const figures = await office.headend.readerKeys.figures();
  assert.deepEqual(figures, { meters: 3, changed: 3, pending: 0 });
  const status = await office.signer.ask({ kind: 'status' });
  assert.ok(status.kind === 'status');
  assert.deepEqual(status.keys.changed, { management: 3, master: 3 });
  assert.deepEqual(status.keys.pending, { management: 0, master: 0 });
});

test('the same shipment taken in again after a change brings no old key back, on either side', async (t) => {
  const office = await openOffice(t, { count: 1 });
  await office.carryOut(office.batch({ command: 'key-change', parameters: { of: all } }));
  const { stripped } = await enrolShipmentFile(office.signerDirectory, office.shipmentPath);
  const report = await office.headend.provision(stripped, 'json');
  assert.deepEqual([report.unchanged, report.updated, report.refused], [1, 0, []]);
  const [serial = ''] = office.serials;
  assert.equal((await office.headend.collect(serial)).outcome, 'answer');
  const [off] = await office.carryOut(office.batch({ command: 'disconnect' }));
  assert.deepEqual([off?.state, off?.result], ['done', 'disconnected']);
});

test('a link that breaks after any answer, once: keys end changed and known, and no meter has one that nobody knows', async (t) => {
  const office = await openOffice(t, { count: 7 });
  const faults = new Map(office.serials.map((serial, i) => [serial, i]));
  office.line.breakAfter = (serial) => {
    const fault = faults.get(serial);
    faults.delete(serial);
    return fault;
  };
  const batch = office.batch({ command: 'key-change', parameters: { of: all } });
  const jobs = await office.carryOut(batch);
  assert.deepEqual(
    jobs.map(({ state }) => state),
    office.serials.map(() => 'done'),
  );
  for (const serial of office.serials) assert.equal((await office.headend.collect(serial)).outcome, 'answer');
  const off = await office.carryOut(office.batch({ command: 'disconnect' }));
  assert.deepEqual([...new Set(off.map(({ result }) => result))], ['disconnected']);
});

test('a change that was cut off for good is found out by asking the meter, and a new batch goes on with it', async (t) => {
  const office = await openOffice(t, { count: 1 });
  const [serial = ''] = office.serials;
  const before = heldBy(office, 0);
  // The meter takes the pair, and every answer after is lost: neither side knows.
  let links = 0;
  office.line.breakAfter = () => (links++ === 0 ? 2 : 0);
  const cut = await office.carryOut(
    office.batch({ command: 'key-change', parameters: { of: ['management'] } }),
    2,
  );
  assert.equal(cut[0]?.state, 'approved');
  assert.notDeepEqual(heldBy(office, 0), before);
  office.line.breakAfter = () => undefined;
  await office.desk.cancel(cut[0]!.batch_key, 'ben');
  const [again] = await office.carryOut(
    office.batch({ command: 'key-change', parameters: { of: ['management'] } }),
  );
  assert.deepEqual([again?.state, again?.result], ['done', 'management keys changed and proved']);
  const [off] = await office.carryOut(office.batch({ command: 'disconnect', meters: [serial] }));
  assert.equal(off?.result, 'disconnected');
});

test('a rotation cut off after the meter took the reader’s pair: the next sweep reads the meter with it, from then on it is the committed one, and the job ends with it', async (t) => {
  const office = await openOffice(t, { count: 2 });
  const [cut = ''] = office.serials;
  const { readerKeys } = office.headend;
  /** Sessions of the visits at that meter: whether each was answered. */
  const sessions = async () =>
    (await office.registry.selectFrom('exchange').select('outcome').where('serial', '=', cut).execute()).map(
      ({ outcome }) => outcome === 'answer',
    );
  // The first meter takes the pair, its answer is lost, and then the line is dead for it.
  const fates = [Number.POSITIVE_INFINITY, 2];
  let links = 0;
  office.line.breakAfter = (serial) => (serial === cut ? (fates[links++] ?? 0) : undefined);
  const batch = office.batch({ command: 'key-change', parameters: { of: ['reader'] } });
  const shipped = heldBy(office, 0);
  await office.carryOut(batch, 1);
  const [held, others] = [heldBy(office, 0).slice(0, 2), heldBy(office, 0).slice(2)];
  assert.notDeepEqual(held, shipped.slice(0, 2));
  assert.deepEqual(others, shipped.slice(2));
  assert.deepEqual(await readerKeys.figures(), { meters: 2, changed: 1, pending: 1 });
  // While it answers to neither it is asked with each once in a visit, and both are kept.
  assert.notEqual((await office.headend.collect(cut)).outcome, 'answer');
  assert.deepEqual(await sessions(), [false, false]);
  assert.equal((await readerKeys.figures()).pending, 1);
  office.line.breakAfter = () => undefined;
  await office.headend.collectAll({ concurrency: 2 });
  const ends = await office.registry.selectFrom('meter').select('last_outcome').execute();
  assert.deepEqual(
    ends.map(({ last_outcome }) => last_outcome),
    ['answer', 'answer'],
  );
  assert.deepEqual(await readerKeys.figures(), { meters: 2, changed: 2, pending: 0 });
  const { ek, ak } = await readerKeys.current(cut);
  assert.deepEqual([toHex(ek).toUpperCase(), toHex(ak).toUpperCase()], held);
  assert.deepEqual(await sessions(), [false, false, false, true]);
  await office.headend.collect(cut);
  assert.deepEqual((await sessions()).slice(4), [true], 'and then the one that holds, alone');
  // What the sweep proved ends the rotation: no other pair is drawn for it, and one for the next.
  const jobs = await office.carryOut(batch);
  assert.deepEqual(
    jobs.map(({ state, result }) => [state, result]),
    office.serials.map(() => ['done', 'reader keys changed and proved']),
  );
  assert.deepEqual(heldBy(office, 0).slice(0, 2), held);
  await office.carryOut(office.batch({ command: 'key-change', parameters: { of: ['reader'] } }));
  assert.notDeepEqual(heldBy(office, 0).slice(0, 2), held);
  assert.equal((await office.headend.collect(cut)).outcome, 'answer');
});

test('a signer killed in the middle of a rotation goes on where it stopped', async (t) => {
  const office = await openOffice(t, { count: 2 });
  let links = 0;
  // The third link is the first in which the management pair is on its way.
  office.line.breakAfter = () => {
    if (++links === 3) office.killSigner();
    return undefined;
  };
  const batch = office.batch({ command: 'key-change', parameters: { of: all } });
  await office.carryOut(batch, 1);
  assert.ok(links >= 3);
  office.line.breakAfter = () => undefined;
  await office.signerIsBack();
  const jobs = await office.carryOut(batch);
  assert.deepEqual(
    jobs.map(({ state, code }) => [state, code]),
    office.serials.map(() => ['done', null]),
  );
  const off = await office.carryOut(office.batch({ command: 'disconnect' }));
  assert.deepEqual([...new Set(off.map(({ result }) => result))], ['disconnected']);
});

test('a meter that is enrolled while the signer runs is known to it at once, a spoilt enrolment leaves the old one', async (t) => {
  const office = await openOffice(t, { count: 2, enrolled: 1 });
  const [, late = ''] = office.serials;
  const batch = office.batch({ command: 'disconnect', meters: [late] });
  assert.deepEqual((await office.desk.preview(batch)).unknown, [late]);
  await enrolShipmentFile(office.signerDirectory, office.shipmentPath);
  const [off] = await office.carryOut(office.batch({ command: 'disconnect', meters: [late] }));
  assert.deepEqual([off?.state, off?.result], ['done', 'disconnected']);
  writeFileSync(join(office.signerDirectory, 'enrolment.json'), '{');
  const status = await office.signer.ask({ kind: 'status' });
  assert.match((status.kind === 'status' && status.enrolmentProblem) || '', /expected JSON/);
  const [on] = await office.carryOut(office.batch({ command: 'reconnect', meters: [late] }));
  assert.equal(on?.state, 'done');
});

test('no key that the signer holds crosses its channel or lies in plain in its registry', async (t) => {
  const office = await openOffice(t, { count: 1 });
  await office.carryOut(office.batch({ command: 'key-change', parameters: { of: all } }));
  const [, , ...signers] = heldBy(office, 0);
  for (const name of ['signer.sqlite', 'signer.sqlite-wal']) {
    const octets = readFileSync(`${office.signerDirectory}/${name}`);
    for (const key of signers) {
      assert.equal(octets.indexOf(Buffer.from(key, 'hex')), -1);
      assert.equal(octets.toString('latin1').toUpperCase().indexOf(key), -1);
    }
  }
});

test('a meter that was enrolled without a master key is told so and keeps its keys', async (t) => {
  const office = await openOffice(t, { count: 1, spec: { masterKey: undefined as never } });
  const before = heldBy(office, 0);
  const [job] = await office.carryOut(
    office.batch({ command: 'key-change', parameters: { of: ['management'] } }),
    1,
  );
  assert.equal(job?.code, 'signer/no-master-key');
  assert.deepEqual(heldBy(office, 0), before);
});
