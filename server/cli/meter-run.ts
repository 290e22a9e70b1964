/** `wattline meter run`: one virtual meter on TCP, UDP or a serial port. */
import type { Mechanism } from '@wattline/protocols/dlms';
import type { SingleMeterOptions } from '@wattline/sim';
import { type Command, InvalidArgumentError } from 'commander';
import { serverError } from '../errors.ts';
import { stopSignal } from '../stop-signal.ts';
import { renderMeter } from './meter-run-text.ts';
import { addWaveformOptions, type WaveformFlags, waveformOf } from './meter-waveform.ts';
import { parseInterval, parseZone } from './place-flags.ts';
import { addFramingOptions, baudOption, type FramingFlags, framingOf, openingBaud } from './read-link.ts';
import { type Shell, wholeNumber } from './shell.ts';
import { writeSigningKeys } from './signing-keys.ts';

interface RunFlags extends FramingFlags, WaveformFlags {
  readonly profile: string;
  readonly host: string;
  readonly port: number;
  readonly udp?: true;
  readonly serial?: string;
  readonly baud: number;
  readonly modeE?: true;
  readonly pdu?: number;
  readonly seed: string;
  readonly interval: 15 | 30;
  readonly zone: string;
  readonly days: number;
  readonly crystal?: true;
  readonly ct?: Ratio;
  readonly vt?: Ratio;
  readonly memory?: string;
  readonly auth?: readonly Mechanism[];
  readonly allMechanisms?: true;
  readonly sn?: true;
  readonly keyFiles?: string;
  readonly json?: true;
}

const mechanisms: readonly Mechanism[] = ['none', 'lls', 'hls2', 'md5', 'sha1', 'gmac', 'sha256', 'ecdsa'];

export function addMeterRun(meter: Command, shell: Shell): void {
  const command = meter
    .command('run')
    .description('run one virtual meter until stopped; prints its clients and keys')
    .option('--profile <name>', 'companion profile: demo, generic, is15959, idis or smr', 'demo')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port to listen on, 0 for any', wholeNumber(0, 65_535), 4059)
    .option('--udp', 'the wrapper over UDP in place of TCP')
    .option('--serial <device>', 'a serial port in place of TCP; frames are HDLC');
  addWaveformOptions(command);
  addFramingOptions(command)
    .addOption(baudOption())
    .option('--mode-e', 'is an optical port: the opening of mode E of IEC 62056-21, then HDLC')
    .option('--pdu <octets>', 'largest APDU it takes and sends', wholeNumber(64, 65_535), 1024)
    .option(
      '--auth <mechanisms>',
      `adds bench clients of these mechanisms, weak ones too: ${mechanisms.join(', ')}, with commas between`,
      parseMechanisms,
    )
    .option('--all-mechanisms', 'adds a bench client of every mechanism, protection and suite')
    .option('--sn', 'answers short names too')
    .option('--key-files <directory>', 'writes the signing keys of its ecdsa clients there, as PEM')
    .option('--seed <text>', 'keys, load and history are a function of the seed', '1')
    .option('--interval <minutes>', 'capture period, 15 or 30', parseInterval, 30)
    .option('--zone <zone>', 'IANA zone of the meter', parseZone, 'Europe/London')
    .option('--days <count>', 'days of history', wholeNumber(1, 800), 40)
    .option(
      '--crystal',
      'its clock drifts with a crystal at the temperature of the place, in place of true time',
    )
    .option(
      '--ct <primary/secondary>',
      'current transformers that are programmed into it, as 600/5',
      parseRatio,
    )
    .option(
      '--vt <primary/secondary>',
      'voltage transformers that are programmed into it, as 11000/110',
      parseRatio,
    )
    .option('--memory <file>', 'non-volatile memory of the meter; default: one for each seed in ~/.wattline')
    .option('--json', 'print address, clients and keys as one line of JSON')
    .addHelpText(
      'after',
      `
The clients of the profile are always there; bench clients, whose mechanisms are mostly weak, only by --auth or --all-mechanisms.
They may read what the profile's reader may. Keys come from the seed: who knows it knows them.

Examples:
  wattline meter run --profile demo --port 4059
  wattline read 127.0.0.1:4059 1.0.1.8.0.255

  wattline meter run --hdlc --window 3 --frame 512 --auth lls,md5
  wattline meter run --all-mechanisms --key-files keys
  wattline meter run --serial /dev/ttyUSB0 --mode-e`,
    )
    .action((flags: RunFlags) => run(shell, flags));
}

async function run(shell: Shell, flags: RunFlags): Promise<void> {
  const { udp, serial, baud, memory, pdu, profile, host, port, seed, zone, days } = flags;
  const { modeE } = flags;
  const hdlc = framingOf(flags, serial !== undefined || modeE === true);
  if (udp && hdlc) {
    throw serverError('server/bad-usage', '--udp carries the wrapper alone, no HDLC and no serial port', {
      flag: '--udp',
    });
  }
  await checkProfile(profile);
  const bench = flags.allMechanisms ? mechanisms : flags.auth;
  const { runSingleMeter } = await import('@wattline/sim');
  const stop = stopSignal();
  const { stop: stopMeter, ...facts } = await runSingleMeter({
    profile,
    host,
    port,
    seed,
    zone,
    days,
    intervalSeconds: flags.interval * 60,
    ...(pdu === undefined ? {} : { maxPduSize: pdu }),
    ...(memory === undefined ? {} : { memoryPath: memory }),
    ...(hdlc ? { hdlc } : {}),
    ...(udp ? { isUdp: true } : {}),
    ...(modeE ? { opticalBaud: openingBaud(baud) } : {}),
    ...(serial === undefined ? {} : { serial: { path: serial, baudRate: baud } }),
    ...(bench ? { benchMechanisms: bench } : {}),
    ...transformersOf(flags),
    ...(flags.crystal ? { hasCrystal: true } : {}),
    ...(flags.sn ? { hasShortNames: true } : {}),
    ...(await waveformOf(flags)),
  });
  const keyFiles = flags.keyFiles === undefined ? undefined : writeSigningKeys(flags.keyFiles, facts.clients);
  shell.out(flags.json ? JSON.stringify(facts) : renderMeter(facts, { ...flags, keyFiles }));
  await stop;
  await stopMeter();
}

async function checkProfile(profile: string): Promise<void> {
  const { companionProfiles } = await import('@wattline/meter');
  if (Object.hasOwn(companionProfiles, profile)) return;
  const known = Object.keys(companionProfiles).join(', ');
  const what = `--profile: expected ${known}, found '${profile.slice(0, 40)}'`;
  throw serverError('server/bad-usage', what, { flag: '--profile' });
}

/** Primary over secondary. */
interface Ratio {
  readonly numerator: number;
  readonly denominator: number;
}

const direct: Ratio = { numerator: 1, denominator: 1 };

function transformersOf({ ct, vt }: RunFlags): Pick<SingleMeterOptions, 'transformers'> {
  if (!ct && !vt) return {};
  const { numerator: currentNumerator, denominator: currentDenominator } = ct ?? direct;
  const { numerator: voltageNumerator, denominator: voltageDenominator } = vt ?? direct;
  return { transformers: { currentNumerator, currentDenominator, voltageNumerator, voltageDenominator } };
}

const mostRatio = 65_535;

function parseRatio(text: string): Ratio {
  const [, numerator, denominator] = /^(\d+)\/(\d+)$/.exec(text.trim()) ?? [];
  const ratio = { numerator: Number(numerator), denominator: Number(denominator) };
  if (Object.values(ratio).every((figure) => figure >= 1 && figure <= mostRatio)) return ratio;
  const what = `expected primary/secondary, whole numbers from 1 to ${mostRatio}, found '${text.slice(0, 20)}'`;
  throw new InvalidArgumentError(what);
}

function parseMechanisms(text: string): Mechanism[] {
  return text.split(',').map((word) => {
    const found = mechanisms.find((mechanism) => mechanism === word.trim());
    if (found) return found;
    throw new InvalidArgumentError(`expected ${mechanisms.join(', ')}, found '${word.slice(0, 20)}'`);
  });
}
