/** The built screens for tests: what `npm start` built when it is fresh, otherwise a build of our own beside it. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const sourceName = /\.(ts|tsx|css|html|svg|json)$/;

/** The folder of the built screens; builds them when their sources changed since the last build. */
export function builtPortal(): string {
  const digest = digestOf(['portal', 'model', 'base'].flatMap(filesUnder));
  const stamp = join(root, 'portal', 'dist', '.built');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return join(root, 'portal', 'dist');
  const own = join(root, '.wattline', `screens-${digest.slice(0, 16)}`);
  if (existsSync(own)) return own;
  mkdirSync(join(root, '.wattline'), { recursive: true });
  for (const name of readdirSync(join(root, '.wattline'))) {
    if (name.startsWith('screens-')) rmSync(join(root, '.wattline', name), { recursive: true, force: true });
  }
  const draft = mkdtempSync(join(root, '.wattline', 'draft-'));
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const flags = ['build', join(root, 'portal'), '--outDir', draft, '--emptyOutDir', '--logLevel', 'warn'];
  const done = spawnSync(process.execPath, [vite, ...flags], { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`the screens cannot be built: ${done.stderr}${done.stdout}`);
  try {
    renameSync(draft, own);
  } catch (error) {
    // Another test was quicker: its build is of the same sources.
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(own)) throw error;
  }
  return own;
}

/** The same files and order as the start script's, so that both agree on what is fresh. */
function filesUnder(folder: string): string[] {
  const found: string[] = [];
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    if (['node_modules', 'dist', 'data'].includes(entry.name) || entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...filesUnder(path));
    else if (sourceName.test(entry.name)) found.push(path);
  }
  return found.sort();
}

function digestOf(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(file).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}
