/** `wattline dlms conformance`: the tests of the Yellow Book against any DLMS/COSEM meter. */
import { writeFileSync } from 'node:fs';
import {
  type Clock,
  CodedError,
  codeOf,
  messageOf,
  type Random,
  realClock,
  secureRandom,
} from '@wattline/base';
import type { ConformanceTest, Declarations, Target, TestResult } from '@wattline/protocols/dlms/conformance';
import { type Command, InvalidArgumentError } from 'commander';
import { serverError } from '../errors.ts';
import { version } from '../version.ts';
import type { Drive } from './dlms-conformance-drive.ts';
import {
  type ConformanceRun,
  countsOf,
  jsonOfRun,
  renderResult,
  renderSummary,
} from './dlms-conformance-report.ts';
import { exitCodes } from './exit-codes.ts';
import { parseOctets } from './octets-flag.ts';
import { addClientOptions, type ClientFlags, clientOf } from './read-client.ts';
import { addFramingOptions, baudOption, carrierOf, type LinkFlags } from './read-link.ts';
import { positiveNumber, printJson, type Shell, wholeNumber } from './shell.ts';
import { renderTable } from './text-table.ts';

interface Flags extends ClientFlags, LinkFlags {
  readonly addressing: readonly (1 | 2 | 4)[];
  readonly inactivity?: number;
  readonly user?: number;
  readonly masterKey?: Uint8Array;
  readonly writable?: NonNullable<Declarations['writable']>;
  readonly strengthenPolicy?: true;
  readonly only?: readonly string[];
  readonly objects: number;
  readonly timeout: number;
  readonly silence: number;
  readonly html?: string;
  readonly list?: true;
  readonly json?: true;
}

export function addDlmsConformance(dlms: Command, shell: Shell): void {
  const command = dlms
    .command('conformance [address]')
    .description(
      'test a DLMS/COSEM meter under the public names of the Yellow Book; <address> is host:port or a serial port; 1 when a test fails',
    );
  addClientOptions(command)
    .option('--sn', 'short names in place of logical names')
    .option('--udp', 'the wrapper over UDP in place of TCP');
  addFramingOptions(command)
    .addOption(baudOption())
    .option(
      '--addressing <lengths>',
      'HDLC: lengths of server address the meter is declared to take, of 1,2,4',
      parseLengths,
      [1, 2, 4],
    )
    .option(
      '--inactivity <seconds>',
      'HDLC: inactivity timeout of the meter; tested when given',
      positiveNumber,
    )
    .option('--user <number>', 'a user of the client, for meters that identify users', wholeNumber(0, 127))
    .option(
      '--master-key <hex>',
      'master key (KEK): keys of the client are transferred, and the old ones put back',
      parseOctets([16, 32]),
    )
    .option(
      '--writable <class:obis:attribute>',
      'an attribute that may be written with the value just read from it',
      parseWritable,
    )
    .option('--strengthen-policy', 'security policies may be activated, which cannot be taken back')
    .option('--objects <count>', 'objects of the list that are read at most', wholeNumber(1, 65_535), 500)
    .option('--only <names>', 'tests or beginnings of their names, with commas between', parseNames)
    .option('--timeout <seconds>', 'longest time for an answer', positiveNumber, 5)
    .option(
      '--silence <seconds>',
      'how long silence is waited for; longer than the inter-octet timeout of the meter',
      positiveNumber,
      1,
    )
    .option('--state <directory>', 'where invocation counters are kept; default: $XDG_STATE_HOME/wattline')
    .option('--html <file>', 'write the report with every octet as a page')
    .option('--list', 'list the tests; needs no meter')
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      `
One run tests one client of the meter with one framing: run it for each. Nothing is written to the meter but what it must refuse,
unless --master-key, --writable or --strengthen-policy says that it may be. A transferred key is the old one with its last bit changed: a
run that is cut off in between leaves the meter with that.
The report holds the octets that were sent, a password of low level security included.

Exit codes: 1 a test failed, 3 the meter cannot be reached, 4 it refuses the client that the flags describe.

Examples:
  wattline dlms conformance 127.0.0.1:4059
  wattline dlms conformance 127.0.0.1:4059 --client 2 --auth gmac --security ae --ek <hex> --ak <hex> --html report.html
  wattline dlms conformance 127.0.0.1:4059 --hdlc --hdlc-address 17 --only HDLC
  wattline dlms conformance 127.0.0.1:4059 --client 1 --auth gmac --security ae --ek <hex> --ak <hex> --master-key <hex> --only SYMSEC
  wattline dlms conformance --list`,
    )
    .action((address: string | undefined, flags: Flags) => conformance(shell, address, flags));
}

async function conformance(shell: Shell, address: string | undefined, flags: Flags): Promise<void> {
  const { conformanceTests, runTests } = await import('@wattline/protocols/dlms/conformance');
  const tests = conformanceTests.filter(({ name }) => isAsked(name, flags.only));
  if (tests.length === 0) {
    throw serverError(
      'server/bad-usage',
      `--only: expected the beginning of a test’s name, found '${flags.only?.join(',').slice(0, 60)}'`,
    );
  }
  if (flags.list) {
    list(shell, tests, flags);
    return;
  }
  if (address === undefined)
    throw serverError('server/bad-usage', 'expected the address of a meter, as 127.0.0.1:4059');
  const [clock, random] = [realClock(), secureRandom()];
  const { drive, target } = await aim(address, flags, clock, random);
  const { driveScript } = await import('./dlms-conformance-drive.ts');
  await refuseStranger(drive, target);
  const started = clock.now();
  const show = (result: TestResult) => {
    if (flags.json) shell.err(`${result.verdict.padEnd(14)} ${result.test.name}`);
    else if (result.verdict !== 'not-applicable') shell.out(renderResult(result));
  };
  const results = await driveScript(runTests(tests, target, show), drive);
  const run: ConformanceRun = {
    address,
    client: flags.client,
    server: flags.server,
    framing: target.framing,
    referencing: target.referencing,
    auth: flags.auth,
    security: flags.security,
    started: Temporal.Instant.fromEpochMilliseconds(started).toString(),
    durationMs: clock.now() - started,
    version,
    results,
  };
  if (flags.html !== undefined) await writePage(flags.html, run, flags);
  if (flags.json) printJson(shell, jsonOfRun(run));
  else shell.out(renderSummary(run));
  if (countsOf(results).failed > 0) shell.end(exitCodes.failed);
}

/** Where the meter is and what is known of it. */
async function aim(
  address: string,
  flags: Flags,
  clock: Clock,
  random: Random,
): Promise<{ drive: Drive; target: Target }> {
  const { dialer, address: place, hdlc } = await carrierOf(address, flags, clock);
  const client = clientOf(flags, random);
  const { clientSap, serverSap, mechanism, protection, secret, keys, signing, systemTitle, counter } = client;
  const isLong = (hdlc?.serverLower ?? 0) > 127 || serverSap > 127;
  const addressLength = hdlc?.serverLower === undefined ? 1 : isLong ? 4 : 2;
  const target: Target = {
    framing: hdlc ? 'hdlc' : 'wrapper',
    clientSap,
    serverSap,
    mechanism,
    protection,
    referencing: flags.sn ? 'sn' : 'ln',
    random,
    ...(secret ? { secret } : {}),
    ...(keys ? { keys } : {}),
    ...(signing ? { signing } : {}),
    ...(systemTitle ? { systemTitle } : {}),
    ...(counter ? { counter } : {}),
    hdlc: {
      addressLength,
      addressLengths: flags.addressing,
      ...(hdlc?.serverLower === undefined ? {} : { serverLower: hdlc.serverLower }),
      ...(flags.inactivity === undefined ? {} : { inactivityMs: flags.inactivity * 1000 }),
    },
    declared: declaredIn(flags),
  };
  const patience = { replyMs: flags.timeout * 1000, silenceMs: flags.silence * 1000 };
  return { drive: { dialer, address: place, clock, ...patience }, target };
}

function declaredIn({ objects, user, masterKey, writable, strengthenPolicy }: Flags): Declarations {
  return {
    maxObjects: objects,
    ...(user === undefined ? {} : { userId: user }),
    ...(masterKey ? { masterKey } : {}),
    ...(writable ? { writable } : {}),
    ...(strengthenPolicy ? { mayStrengthen: true } : {}),
  };
}

/**
 * A meter that cannot be reached or refuses the client would fail every test for no fault of its own: that is told in place of a
 * report. A meter whose answer is wrong in another way is tested.
 */
async function refuseStranger(drive: Drive, target: Target): Promise<void> {
  const { greet } = await import('@wattline/protocols/dlms/conformance');
  const { driveScript } = await import('./dlms-conformance-drive.ts');
  const greeting = await driveScript(greet(target), drive);
  const where = { host: drive.address.host, port: drive.address.port };
  if (greeting.kind === 'silence') {
    throw new CodedError(
      'network/unreachable',
      `the meter answers nothing within ${drive.replyMs / 1000} s`,
      where,
    );
  }
  if (greeting.kind === 'refused') {
    throw new CodedError(
      'dlms/association-rejected',
      `the meter refuses this client (${greeting.how}): nothing was tested`,
      where,
    );
  }
}

function list(shell: Shell, tests: readonly ConformanceTest[], { json }: Flags): void {
  if (json) {
    const items = tests.map(({ name, group, title, clause, origin, subtests }) => ({
      name,
      group,
      title,
      clause,
      origin,
      subtests: subtests.map(({ title }) => title),
    }));
    printJson(shell, items);
    return;
  }
  const rows = tests.map(({ name, title, subtests, clause }) => [
    name,
    title,
    String(subtests.length),
    clause,
  ]);
  shell.out(renderTable(['test', 'what', 'subtests', 'clause'], rows));
}

async function writePage(path: string, run: ConformanceRun, flags: Flags): Promise<void> {
  const { conformanceRunPage } = await import('./dlms-conformance-page.ts');
  const page = conformanceRunPage(run, {
    ...(flags.ek ? { ek: flags.ek } : {}),
    ...(flags.ak ? { ak: flags.ak } : {}),
  });
  try {
    writeFileSync(path, page);
  } catch (error) {
    throw serverError(
      'server/bad-usage',
      `--html ${path} cannot be written: ${messageOf(error)} (${codeOf(error)})`,
      { path },
    );
  }
}

function isAsked(name: string, only: readonly string[] | undefined): boolean {
  return only === undefined || only.some((beginning) => name.startsWith(beginning));
}

function parseNames(text: string): readonly string[] {
  return text.split(',').map((name) => name.trim().replace(/\*$/, ''));
}

function parseWritable(text: string): NonNullable<Declarations['writable']> {
  const [classId = '', obis = '', attribute = ''] = text.split(':');
  const isWhole = /^\d{1,5}:(\d{1,3}\.){5}\d{1,3}:\d{1,3}$/.test(text);
  if (isWhole) return { classId: Number(classId), obis, attribute: Number(attribute) };
  throw new InvalidArgumentError('expected class:obis:attribute, as 3:1.0.1.8.0.255:2');
}

function parseLengths(text: string): readonly (1 | 2 | 4)[] {
  const lengths = text.split(',').map(Number);
  if (lengths.length > 0 && lengths.every((length) => [1, 2, 4].includes(length)))
    return lengths as (1 | 2 | 4)[];
  throw new InvalidArgumentError('expected lengths of 1,2,4');
}
