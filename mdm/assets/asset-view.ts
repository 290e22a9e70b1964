/** A usage point's assets as they were at an instant and as they were known at another, and the audit of what was said of them. */
import type { Registry, Row } from '@wattline/store/registry';
import { mdmError } from '../errors.ts';
import { wholeUtility } from '../packs/standing-packs.ts';
import { type AssetFacts, attributes } from './asset-facts.ts';
import { gridLevels } from './place-history.ts';
import type { Multiplier } from './restatement.ts';

/** What was true of a point at an instant. */
export interface AssetView {
  readonly usagePointId: string;
  readonly meter: string | null;
  readonly transformer: string;
  readonly feeder: string;
  readonly substation: string;
  readonly tariff: string;
  /** Rule pack by which its days are judged. */
  readonly rulePack: string;
  readonly channels: readonly {
    readonly id: string;
    readonly intervalSeconds: number;
    readonly multiplier: Multiplier;
    /** Where the register begins again, or null when that was not said. */
    readonly rollsOverAt: number | null;
  }[];
}

/** A line of the audit. */
export interface AssetRecord extends Omit<Row<'asset_fact'>, 'value'> {
  readonly value: unknown;
  /** The record that took this one back, or null. */
  readonly undoneBy: number | null;
}

const mostRecords = 1000;

/** What a view is made of. */
export interface AssetSources {
  readonly registry: Registry;
  readonly facts: AssetFacts;
  /** The rule pack of points of which none was told. */
  readonly configuredPack: string;
}

/** The assets at `atMs` as known at `knownMs` (default: now). */
export async function assetsAt(
  { registry, facts, configuredPack }: AssetSources,
  usagePointId: string,
  { atMs, knownMs }: { readonly atMs: number; readonly knownMs?: number },
): Promise<AssetView> {
  const point = await registry
    .selectFrom('usage_point')
    .selectAll()
    .where('id', '=', usagePointId)
    .executeTakeFirst();
  if (!point) throw mdmError('mdm/unknown-point', usagePointId, { usagePointId });
  const subject = `usage-point/${usagePointId}`;
  const place = { transformer: point.transformer, feeder: point.feeder, substation: point.substation };
  for (const level of gridLevels) {
    place[level] = (await facts.valueAt<string>(subject, level, atMs, knownMs)) ?? place[level];
  }
  const rows = await registry
    .selectFrom('channel')
    .selectAll()
    .where('usage_point_id', '=', usagePointId)
    .orderBy('number')
    .execute();
  const channels = [];
  for (const { id, interval_seconds } of rows) {
    const channel = `channel/${id}`;
    const asked = [atMs, knownMs] as const;
    channels.push({
      id,
      intervalSeconds:
        (await facts.valueAt<number>(channel, attributes.interval, ...asked)) ?? interval_seconds,
      multiplier: (await facts.valueAt<Multiplier>(channel, attributes.multiplier, ...asked)) ?? one,
      rollsOverAt: await facts.valueAt<number>(channel, attributes.dials, ...asked),
    });
  }
  const meter = await facts.valueAt<string>(subject, attributes.meter, atMs, knownMs);
  const told = (about: string, attribute: string) => facts.valueAt<string>(about, attribute, atMs, knownMs);
  return {
    usagePointId,
    tariff: (await told(subject, attributes.tariff)) ?? point.tariff_id,
    rulePack:
      (await told(subject, attributes.rulePack)) ??
      (await told(wholeUtility, attributes.rulePack)) ??
      configuredPack,
    meter: meter ?? (await registeredMeter(registry, usagePointId, atMs)),
    ...place,
    channels,
  };
}

const one: Multiplier = { numerator: 1, denominator: 1 };

/** The meter that stood at the point by its installation, when no exchange was told. */
async function registeredMeter(
  registry: Registry,
  usagePointId: string,
  atMs: number,
): Promise<string | null> {
  const row = await registry
    .selectFrom('meter')
    .select('serial')
    .where('usage_point_id', '=', usagePointId)
    .where('installed_ms', '<=', atMs)
    .orderBy('installed_ms', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.serial ?? null;
}

/** Everything that was ever said of a point and its channels, newest first, what was taken back too. */
export async function historyOf(registry: Registry, usagePointId: string): Promise<AssetRecord[]> {
  const channels = await registry
    .selectFrom('channel')
    .select('id')
    .where('usage_point_id', '=', usagePointId)
    .execute();
  const subjects = [`usage-point/${usagePointId}`, ...channels.map(({ id }) => `channel/${id}`)];
  const rows = await registry
    .selectFrom('asset_fact')
    .selectAll()
    .where('subject', 'in', subjects)
    .orderBy('number', 'desc')
    .limit(mostRecords)
    .execute();
  const undoneBy = new Map(
    rows.flatMap((row) => (row.undoes === null ? [] : [[row.undoes, row.number] as const])),
  );
  return rows.map((row) => ({
    ...row,
    value: row.value === null ? null : (JSON.parse(row.value) as unknown),
    undoneBy: undoneBy.get(row.number) ?? null,
  }));
}
