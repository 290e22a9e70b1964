/**
 * A ClickHouse server, or a cluster of them, by URL through @clickhouse/client: the same statements, a segment sent as the request's
 * body. Every statement here may be sent again without harm, so a failure that may pass is tried again; an insert carries a
 * token by which the server knows it (`insert_deduplication_token`), since a request that failed here may have been done there.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { ClickHouseLogLevel, type ClickHouseSettings, createClient } from '@clickhouse/client';
import type { Clock } from '@wattline/base';
import { storeError } from '../errors.ts';
import type { Engine, SegmentToInsert } from './engine.ts';
import { RowBinaryReader } from './row-binary.ts';
import {
  insertStatement,
  insertToken,
  quotedStructure,
  type SegmentTable,
  segmentTables,
  storedEnds,
} from './segment-insert.ts';
import { nameOf, type ServerAddress } from './server-address.ts';
import { serverFailure } from './server-failure.ts';

/** Longest a statement may take, ms. */
const requestTimeoutMs = 120_000;
/** Requests under way at once; others wait for a connection. */
const connections = 8;
/** Times that a statement is sent at most, and the pause after the first failure; it doubles. */
const tries = 4;
const firstPauseMs = 200;
/** Columns with compression settings of their own, which the tables use, are that young. */
const oldestVersion = [24, 3] as const;

/** An answer comes whole or not at all, however late the server fails; lists of channels may be long. */
const always: ClickHouseSettings = { wait_end_of_query: 1, max_query_size: '16777216' };

/**
 * On a cluster: rows of a channel lie on one shard, so what a question asks of other tables lies there too. An insert is done when
 * every shard has it; the same replica is asked and written while it is there, so that what was stored is seen.
 */
const onClusters: ClickHouseSettings = {
  distributed_product_mode: 'local',
  distributed_foreground_insert: 1,
  load_balancing: 'in_order',
};

/** Where shards have replicas, an insert is done when most of them have it: what one machine alone holds goes with it. */
const onReplicas: ClickHouseSettings = { insert_quorum: 'auto', insert_quorum_timeout: 60_000 };

/** One thread reads a segment in its order, so that its blocks are cut alike each time: their tokens are counted. */
const inserting: ClickHouseSettings = {
  async_insert: 0,
  max_threads: 1,
  max_insert_threads: '1',
};

/**
 * Connects to a server.
 * @throws CodedError `store/unreachable`, `store/server-refused`, `store/no-database`, `store/server-too-old`
 */
export async function openServerEngine(address: ServerAddress, clock: Clock): Promise<Engine> {
  const { form, origin, username, password, database, ca } = address;
  const server = nameOf(address);
  const client = createClient({
    url: origin,
    ...{ username, password, database },
    ...(ca ? { tls: { ca_cert: Buffer.from(ca) } } : {}),
    request_timeout: requestTimeoutMs,
    max_open_connections: connections,
    application: 'wattline',
    // What goes wrong is thrown, and told by whoever asked.
    log: { level: ClickHouseLogLevel.OFF },
    clickhouse_settings: form.kind === 'cluster' ? { ...always, ...onClusters } : always,
  });

  async function send<T>(statement: string, act: () => Promise<T>, most = tries): Promise<T> {
    for (let sent = 1; ; sent++) {
      try {
        return await act();
      } catch (thrown) {
        const { error, mayPass } = serverFailure(thrown, server, statement);
        if (!mayPass || sent >= most) throw error;
        await clock.sleep(firstPauseMs * 2 ** (sent - 1));
      }
    }
  }

  const answer = (select: string, format: 'RowBinary' | 'Native') =>
    send(select, async () => {
      const { stream } = await client.exec({ query: `${select} FORMAT ${format}` });
      return Buffer.concat(await stream.toArray());
    });
  const rows = (select: string) => answer(select, 'RowBinary');

  let quorum: ClickHouseSettings = {};

  async function insertRows(
    query: string,
    body: () => Readable,
    settings: ClickHouseSettings,
  ): Promise<void> {
    const { stream } = await client.exec({
      query: `${query} FORMAT RowBinary`,
      values: body(),
      clickhouse_settings: { ...inserting, ...quorum, ...settings },
    });
    for await (const _ of stream) {
      // Nothing is said, but the request is done when its answer ends.
    }
  }

  /**
   * The whole segment each time, with the same token: rows left out would be cut into other blocks under the same names. When
   * another segment brought a part of it (damage was cut out since), its rows are compared instead, and no token is given.
   */
  async function insertInto(
    table: SegmentTable,
    { path, content, onlyAbsent }: SegmentToInsert,
  ): Promise<void> {
    const { size } = await stat(path);
    const source = `input(${quotedStructure})`;
    const statement = insertStatement({ table, source, content, onlyAbsent });
    const known = {
      insert_deduplicate: 1,
      insert_deduplication_token: insertToken(table, content, size),
    } as const;
    const settings = onlyAbsent ? ({ insert_deduplicate: 0 } as const) : known;
    await send(statement, () => insertRows(statement, () => createReadStream(path), settings));
  }

  /** What the server has of a segment that may have been sent before. */
  async function standing({ content, onlyAbsent }: SegmentToInsert): Promise<'none' | 'part' | 'whole'> {
    if (!onlyAbsent) return 'none';
    const ends = new RowBinaryReader(await rows(storedEnds(content))).uint32();
    if (ends === 0) return 'none';
    return ends === 2 || content.firstBatch === content.lastBatch ? 'whole' : 'part';
  }

  const engine: Engine = {
    form,
    rows,
    columns: (select) => answer(select, 'Native'),
    execute: (statement) =>
      send(statement, async () => {
        await client.command({ query: statement });
      }),
    async insertSegment(segment) {
      const { content } = segment;
      const stands = await standing(segment);
      if (stands === 'whole') return;
      for (const table of segmentTables) {
        if (table === 'block' && content.blocks === 0) continue;
        if (table === 'verdict' && content.verdicts === 0) continue;
        await insertInto(table, { ...segment, onlyAbsent: stands === 'part' });
      }
    },
    load({ into, select, structure, octets }) {
      const statement = `INSERT INTO ${into} ${select} FROM input('${structure}')`;
      const body = () => Readable.from([octets]);
      return send(statement, () => insertRows(statement, body, { insert_deduplicate: 0 }), 1);
    },
    close: () => client.close(),
  };
  try {
    await expectYoung(engine, server);
    if (form.kind === 'cluster' && (await replicasOf(engine, form.cluster)) > 1) quorum = onReplicas;
  } catch (error) {
    await client.close();
    throw error;
  }
  return engine;
}

/** How many replicas the shards of a cluster have, at most. */
async function replicasOf(engine: Engine, cluster: string): Promise<number> {
  const select = `SELECT toUInt32(max(replica_num)) FROM system.clusters WHERE cluster = '${cluster}'`;
  const replicas = new RowBinaryReader(await engine.rows(select)).uint32();
  if (replicas > 0) return replicas;
  throw storeError('store/no-cluster', `expected ${cluster} in system.clusters, found nothing`, { cluster });
}

async function expectYoung(engine: Engine, server: string): Promise<void> {
  const version = new RowBinaryReader(await engine.rows('SELECT version()')).text();
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = oldestVersion;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  const what = `${server}: expected ClickHouse ${oldestMajor}.${oldestMinor} or later, found ${version}`;
  throw storeError('store/server-too-old', what, { server, version });
}
