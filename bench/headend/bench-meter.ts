/** A virtual meter of the head-end's benches: the demo profile, quarter-hours, and the row of its shipment. */
import { loadTariffs } from '@wattline/apps/billing';
import { type Clock, toHex } from '@wattline/base';
import {
  createMeter,
  keysFromSeed,
  type Meter,
  type MeterSpec,
  serialOf,
  volatileMemory,
} from '@wattline/meter';
import type { MeterShipment } from '@wattline/model';

export const stepMs = 900_000;
const [tariff] = loadTariffs('UTC');

/** Meter number `i`, energised at `startMs`. */
export function createBenchMeter(
  i: number,
  startMs: number,
  clock: Clock,
  more: Partial<MeterSpec> = {},
): Meter {
  if (!tariff) throw new Error('expected a tariff');
  const serial = serialOf(20_000_001 + i);
  const keys = {
    reader: keysFromSeed('bench', serial, 'reader'),
    management: keysFromSeed('bench', serial, 'management'),
  };
  return createMeter(
    {
      ...{
        serial,
        profile: 'demo',
        zone: 'UTC',
        intervalSeconds: stepMs / 1000,
        phases: 1 as const,
        startMs,
      },
      ...{ keys, tariff, profileDays: 60 },
      ...more,
    },
    { clock, memory: volatileMemory() },
  );
}

/** Lets a meter count quarter-hours of 100 to 999 Wh up to `endMs`. */
export function supply(meter: Meter, i: number, endMs: number): void {
  for (let at = meter.countedToMs; at < endMs; at += stepMs) {
    const deliveredMws = (100 + ((i + at / stepMs) % 900)) * 3_600_000;
    meter.accumulate({ startMs: at, endMs: at + stepMs, deliveredMws, receivedMws: 0 });
  }
}

/** Its row of the shipment; the reader's keys alone, as the head-end gets it. */
export function shipmentOf(
  { spec, systemTitle }: Meter,
  i: number,
  at: { readonly host: string; readonly port: number; readonly route?: string },
): MeterShipment {
  const id = `UP-${String(i + 1).padStart(5, '0')}`;
  const { ek, ak } = spec.keys.reader;
  return {
    meter: {
      serial: spec.serial,
      usagePointId: id,
      make: 'Wattline virtual meter',
      profile: spec.profile,
      systemTitle: toHex(systemTitle),
      intervalSeconds: spec.intervalSeconds,
      installedAtMs: spec.startMs,
      ...at,
    },
    usagePoint: {
      id,
      customer: `Customer ${i + 1}`,
      address: `${i + 1} Bench Street`,
      kind: 'home',
      zone: 'UTC',
      substation: 'S1',
      feeder: `F${Math.floor(i / 500)}`,
      transformer: `T${Math.floor(i / 50)}`,
      tariffId: 'WTL-HOME-TOU',
      solarW: 0,
      latitude: 51.5,
      longitude: -0.1,
    },
    keys: { reader: { ek: toHex(ek), ak: toHex(ak) } },
  };
}
