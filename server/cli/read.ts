/** `wattline read`: one attribute of any DLMS/COSEM meter. */
import { codeOf, realClock, secureRandom, toHex } from '@wattline/base';
import type { ReadOptions, ReadResult } from '@wattline/headend';
import type { Address } from '@wattline/network';
import type { Data, Mechanism, Protection } from '@wattline/protocols/dlms';
import { type Command, Option } from 'commander';
import { serverError } from '../errors.ts';
import { parseOctets, parsePassword } from './octets-flag.ts';
import { parseInstantFlag } from './place-flags.ts';
import { type ClientFlags, clientOf, supportedMechanisms } from './read-client.ts';
import {
  captureNames,
  jsonOfData,
  renderData,
  renderProfile,
  renderScaled,
  type ScalerUnit,
  scalerUnitOf,
} from './read-text.ts';
import { positiveNumber, printJson, type Shell, wholeNumber } from './shell.ts';

const mechanisms: readonly Mechanism[] = ['none', 'lls', 'hls2', 'md5', 'sha1', 'gmac', 'sha256', 'ecdsa'];
const protections: readonly Protection[] = ['none', 'a', 'e', 'ae'];

/** Flags that stand for what is not built yet, so that a script learns it before anything is dialled. */
const notYet = ['hdlc', 'window', 'frame', 'sn', 'dk'] as const;

interface ReadFlags extends ClientFlags, Partial<Record<(typeof notYet)[number], unknown>> {
  readonly class?: number;
  readonly from?: number;
  readonly to?: number;
  readonly timeout: number;
  readonly json?: true;
}

export function addRead(program: Command, shell: Shell): void {
  program
    .command('read <address> <obis> [attribute]')
    .description('read one attribute of a DLMS/COSEM meter over TCP')
    .option('--client <sap>', 'client SAP', wholeNumber(1, 65_535), 16)
    .option('--server <sap>', 'server SAP', wholeNumber(1, 65_535), 1)
    .addOption(new Option('--auth <mechanism>', 'authentication').choices(mechanisms).default('none'))
    .option('--password <text>', 'secret of lls, hls2, md5, sha1, sha256; octets after 0x', parsePassword)
    .addOption(
      new Option('--security <protection>', 'protection of APDUs').choices(protections).default('none'),
    )
    .option('--ek <hex>', 'encryption key (GUEK)', parseOctets([16]))
    .option('--ak <hex>', 'authentication key (GAK)', parseOctets([16]))
    .option('--dk <hex>', 'dedicated key: not built yet')
    .option('--st <hex>', 'system title of this client; default: one of this machine’s own', parseOctets([8]))
    .option(
      '--class <number>',
      'interface class; default: what the OBIS code suggests',
      wholeNumber(0, 65_535),
    )
    .option('--from <instant>', 'profile entries from here', parseInstantFlag)
    .option('--to <instant>', 'profile entries up to here; default: now', parseInstantFlag)
    .option('--hdlc', 'HDLC framing: not built yet')
    .option('--window <frames>', 'HDLC window: not built yet')
    .option('--frame <octets>', 'HDLC frame length: not built yet')
    .option('--sn', 'short names: not built yet')
    .option('--timeout <seconds>', 'longest silence of the meter', positiveNumber, 10)
    .option('--state <directory>', 'where invocation counters are kept; default: $XDG_STATE_HOME/wattline')
    .option('--json', 'print the value as JSON')
    .addHelpText(
      'after',
      `
Exit codes: 3 the meter cannot be reached, 4 it refused, 5 the address or the OBIS code is none.

Examples:
  wattline read 127.0.0.1:4059 1.0.1.8.0.255
  wattline read 127.0.0.1:4059 0.0.1.0.0.255
  wattline read 127.0.0.1:4059 1.0.99.1.0.255 --from 2026-11-20T00:00:00Z --client 2 --auth gmac --security ae --ek <hex> --ak <hex>`,
    )
    .action((address: string, obis: string, attribute: string | undefined, flags: ReadFlags) =>
      read(shell, { address, obis, attribute, flags }),
    );
}

async function read(
  shell: Shell,
  {
    address,
    obis,
    attribute,
    flags,
  }: {
    readonly address: string;
    readonly obis: string;
    readonly attribute: string | undefined;
    readonly flags: ReadFlags;
  },
): Promise<void> {
  refuseUnbuilt(flags);
  const { readObject } = await import('@wattline/headend');
  const { encodeRange, parseObis } = await import('@wattline/protocols/dlms');
  const { tcpDialer } = await import('@wattline/network');
  const clock = realClock();
  const random = secureRandom();
  parseObis(obis);
  const isRange = flags.from !== undefined || flags.to !== undefined;
  const options: ReadOptions = {
    dialer: tcpDialer,
    address: parseAddress(address),
    attribute: parseAttribute(attribute),
    obis,
    client: clientOf(flags, random),
    clock,
    random,
    timeoutMs: flags.timeout * 1000,
    ...(flags.class === undefined ? {} : { classId: flags.class }),
    ...(isRange ? { access: encodeRange(flags.from ?? 0, flags.to ?? clock.now(), 0) } : {}),
  };
  const result = await readObject(options);
  // A second look at the object for what the value means; whoever may read the one may be refused the other.
  const meaningAt = meaningAttribute(result);
  const { access: _access, ...plain } = options;
  const meaning =
    meaningAt === undefined
      ? undefined
      : await readMeaning(() => readObject({ ...plain, classId: result.classId, attribute: meaningAt }));
  if (flags.json) printJson(shell, jsonOf(address, result, meaning));
  else shell.out(textOf(result, meaning));
}

function refuseUnbuilt(flags: ReadFlags): void {
  const flag = notYet.find((name) => flags[name] !== undefined);
  if (flag !== undefined)
    throw serverError('server/unsupported-flag', `--${flag} is not built yet`, { flag });
  if (supportedMechanisms.includes(flags.auth)) return;
  throw serverError('server/unsupported-flag', `--auth ${flags.auth} is not built yet`, { flag: 'auth' });
}

function parseAddress(text: string): Address {
  const match = /^(\[[0-9a-fA-F:]+\]|[^:\s]+):(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match?.[1] !== undefined && port > 0 && port < 65_536) {
    return { host: match[1].replace(/^\[|\]$/g, ''), port };
  }
  throw serverError(
    'server/bad-address',
    `expected an address as 127.0.0.1:4059, found '${text.slice(0, 60)}'`,
  );
}

function parseAttribute(text: string | undefined): number {
  const attribute = text === undefined ? 2 : Number(text);
  if (Number.isInteger(attribute) && attribute >= -128 && attribute <= 127) return attribute;
  throw serverError(
    'server/bad-usage',
    `expected the number of an attribute, found '${String(text).slice(0, 40)}'`,
  );
}

/** The attribute that tells scaler and unit (Register, Extended register, Demand register) or columns (Profile generic). */
function meaningAttribute({ classId, attribute }: ReadResult): number | undefined {
  if ([3, 4, 7].includes(classId) && attribute === 2) return 3;
  return classId === 5 && (attribute === 2 || attribute === 3) ? 4 : undefined;
}

async function readMeaning(readIt: () => Promise<ReadResult>): Promise<Data | undefined> {
  try {
    return (await readIt()).data;
  } catch (error) {
    if (codeOf(error) === 'headend/attribute-refused') return undefined;
    throw error;
  }
}

function textOf(result: ReadResult, meaning: Data | undefined): string {
  if (result.classId === 7 && result.attribute === 2) {
    return renderProfile(result.encoded, result.data, captureNames(meaning));
  }
  const scale = scalerUnitOf(meaning);
  if (!scale) return renderData(result.data);
  return `${renderScaled(result.data, scale)}  (${renderData(result.data)}, scaler ${scale.scaler})`;
}

function jsonOf(address: string, result: ReadResult, meaning: Data | undefined): object {
  const { classId, obis, attribute, data, serverSystemTitle, octetsSent, octetsReceived, durationMs } =
    result;
  const scale: ScalerUnit | undefined = scalerUnitOf(meaning);
  const columns = classId === 7 && attribute === 2 ? { columns: captureNames(meaning) } : {};
  return {
    address,
    classId,
    obis,
    attribute,
    data: jsonOfData(data),
    ...(scale ? { scaler: scale.scaler, unit: scale.unit, text: renderScaled(data, scale) } : {}),
    ...columns,
    serverSystemTitle: serverSystemTitle ? toHex(serverSystemTitle) : null,
    octetsSent,
    octetsReceived,
    durationMs: Math.round(durationMs),
  };
}
