/** How often a meter captures its load profile (Blue Book 4.3.6, attribute 4): what stands in it is energy of just so long. */
import { CodedError } from '@wattline/base';
import { type Data, decodeData } from '@wattline/protocols/dlms';
import { headendError } from '../errors.ts';
import type { FleetMeter } from '../registry/fleet.ts';
import type { Session } from '../session/session.ts';

export const capturePeriodAttribute = 4;

/** Seconds; undefined where the meter keeps it to itself, or captures by another clockwork than a period (0). */
export function periodOf(answer: Data | CodedError | undefined): number | undefined {
  if (answer instanceof CodedError || answer?.type !== 'double-long-unsigned') return undefined;
  return answer.value > 0 ? answer.value : undefined;
}

/** Asks the meter for it. Throws as {@link Session.getMany} does. */
export async function readCapturePeriod(session: Session, obis: string): Promise<number | undefined> {
  const [answer] = await session.getMany([{ classId: 7, obis, attribute: capturePeriodAttribute }]);
  if (!(answer instanceof Uint8Array)) return undefined;
  const decoded = decodeData(answer);
  return decoded.ok ? periodOf(decoded.value.value) : undefined;
}

/**
 * Energy of half an hour must not be taken for that of a quarter.
 * @throws CodedError `headend/interval-mismatch`
 */
export function expectPeriod({ meter }: FleetMeter, obis: string, found: number | undefined): void {
  if (found === undefined || found === meter.intervalSeconds) return;
  const what = `expected profile ${obis} to be captured every ${meter.intervalSeconds} s, as the registry says, found ${found} s`;
  throw headendError('headend/interval-mismatch', what, { obis, serial: meter.serial });
}
