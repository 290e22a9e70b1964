/** `wattline meter run`: one virtual meter on TCP. */
import type { SingleMeter } from '@wattline/sim';
import { type Command, Option } from 'commander';
import { stopSignal } from '../stop-signal.ts';
import { addMeterConformance } from './meter-conformance.ts';
import { parseInterval, parseZone } from './place-flags.ts';
import { addNoun, type Shell, wholeNumber } from './shell.ts';
import { renderTable } from './text-table.ts';

interface MeterFlags {
  readonly profile: string;
  readonly host: string;
  readonly port: number;
  readonly seed: string;
  readonly interval: 15 | 30;
  readonly zone: string;
  readonly days: number;
  readonly memory?: string;
  readonly json?: true;
}

export function addMeter(program: Command, shell: Shell): void {
  const meter = addNoun(program, 'meter', 'virtual meters');
  addMeterConformance(meter, shell);
  meter
    .command('run')
    .description('run one virtual meter on TCP until stopped; prints its clients and keys')
    .addOption(new Option('--profile <name>', 'companion profile').choices(['demo']).default('demo'))
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port to listen on', wholeNumber(0, 65_535), 4059)
    .option('--seed <text>', 'keys, load and history are a function of the seed', '1')
    .option('--interval <minutes>', 'capture period, 15 or 30', parseInterval, 30)
    .option('--zone <zone>', 'IANA zone of the meter', parseZone, 'Europe/London')
    .option('--days <count>', 'days of history', wholeNumber(1, 800), 40)
    .option('--memory <file>', 'non-volatile memory of the meter; default: one for each seed in ~/.wattline')
    .option('--json', 'print address, clients and keys as one line of JSON')
    .addHelpText(
      'after',
      `
Example:
  wattline meter run --profile demo --port 4059
  wattline read 127.0.0.1:4059 1.0.1.8.0.255`,
    )
    .action(async ({ interval, memory, json, ...flags }: MeterFlags) => {
      const { runSingleMeter } = await import('@wattline/sim');
      const stop = stopSignal();
      const running = await runSingleMeter({
        ...flags,
        intervalSeconds: interval * 60,
        ...(memory === undefined ? {} : { memoryPath: memory }),
      });
      const { stop: stopMeter, ...facts } = running;
      shell.out(json ? JSON.stringify(facts) : renderMeter(facts));
      await stop;
      await stopMeter();
    });
}

function renderMeter({ address, serial, systemTitle, clients }: Omit<SingleMeter, 'stop'>): string {
  const place = `${address.host}:${address.port}`;
  const rows = clients.map(({ name, sap, mechanism, protection, ek, ak }) => [
    name,
    String(sap),
    mechanism,
    protection,
    ek ?? '',
    ak ?? '',
  ]);
  const examples = clients.map((client) => {
    const login =
      client.ek === null
        ? ''
        : ` --auth ${client.mechanism} --security ${client.protection} --ek ${client.ek} --ak ${client.ak ?? ''}`;
    return `  wattline read ${place} 1.0.1.8.0.255 --client ${client.sap}${login}`;
  });
  return [
    `Meter ${serial} (system title ${systemTitle}) listens on ${place}`,
    '',
    renderTable(['client', 'SAP', 'auth', 'security', 'EK', 'AK'], rows),
    '',
    'Read it:',
    ...examples,
    '',
    'Stop it with Ctrl+C.',
  ].join('\n');
}
