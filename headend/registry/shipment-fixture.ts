/** Shipments as CSV, for tests. */
import type { MeterShipment } from '@wattline/model';
import { shipmentFields } from './shipment-fields.ts';

/** The CSV form (RFC 4180), columns in the order of the fields. */
export function csvOf(shipments: readonly MeterShipment[]): string {
  const header = shipmentFields.map(({ column }) => column).join(',');
  const rows = shipments.map((row) =>
    shipmentFields
      .map(({ column, path }) => {
        let at: unknown = row;
        for (const name of path) at = (at as Record<string, unknown> | undefined)?.[name];
        const text =
          column === 'installedAt'
            ? Temporal.Instant.fromEpochMilliseconds(at as number).toString()
            : String((at as string | number | undefined) ?? '');
        return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
      })
      .join(','),
  );
  return `${[header, ...rows].join('\r\n')}\r\n`;
}
