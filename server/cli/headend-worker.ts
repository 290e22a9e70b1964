/** `wattline headend worker`: one more process that reads the fleet of a running server. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '@wattline/base';
import type { Command } from 'commander';
import { readServerFile } from '../api/data-files.ts';
import { serverError } from '../errors.ts';
import { loadServeConfig } from '../serve-config.ts';
import { type ServerFlags, withServer } from './running-server.ts';
import { printJson, type Shell, wholeNumber } from './shell.ts';

interface WorkerFlags extends ServerFlags {
  readonly config?: string;
  readonly registry?: string;
  readonly keyFile?: string;
  readonly name?: string;
  readonly pushHost: string;
  readonly pushPort: number;
  readonly concurrency: number;
  readonly leaseSeconds: number;
}

export function addHeadendWorker(headend: Command, shell: Shell): void {
  withServer(headend.command('worker'))
    .description('one more process that reads the fleet, until stopped; the registry must be in PostgreSQL')
    .option(
      '--config <file>',
      'configuration of the server, for its registry; default: wattline.yaml when it is there',
    )
    .option('--registry <url>', 'postgres://...; instead of the configuration, or in WATTLINE_REGISTRY')
    .option('--key-file <file>', 'key file of the server or a copy; default: keys.bin of the data directory')
    .option('--name <name>', 'unique among workers; default: machine and process')
    .option('--push-host <address>', 'where to take pushes', '127.0.0.1')
    .option('--push-port <number>', 'its port; 0 lets the system choose', wholeNumber(0, 65_535), 0)
    .option('--concurrency <number>', 'meters read at once', wholeNumber(1, 4_096), 16)
    .option(
      '--lease-seconds <number>',
      'how long it holds a meter after it has died',
      wholeNumber(1, 3_600),
      90,
    )
    .addHelpText(
      'after',
      `
Meters are leased in the registry: no two processes are in a session with one, and what a worker held that died is another's after
the lease. Workers take part in sweeps and in the schedule; what they read goes to the server, which acknowledges it when it is on
disk. A push that another worker has taken is refused. Meters with one client alone are left to the server, which has the signer.

Examples:
  wattline headend worker --config wattline.yaml
  WATTLINE_REGISTRY=postgres://... wattline headend worker --url http://10.0.0.5:8080 --token-file token --key-file keys.bin`,
    )
    .action(async (flags: WorkerFlags) => {
      const file = readServerFile(flags.data);
      const url = flags.url?.replace(/\/+$/, '') ?? file?.url;
      const registry =
        flags.registry ??
        process.env.WATTLINE_REGISTRY ??
        loadServeConfig({ json: false, ...configOf(flags) }).registry;
      const { expectPostgres, runWorker } = await import('../worker.ts');
      expectPostgres(registry);
      if (url === undefined) {
        const what = `no server runs on ${flags.data}: a worker hands its readings to one, name it with --url or --data`;
        throw serverError('server/not-running', what, { directory: flags.data });
      }
      await runWorker({
        registry,
        url,
        token: readToken(flags.tokenFile ?? file?.tokenPath ?? join(flags.data, 'token')),
        keyFile: flags.keyFile ?? join(flags.data, 'keys.bin'),
        name: flags.name ?? `${hostname()}-${process.pid}`,
        push: { host: flags.pushHost, port: flags.pushPort },
        concurrency: flags.concurrency,
        leaseSeconds: flags.leaseSeconds,
        onUp(up) {
          if (flags.json) printJson(shell, up);
          else
            shell.out(`${up.name} works on ${up.meters} meters, pushes to ${up.push.host}:${up.push.port}`);
        },
      });
    });
}

function configOf({ config }: WorkerFlags) {
  return config === undefined ? {} : { config };
}

function readToken(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw serverError('server/no-file', `the token file ${path} cannot be read: ${messageOf(error)}`, {
      path,
    });
  }
}
