/** `wattline meter firmware`: an image for virtual meters, signed as the maker that the meters of a seed trust. */
import { writeFileSync } from 'node:fs';
import { messageOf, seededRandom } from '@wattline/base';
import type { Command } from 'commander';
import { serverError } from '../errors.ts';
import { printJson, type Shell, wholeNumber } from './shell.ts';

interface FirmwareFlags {
  readonly seed: string;
  readonly rollback: number;
  readonly octets: number;
  readonly out: string;
  readonly json?: true;
}

export function addMeterFirmware(meter: Command, shell: Shell): void {
  meter
    .command('firmware <version>')
    .description('make a firmware image that the virtual meters of a seed take')
    .option('--seed <text>', 'seed of the town', '1')
    .option(
      '--rollback <number>',
      'rollback number; below that of the running image it is refused',
      wholeNumber(0, 65_535),
      1,
    )
    .option('--octets <number>', 'octets of its payload', wholeNumber(1, 60_000), 8_000)
    .requiredOption('--out <file>', 'where to write it')
    .option('--json', 'print what was made as JSON')
    .addHelpText(
      'after',
      `
The payload does nothing: the meter shows its version. Who knows the seed can sign, as with the keys of a town.

Example:
  wattline meter firmware 2.0.0 --seed 1 --out fw.bin`,
    )
    .action(async (version: string, { seed, rollback, octets, out, json }: FirmwareFlags) => {
      const { firmwareKeysFromSeed, signFirmware } = await import('@wattline/meter');
      const payload = seededRandom(`firmware ${seed} ${version}`).bytes(octets);
      const manifest = {
        part: 'application',
        model: 'WTL',
        version,
        rollbackNumber: rollback,
        payload,
      } as const;
      const image = signFirmware(manifest, firmwareKeysFromSeed(seed, 'application').privateKey);
      try {
        writeFileSync(out, image);
      } catch (error) {
        throw serverError('server/no-file', `${out} cannot be written: ${messageOf(error)}`, { path: out });
      }
      if (json) printJson(shell, { version, octets: image.length, out });
      else shell.out(`${out}: ${image.length} octets, version ${version}, for meters of seed ${seed}`);
    });
}
