/** What a person sees of a running meter: its clients, their keys, and the command that reads it as each. */
import type { SingleMeter, SingleMeterClient } from '@wattline/sim';
import { defaultBaud, type FramingFlags } from './read-link.ts';
import type { KeyFiles } from './signing-keys.ts';
import { renderTable } from './text-table.ts';

/** How the meter was told to answer. */
export interface ShownRun extends FramingFlags {
  readonly udp?: true;
  readonly serial?: string;
  readonly baud: number;
  readonly modeE?: true;
  readonly keyFiles: ReadonlyMap<number, KeyFiles> | undefined;
}

const headings = ['client', 'SAP', 'auth', 'security', 'suite', 'EK', 'AK', 'password'];

/** The text of `wattline meter run`. */
export function renderMeter(meter: Omit<SingleMeter, 'stop'>, how: ShownRun): string {
  const { address, serial, systemTitle, masterKey, clients } = meter;
  const place = how.serial ?? `${address.host}:${address.port}`;
  const rows = clients.map(({ name, sap, mechanism, protection, suite, ek, ak, secret }) =>
    [name, sap, mechanism, protection, suite, ek, ak, secret].map((cell) => String(cell ?? '')),
  );
  const link = linkFlags(how);
  const examples = clients.map(
    (client) => `  wattline read ${place} 1.0.1.8.0.255${link} --client ${client.sap}${login(client, how)}`,
  );
  return [
    `Meter ${serial} (system title ${systemTitle}) ${how.serial ? 'answers' : 'listens'} on ${place}`,
    '',
    renderTable(headings, rows),
    ...(masterKey === null ? [] : [`Master key (keys are transferred under it): ${masterKey}`]),
    '',
    'Read it:',
    ...examples,
    '',
    'Stop it with Ctrl+C.',
  ].join('\n');
}

function linkFlags({ hdlc, window, frame, hdlcAddress, udp, serial, baud, modeE }: ShownRun): string {
  return [
    hdlc && !serial && !modeE ? ' --hdlc' : '',
    modeE ? ' --mode-e' : '',
    window === undefined ? '' : ` --window ${window}`,
    frame === undefined ? '' : ` --frame ${frame}`,
    hdlcAddress === undefined ? '' : ` --hdlc-address ${hdlcAddress}`,
    udp ? ' --udp' : '',
    serial && baud !== defaultBaud ? ` --baud ${baud}` : '',
  ].join('');
}

function login(client: SingleMeterClient, { keyFiles }: ShownRun): string {
  const { mechanism, protection, suite, ek, ak, secret, signing, sap } = client;
  const files = keyFiles?.get(sap);
  const isCiphered = protection !== 'none' || mechanism === 'gmac';
  const own = files?.clientKey ?? '<file: --key-files writes it>';
  return [
    mechanism === 'none' ? '' : ` --auth ${mechanism}`,
    secret === null ? '' : ` --password ${secret}`,
    signing ? ` --signing-key ${own} --meter-key ${files?.meterKey ?? '<file>'}` : '',
    protection === 'none' ? '' : ` --security ${protection}`,
    isCiphered && suite === 1 ? ' --suite 1' : '',
    ek === null || !isCiphered ? '' : ` --ek ${ek} --ak ${ak ?? ''}`,
  ].join('');
}
