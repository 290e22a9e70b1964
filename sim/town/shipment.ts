/** The provisioning files of a town: `shipment.json` as model has it and `shipment.csv` with the same rows as columns. */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatInstant, toHex } from '@wattline/base';
import type { MeterShipment } from '@wattline/model';
import type { Address } from '@wattline/network';
import type { TownMeter } from './town-meter.ts';

const make = 'Wattline virtual meter';

/** The row of a meter that listens at `address`. */
export function shipmentOf({ meter, premises }: TownMeter, address: Address): MeterShipment {
  const { serial, profile, intervalSeconds, startMs, keys, masterKey } = meter.spec;
  const {
    id,
    customer,
    address: street,
    kind,
    zone,
    substation,
    feeder,
    transformer,
    tariffId,
    solarW,
  } = premises;
  const { latitude, longitude } = premises;
  return {
    meter: {
      serial,
      usagePointId: id,
      make,
      profile,
      systemTitle: toHex(meter.systemTitle),
      host: address.host,
      port: address.port,
      intervalSeconds,
      installedAtMs: startMs,
    },
    usagePoint: {
      id,
      customer,
      address: street,
      kind,
      zone,
      substation,
      feeder,
      transformer,
      tariffId,
      solarW,
      latitude,
      longitude,
    },
    keys: {
      reader: { ek: toHex(keys.reader.ek), ak: toHex(keys.reader.ak) },
      management: { ek: toHex(keys.management.ek), ak: toHex(keys.management.ak) },
      ...(masterKey ? { master: { kek: toHex(masterKey) } } : {}),
    },
  };
}

/** Columns of the CSV form, in order. */
const columns: Readonly<Record<string, (row: MeterShipment) => string | number>> = {
  serial: ({ meter }) => meter.serial,
  usagePointId: ({ usagePoint }) => usagePoint.id,
  customer: ({ usagePoint }) => usagePoint.customer,
  address: ({ usagePoint }) => usagePoint.address,
  kind: ({ usagePoint }) => usagePoint.kind,
  zone: ({ usagePoint }) => usagePoint.zone,
  substation: ({ usagePoint }) => usagePoint.substation,
  feeder: ({ usagePoint }) => usagePoint.feeder,
  transformer: ({ usagePoint }) => usagePoint.transformer,
  tariffId: ({ usagePoint }) => usagePoint.tariffId,
  solarW: ({ usagePoint }) => usagePoint.solarW,
  latitude: ({ usagePoint }) => usagePoint.latitude,
  longitude: ({ usagePoint }) => usagePoint.longitude,
  make: ({ meter }) => meter.make,
  profile: ({ meter }) => meter.profile,
  systemTitle: ({ meter }) => meter.systemTitle,
  host: ({ meter }) => meter.host,
  port: ({ meter }) => meter.port,
  intervalSeconds: ({ meter }) => meter.intervalSeconds,
  installedAt: ({ meter }) => formatInstant(meter.installedAtMs),
  readerEk: ({ keys }) => keys.reader.ek,
  readerAk: ({ keys }) => keys.reader.ak,
  managementEk: ({ keys }) => keys.management?.ek ?? '',
  managementAk: ({ keys }) => keys.management?.ak ?? '',
  masterKek: ({ keys }) => keys.master?.kek ?? '',
};

/** The CSV form (RFC 4180). */
export function shipmentCsv(rows: readonly MeterShipment[]): string {
  const cell = (value: string | number) =>
    /[",\r\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value);
  const lines = rows.map((row) =>
    Object.values(columns)
      .map((read) => cell(read(row)))
      .join(','),
  );
  return `${[Object.keys(columns).join(','), ...lines].join('\n')}\n`;
}

/** Writes both files, readable by their owner alone; each takes the place of the old one at once. Returns the path of the JSON form. */
export function writeShipment(directory: string, rows: readonly MeterShipment[]): string {
  const write = (name: string, text: string) => {
    const path = join(directory, name);
    writeFileSync(`${path}.new`, text, { mode: 0o600 });
    renameSync(`${path}.new`, path);
    return path;
  };
  write('shipment.csv', shipmentCsv(rows));
  return write('shipment.json', `${JSON.stringify(rows, null, 1)}\n`);
}
