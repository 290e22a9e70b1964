/** The running server as the command line finds it: by its data directory or by URL. */
import { readFileSync } from 'node:fs';
import { messageOf } from '@wattline/base';
import type { Command } from 'commander';
import { readServerFile } from '../api/data-files.ts';
import { serverError } from '../errors.ts';
import { type RunningServer, serverClient } from '../server-client.ts';

/** The flags that say where the server is. */
export interface ServerFlags {
  readonly data: string;
  readonly url?: string;
  readonly tokenFile?: string;
  readonly json?: true;
}

/** Adds the flags that every command which asks the server has. */
export function withServer(command: Command): Command {
  return command
    .option('--data <directory>', 'data directory of the running server', './data')
    .option('--url <url>', 'address of the server, instead of looking it up in the data directory')
    .option('--token-file <file>', 'file with the bearer token, when --url is used')
    .option('--json', 'print the answer of the API');
}

/**
 * Finds the server.
 * @throws CodedError `server/not-running`, `server/no-file`; the calls throw `server/unreachable`, `server/not-understood`
 * and what the server answers
 */
export function findServer(flags: ServerFlags): RunningServer {
  const file = readServerFile(flags.data);
  const url = flags.url?.replace(/\/+$/, '') ?? file?.url;
  if (url === undefined) {
    const what = `no server runs on ${flags.data}: start one with wattline town or wattline serve, or name one with --url or --data`;
    throw serverError('server/not-running', what, { directory: flags.data });
  }
  const tokenPath = flags.tokenFile ?? (file?.url === url ? file.tokenPath : undefined);
  const token = tokenPath === undefined ? undefined : readToken(tokenPath, flags.tokenFile !== undefined);
  return serverClient({ url, token });
}

function readToken(path: string, isAsked: boolean): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if (!isAsked) return undefined;
    throw serverError('server/no-file', `the token file ${path} cannot be read: ${messageOf(error)}`, {
      path,
    });
  }
}
