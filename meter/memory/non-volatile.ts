/** The memory that survives power: a port of named texts, its volatile stand-in, and a view for one meter. */

/** What must not be forgotten. `write` may wait in memory; after `sync` all that was written survives kill -9. */
export interface NonVolatile {
  read(name: string): string | undefined;
  write(name: string, value: string): void;
  sync(): void;
}

/** A memory that goes with the process: for tests, and for a meter whose keys go with it too. */
export function volatileMemory(initial: Readonly<Record<string, string>> = {}): NonVolatile {
  const values = new Map(Object.entries(initial));
  return {
    read: (name) => values.get(name),
    write: (name, value) => void values.set(name, value),
    sync() {},
  };
}

/** The part of a memory that belongs to one meter. */
export function memoryOf(serial: string, memory: NonVolatile): NonVolatile {
  return {
    read: (name) => memory.read(`${serial}/${name}`),
    write: (name, value) => memory.write(`${serial}/${name}`, value),
    sync: () => memory.sync(),
  };
}
