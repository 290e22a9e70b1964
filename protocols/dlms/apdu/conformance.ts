/** The conformance block (Green Book 9.4.6.1): which services an association may use, 24 bits, bit 0 most significant. */
import type { Codec } from '../codec.ts';

/** Bit numbers of the services. */
export const conformanceBit = {
  'general-protection': 1,
  'general-block-transfer': 2,
  read: 3,
  write: 4,
  'unconfirmed-write': 5,
  'delta-value-encoding': 6,
  'attribute0-supported-with-set': 8,
  'priority-mgmt-supported': 9,
  'attribute0-supported-with-get': 10,
  'block-transfer-with-get-or-read': 11,
  'block-transfer-with-set-or-write': 12,
  'block-transfer-with-action': 13,
  'multiple-references': 14,
  'information-report': 15,
  'data-notification': 16,
  access: 17,
  'parameterized-access': 18,
  get: 19,
  set: 20,
  'selective-access': 21,
  'event-notification': 22,
  action: 23,
} as const;
export type ConformanceName = keyof typeof conformanceBit;

/** The block with these services, as a number of 24 bits. */
export function conformanceOf(...names: readonly ConformanceName[]): number {
  return names.reduce((block, name) => block | (1 << (23 - conformanceBit[name])), 0);
}

/** Whether a block has a service. */
export function hasConformance(block: number, name: ConformanceName): boolean {
  return (block & (1 << (23 - conformanceBit[name]))) !== 0;
}

/** Names of the services of a block, in order of bits. */
export function conformanceNames(block: number): ConformanceName[] {
  return (Object.keys(conformanceBit) as ConformanceName[]).filter((name) => hasConformance(block, name));
}

/** What this implementation offers as a server, and proposes as a client when asked to, with logical names. */
export const ownConformance = conformanceOf(
  'general-protection',
  'general-block-transfer',
  'block-transfer-with-get-or-read',
  'block-transfer-with-set-or-write',
  'block-transfer-with-action',
  'delta-value-encoding',
  'attribute0-supported-with-set',
  'priority-mgmt-supported',
  'attribute0-supported-with-get',
  'multiple-references',
  'access',
  'get',
  'set',
  'selective-access',
  'action',
);

/** The same with short names. */
export const shortNameConformance = conformanceOf(
  'general-protection',
  'general-block-transfer',
  'read',
  'write',
  'unconfirmed-write',
  'block-transfer-with-get-or-read',
  'block-transfer-with-set-or-write',
  'multiple-references',
  'information-report',
  'parameterized-access',
);

/** Services that a client proposes only when told to: some servers choke on what they do not know. */
export const optionalServices = [
  'delta-value-encoding',
  'attribute0-supported-with-set',
  'priority-mgmt-supported',
  'attribute0-supported-with-get',
] as const satisfies readonly ConformanceName[];
export type OptionalService = (typeof optionalServices)[number];

/** What a client proposes: the general services only when it uses them, since some servers then answer in no other way. */
export function proposedConformance(client: {
  readonly referencing?: 'ln' | 'sn';
  readonly envelope?: 'service' | 'general' | 'ciphering';
  readonly isSigned?: boolean;
  readonly generalBlockWindow?: number;
  readonly proposes?: readonly OptionalService[];
}): number {
  const all = client.referencing === 'sn' ? shortNameConformance : ownConformance;
  const unused = conformanceOf(
    ...optionalServices.filter((name) => !client.proposes?.includes(name)),
    ...((client.envelope ?? 'service') === 'service' && !client.isSigned
      ? (['general-protection'] as const)
      : []),
    ...(client.generalBlockWindow === undefined ? (['general-block-transfer'] as const) : []),
  );
  return all & ~unused;
}

/**
 * [APPLICATION 31] BIT STRING of 24 bits inside A-XDR: 5F 1F 04 00 and three octets. Devices that write the tag in one
 * octet (5F 04 00 ...) are understood.
 */
export const conformance: Codec<number> = {
  read(reader) {
    if (reader.u8() !== 0x5f) reader.fail('dlms/bad-tag', 'expected the conformance block, tag 5F 1F', -1);
    if (reader.peek() === 0x1f) reader.u8();
    if (reader.u8() !== 4 || reader.u8() !== 0) {
      reader.fail('dlms/bad-length', 'expected a conformance block of 24 bits', -1);
    }
    return (reader.u8() << 16) | reader.u16();
  },
  write(writer, block) {
    writer.raw(Uint8Array.of(0x5f, 0x1f, 4, 0, block >> 16)).u16(block);
  },
  print: (block) => conformanceNames(block).join(', '),
};
