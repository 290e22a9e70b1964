/** A row of a shipment that says whose place its meter took: checked, and told once to whoever keeps the assets. */
import type { MeterShipment } from '@wattline/model';
import type { Fleet } from './fleet.ts';

/** One meter in another's place. */
export interface MeterExchange {
  readonly usagePointId: string;
  readonly atMs: number;
  readonly oldSerial: string;
  readonly newSerial: string;
  /** Last read of the old and first of the new meter, Wh, by register reading type. */
  readonly reads: Readonly<Record<string, { readonly final: number; readonly initial: number }>>;
}

/** What such a row says. */
type Replacement = Pick<MeterShipment, 'meter' | 'replaces'>;

/** Whether the old meter stands or stood at the point, was there earlier, and the reads are pairs. */
export function isReplaceable({ meter, replaces }: Replacement, fleet: Fleet): boolean {
  const old = replaces && fleet.get(replaces.serial)?.meter;
  if (!old) return false;
  const isPair = (one: number | undefined, other: number | undefined) =>
    (one === undefined) === (other === undefined);
  return (
    old.serial !== meter.serial &&
    old.usagePointId === meter.usagePointId &&
    old.installedAtMs < meter.installedAtMs &&
    isPair(replaces.finalDeliveredWh, replaces.initialDeliveredWh) &&
    isPair(replaces.finalReceivedWh, replaces.initialReceivedWh)
  );
}

/** Told while the old meter still stands: not again when the same file comes again, but after a crash between row and word. */
export async function tellExchange(
  { meter, replaces }: Replacement,
  {
    fleet,
    onExchange,
  }: { readonly fleet: Fleet; readonly onExchange: ((exchange: MeterExchange) => Promise<void>) | undefined },
): Promise<void> {
  const { serial, usagePointId, installedAtMs: atMs } = meter;
  const isKept = fleet.get(serial)?.meter.usagePointId === usagePointId;
  if (!replaces || !isKept || fleet.get(replaces.serial)?.removedMs !== undefined) return;
  const { finalDeliveredWh, initialDeliveredWh, finalReceivedWh, initialReceivedWh } = replaces;
  const read = (type: string, final?: number, initial?: number) =>
    final === undefined || initial === undefined ? {} : { [type]: { final, initial } };
  await onExchange?.({
    ...{ usagePointId, atMs, oldSerial: replaces.serial, newSerial: serial },
    reads: {
      ...read('delivered-total', finalDeliveredWh, initialDeliveredWh),
      ...read('received-total', finalReceivedWh, initialReceivedWh),
    },
  });
}
