/** Images on their way to meters: brought in parts for a batch that was filed, held whole when maker, length and digest are right. */
import { concatBytes } from '@wattline/base';
import { checkImage, isManifestSigned } from '../campaign/manifest.ts';
import type { Person } from '../guard/approval.ts';
import type { Batch } from '../guard/batch.ts';
import type { FirmwareParameters } from '../guard/parameters.ts';

/** Images held at a time, the oldest go first; and the largest one, octets. */
const imagesMax = 4;
const octetsMax = 16 * 1024 * 1024;

/** The images a signer holds in memory; the head-end brings them again after a restart. */
export interface SignerImages {
  /** The whole image of a batch, when it is there. */
  of(batch: Batch): Uint8Array | undefined;
  /** Takes a part that begins where the last one ended; false when it does not, or the whole is not what the maker signed. */
  take(batch: Batch, offset: number, part: Uint8Array, people: ReadonlyMap<string, Person>): boolean;
}

export function createSignerImages(): SignerImages {
  const whole = new Map<string, Uint8Array>();
  const partial = new Map<string, Uint8Array[]>();
  const keep = <T>(map: Map<string, T>, digest: string, value: T) => {
    map.delete(digest);
    map.set(digest, value);
    if (map.size > imagesMax) map.delete(map.keys().next().value as string);
  };
  return {
    of: (batch) => whole.get(firmwareOf(batch)?.manifest.digest ?? ''),
    take(batch, offset, part, people) {
      const firmware = firmwareOf(batch);
      if (!firmware || !isVouched(batch, people)) return false;
      const { digest, octets } = firmware.manifest;
      const before = offset === 0 ? [] : (partial.get(digest) ?? []);
      const length = before.reduce((sum, one) => sum + one.length, 0);
      if (offset !== length || length + part.length > Math.min(octets, octetsMax)) return false;
      const parts = [...before, part];
      keep(partial, digest, parts);
      if (length + part.length < octets) return true;
      partial.delete(digest);
      const image = concatBytes(...parts);
      const checked = checkImage(firmware, image, people.get(firmware.maker)?.publicKey ?? '');
      if (checked.ok) keep(whole, digest, image);
      return checked.ok;
    },
  };
}

/** What a batch says of firmware; undefined when it is about something else. */
export function firmwareOf(batch: Batch): FirmwareParameters | undefined {
  const isFirmware = batch.command === 'firmware-transfer' || batch.command === 'firmware-activation';
  return isFirmware ? (batch.parameters as FirmwareParameters) : undefined;
}

/** Whether a maker of the tenant signed the manifest of a batch; true for batches without one. */
export function isVouched(batch: Batch, people: ReadonlyMap<string, Person>): boolean {
  const firmware = firmwareOf(batch);
  if (!firmware) return true;
  const maker = people.get(firmware.maker);
  return (
    maker?.roles.includes('maker') === true &&
    maker.tenants.includes(batch.tenant) &&
    isManifestSigned(firmware, maker.publicKey)
  );
}
