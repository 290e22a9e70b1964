/** Where a meter is and how octets get there: the address and the flags of carrier and framing. */
import type { Clock } from '@wattline/base';
import type { Address, Dialer } from '@wattline/network';
import type { HdlcOptions } from '@wattline/protocols/dlms';
import type { Baud } from '@wattline/protocols/iec62056-21';
import { type Command, Option } from 'commander';
import { serverError } from '../errors.ts';
import { wholeNumber } from './shell.ts';

/** Flags of framing, for both sides. */
export interface FramingFlags {
  readonly hdlc?: true;
  readonly window?: number;
  readonly frame?: number;
  readonly hdlcAddress?: number;
}

/** Flags of the way to a meter. */
export interface LinkFlags extends FramingFlags {
  readonly udp?: true;
  readonly baud: number;
  readonly modeE?: true;
  readonly deviceAddress?: string;
}

/** A way to a meter. */
export interface Carrier {
  readonly dialer: Dialer;
  readonly address: Address;
  readonly hdlc?: HdlcOptions;
  /** Octets may get lost or damaged on the way. */
  readonly isLossy: boolean;
}

export const defaultBaud = 9600;
/** Rates of mode E (IEC 62056-21 clause 6.3.14). */
const openingBauds: readonly Baud[] = [300, 600, 1200, 2400, 4800, 9600, 19_200];
const openingStart: Baud = 300;

/** Adds the flags of framing to a command. */
export function addFramingOptions(command: Command): Command {
  return command
    .option('--hdlc', 'frames by HDLC (IEC 62056-46) in place of the wrapper; always so on a serial port')
    .option('--window <frames>', 'HDLC: frames before an acknowledgement, 1 to 7', wholeNumber(1, 7))
    .option('--frame <octets>', 'HDLC: largest information field, 32 to 2030', wholeNumber(32, 2030))
    .option(
      '--hdlc-address <number>',
      'HDLC: lower address of the server; default: addresses of one octet',
      wholeNumber(0, 16_383),
    );
}

/** The speed of a serial port. */
export function baudOption(): Option {
  return new Option('--baud <bits>', 'speed of a serial port, bits a second; with --mode-e the highest')
    .argParser(wholeNumber(50, 4_000_000))
    .default(defaultBaud);
}

/** The framing that flags ask for. @throws CodedError `server/bad-usage` for flags of HDLC without it. */
export function framingOf(flags: FramingFlags, isHdlcAnyway: boolean): HdlcOptions | undefined {
  const { window, frame, hdlcAddress } = flags;
  if (!flags.hdlc && !isHdlcAnyway) {
    const given = { '--window': window, '--frame': frame, '--hdlc-address': hdlcAddress };
    const flag = Object.entries(given).find(([, value]) => value !== undefined)?.[0];
    if (flag === undefined) return undefined;
    throw serverError('server/bad-usage', `${flag} belongs to --hdlc`, { flag });
  }
  return {
    ...(window === undefined ? {} : { window }),
    ...(frame === undefined ? {} : { maxInformation: frame }),
    ...(hdlcAddress === undefined ? {} : { serverLower: hdlcAddress }),
  };
}

/**
 * The way to an address: `host:port` by TCP or UDP, a path by serial port.
 * @throws CodedError `server/bad-address`, `server/bad-usage`
 */
export async function carrierOf(address: string, flags: LinkFlags, clock: Clock): Promise<Carrier> {
  const carrier = await plainCarrierOf(address, flags);
  if (!flags.modeE) return carrier;
  const { opticalDialer } = await import('@wattline/headend');
  const maxBaud = openingBaud(flags.baud);
  const named = flags.deviceAddress === undefined ? {} : { address: flags.deviceAddress };
  return { ...carrier, dialer: opticalDialer(carrier.dialer, { clock, maxBaud, ...named }) };
}

/** The speeds that an opening can agree on. @throws CodedError `server/bad-usage` */
export function openingBaud(baud: number): Baud {
  const found = openingBauds.find((one) => one === baud);
  if (found !== undefined) return found;
  const what = `--baud: expected ${openingBauds.join(', ')} with --mode-e, found ${baud}`;
  throw serverError('server/bad-usage', what, { flag: '--baud' });
}

async function plainCarrierOf(address: string, flags: LinkFlags): Promise<Carrier> {
  const isSerial = address.startsWith('/');
  const hdlc = framingOf(flags, isSerial || flags.modeE === true);
  if (flags.udp && (hdlc || isSerial)) {
    throw serverError('server/bad-usage', '--udp carries the wrapper alone, no HDLC and no serial port', {
      flag: '--udp',
    });
  }
  const { openSerial, tcpDialer, udpDialer } = await import('@wattline/network');
  const framing = hdlc ? { hdlc } : {};
  if (!isSerial) {
    const dialer = flags.udp ? udpDialer : tcpDialer;
    return { dialer, address: parseAddress(address), isLossy: flags.udp === true, ...framing };
  }
  const baudRate = flags.modeE ? openingStart : flags.baud;
  const dialer: Dialer = { dial: () => openSerial({ path: address, baudRate }) };
  return { dialer, address: { host: address, port: 0 }, isLossy: true, ...framing };
}

/** A host and a port. @throws CodedError `server/bad-address` */
function parseAddress(text: string): Address {
  const match = /^(\[[0-9a-fA-F:]+\]|[^:\s]+):(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match?.[1] !== undefined && port > 0 && port < 65_536) {
    return { host: match[1].replace(/^\[|\]$/g, ''), port };
  }
  const what = `expected an address as 127.0.0.1:4059 or a serial port as /dev/ttyUSB0, found '${text.slice(0, 60)}'`;
  throw serverError('server/bad-address', what);
}
