/** `wattline serve`: the flags of the stack for real use. */
import type { Command } from 'commander';
import { openDataDirectory } from '../api/data-files.ts';
import { loadServeConfig, type ServeOptions } from '../serve-config.ts';
import { refuseIfRunning } from './running-check.ts';
import { type Shell, wholeNumber } from './shell.ts';

type ServeFlags = Omit<ServeOptions, 'json'> & { readonly json?: true };

export function addServe(program: Command, shell: Shell): void {
  program
    .command('serve')
    .description('run the stack for real use, without a virtual town, until stopped')
    .option('--config <file>', 'configuration; default: wattline.yaml when it is there')
    .option('--host <address>', 'address to listen on; default: 127.0.0.1')
    .option('--port <number>', 'port to listen on; default: 8080', wholeNumber(0, 65_535))
    .option('--data <directory>', 'data directory; default: ./data')
    .option(
      '--readings <url>',
      'ClickHouse server, http://user@host:8123/database; default: the embedded one',
    )
    .option('--readings-cluster <name>', 'cluster of that server: tables are made Replicated and Distributed')
    .option('--json', 'print progress as lines of JSON')
    .addHelpText(
      'after',
      `
Flags go before the configuration. Reading and writing both need the bearer token in <data>/token.
The ClickHouse user's password is read from WATTLINE_READINGS_PASSWORD or from the file that the setting readingsPasswordFile names.

Examples:
  wattline serve --data /var/lib/wattline
  wattline serve --config /etc/wattline.yaml --port 8443
  wattline serve --readings https://wattline@clickhouse:8443/readings --readings-cluster town

Meters push to these settings of the configuration:
  pushHost, pushPort   TCP, wrapper (IEC 62056-47); 127.0.0.1 and 4059
  pushUdpPort          UDP, wrapper, one push in a datagram; none
  pushHdlcPort         TCP, UI frames of HDLC, for serial servers that dial in; none
  pushLines            list of '/dev/ttyUSB0@9600' and 'host:port': serial lines and
                       serial servers to be dialled, UI frames of HDLC; none`,
    )
    .action(async ({ json, ...flags }: ServeFlags) => {
      const options: ServeOptions = { ...flags, json: json === true };
      const { data } = loadServeConfig(options);
      await refuseIfRunning(data);
      openDataDirectory(data);
      const { runServe } = await import('../serve.ts');
      shell.end((await runServe(options)) === 0 ? 0 : 1);
    });
}
