/** The logical device behind the protocol's server: finds the object, asks it, refuses as the standard says (Green Book 9.3.6 to 9.3.8). */
import type { ClientPolicy, InvocationCounter, LogicalDevice } from '@wattline/protocols/dlms';
import type { ClientName, MeterClient } from './clients.ts';
import type { CosemObject } from './cosem-object.ts';

/** What a device is made of. */
export interface LogicalDeviceParts {
  readonly systemTitle: Uint8Array;
  readonly serverSap: number;
  readonly clients: readonly MeterClient[];
  readonly objects: readonly CosemObject[];
  counterOf(client: string): InvocationCounter;
}

/** The device. */
export function createLogicalDevice(parts: LogicalDeviceParts): LogicalDevice {
  const { systemTitle, serverSap, clients } = parts;
  const objects = new Map(parts.objects.map((object) => [object.obis, object]));
  const policies = new Map(clients.map((client) => [client.clientSap, client]));
  /** The object of class and name, or why there is none. */
  const find = ({ classId, obis }: { readonly classId: number; readonly obis: string }) => {
    const object = objects.get(obis);
    if (!object) return 'object-undefined';
    return object.classId === classId ? object : 'object-class-inconsistent';
  };
  return {
    systemTitle,
    serverSap,
    policy: (clientSap) => policies.get(clientSap),
    counter: (client) => parts.counterOf(client.name),
    get(reference, client) {
      const object = find(reference);
      if (typeof object === 'string') return { ok: false, result: object };
      return object.get(reference.attribute, nameOf(client), reference.access);
    },
    set(reference, value, client) {
      const object = find(reference);
      if (typeof object === 'string') return object;
      // Selective access to a SET is for classes that we do not have.
      if (reference.access) return 'scope-of-access-violated';
      return object.set(reference.attribute, nameOf(client), value);
    },
    action(reference, parameter, client) {
      const object = find(reference);
      if (typeof object === 'string') return { result: object };
      return object.invoke(reference.method, nameOf(client), parameter);
    },
  };
}

/** Policies come from our own list, so their names are ours. */
function nameOf(client: ClientPolicy): ClientName {
  return client.name as ClientName;
}
