/** `wattline read`: attributes of any DLMS/COSEM meter, over TCP, UDP or a serial port. */
import { realClock, secureRandom, toHex } from '@wattline/base';
import type { AskedAttribute, MeterReader, Reading, ReadValue, RefusedValue } from '@wattline/headend';
import type { SelectiveAccess } from '@wattline/protocols/dlms';
import type { Command } from 'commander';
import { serverError } from '../errors.ts';
import { exitCodes } from './exit-codes.ts';
import { parseDedicatedKey } from './octets-flag.ts';
import { parseEntries, parseInstantFlag } from './place-flags.ts';
import { addClientOptions, type ClientFlags, clientOf } from './read-client.ts';
import { addFramingOptions, baudOption, carrierOf, type LinkFlags } from './read-link.ts';
import { isBuffer, type Meaning, readMeaning } from './read-meaning.ts';
import { listedObjects, renderObjects } from './read-objects.ts';
import { jsonOfData, renderData, renderProfile, renderScaled } from './read-text.ts';
import { positiveNumber, printJson, type Shell, wholeNumber } from './shell.ts';
import { renderTable } from './text-table.ts';

/** Times that octets are sent again on a serial port, where a frame may be damaged. */
const serialRetries = 2;
/** The word for the object list in place of a code. */
const objectsWord = 'objects';
const publicClient = { clientSap: 16, mechanism: 'none', protection: 'none' } as const;
const currentAssociation = '0.0.40.0.0.255';

interface ReadFlags extends ClientFlags, LinkFlags {
  readonly class?: number;
  readonly from?: number;
  readonly to?: number;
  readonly entries?: { readonly fromEntry: number; readonly toEntry: number };
  readonly timeout: number;
  readonly retries?: number;
  readonly counterFrom?: string;
  readonly json?: true;
}

/** What a person asks for. */
interface Asked {
  readonly address: string;
  readonly obis: string;
  readonly attribute: string | undefined;
  readonly flags: ReadFlags;
}

export function addRead(program: Command, shell: Shell): void {
  const command = program
    .command('read <address> <obis> [attribute]')
    .description(
      'read attributes of a DLMS/COSEM meter; <address> is host:port or a serial port, <obis> one code, several with commas between, or the word `objects`',
    );
  addClientOptions(command)
    .option('--dk <hex>', 'dedicated key of the association, or `random`', parseDedicatedKey)
    .option(
      '--counter-from <obis>',
      'reads the meter’s own count of this client first, as the public client 16, and begins above it',
    )
    .option('--general', 'general-glo-ciphering in place of the envelopes of the services')
    .option('--gbt <window>', 'general-block-transfer, blocks without confirmation', wholeNumber(1, 63))
    .option('--sn', 'short names in place of logical names')
    .option('--pdu <octets>', 'largest APDU offered', wholeNumber(64, 65_535))
    .option(
      '--class <number>',
      'interface class; default: what the OBIS code suggests',
      wholeNumber(0, 65_535),
    )
    .option('--from <instant>', 'profile entries from here', parseInstantFlag)
    .option('--to <instant>', 'profile entries up to here; default: now', parseInstantFlag)
    .option('--entries <range>', 'profile entries by number: 1-10, or 5- for all from 5 on', parseEntries)
    .option('--udp', 'the wrapper over UDP in place of TCP');
  addFramingOptions(command)
    .addOption(baudOption())
    .option('--mode-e', 'opens an optical port by mode E of IEC 62056-21, then HDLC')
    .option('--device-address <text>', 'mode E: the meter asked for; default: any')
    .option('--timeout <seconds>', 'longest silence of the meter', positiveNumber, 10)
    .option(
      '--retries <count>',
      'times that frames are sent again after silence; default: 0, on a serial port 2',
      wholeNumber(0, 10),
    )
    .option('--state <directory>', 'where invocation counters are kept; default: $XDG_STATE_HOME/wattline')
    .option('--json', 'print the value as JSON')
    .addHelpText(
      'after',
      `
An attribute of one code may be written behind it: 1.0.1.8.0.255:3. Several codes are read in one request.

Exit codes: 3 the meter cannot be reached, 4 it refused, 5 the address or the OBIS code is none.

Examples:
  wattline read 127.0.0.1:4059 1.0.1.8.0.255
  wattline read 127.0.0.1:4059 0.0.1.0.0.255,1.0.1.8.0.255
  wattline read 127.0.0.1:4059 objects --client 2 --auth gmac --security ae --ek <hex> --ak <hex>
  wattline read 127.0.0.1:4059 1.0.99.1.0.255 --from 2026-11-20T00:00:00Z --client 2 --auth gmac --security ae --ek <hex> --ak <hex>
  wattline read 127.0.0.1:4059 1.0.1.8.0.255 --hdlc --window 3 --frame 512 --hdlc-address 17
  wattline read /dev/ttyUSB0 1.0.1.8.0.255 --mode-e
  wattline read /dev/ttyUSB0 1.0.1.8.0.255 --baud 115200`,
    )
    .action((address: string, obis: string, attribute: string | undefined, flags: ReadFlags) =>
      read(shell, { address, obis, attribute, flags }),
    );
}

async function read(shell: Shell, asked: Asked): Promise<void> {
  const { address, flags } = asked;
  const { readMeter } = await import('@wattline/headend');
  const clock = realClock();
  const random = secureRandom();
  const isList = asked.obis === objectsWord;
  const wanted = isList ? [] : await attributesOf(asked, clock.now());
  const { dialer, address: place, hdlc, isLossy } = await carrierOf(address, flags, clock);
  const framing = hdlc ? { hdlc } : {};
  const way = {
    dialer,
    address: place,
    clock,
    random,
    timeoutMs: flags.timeout * 1000,
    retries: flags.retries ?? (isLossy ? serialRetries : 0),
  };
  const { counterFrom, server: serverSap } = flags;
  const counter =
    counterFrom === undefined
      ? flags.counter
      : await readMeter({ ...way, client: { ...publicClient, serverSap, ...framing } }, (reader) =>
          countOf(reader, counterFrom),
        ).then(({ value }) => value + 1);
  const counted = counter === undefined ? flags : { ...flags, counter };
  const access = { ...way, client: { ...clientOf(counted, random), ...framing } };
  if (isList) {
    const classId = flags.sn ? 12 : 15;
    const reading = await readMeter(access, (reader) => reader.read({ obis: currentAssociation, classId }));
    return showObjects(shell, asked, reading);
  }
  showValues(shell, asked, await readMeter(access, (reader) => readAll(reader, wanted)));
}

/** The count of accepted invocations that a meter shows before anybody associates (IDIS, DSMR: 0-0:43.1.e). */
async function countOf(reader: MeterReader, obis: string): Promise<number> {
  const { data } = await reader.read({ obis, classId: 1 });
  const count = 'value' in data ? Number(data.value) : Number.NaN;
  if (Number.isInteger(count) && count >= 0) return count;
  throw serverError('server/bad-usage', `--counter-from: ${obis} holds no number`, {
    flag: '--counter-from',
  });
}

/** A value with its meaning, or why there is none. */
type Shown = { readonly value: ReadValue; readonly meaning: Meaning } | { readonly refused: RefusedValue };

async function readAll(reader: MeterReader, wanted: readonly AskedAttribute[]): Promise<Shown[]> {
  const [first] = wanted;
  const values = first && wanted.length === 1 ? [await reader.read(first)] : await reader.readList(wanted);
  const shown: Shown[] = [];
  for (const value of values) {
    if ('refusal' in value) shown.push({ refused: value });
    else shown.push({ value, meaning: await readMeaning(reader, value) });
  }
  return shown;
}

/** @throws CodedError `dlms/bad-obis`, `server/bad-usage` */
async function attributesOf({ obis, attribute, flags }: Asked, nowMs: number): Promise<AskedAttribute[]> {
  const { encodeEntryRange, encodeRange, formatObis, parseObis } = await import('@wattline/protocols/dlms');
  const isRange = flags.from !== undefined || flags.to !== undefined;
  if (isRange && flags.entries) {
    throw serverError('server/bad-usage', '--entries does not go with --from and --to', {
      flag: '--entries',
    });
  }
  const access: SelectiveAccess | undefined = flags.entries
    ? encodeEntryRange(flags.entries)
    : isRange
      ? encodeRange(flags.from ?? 0, flags.to ?? nowMs, 0)
      : undefined;
  return obis.split(',').map((text) => {
    const [, code = text, own] = /^(.*[.*]\d+):(-?\d+)$/.exec(text) ?? [];
    return {
      obis: formatObis(parseObis(code)),
      attribute: parseAttribute(own ?? attribute),
      ...(flags.class === undefined ? {} : { classId: flags.class }),
      ...(access ? { access } : {}),
    };
  });
}

function parseAttribute(text: string | undefined): number {
  const attribute = text === undefined ? 2 : Number(text);
  if (Number.isInteger(attribute) && attribute >= -128 && attribute <= 127) return attribute;
  throw serverError(
    'server/bad-usage',
    `expected the number of an attribute, found '${String(text).slice(0, 40)}'`,
  );
}

function showObjects(shell: Shell, { address, flags }: Asked, reading: Reading<ReadValue>): void {
  const { value, ...took } = reading;
  const objects = listedObjects(value.data);
  if (flags.json)
    printJson(shell, { address, objects: objects ?? jsonOfData(value.data), ...tookJson(took) });
  else shell.out(objects ? renderObjects(objects) : renderData(value.data));
}

function showValues(shell: Shell, { address, flags }: Asked, reading: Reading<readonly Shown[]>): void {
  const { value: shown, ...took } = reading;
  const [only] = shown;
  if (shown.every((one) => 'refused' in one)) shell.end(exitCodes.refused);
  else if (shown.some((one) => 'refused' in one)) shell.end(exitCodes.failed);
  if (flags.json) {
    const values = shown.map(jsonOf);
    printJson(shell, { address, ...(shown.length === 1 ? values[0] : { values }), ...tookJson(took) });
  } else if (only && shown.length === 1) shell.out(textOf(only));
  else shell.out(renderTable(['OBIS', 'attribute', 'value'], shown.map(rowOf)));
}

function rowOf(shown: Shown): string[] {
  const { obis, attribute } = 'refused' in shown ? shown.refused : shown.value;
  return [obis, String(attribute), textOf(shown).replace(/\n\s*/g, '; ')];
}

function textOf(shown: Shown): string {
  if ('refused' in shown) return `refused: ${shown.refused.refusal}`;
  const { value, meaning } = shown;
  if (isBuffer(value)) return renderProfile(value.encoded, value.data, meaning.columns ?? []);
  const { scale } = meaning;
  if (!scale) return renderData(value.data);
  return `${renderScaled(value.data, scale)}  (${renderData(value.data)}, scaler ${scale.scaler})`;
}

function jsonOf(shown: Shown): object {
  if ('refused' in shown) return shown.refused;
  const { value, meaning } = shown;
  const { classId, obis, attribute, data } = value;
  const { scale, columns } = meaning;
  return {
    classId,
    obis,
    attribute,
    data: jsonOfData(data),
    ...(scale ? { scaler: scale.scaler, unit: scale.unit, text: renderScaled(data, scale) } : {}),
    ...(columns
      ? {
          columns: columns.map(({ name }) => name),
          columnUnits: columns.map(({ scale }) => scale ?? null),
        }
      : {}),
  };
}

function tookJson(took: Omit<Reading<unknown>, 'value'>): object {
  const { serverSystemTitle, octetsSent, octetsReceived, durationMs } = took;
  return {
    serverSystemTitle: serverSystemTitle ? toHex(serverSystemTitle) : null,
    octetsSent,
    octetsReceived,
    durationMs: Math.round(durationMs),
  };
}
