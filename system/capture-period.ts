/** A capture period that a command set at a meter: the registry follows, or its readings would be taken for another length. */
import { type Clock, dateOf, localDay } from '@wattline/base';
import type { Batch } from '@wattline/headend';
import type { Mdm } from '@wattline/mdm';
import type { Registry } from '@wattline/store/registry';

/** What following takes. */
export interface CapturePeriodParts {
  readonly registry: Registry;
  readonly mdm: Pick<Mdm, 'assets'>;
  readonly clock: Pick<Clock, 'now'>;
}

/**
 * Keeps what a finished batch of the command `capture-period` means for one meter; any other batch means nothing here. From the last
 * boundary that both lengths share: the meter began its profile anew, and the interval begun is a part that says so. Done again it
 * changes nothing. Rejects as {@link Mdm.assets} does.
 */
export async function keepCapturePeriod(
  { registry, mdm, clock }: CapturePeriodParts,
  { command, parameters, key, requestedBy }: Batch,
  serial: string,
): Promise<void> {
  const seconds = parameters && 'seconds' in parameters ? parameters.seconds : undefined;
  if (command !== 'capture-period' || typeof seconds !== 'number') return;
  const row = await registry
    .selectFrom('meter')
    .innerJoin('usage_point', 'usage_point.id', 'meter.usage_point_id')
    .select(['usage_point.id', 'usage_point.zone', 'meter.interval_seconds'])
    .where('meter.serial', '=', serial)
    .executeTakeFirst();
  if (!row || row.interval_seconds === seconds) return;
  const fromMs = sharedBoundary(clock.now(), row.zone, [row.interval_seconds, seconds]);
  const said = { author: requestedBy, reason: `the meter captures every ${seconds} s: command ${key}` };
  await mdm.assets.setIntervalLength(row.id, { fromMs, seconds }, said);
}

/** The last instant of the local day at which intervals of both lengths begin. */
function sharedBoundary(nowMs: number, zone: string, [one, other]: readonly [number, number]): number {
  const { startMs } = localDay(dateOf(nowMs, zone), zone);
  const stepMs = ((one * other) / greatestCommon(one, other)) * 1000;
  return startMs + Math.floor((nowMs - startMs) / stepMs) * stepMs;
}

function greatestCommon(a: number, b: number): number {
  return b === 0 ? a : greatestCommon(b, a % b);
}
