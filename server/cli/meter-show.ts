/** `wattline meter show`: what a meter shows of the present moment, read by DLMS again and again. */
import { type Clock, type Random, realClock, secureRandom } from '@wattline/base';
import type { MeterMoment } from '@wattline/model';
import type { Mechanism, Protection } from '@wattline/protocols/dlms';
import { type Command, Option } from 'commander';
import { stopSignal } from '../stop-signal.ts';
import { renderMoment } from './meter-show-frame.ts';
import { parseOctets } from './octets-flag.ts';
import { clientOf } from './read-client.ts';
import { type Carrier, carrierOf, defaultBaud } from './read-link.ts';
import { positiveNumber, printJson, type Shell, wholeNumber } from './shell.ts';

interface ShowFlags {
  readonly seed: string;
  readonly client: number;
  readonly auth: Mechanism;
  readonly security: Protection;
  readonly ek?: Uint8Array;
  readonly ak?: Uint8Array;
  readonly state?: string;
  readonly every: number;
  readonly once?: true;
  readonly timeout: number;
  readonly json?: true;
}

const usualAddress = '127.0.0.1:4059';
const publicClient = { client: 16, server: 1, auth: 'none', security: 'none' } as const;
/** Home, and clear what is below. */
const clearScreen = '\u001b[H\u001b[J';
const hideCursor = '\u001b[?25l';
const showCursor = '\u001b[?25h';

export function addMeterShow(meter: Command, shell: Shell): void {
  meter
    .command('show [address]')
    .description(
      'show phasors, registers, harmonics and events of a running meter; live in a terminal, else once',
    )
    .option('--seed <text>', 'keys of a virtual meter follow from its seed and serial number', '1')
    .option('--client <sap>', 'client SAP', wholeNumber(1, 65_535), 2)
    .addOption(new Option('--auth <mechanism>', 'authentication').choices(['none', 'gmac']).default('gmac'))
    .addOption(
      new Option('--security <protection>', 'protection of APDUs')
        .choices(['none', 'a', 'e', 'ae'])
        .default('ae'),
    )
    .option('--ek <hex>', 'encryption key (GUEK) of any other meter', parseOctets([16, 32]))
    .option('--ak <hex>', 'authentication key (GAK)', parseOctets([16, 32]))
    .option('--every <seconds>', 'pause between two looks', positiveNumber, 1)
    .option('--once', 'one look alone')
    .option('--timeout <seconds>', 'longest silence of the meter', positiveNumber, 10)
    .option('--state <directory>', 'where invocation counters are kept; default: $XDG_STATE_HOME/wattline')
    .option('--json', 'one look as JSON')
    .addHelpText(
      'after',
      `
Without an address: ${usualAddress}. Without keys: those of a virtual meter, by --seed.

Examples:
  wattline meter run --waveform record.cfg
  wattline meter show
  wattline meter show 127.0.0.1:4059 --json`,
    )
    .action((address: string | undefined, flags: ShowFlags) => show(shell, address ?? usualAddress, flags));
}

async function show(shell: Shell, address: string, flags: ShowFlags): Promise<void> {
  const clock = realClock();
  const look = await openLook(address, flags, { clock, random: secureRandom() });
  const first = await look();
  if (flags.json) return printJson(shell, first);
  if (flags.once || !process.stdout.isTTY) return shell.out(renderMoment(first));
  await live(look, first, { clock, everyMs: flags.every * 1000 });
}

/** Draws until Ctrl+C. A meter that goes away ends it with the reason. */
async function live(
  look: () => Promise<MeterMoment>,
  first: MeterMoment,
  { clock, everyMs }: { readonly clock: Clock; readonly everyMs: number },
): Promise<void> {
  const stopped = new AbortController();
  void stopSignal().then(() => stopped.abort());
  process.stdout.write(hideCursor);
  try {
    for (let moment = first; !stopped.signal.aborted; moment = await look()) {
      process.stdout.write(`${clearScreen}${renderMoment(moment)}\n\nCtrl+C ends it.\n`);
      await clock.sleep(everyMs, stopped.signal).catch(() => undefined);
      if (stopped.signal.aborted) break;
    }
  } finally {
    process.stdout.write(showCursor);
  }
}

/** A look at the meter, each in an association of its own; what the meter has is remembered between them. */
async function openLook(
  address: string,
  flags: ShowFlags,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): Promise<() => Promise<MeterMoment>> {
  const { MomentMemory, readMeter, readMoment } = await import('@wattline/headend');
  const carrier = await carrierOf(address, { baud: defaultBaud }, clock);
  const access = { ...carrier, clock, random, timeoutMs: flags.timeout * 1000 };
  const keys = flags.ek || flags.auth === 'none' ? flags : await keysOfSeed(access, flags);
  const memory = new MomentMemory();
  const client = clientOf({ ...flags, ...keys, server: 1 }, random);
  return async () => {
    const { value } = await readMeter({ ...access, client }, (reader) =>
      readMoment(async (reference) => (await reader.read(reference)).data, memory),
    );
    return value;
  };
}

/** The keys of a virtual meter: its serial number is public, the rest follows from the seed. */
async function keysOfSeed(
  access: Carrier & { readonly clock: Clock; readonly random: Random; readonly timeoutMs: number },
  flags: ShowFlags,
): Promise<{ readonly ek: Uint8Array; readonly ak: Uint8Array }> {
  const { readObject } = await import('@wattline/headend');
  const { keysFromSeed } = await import('@wattline/meter');
  const client = clientOf({ ...publicClient, ...(flags.state ? { state: flags.state } : {}) }, access.random);
  const { data } = await readObject({ ...access, client, obis: '0.0.96.1.0.255', classId: 1 });
  const serial = data.type === 'octet-string' ? Buffer.from(data.value).toString('latin1') : '';
  const { ek, ak } = keysFromSeed(flags.seed, serial, 'reader');
  return { ek, ak };
}
