/** Where a file's series belong: usage points by their own id or by the serial number of the meter that stands there. */
import type { ChannelId } from '@wattline/model';
import type { Registry } from '@wattline/store/registry';
import { attributes } from '../assets/asset-facts.ts';
import type { SeriesSource } from '../exchange/exchange-format.ts';

/** Usage points by the names that files call them. */
export type SeriesPlaces = ReadonlyMap<string, string>;

const namesPerStatement = 500;

/** The names by which sources might be found. */
export function namesOf({ point, meter }: SeriesSource): string[] {
  return [point, meter ?? ''].filter((name) => name !== '');
}

/** Usage points by the names a file may call them: their own id, or the serial number of the meter that stands there. */
export async function placesOf(registry: Registry, names: Iterable<string>): Promise<SeriesPlaces> {
  const places = new Map<string, string>();
  const all = [...new Set(names)];
  for (let at = 0; at < all.length; at += namesPerStatement) {
    const part = all.slice(at, at + namesPerStatement);
    const meters = await registry
      .selectFrom('meter')
      .select(['serial', 'usage_point_id'])
      .where('serial', 'in', part)
      .execute();
    for (const meter of meters) places.set(meter.serial, meter.usage_point_id);
    // Meters that were exchanged or that nobody can ask are facts of their points; the newest word counts.
    const told = await registry
      .selectFrom('asset_fact')
      .select(['subject', 'value'])
      .where('attribute', '=', attributes.meter)
      .where(
        'value',
        'in',
        part.map((name) => JSON.stringify(name)),
      )
      .where('undoes', 'is', null)
      .where('number', 'not in', (eb) =>
        eb
          .selectFrom('asset_fact')
          .select('undoes')
          .where('undoes', 'is not', null)
          .$narrowType<{ undoes: number }>(),
      )
      .orderBy('number')
      .execute();
    for (const { subject, value } of told)
      places.set(JSON.parse(value as string) as string, subject.slice('usage-point/'.length));
    const points = await registry.selectFrom('usage_point').select('id').where('id', 'in', part).execute();
    for (const { id } of points) places.set(id, id);
  }
  return places;
}

/** The channel of a source by unit, direction and kind at the point that the registry knows; null when it knows none. */
export function channelOf(places: SeriesPlaces, { point, meter, quantity }: SeriesSource): ChannelId | null {
  const place = places.get(point) ?? (meter === null ? undefined : places.get(meter));
  const type = typeOfQuantity(quantity);
  return place === undefined || type === null ? null : `${place}/${type}`;
}

/** Whether the meter of a source stands or stood at its place; null when nobody knows that meter, or the source names none. */
export function standsThere(places: SeriesPlaces, { point, meter }: SeriesSource): boolean | null {
  const place = places.get(point);
  const own = meter === null || meter === point ? undefined : places.get(meter);
  return place === undefined || own === undefined ? null : own === place;
}

function typeOfQuantity({ kind, direction, unit, rate }: SeriesSource['quantity']): string | null {
  if (direction === 'none') return null;
  const suffix = { Wh: '', varh: '-reactive', VAh: '-apparent' }[unit as 'Wh'];
  if (suffix === undefined) return null;
  if (kind === 'interval') return rate === 0 ? direction + suffix : null;
  if (suffix !== '') return null;
  return rate === 0 ? `${direction}-total` : `${direction}-rate-${rate}`;
}
