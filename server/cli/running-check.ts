/** One server owns a data directory: a second one is told so before it touches anything. */
import { readServerFile } from '../api/data-files.ts';
import { serverError } from '../errors.ts';

const patienceMs = 1000;

/** @throws CodedError `server/already-running` when a living server has announced itself in the directory. */
export async function refuseIfRunning(directory: string): Promise<void> {
  const file = readServerFile(directory);
  if (!file || !isAlive(file.pid) || !(await answers(file.url))) return;
  const what = `a server runs on ${directory} already, at ${file.url} (process ${file.pid}): stop it, or choose another directory with --data`;
  throw serverError('server/already-running', what, { directory, url: file.url, pid: file.pid });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // A process of another user cannot be signalled, but it lives.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(patienceMs) })).ok;
  } catch {
    return false;
  }
}
