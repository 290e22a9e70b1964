/** Usage points whose meter nobody can ask: it is read by hand, or heard by whoever drives by. */
import { channelIdOf, type ReadingTypeId } from '@wattline/model';
import type { Registry } from '@wattline/store/registry';
import { mdmError } from '../errors.ts';
import { isZone } from '../exchange/time-label.ts';
import { type AssetFacts, attributes, type Said } from './asset-facts.ts';

/** A point with a one-way meter. */
export interface OneWayPoint {
  readonly id: string;
  readonly customer: string;
  readonly address: string;
  readonly kind: 'home' | 'shop' | 'public';
  /** IANA zone. */
  readonly zone: string;
  readonly substation: string;
  readonly feeder: string;
  readonly transformer: string;
  readonly tariffId: string;
  readonly latitude: number;
  readonly longitude: number;
  /** Serial number, as on the display and in telegrams. */
  readonly meter: string;
  readonly installedMs: number;
  readonly registers: readonly ReadingTypeId[];
}

/** Adds a point with its registers; its meter is a fact, so that the head-end does not ask for it. */
export async function addOneWayPoint(
  { registry, facts }: { readonly registry: Registry; readonly facts: AssetFacts },
  { meter, installedMs, registers, tariffId, ...point }: OneWayPoint,
  said: Said,
): Promise<{ readonly facts: readonly number[] }> {
  for (const text of [point.id, meter]) {
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text)) throw mdmError('mdm/bad-edit', `the name '${text}'`);
  }
  if (said.author.trim() === '' || said.reason.trim() === '')
    throw mdmError('mdm/bad-edit', 'a point needs an author and a reason');
  if (!isZone(point.zone)) throw mdmError('mdm/bad-edit', `the zone '${point.zone.slice(0, 40)}'`);
  const known = await registry
    .selectFrom('usage_point')
    .select('id')
    .where('id', '=', point.id)
    .executeTakeFirst();
  if (known) throw mdmError('mdm/point-exists', point.id, { usagePointId: point.id });
  await registry.transaction().execute(async (transaction) => {
    await transaction
      .insertInto('usage_point')
      .values({ ...point, tariff_id: tariffId, solar_w: 0 })
      .execute();
    await transaction
      .insertInto('channel')
      .values(
        registers.map((type) => ({
          id: channelIdOf(point.id, type),
          usage_point_id: point.id,
          reading_type: type,
          interval_seconds: 0,
        })),
      )
      .execute();
  });
  const fact = { subject: `usage-point/${point.id}`, attribute: attributes.meter };
  return { facts: await facts.record([{ ...fact, fromMs: installedMs, value: meter }], said) };
}
