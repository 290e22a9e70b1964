/** Who may associate with a meter: clients by SAP, what they must prove, as data. */
import type { ClientPolicy, SecurityKeys } from '@wattline/protocols/dlms';
import type { TitleGuards } from '../memory/invocation-counter.ts';
import type { SecuredClient } from '../meter-spec.ts';

/** Clients by name; access rights name them. */
export type ClientName = 'public' | SecuredClient;

/** A client of a meter. */
export interface MeterClient extends ClientPolicy {
  readonly name: ClientName;
}

const clients = [
  { name: 'public', clientSap: 16, mechanism: 'none', protection: 'none' },
  { name: 'reader', clientSap: 2, mechanism: 'gmac', protection: 'ae' },
  { name: 'management', clientSap: 1, mechanism: 'gmac', protection: 'ae' },
] as const satisfies readonly MeterClient[];

/** The clients of one meter, with its keys and guards. */
export function clientsOf(
  keys: Readonly<Record<SecuredClient, SecurityKeys>>,
  guardsOf: (client: SecuredClient) => TitleGuards,
): MeterClient[] {
  return clients.map((client) =>
    client.name === 'public'
      ? client
      : { ...client, keys: keys[client.name], replayOf: guardsOf(client.name).guardOf },
  );
}
