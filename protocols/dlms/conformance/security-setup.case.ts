/** A security setup in memory, right or with a defect: keys that are transferred, and a policy that grows. */
import { encodeData } from '../axdr.ts';
import type { ActionOutcome } from '../cosem.ts';
import type { Data } from '../data.ts';
import { decodeKeyTransfer, type KeyUpdate } from '../key-transfer.ts';
import type { ClientPolicy, LogicalDevice } from '../server.ts';

export const masterKey = new Uint8Array(16).fill(0x4d);
const setup = '0.0.43.0.0.255';

/** What the setup does in place of what is right. */
export interface SetupDefect {
  /** Which of the keys that came are kept. */
  keeps?(updates: readonly KeyUpdate[]): readonly KeyUpdate[];
  /** Reads a parameter that is not right. */
  unwraps?(parameter: Data): readonly KeyUpdate[] | undefined;
  readonly servesAnyone?: true;
  /** A policy is shown and does not hold. */
  readonly forgetsPolicy?: true;
  readonly weakens?: true;
}

/** The device with a security setup for all its clients with keys; until a policy is activated they need no protection. */
export function withSecuritySetup(device: LogicalDevice, defect: SetupDefect = {}): LogicalDevice {
  const held: { ek?: Uint8Array; ak?: Uint8Array } = {};
  let security = 0;
  const take = (updates: readonly KeyUpdate[]): ActionOutcome => {
    for (const { id, key } of defect.keeps?.(updates) ?? updates) {
      if (id === 'unicast') held.ek = key;
      if (id === 'authentication') held.ak = key;
    }
    return { result: 'success' };
  };
  const transfer = (parameter: Data): ActionOutcome => {
    const right = decodeKeyTransfer(masterKey, parameter);
    const updates = right.ok ? right.value : defect.unwraps?.(parameter);
    return updates ? take(updates) : { result: 'other-reason' };
  };
  const activate = (parameter: Data): ActionOutcome => {
    const isKept = parameter.type === 'enum' && (parameter.value & security) === security;
    if (parameter.type !== 'enum' || !(isKept || defect.weakens)) return { result: 'other-reason' };
    security = parameter.value;
    return { result: 'success' };
  };
  const secured = (policy: ClientPolicy): ClientPolicy => {
    if (!policy.keys) return policy;
    const bits = defect.forgetsPolicy ? 0 : security;
    const protection = (['none', 'a', 'e', 'ae'] as const)[((bits >> 2) & 1) | ((bits >> 2) & 2)] ?? 'none';
    return { ...policy, protection, keys: { ...policy.keys, ...held } };
  };
  return {
    ...device,
    policy(sap) {
      const policy = device.policy(sap);
      return policy && secured(policy);
    },
    get(reference, client) {
      if (reference.classId !== 64 || reference.obis !== setup || reference.attribute !== 2)
        return device.get(reference, client);
      return { ok: true, encoded: encodeData({ type: 'enum', value: security }) };
    },
    action(reference, parameter, client) {
      if (reference.classId !== 64 || reference.obis !== setup)
        return device.action(reference, parameter, client);
      if ((!client.keys && !defect.servesAnyone) || !parameter) return { result: 'read-write-denied' };
      return reference.method === 2 ? transfer(parameter) : activate(parameter);
    },
  };
}

/** Wrapped keys whose shape is right, whatever is in them. */
export function unchecked(key: Uint8Array): (parameter: Data) => readonly KeyUpdate[] {
  return () => [{ id: 'unicast', key }];
}
