/** The firmware of a virtual meter that says nothing else: versions to show, and nobody's signature is trusted. */
import type { FirmwareOptions } from './firmware.ts';
import { sha256 } from './firmware-image.ts';

const partOf = (version: string) => ({
  version,
  rollbackNumber: 1,
  checksum: sha256(new Uint8Array(Buffer.from(`wattline virtual meter ${version}`))),
});

export const usualFirmware: FirmwareOptions = {
  model: 'WTL',
  initial: { application: partOf('1.0.0'), legal: partOf('L1.0') },
  keys: { application: [], legal: [] },
  blockSize: 512,
  mostOctets: 524_288,
};
