/** Named texts on a storage: what a meter must not forget besides its registers (settings, counters, credit, switch), all or nothing at each sync. */
import { type JournalContent, openJournal } from './journal.ts';
import type { NonVolatile } from './non-volatile.ts';
import type { StorageDevice } from './storage-device.ts';

const changed = 0x80;

/** Opens (and begins) the texts on a storage of at least two sectors; all texts together fit into one. */
export function openTextMemory(device: StorageDevice, sectorBytes: number): NonVolatile {
  const kept = new Map<string, string>();
  const waiting = new Map<string, string>();
  const content: JournalContent = {
    checkpoint: () => encode(kept),
    restore: (checkpoint) => put(checkpoint),
    apply: (_, payload) => put(payload),
  };
  const put = (octets: Uint8Array) => {
    for (const [name, value] of decode(octets)) kept.set(name, value);
  };
  const journal = openJournal(device, sectorBytes, content);
  return {
    read: (name) => waiting.get(name) ?? kept.get(name),
    write: (name, value) => void waiting.set(name, value),
    sync() {
      for (const [name, value] of waiting) if (kept.get(name) === value) waiting.delete(name);
      if (waiting.size === 0) return;
      const payload = encode(waiting);
      for (const [name, value] of waiting) kept.set(name, value);
      waiting.clear();
      journal.append(changed, payload);
    },
  };
}

function encode(texts: ReadonlyMap<string, string>): Uint8Array {
  return new Uint8Array(Buffer.from(JSON.stringify([...texts]), 'utf8'));
}

function decode(octets: Uint8Array): [string, string][] {
  return JSON.parse(Buffer.from(octets).toString('utf8')) as [string, string][];
}
