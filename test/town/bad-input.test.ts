/** What is bad comes in and is answered: a coded error or a mark, counted on the operator's screen, and nothing else stops. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fromHex } from '@wattline/base';
import type { EventKind, ExceptionPage, MeterShipment, ReadingSeries } from '@wattline/model';
import { tcpDialer } from '@wattline/network';
import { encodePush } from '@wattline/protocols/dlms';
import { startTestTown, type TestTown } from './running-town.ts';

describe('a town that is sent bad things', () => {
  let town: TestTown;
  let shipments: MeterShipment[];
  before(async () => {
    town = await startTestTown({ meters: 4, days: 3 });
    shipments = JSON.parse(
      readFileSync(join(town.directory, 'town', 'shipment.json'), 'utf8'),
    ) as MeterShipment[];
  });
  after(() => town.stop());

  const shipmentOf = (index: number) => shipments[index] as MeterShipment;

  /** Resolves with the event of the kind that comes next. */
  function next(kind: EventKind): Promise<{ code?: string; message: string; serial?: string }> {
    return new Promise((resolve) => {
      const stop = town.system.events.subscribe((event) => {
        if (event.kind !== kind) return;
        stop();
        resolve(event);
      });
    });
  }

  /** What the operator sees counted under a kind. */
  async function counted(kind: EventKind): Promise<number> {
    const { counts } = await town.get<ExceptionPage>('/api/v1/operations/exceptions');
    return counts.find((entry) => entry.kind === kind)?.count ?? 0;
  }

  async function push(octets: Uint8Array): Promise<void> {
    const link = await tcpDialer.dial(town.system.headend.pushAddress, 2000);
    link.receive(() => {});
    link.send(octets);
    link.close();
    await link.closed;
  }

  /** The last gasp of a meter, sealed with the keys given. */
  function lastGasp(of: { systemTitle: string; ek: string; ak: string; counter: number }): Uint8Array {
    const name = { type: 'octet-string', value: Buffer.from('WTL0000000000001') } as const;
    return encodePush({
      systemTitle: fromHex(of.systemTitle),
      keys: { suite: 0, ek: fromHex(of.ek), ak: fromHex(of.ak) },
      counter: { next: () => of.counter },
      protection: 'ae',
      clientSap: 2,
      serverSap: 1,
      instantMs: town.system.clock.now(),
      offsetMinutes: 0,
      body: {
        type: 'structure',
        value: [
          name,
          { type: 'octet-string', value: Uint8Array.of(0, 0, 25, 9, 0, 255) },
          { type: 'octet-string', value: fromHex('07EA0B15060A000000000000') },
          { type: 'unsigned', value: 1 },
          { type: 'double-long-unsigned', value: 0 },
        ],
      },
    });
  }

  test('a replayed push is told as power failure once and as a replay after that', async () => {
    const { meter, keys } = shipmentOf(0);
    const octets = lastGasp({ systemTitle: meter.systemTitle, ...keys.reader, counter: 4_000_000 });
    const told = next('power-fail');
    await push(octets);
    assert.equal((await told).serial, meter.serial);
    const refused = next('frame-replayed');
    await push(octets);
    assert.match((await refused).code ?? '', /replay/);
    assert.equal(await counted('frame-replayed'), 1);
  });

  test('a push sealed with a wrong key is refused and counted', async () => {
    const { meter, keys } = shipmentOf(1);
    const refused = next('authentication-failed');
    await push(
      lastGasp({
        systemTitle: meter.systemTitle,
        ek: keys.management?.ek ?? '',
        ak: keys.reader.ak,
        counter: 5_000_000,
      }),
    );
    assert.ok((await refused).code);
    assert.equal(await counted('authentication-failed'), 1);
  });

  test('a push of a meter that nobody shipped is counted as unknown', async () => {
    const { keys } = shipmentOf(1);
    const refused = next('meter-unknown');
    await push(lastGasp({ systemTitle: '5858580000000001', ...keys.reader, counter: 1 }));
    await refused;
    assert.equal(await counted('meter-unknown'), 1);
  });

  test('octets that are no frame are counted as malformed', async () => {
    const refused = next('frame-malformed');
    await push(fromHex('DEADBEEF00112233445566778899'));
    await refused;
    assert.equal(await counted('frame-malformed'), 1);
  });

  test('a registry with a duplicate row takes the others', async () => {
    const row = shipmentOf(2);
    const told = next('registry-duplicate');
    const report = await town.system.headend.provision(JSON.stringify([row, row, shipmentOf(3)]), 'json');
    assert.equal(report.refused.length, 1);
    assert.equal(report.unchanged, 2);
    await told;
    assert.equal(await counted('registry-duplicate'), 1);
  });

  test('an import with a repeated hour, a negative value and an unknown point refuses those rows alone', async () => {
    const token = readFileSync(join(town.directory, 'token'), 'utf8').trim();
    const start = new Date(town.plan.startMs - 7 * 86_400_000);
    const hour = (index: number) => new Date(start.getTime() + index * 1_800_000).toISOString();
    const rows = [
      'usage_point,reading_type,start,value',
      `UP-0001,delivered,${hour(0)},250`,
      `UP-0001,delivered,${hour(1)},260`,
      `UP-0001,delivered,${hour(1)},999`,
      `UP-0001,delivered,${hour(3)},-5`,
      `UP-0001,delivered,${hour(4)},270`,
      `UP-9999,delivered,${hour(0)},250`,
    ];
    const told = next('import-invalid');
    const response = await fetch(`${town.url}/api/v1/imports/readings?name=hand.csv`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'text/csv' },
      body: `${rows.join('\n')}\n`,
    });
    assert.equal(response.status, 200, await response.clone().text());
    await told;
    assert.ok((await counted('import-invalid')) >= 1);
    await town.system.mdm.settled();
    const series = await town.get<ReadingSeries>(
      `/api/v1/usage-points/UP-0001/readings?from=${hour(0)}&to=${hour(5)}`,
    );
    assert.deepEqual(
      [series.value[0], series.value[2], series.value[4]],
      [250, null, 270],
      'a missing hour stays missing',
    );
  });

  test('without the token nothing is written', async () => {
    const response = await fetch(`${town.url}/api/v1/meters/${shipmentOf(0).meter.serial}/read`, {
      method: 'POST',
    });
    assert.equal(response.status, 401);
  });

  test('a meter whose key is wrong in the registry is refused, and the others are read', async () => {
    const row = shipmentOf(3);
    const wrong = {
      ...row,
      keys: { ...row.keys, reader: { ek: 'A1B2C3D4E5F60718293A4B5C6D7E8F90', ak: row.keys.reader.ak } },
    };
    await town.system.headend.provision(JSON.stringify([wrong]), 'json');
    const outcome = await town.system.headend.collect(row.meter.serial);
    assert.ok(['refusal', 'failure'].includes(outcome.outcome), JSON.stringify(outcome));
    assert.ok(outcome.code);
    const other = await town.system.headend.collect(shipmentOf(0).meter.serial);
    assert.equal(other.outcome, 'answer', JSON.stringify(other));
  });
});
