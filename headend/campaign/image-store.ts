/** Images of campaigns in the registry database, in parts, by the digest of the whole. */
import { createHash } from 'node:crypto';
import { concatBytes } from '@wattline/base';
import type { Registry } from '@wattline/store/registry';

/** Images. */
export interface ImageStore {
  /** Keeps an image; the same again changes nothing. Returns its digest, SHA-256, hexadecimal. */
  keep(image: Uint8Array): Promise<string>;
  of(digest: string): Promise<Uint8Array | undefined>;
}

const partOctets = 49_152;

export function createImageStore(registry: Registry): ImageStore {
  return {
    async keep(image) {
      const digest = createHash('sha256').update(image).digest('hex');
      await registry.transaction().execute(async (transaction) => {
        for (let number = 0; number * partOctets < image.length; number++) {
          const part = image.subarray(number * partOctets, (number + 1) * partOctets);
          await transaction
            .insertInto('campaign_image')
            .values({ digest, number, octets: Buffer.from(part).toString('base64') })
            .onConflict((conflict) => conflict.doNothing())
            .execute();
        }
      });
      return digest;
    },
    async of(digest) {
      const rows = await registry
        .selectFrom('campaign_image')
        .select('octets')
        .where('digest', '=', digest)
        .orderBy('number')
        .execute();
      if (rows.length === 0) return undefined;
      return concatBytes(...rows.map(({ octets }) => new Uint8Array(Buffer.from(octets, 'base64'))));
    },
  };
}
