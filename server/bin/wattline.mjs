#!/usr/bin/env node
/** The `wattline` command on whatever Node the machine has (20 or later): hands over to the Node 26 that npm installed. */
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findNode, storeFlags } from './find-node.mjs';

const server = dirname(dirname(fileURLToPath(import.meta.url)));
const root = dirname(server);
const node = findNode(root);

if (node === undefined) {
  console.error(
    `wattline: packages are not installed: run npm start or npm install in ${root} first (server/no-runtime)`,
  );
  process.exitCode = 1;
} else {
  // The store's queries run on libuv's pool and would keep the log's fdatasync waiting in a pool of the usual four.
  const env = { ...process.env, UV_THREADPOOL_SIZE: process.env.UV_THREADPOOL_SIZE ?? '16' };
  const child = spawn(node, [...storeFlags, join(server, 'cli/main.ts'), ...process.argv.slice(2)], {
    stdio: 'inherit',
    env,
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`wattline: Node 26 does not start: ${error.message} (server/no-runtime)`);
    process.exitCode = 1;
  });
  const signalled = { SIGHUP: 129, SIGINT: 130, SIGKILL: 137, SIGTERM: 143 };
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? signalled[signal] ?? 1;
  });
}
