/** Security setup, class 64 (Blue Book 4.4.7): policy, suite and system titles; keys are not transferred through it. */
import { enumerationTo, octets } from './data-type.ts';
import { type InterfaceClass, readable } from './interface-class.ts';

/** security_policy of version 0: all messages authenticated and encrypted. */
const authenticatedAndEncrypted = 3;

/** A security setup. */
export interface SecuritySetupSource {
  readonly suite: number;
  readonly serverSystemTitle: Uint8Array;
}

export const securitySetup: InterfaceClass<SecuritySetupSource> = {
  classId: 64,
  version: 0,
  name: 'Security setup',
  section: '4.4.7',
  attributes: {
    2: {
      name: 'security_policy',
      type: enumerationTo(3),
      access: readable,
      read: (_, { writer }) => void writer.enumerate(authenticatedAndEncrypted),
    },
    3: {
      name: 'security_suite',
      type: enumerationTo(2),
      access: readable,
      read: ({ suite }, { writer }) => void writer.enumerate(suite),
    },
    4: {
      name: 'client_system_title',
      type: octets(0, 8),
      access: readable,
      // Not pre-established: each client says its own in the AARQ.
      read: (_, { writer }) => void writer.octetString(new Uint8Array(0)),
    },
    5: {
      name: 'server_system_title',
      type: octets(8),
      access: readable,
      read: ({ serverSystemTitle }, { writer }) => void writer.octetString(serverSystemTitle),
    },
  },
  methods: { 1: { name: 'security_activate', clients: [] }, 2: { name: 'global_key_transfer', clients: [] } },
};
