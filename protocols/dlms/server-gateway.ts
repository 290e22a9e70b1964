/** A server's application layer as the framings open it: one device, or a gateway with more behind it. */
import { asGateway } from './gateway.ts';
import type { LogicalDevice, ServerOptions } from './server.ts';
import { createServerAssociation, type ServerAssociation } from './server-association.ts';

/** The association of a device; with `gateway` also those of the devices behind it. */
export function openServer(device: LogicalDevice, options: ServerOptions): ServerAssociation {
  const own = createServerAssociation(device, options);
  const { gateway } = options;
  return gateway ? asGateway(own, gateway, (behind) => createServerAssociation(behind, options)) : own;
}
