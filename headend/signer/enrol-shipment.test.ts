/** Splitting a shipment: management keys to the signer, everything else to the head-end, and no key on the way out. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { toHex, virtualClock } from '@wattline/base';
import type { MeterShipment } from '@wattline/model';
import { temporaryDirectory } from '../headend-fixture.ts';
import { openKeyVault } from '../keys/key-vault.ts';
import { readShipment } from '../registry/shipment.ts';
import { csvOf } from '../registry/shipment-fixture.ts';
import { testMeter } from '../test-server.ts';
import { defaultLoadW, enrolShipment } from './enrol-shipment.ts';
import { openEnrolmentFile } from './enrolment-file.ts';
import { enrolShipmentFile } from './signer-process.ts';

const clock = virtualClock(0);
const rows = [1, 2, 3].map((number) => testMeter(number, { clock, installedAtMs: 0 }).shipment);
const managementOf = (row: MeterShipment) => Object.values(row.keys.management ?? {});

describe('a shipment is split', () => {
  for (const format of ['json', 'csv'] as const) {
    test(`as ${format}: the signer can open every management key, the rest is a shipment without one`, (t) => {
      const vault = openKeyVault(join(temporaryDirectory(t), 'keys.bin'));
      const text = format === 'json' ? JSON.stringify(rows) : csvOf(rows);
      const file = { installation: 'i', people: [], meters: [] };
      const split = enrolShipment(text, format, { file, vault, tenant: 'T', loadW: defaultLoadW });
      assert.deepEqual([split.enrolled, split.without, split.refused], [3, 0, []]);
      for (const [i, meter] of split.file.meters.entries()) {
        const keys = vault.open({ serial: meter.serial, client: 'management' }, meter.sealed);
        assert.deepEqual([toHex(keys.ek), toHex(keys.ak)], managementOf(rows[i] as MeterShipment));
        assert.deepEqual([meter.tenant, meter.loadW, meter.isLifeSupport], ['T', 5_000, false]);
      }
      for (const row of rows) {
        for (const key of managementOf(row)) assert.equal(split.stripped.includes(key), false);
      }
      for (const [i, row] of readShipment(split.stripped, format).entries()) {
        assert.ok(row.content.ok);
        const { management: _, ...keys } = (rows[i] as MeterShipment).keys;
        assert.deepEqual(row.content.value, { ...rows[i], keys });
      }
    });
  }

  test('a meter with one client is enrolled as such, and leaves without any key', (t) => {
    const vault = openKeyVault(join(temporaryDirectory(t), 'keys.bin'));
    const [first] = rows as [MeterShipment];
    const { management } = first.keys;
    const one = { ...first, meter: { ...first.meter, clients: 1 }, keys: { management } };
    const file = { installation: 'i', people: [], meters: [] };
    const options = { file, vault, tenant: 'T', loadW: defaultLoadW };
    const split = enrolShipment(JSON.stringify([one]), 'json', options);
    assert.deepEqual(
      split.file.meters.map(({ hasOneClient }) => hasOneClient),
      [true],
    );
    const [row] = readShipment(split.stripped, 'json');
    assert.deepEqual(row?.content.ok && row.content.value, { ...one, keys: {} });
  });

  test('rows that are wrong are left for the head-end to refuse, without their keys', (t) => {
    const vault = openKeyVault(join(temporaryDirectory(t), 'keys.bin'));
    const [first, second] = rows as [MeterShipment, MeterShipment];
    const secrets = [...managementOf(first), ...managementOf(second)];
    const [header = '', one = '', two = ''] = csvOf([first, second]).split('\r\n');
    const misnamed = { ...first, keys: { reader: first.keys.reader, managment: first.keys.management } };
    const file = { installation: 'i', people: [], meters: [] };
    const options = { file, vault, tenant: 'T', loadW: defaultLoadW };
    const csv = enrolShipment([header, `extra,${one}`, two].join('\n'), 'csv', options);
    const json = enrolShipment(JSON.stringify([misnamed, 7, null, second]), 'json', options);
    for (const split of [csv, json]) {
      assert.equal(split.enrolled, 1);
      for (const key of secrets) assert.equal(split.stripped.includes(key), false);
    }
    const refusals = readShipment(json.stripped, 'json').map(({ content }) =>
      content.ok ? 'ok' : content.error.code,
    );
    assert.deepEqual(refusals, [
      'headend/unknown-field',
      'headend/row-malformed',
      'headend/row-malformed',
      'ok',
    ]);
  });

  test('a management key that is published, or another meter’s, is not enrolled', (t) => {
    const vault = openKeyVault(join(temporaryDirectory(t), 'keys.bin'));
    const [first, second] = rows as [MeterShipment, MeterShipment];
    const published = {
      ...first,
      keys: { ...first.keys, management: { ek: '00'.repeat(16), ak: '1F'.repeat(8) + 'A0'.repeat(8) } },
    };
    const copied = { ...first, keys: { ...first.keys, management: second.keys.management } };
    const file = { installation: 'i', people: [], meters: [] };
    const text = JSON.stringify([published, second, copied]);
    const { refused, file: enrolled } = enrolShipment(text, 'json', {
      file,
      vault,
      tenant: 'T',
      loadW: defaultLoadW,
    });
    assert.deepEqual(refused, [
      { row: 1, code: 'headend/key-default' },
      { row: 3, code: 'headend/key-reused' },
    ]);
    assert.deepEqual(
      enrolled.meters.map(({ serial }) => serial),
      [second.meter.serial],
    );
  });

  test('a master key is enrolled and taken out of the rest; one that is published, shared or a client’s key is not', (t) => {
    const vault = openKeyVault(join(temporaryDirectory(t), 'keys.bin'));
    const [first, second] = rows as [MeterShipment, MeterShipment];
    const kek = 'C3'.repeat(4) + '5A'.repeat(12);
    const withMaster = (row: MeterShipment, value: string) => ({
      ...row,
      keys: { ...row.keys, master: { kek: value } },
    });
    const options = {
      file: { installation: 'i', people: [], meters: [] },
      vault,
      tenant: 'T',
      loadW: defaultLoadW,
    };
    for (const format of ['json', 'csv'] as const) {
      const good = [withMaster(first, kek)];
      const text = format === 'json' ? JSON.stringify(good) : csvOf(good);
      const { file, stripped } = enrolShipment(text, format, options);
      const [meter] = file.meters;
      const owner = { serial: meter?.serial ?? '', client: 'master' } as const;
      assert.equal(toHex(vault.openKey(owner, meter?.sealedMaster ?? '')), kek);
      assert.equal(stripped.includes(kek), false);
      assert.ok(readShipment(stripped, format)[0]?.content.ok);
    }
    const bad = [
      [[withMaster(first, '00'.repeat(16))], ['headend/key-default']],
      [[withMaster(first, kek), withMaster(second, kek)], ['headend/key-reused']],
      [[withMaster(first, first.keys.management?.ek ?? '')], ['headend/key-reused']],
    ] as const;
    for (const [shipment, codes] of bad) {
      const { refused } = enrolShipment(JSON.stringify(shipment), 'json', options);
      assert.deepEqual(
        refused.map(({ code }) => code),
        codes,
      );
    }
  });

  test('a second shipment moves a meter and leaves what a person set at the signer', (t) => {
    const vault = openKeyVault(join(temporaryDirectory(t), 'keys.bin'));
    const [row] = rows as [MeterShipment];
    const options = { vault, tenant: 'T', loadW: defaultLoadW };
    const first = enrolShipment(JSON.stringify([row]), 'json', {
      ...options,
      file: { installation: 'i', people: [], meters: [] },
    });
    const set = first.file.meters.map((meter) => ({
      ...meter,
      isLifeSupport: true,
      loadW: 9_000,
      tenant: 'U',
    }));
    const moved = { ...row, usagePoint: { ...row.usagePoint, transformer: 'X9' } };
    const second = enrolShipment(JSON.stringify([moved]), 'json', {
      ...options,
      file: { ...first.file, meters: set },
    });
    const [meter] = second.file.meters;
    assert.deepEqual(
      [meter?.transformer, meter?.isLifeSupport, meter?.loadW, meter?.tenant],
      ['X9', true, 9_000, 'U'],
    );
  });
});

test('the enrolling process fills the signer’s directory and gives the rest back; a bad file is told by its code', async (t) => {
  const directory = temporaryDirectory(t);
  const path = join(directory, 'shipment.json');
  writeFileSync(path, JSON.stringify(rows));
  const { stripped, report } = await enrolShipmentFile(join(directory, 'signer'), path);
  assert.deepEqual(report, { enrolled: 3, without: 0, refused: [], recipient: report.recipient });
  assert.equal(openEnrolmentFile(join(directory, 'signer')).meters.length, 3);
  assert.equal(
    managementOf(rows[0] as MeterShipment).some((key) => stripped.includes(key)),
    false,
  );
  writeFileSync(path, 'no shipment');
  await assert.rejects(enrolShipmentFile(join(directory, 'signer'), path), {
    code: 'headend/shipment-unreadable',
  });
});
