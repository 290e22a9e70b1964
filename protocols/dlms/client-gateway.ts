/** A client's application layer as the framings open it: directly, or through the gateway that its options name. */
import type { ClientOptions } from './client.ts';
import { type ClientAssociation, createClientAssociation } from './client-association.ts';
import { behindGateway } from './gateway.ts';

/** The association of the options, with its prefix when its server is behind a gateway. */
export function openClient(options: ClientOptions): ClientAssociation {
  const association = createClientAssociation(options);
  return options.gateway ? behindGateway(association, options.gateway) : association;
}
