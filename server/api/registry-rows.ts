/** What several routes look up in the registry. */
import { channelIdOf, type ReadingType, readingTypes } from '@wattline/model';
import type { Registry, Row } from '@wattline/store/registry';
import { serverError } from '../errors.ts';

/** The usage point of an id; throws `server/unknown-usage-point`. */
export async function expectUsagePoint(registry: Registry, id: string): Promise<Row<'usage_point'>> {
  const row = await registry.selectFrom('usage_point').selectAll().where('id', '=', id).executeTakeFirst();
  if (row) return row;
  const what = `expected the id of a usage point, found '${id.slice(0, 60)}'`;
  throw serverError('server/unknown-usage-point', what, { usagePointId: id.slice(0, 60) });
}

/** A channel of a usage point and what its numbers mean. */
export interface KnownChannel {
  readonly id: string;
  readonly type: ReadingType;
  readonly intervalSeconds: number;
}

/** The channel of a usage point for a reading type; throws `server/unknown-channel`. */
export async function expectChannel(
  registry: Registry,
  usagePointId: string,
  readingType: string,
): Promise<KnownChannel> {
  const id = channelIdOf(usagePointId, readingType);
  const row = await registry.selectFrom('channel').selectAll().where('id', '=', id).executeTakeFirst();
  const type = readingTypes.find((entry) => entry.id === readingType);
  if (row && type) return { id, type, intervalSeconds: row.interval_seconds };
  throw serverError(
    'server/unknown-channel',
    `${usagePointId} has no channel of reading type '${readingType}'`,
    {
      usagePointId,
      readingType,
    },
  );
}

/** Text that may stand anywhere in a column, whatever its case. */
export function anywhere(text: string): string {
  return `%${text.toLowerCase()}%`;
}
