/** Reader keys opened once and kept while in use: a storm of pushes must not open a seal for each. The vault's key is in memory anyway. */
import type { SecurityKeys } from '@wattline/protocols/dlms';
import type { FleetMeter } from '../registry/fleet.ts';
import type { KeyVault } from './key-vault.ts';

/** Undefined for a meter that has no client of ours. @throws CodedError `headend/key-unsealable` */
export type OpenKeys = (entry: FleetMeter) => SecurityKeys | undefined;

/** Meters whose keys are kept; the oldest go first. */
const keptMax = 20_000;

/** Opens the reader's keys of a meter; a changed seal is opened anew. */
export function openedKeys(vault: KeyVault): OpenKeys {
  const kept = new Map<string, { readonly sealed: string; readonly keys: SecurityKeys }>();
  return ({ meter: { serial }, sealed }) => {
    const known = kept.get(serial);
    if (known?.sealed === sealed) return known.keys;
    if (sealed === null) return undefined;
    const keys = vault.open({ serial, client: 'reader' }, sealed);
    if (kept.size >= keptMax) kept.delete(kept.keys().next().value as string);
    kept.set(serial, { sealed, keys });
    return keys;
  };
}
