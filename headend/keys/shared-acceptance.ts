/**
 * A number of a push taken once by all head-ends on a registry: what one of them knows the others learn only here, so that a push which is
 * replayed to another worker is refused there too.
 */
import type { RegistryWriter } from '../registry/registry-writer.ts';
import { keepHighest } from './accepted-counters.ts';

/** Takes a number for `<serial>/push`; false when some head-end has taken it or a higher one. On disk when it resolves. */
export type ClaimCounter = (scope: string, counter: number) => Promise<boolean>;

/** Claims over a registry that several head-ends share; those of many meters go in one transaction. */
export function createSharedAcceptance(writer: RegistryWriter): ClaimCounter {
  return async (scope, counter) => {
    let isOurs = false;
    await writer.write(async (transaction) => {
      // Of two that come at once the engine lets one through, and the other finds the row changed.
      const answers = await keepHighest(transaction, [{ scope: `${scope}/accepted`, value: counter }]);
      isOurs = answers.some(({ numAffectedRows = 0n }) => numAffectedRows > 0n);
    });
    return isOurs;
  };
}
