/** The readings store on a ClickHouse server and on a cluster: what every store does, and that what is sent twice is stored once. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before, describe } from 'node:test';
import { CodedError, codeOf, messageOf, realClock, silentLog } from '@wattline/base';
import { batchOf, blockOf, day, segmentOf } from './fixture/batches.ts';
import { makeAuthority } from './fixture/certificates.ts';
import {
  type ClickHouseServer,
  clusterName,
  noServer,
  startServers,
  user,
} from './fixture/clickhouse-server.ts';
import { openClusterFront } from './fixture/cluster-front.ts';
import { readingsStoreContract } from './fixture/contract.ts';
import { type FailingProxy, openFailingProxy } from './fixture/failing-proxy.ts';
import { openTlsFront } from './fixture/tls-front.ts';
import { openReadingsStore, type ReadingsStore } from './readings-store.ts';
import type { ServerSettings } from './server-address.ts';
import { tableStatements } from './table-statements.ts';

/** Pauses between tries take no time. */
const hurried = { ...realClock(), sleep: async () => {} };
const year = 365 * 86_400;

/** Asks a server as people do. */
async function ask(server: ClickHouseServer, statement: string): Promise<string> {
  const answer = await fetch(server.url, { method: 'POST', body: statement });
  const text = await answer.text();
  assert(answer.ok, text);
  return text.trim();
}

const given = process.env.WATTLINE_CLICKHOUSE_URL;

describe('a ClickHouse server of yours', {
  skip: given ? false : 'WATTLINE_CLICKHOUSE_URL names no empty database',
}, () => {
  readingsStoreContract('a store on it', (root) =>
    openReadingsStore({ directory: join(root, 'none'), server: { url: given ?? '' }, log: silentLog }),
  );
});

describe('a ClickHouse server by URL', { skip: noServer }, () => {
  let servers: ClickHouseServer[] = [];
  let root = '';
  let front: Awaited<ReturnType<typeof openClusterFront>> | undefined;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'wattline-server-'));
    servers = await startServers(2);
    for (const server of servers)
      for (const database of ['plain', 'faulty', 'shards', 'older'])
        await ask(server, `CREATE DATABASE ${database}`);
  });
  after(async () => {
    await front?.close();
    for (const server of servers) await server.kill();
    await rm(root, { recursive: true });
  });
  const settingsOf = (database: string, url = servers[0]?.url ?? ''): ServerSettings => ({
    url: `${url.replace('//', `//${user.name}@`)}/${database}`,
    password: user.password,
  });
  const open = (server: ServerSettings) =>
    openReadingsStore({ directory: join(root, 'none'), server, log: silentLog, clock: hurried });

  readingsStoreContract('a store on a server', () => open(settingsOf('plain')));

  readingsStoreContract('a store on a cluster of two shards', async () => {
    front = await openClusterFront(servers);
    return open({ ...settingsOf('shards', front.url), cluster: clusterName });
  });

  test('lays the channels of a cluster over all its shards', async () => {
    const counts = await Promise.all(
      servers.map((server) => ask(server, 'SELECT count() > 5, count() < 45 FROM shards.block_local')),
    );
    assert.deepEqual(counts, ['1\t1', '1\t1']);
  });

  describe('when requests and answers get lost', () => {
    let proxy: FailingProxy;
    let store: ReadingsStore;
    before(async () => {
      proxy = await openFailingProxy(servers[0]?.url ?? '');
      store = await open(settingsOf('faulty', proxy.url));
    });
    after(async () => {
      await store.close();
      await proxy.close();
    });
    // Two years: a table takes such a segment in two blocks.
    const wide = (batch: number, channels: number) =>
      Array.from({ length: channels }, (_, index) =>
        batchOf(batch + index, {
          blocks: [day, day + year].map((start) =>
            blockOf({
              channel: batch,
              start: start + index * 86_400,
              values: Array.from({ length: 96 }, () => index),
            }),
          ),
        }),
      );
    const storedOf = async (channel: number) =>
      (await store.blocks([channel], { start: 0, end: 2 ** 32 - 1 }))
        .map(({ start }) => start)
        .sort((a, b) => a - b);
    const wanted = (count: number) =>
      [day, day + year].flatMap((start) =>
        Array.from({ length: count }, (_, index) => start + index * 86_400),
      );

    for (const fault of ['answer lost', 'request cut'] as const) {
      for (const [order, table] of ['block', 'batch'].entries()) {
        test(`a segment whose ${fault.replace(' ', ' was ')} for ${table} is sent again and stored once`, async () => {
          const first = (fault === 'answer lost' ? 1000 : 2000) + order * 500;
          const segment = await segmentOf(join(root, `${first}`), wide(first, 40));
          proxy.faults.set(table, fault);
          const before = proxy.inserts.get(table) ?? 0;
          await store.insertSegment({ ...segment, onlyAbsent: false });
          assert.equal((proxy.inserts.get(table) ?? 0) - before, 2, 'it was sent twice');
          assert.deepEqual(await storedOf(first), wanted(40));
          const [server] = servers as [ClickHouseServer];
          const ids = `SELECT count(), uniqExact(id) FROM faulty.batch WHERE batch BETWEEN ${first} AND ${first + 39}`;
          assert.equal(await ask(server, ids), '40\t40');
        });
      }
    }

    test('a segment of which the process fell over after the blocks is completed at the next start, not doubled', async () => {
      const segment = await segmentOf(join(root, 'fell'), wide(4000, 10));
      const [server] = servers as [ClickHouseServer];
      await store.insertSegment({ ...segment, onlyAbsent: false });
      await ask(server, 'ALTER TABLE faulty.batch DELETE WHERE batch >= 4000 SETTINGS mutations_sync = 2');
      const later = await open(settingsOf('faulty'));
      await later.insertSegment({ ...segment, onlyAbsent: true });
      await later.close();
      assert.deepEqual(await storedOf(4000), wanted(10));
    });

    test('a segment that is stored is not sent again at the next start', async () => {
      const segment = await segmentOf(join(root, 'stored'), wide(5000, 3));
      await store.insertSegment({ ...segment, onlyAbsent: false });
      const before = new Map(proxy.inserts);
      await store.insertSegment({ ...segment, onlyAbsent: true });
      assert.deepEqual(proxy.inserts, before);
    });
  });

  test('loads a set of channels again that had gone for newer ones', async () => {
    const store = await open(settingsOf('plain'));
    const setOf = (first: number) => ({
      channels: Uint32Array.from({ length: 3 }, (_, index) => first + index),
      groups: new Uint32Array(3),
    });
    const held = async () => {
      const set = await store.memberSet(setOf(100));
      return (await store.groupSums(set, { start: day, end: day + 86_400, asOfMs: 99_000 })).slots[0]?.held;
    };
    assert.equal(await held(), 3 * 96);
    for (let first = 200; first < 233; first++) await store.memberSet(setOf(first));
    assert.equal(await held(), 3 * 96);
    await store.close();
  });

  test('refuses a wrong password with a code and without repeating it', async () => {
    const wrong = open({ ...settingsOf('plain'), password: 'not-the-password' });
    await assert.rejects(wrong, (error) => {
      assert(error instanceof CodedError && error.code === 'store/server-refused');
      assert.match(error.message, /as wattline/);
      assert.doesNotMatch(JSON.stringify([error.message, error.where]), /not-the-password/);
      return true;
    });
  });

  describe('by TLS', () => {
    const authority = makeAuthority('The utility');
    const pem = (text: string) => ({ ca: new TextEncoder().encode(text) });
    const fronts: Awaited<ReturnType<typeof openTlsFront>>[] = [];
    after(() => Promise.all(fronts.map((one) => one.close())));
    const frontOf = async (host: string) => {
      const one = await openTlsFront(servers[0]?.url ?? '', authority.issue(host));
      fronts.push(one);
      return settingsOf('plain', `https://localhost:${one.port}`);
    };

    test('is asked and written to when the authority that signed its certificate is the one named', async () => {
      const store = await open({ ...(await frontOf('localhost')), ...pem(authority.certificate) });
      const segment = await segmentOf(join(root, 'tls'), [
        batchOf(7000, { blocks: [blockOf({ channel: 7000, values: [1, 2, 3] })] }),
      ]);
      await store.insertSegment({ ...segment, onlyAbsent: false });
      const [block] = await store.blocks([7000], { start: day, end: day + 86_400 });
      assert.deepEqual([...(block?.value ?? [])], [1, 2, 3]);
      await store.close();
    });

    test('is refused when another authority is named, none, or the certificate is made out to another host', async () => {
      const right = pem(authority.certificate);
      const settings = await frontOf('localhost');
      for (const [unbelieved, told] of [
        [{ ...settings, ...pem(makeAuthority('Somebody').certificate) }, /UNABLE_TO_VERIFY_LEAF_SIGNATURE/],
        [settings, /UNABLE_TO_VERIFY_LEAF_SIGNATURE/],
        [{ ...(await frontOf('elsewhere')), ...right }, /ERR_TLS_CERT_ALTNAME_INVALID/],
      ] as const) {
        await assert.rejects(open(unbelieved), (error) => {
          assert(error instanceof CodedError && error.code === 'store/server-untrusted', String(error));
          assert.match(error.message, /readingsCa/);
          assert.match(error.message, told);
          assert.doesNotMatch(
            JSON.stringify([error.message, error.where, messageOf(error.cause), error.stack]),
            /a secret/,
          );
          return true;
        });
      }
    });

    test('says that a file is no certificate, and that plain HTTP is spoken where TLS was expected', async () => {
      const wrong = { ...(await frontOf('localhost')), ...pem('no certificate') };
      assert.equal(await open(wrong).then(() => 'opened', codeOf), 'store/bad-setting');
      const plain = settingsOf('plain', servers[0]?.url.replace('http:', 'https:') ?? '');
      assert.equal(await open(plain).then(() => 'opened', codeOf), 'store/unreachable');
    });
  });

  test('says that a database, a cluster or the server itself is not there', async () => {
    const codes: unknown[] = [];
    for (const settings of [
      settingsOf('nowhere'),
      { ...settingsOf('plain'), cluster: 'village' },
      settingsOf('plain', 'http://127.0.0.1:1'),
    ])
      codes.push(await open(settings).then(() => 'opened', codeOf));
    assert.deepEqual(codes, ['store/no-database', 'store/no-cluster', 'store/unreachable']);
  });

  test('gives tables of an earlier release the settings of this one when it is opened', async () => {
    const [server] = servers as [ClickHouseServer];
    const statement = tableStatements({ kind: 'server' })[0] ?? '';
    const older = statement.replace(/, min_rows_to_fsync_after_merge = 1.*$/s, '');
    const made = await fetch(`${server.url}?database=older`, { method: 'POST', body: older });
    assert(made.ok, await made.text());
    await (await open(settingsOf('older'))).close();
    const engine = await ask(
      server,
      "SELECT engine_full FROM system.tables WHERE database = 'older' AND name = 'block'",
    );
    assert.match(engine, /min_rows_to_fsync_after_merge = 1/);
    assert.match(engine, /non_replicated_deduplication_window = 10000/);
  });
});
