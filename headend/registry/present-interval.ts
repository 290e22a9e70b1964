/** The interval lengths of a point's meters as the registry says now, for a fleet that runs. */
import type { Registry } from '@wattline/store/registry';
import type { Fleet } from './fleet.ts';

export async function readPresentInterval(
  registry: Registry,
  fleet: Fleet,
  usagePointId: string,
): Promise<void> {
  const rows = await registry
    .selectFrom('meter')
    .select(['serial', 'interval_seconds'])
    .where('usage_point_id', '=', usagePointId)
    .execute();
  for (const { serial, interval_seconds: intervalSeconds } of rows) {
    const entry = fleet.get(serial);
    if (entry) fleet.put({ ...entry, meter: { ...entry.meter, intervalSeconds } });
  }
}
