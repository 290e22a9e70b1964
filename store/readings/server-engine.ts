/** A ClickHouse server by URL through @clickhouse/client: the same statements, the segment sent as the request's body. */
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { createClient } from '@clickhouse/client';
import { messageOf } from '@wattline/base';
import { storeError } from '../errors.ts';
import type { Engine } from './engine.ts';
import { insertStatement, quotedStructure, segmentTables } from './tables.ts';

/** Longest a statement may take, ms. */
const requestTimeoutMs = 120_000;

/**
 * Connects to `url` (`http://user:password@host:8123/database`).
 * @throws CodedError `store/query-failed` when the server does not answer.
 */
export async function openServerEngine(url: string): Promise<Engine> {
  const client = createClient({ url, request_timeout: requestTimeoutMs });
  const guard = async <T>(statement: string, act: () => Promise<T>): Promise<T> => {
    try {
      return await act();
    } catch (error) {
      throw storeError('store/query-failed', messageOf(error), { statement: statement.slice(0, 200) }, error);
    }
  };
  const engine: Engine = {
    execute: (statement) =>
      guard(statement, async () => {
        await client.command({ query: statement });
      }),
    rows: (select) =>
      guard(select, async () => {
        const { stream } = await client.exec({ query: `${select} FORMAT RowBinary` });
        return Buffer.concat(await stream.toArray());
      }),
    async insertSegment({ path, content, onlyAbsent }) {
      const source = `input(${quotedStructure})`;
      for (const table of segmentTables) {
        const statement = `${insertStatement({ table, source, content, onlyAbsent })} FORMAT RowBinary`;
        await guard(statement, async () => {
          const { stream } = await client.exec({ query: statement, values: createReadStream(path) });
          stream.resume();
        });
      }
    },
    load: ({ into, select, structure, octets }) => {
      const statement = `INSERT INTO ${into} ${select} FROM input('${structure}') FORMAT RowBinary`;
      return guard(statement, async () => {
        const { stream } = await client.exec({ query: statement, values: Readable.from([octets]) });
        stream.resume();
      });
    },
    close: () => client.close(),
  };
  await engine.execute('SELECT 1');
  return engine;
}
