/** `GET meters/{serial}/device`, `GET models`: what the registry holds of a meter, and which makes and models there are. */
import { formatInstant } from '@wattline/base';
import { declaredBy, type Held, readDevice, readingTypesOf } from '@wattline/headend';
import type { DeviceItem, DeviceModelItem, HeldBetween, Page } from '@wattline/model';
import { removedMeters } from '@wattline/store/registry';
import type { FastifyInstance } from 'fastify';
import type { ApiContext } from './context.ts';
import { describeRoute } from './route.ts';
import { named, pageOf, text } from './schema/index.ts';

export function deviceRoutes(app: FastifyInstance, { system }: ApiContext): void {
  const { registry, clock } = system;

  app.get<{ Params: { serial: string } }>(
    '/meters/:serial/device',
    describeRoute({
      id: 'getDevice',
      tag: 'meters',
      access: 'read',
      summary:
        'Make, firmware, routes, logical devices, associations and key dates of a meter, from when until when',
      params: { serial: text('Serial number.') },
      response: named('Device'),
      problems: [404],
    }),
    async ({ params: { serial } }): Promise<DeviceItem> => {
      const { meter, removedMs, routes, isKeyChanging, ...held } = await readDevice(
        registry,
        serial,
        clock.now(),
      );
      return {
        serial: meter.serial,
        usagePointId: meter.usage_point_id,
        make: meter.make,
        model: meter.model,
        profile: meter.profile,
        systemTitle: meter.system_title,
        intervalSeconds: meter.interval_seconds,
        installed: formatInstant(meter.installed_ms),
        removed: removedMs === null ? null : formatInstant(removedMs),
        firmware: held.firmware.map(between),
        routes: routes.map(({ from_ms, host, port, route, link }) => ({
          ...{ from: formatInstant(from_ms), host, port, route, link },
        })),
        logicalDevices: held.logicalDevices.map(between),
        associations: held.associations.map(between),
        keys: held.keys.map(between),
        isKeyChanging,
      };
    },
  );

  app.get(
    '/models',
    describeRoute({
      id: 'listModels',
      tag: 'meters',
      access: 'read',
      summary:
        'Makes and models of the meters that stand, their firmware, and what their profile says of them',
      response: pageOf(named('DeviceModel')),
    }),
    async (): Promise<Page<DeviceModelItem>> => {
      const removed = await removedMeters(registry, clock.now());
      const meters = await registry
        .selectFrom('meter')
        .select(['serial', 'make', 'model', 'profile', 'firmware'])
        .orderBy('make')
        .orderBy('model')
        .orderBy('profile')
        .execute();
      const standing = meters.filter(({ serial }) => !removed.has(serial));
      const groups = Map.groupBy(standing, ({ make, model, profile }) =>
        JSON.stringify([make, model, profile]),
      );
      return { items: [...groups.values()].map(modelItem), next: null };
    },
  );
}

type ModelRow = Pick<DeviceModelItem, 'make' | 'model' | 'profile'> & { readonly firmware: string | null };

function modelItem(rows: readonly ModelRow[]): DeviceModelItem {
  const { make, model, profile } = rows[0] as ModelRow;
  const firmware: Record<string, number> = {};
  for (const row of rows) {
    const version = row.firmware ?? 'unknown';
    firmware[version] = (firmware[version] ?? 0) + 1;
  }
  const declared = declaredBy(profile);
  return {
    ...{ make, model, profile, firmware, meters: rows.length },
    logicalDevices: declared?.logicalDevices ?? [],
    associations: declared?.associations ?? [],
    readingTypes: declared
      ? [...readingTypesOf(declared.intervals), ...readingTypesOf(declared.registers)]
      : [],
  };
}

function between<T extends Held>({
  fromMs,
  untilMs,
  ...row
}: T): Omit<T, 'fromMs' | 'untilMs'> & HeldBetween {
  return {
    ...row,
    from: fromMs === null ? null : formatInstant(fromMs),
    until: untilMs === null ? null : formatInstant(untilMs),
  };
}
