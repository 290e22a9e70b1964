/** Directories made level by level. */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Makes a directory and all above it, readable by their owner alone when `isPrivate`. The runtime's own recursive mkdir never
 * returns where a parent refuses children with ENOENT, as /proc does.
 * @throws the error of the file system, as mkdir does.
 */
export function makeDirectories(path: string, options: { readonly isPrivate?: boolean } = {}): void {
  const whole = resolve(path);
  if (existsSync(whole)) return;
  makeDirectories(dirname(whole), options);
  mkdirSync(whole, options.isPrivate === true ? 0o700 : 0o777);
}
