/** The logical device behind the protocol's server: one meter's view, by the policies of its profile's clients. */
import type { ClientPolicy, InvocationCounter, LogicalDevice } from '@wattline/protocols/dlms';
import type { LinkEvent } from '../events/access-watch.ts';
import type { MeterClient } from './clients.ts';
import type { ProfileView } from './profile-view.ts';

/** What a device is made of. */
export interface LogicalDeviceParts {
  readonly view: ProfileView;
  readonly serverSap: number;
  counterOf(client: MeterClient): InvocationCounter;
}

/** A device that is told what happens on its links: it logs attempts of those who may not. */
export interface MeterDevice extends LogicalDevice {
  notice(event: LinkEvent): void;
}

/** The device. */
export function createLogicalDevice({ view, serverSap, counterOf }: LogicalDeviceParts): MeterDevice {
  return {
    systemTitle: view.parts.systemTitle,
    serverSap,
    notice: (event) => view.parts.access.notice(event, view.parts.nowMs()),
    policy: (clientSap) => view.parts.clients.find((client) => client.clientSap === clientSap),
    counter: (client) => counterOf(ours(client)),
    get: (reference, client) => view.get(reference, ours(client)),
    set: (reference, value, client) => view.set(reference, value, ours(client)),
    action: (reference, parameter, client) => view.action(reference, parameter, ours(client)),
    shortNames: (client) => view.namedFor(ours(client)).map(({ named }) => named),
  };
}

/** Policies come from our own list. */
function ours(client: ClientPolicy): MeterClient {
  return client as MeterClient;
}
