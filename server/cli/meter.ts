/** `wattline meter run`: one virtual meter on TCP. */
import { type Command, Option } from 'commander';
import { stopSignal } from '../stop-signal.ts';
import { addNoun, printJson, type Shell, wholeNumber } from './shell.ts';
import { renderTable } from './text-table.ts';

interface MeterFlags {
  readonly profile: string;
  readonly host: string;
  readonly port: number;
  readonly seed: string;
  readonly json?: true;
}

export function addMeter(program: Command, shell: Shell): void {
  const meter = addNoun(program, 'meter', 'virtual meters');
  meter
    .command('run')
    .description('run one virtual meter on TCP until stopped; prints its clients and keys')
    .addOption(new Option('--profile <name>', 'companion profile').choices(['demo']).default('demo'))
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port to listen on', wholeNumber(0, 65_535), 4059)
    .option('--seed <text>', 'keys, load and history are a function of the seed', '1')
    .option('--json', 'print address, clients and keys as one line of JSON')
    .addHelpText('after', '\nExample:\n  wattline meter run --profile demo --port 4059')
    .action(async ({ profile, host, port, seed, json }: MeterFlags) => {
      const { runSingleMeter } = await import('@wattline/sim');
      const stop = stopSignal();
      const running = await runSingleMeter({ profile, host, port, seed });
      const { stop: stopMeter, ...facts } = running;
      if (json) shell.out(JSON.stringify(facts));
      else shell.out(renderMeter(facts));
      await stop;
      await stopMeter();
    });
}
