/** The import table of the house: which room may use which. ARCHITECTURE.md shows the same table and is checked against it. */

/** Rooms in the order of `ls` on the front page; each names the rooms it may import. */
export const rooms = {
  base: [],
  model: ['base'],
  protocols: ['base', 'model'],
  network: ['base'],
  store: ['base', 'model'],
  meter: ['base', 'model', 'protocols', 'network'],
  headend: ['base', 'model', 'protocols', 'network', 'store'],
  mdm: ['base', 'model', 'store'],
  apps: ['base', 'model', 'mdm', 'store'],
  system: ['base', 'model', 'protocols', 'network', 'store', 'headend', 'mdm', 'apps'],
  sim: ['base', 'model', 'protocols', 'network', 'store', 'meter', 'headend', 'mdm', 'apps', 'system'],
  portal: ['base', 'model'],
  server: [
    'base',
    'model',
    'protocols',
    'network',
    'store',
    'meter',
    'headend',
    'mdm',
    'apps',
    'system',
    'sim',
    'portal',
  ],
} as const satisfies Record<string, readonly string[]>;

export type Room = keyof typeof rooms;

/** Whether a folder at the root is a room. */
export function isRoom(name: string): name is Room {
  return Object.hasOwn(rooms, name);
}
