/**
 * A number of a push taken once by all head-ends on a registry: what one of them knows the others learn only here, so that a push which is
 * replayed to another worker is refused there too.
 */
import { compileStatement, parameter, type Registry } from '@wattline/store/registry';
import type { RegistryWriter } from '../registry/registry-writer.ts';

/** Takes a number for `<serial>/push`; false when some head-end has taken it or a higher one. On disk when it resolves. */
export type ClaimCounter = (scope: string, counter: number) => Promise<boolean>;

/** Inserted, or raised when it is higher: of two that come at once the engine lets one through, and the other finds the row changed. */
const raise = compileStatement((registry: Registry) =>
  registry
    .insertInto('invocation_counter')
    .values({ scope: parameter, value: parameter })
    .onConflict((conflict) =>
      conflict
        .column('scope')
        .doUpdateSet((row) => ({ value: row.ref('excluded.value') }))
        .whereRef('invocation_counter.value', '<', 'excluded.value'),
    )
    .returning('scope'),
);

/** Claims over a registry that several head-ends share; those of many meters go in one transaction. */
export function createSharedAcceptance(writer: RegistryWriter): ClaimCounter {
  return async (scope, counter) => {
    let isOurs = false;
    await writer.write(async (transaction) => {
      const { rows } = await raise(transaction, [`${scope}/accepted`, counter]);
      isOurs = rows.length > 0;
    });
    return isOurs;
  };
}
