/** The configuration of `wattline serve`: a YAML file, overruled by flags. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError, messageOf } from '@wattline/base';
import { type LineSource, type PushSources, parseLineSource } from '@wattline/headend';
import { type RulePack, rulePackOf, rulePacks } from '@wattline/mdm';
import type { Address } from '@wattline/network';
import type { ServerSettings } from '@wattline/store/readings';
import type { RetentionPolicy } from '@wattline/system';
import { parse } from 'yaml';

/** The flags of `wattline serve`. */
export interface ServeOptions {
  /** Configuration file; `wattline.yaml` when it exists. */
  readonly config?: string;
  readonly host?: string;
  readonly port?: number;
  readonly data?: string;
  /** A ClickHouse server by URL. */
  readonly readings?: string;
  /** A cluster of that server. */
  readonly readingsCluster?: string;
  readonly json: boolean;
}

/** All settings with their defaults in. */
export interface ServeConfig {
  readonly host: string;
  readonly port: number;
  readonly data: string;
  /** IANA zone of the utility's days. */
  readonly zone: string;
  /** `postgres://...`; SQLite in the data directory when left out. */
  readonly registry: string | undefined;
  /** By which rule pack readings are judged where nothing else was told (`wattline vee packs`); the generic one when left out. */
  readonly rulePack: RulePack | undefined;
  /** A ClickHouse server or cluster; the embedded one in the data directory when left out. */
  readonly readings: ServerSettings | undefined;
  /** Months that each class of data is kept; a class that is left out is kept for ever. See `wattline db retention`. */
  readonly keep: RetentionPolicy;
  /** Where meters push to. */
  readonly push: Address;
  /** Where else: UDP, HDLC from serial servers that dial in, serial lines and serial servers to be dialled. */
  readonly pushSources: PushSources;
  /** Shipment files (JSON or CSV) taken in at start. */
  readonly shipments: readonly string[];
  /** Directory of the signer that is started with the stack; `<data>/signer` when left out. */
  readonly signer: string;
  /** Local socket of a signer that somebody else runs, instead. Shipments then come without management keys. */
  readonly signerSocket: string | undefined;
  /** That signer's public key, as its enrolling step told it: new reader keys are sealed for no other. */
  readonly signerRecipient: string | undefined;
}

const settings = {
  host: { type: 'string', otherwise: '127.0.0.1' },
  port: { type: 'number', otherwise: 8080 },
  data: { type: 'string', otherwise: './data' },
  zone: { type: 'string', otherwise: 'UTC' },
  rulePack: { type: 'string', otherwise: undefined },
  registry: { type: 'string', otherwise: undefined },
  readings: { type: 'string', otherwise: undefined },
  readingsCluster: { type: 'string', otherwise: undefined },
  readingsPasswordFile: { type: 'string', otherwise: undefined },
  readingsCa: { type: 'string', otherwise: undefined },
  readingsTablesGiven: { type: 'boolean', otherwise: false },
  keep: { type: 'object', otherwise: {} },
  pushHost: { type: 'string', otherwise: '127.0.0.1' },
  pushPort: { type: 'number', otherwise: 4059 },
  pushUdpPort: { type: 'number', otherwise: undefined },
  pushHdlcPort: { type: 'number', otherwise: undefined },
  pushLines: { type: 'object', otherwise: [] },
  shipments: { type: 'object', otherwise: [] },
  signer: { type: 'string', otherwise: undefined },
  signerSocket: { type: 'string', otherwise: undefined },
  signerRecipient: { type: 'string', otherwise: undefined },
} as const;

/**
 * Reads the configuration.
 * @throws CodedError `server/bad-config` naming the setting, what was expected and what came.
 */
export function loadServeConfig(options: ServeOptions): ServeConfig {
  const path = options.config ?? 'wattline.yaml';
  const file = options.config !== undefined || existsSync(path) ? readYaml(path) : {};
  for (const [name, value] of Object.entries(file)) checkSetting(path, name, value);
  const value = <T>(name: keyof typeof settings) => (file[name] ?? settings[name].otherwise) as T;
  const data = options.data ?? value<string>('data');
  const portOf = (name: 'udp' | 'hdlc', port: number | undefined) =>
    port === undefined ? {} : { [name]: { host: value<string>('pushHost'), port } };
  return {
    host: options.host ?? value<string>('host'),
    port: options.port ?? value<number>('port'),
    data,
    zone: value<string>('zone'),
    rulePack: packNamed(path, value<string | undefined>('rulePack')),
    registry: value<string | undefined>('registry'),
    readings: readingsServer(options, value),
    keep: value<RetentionPolicy>('keep'),
    push: { host: value<string>('pushHost'), port: value<number>('pushPort') },
    pushSources: {
      ...portOf('udp', value<number | undefined>('pushUdpPort')),
      ...portOf('hdlc', value<number | undefined>('pushHdlcPort')),
      lines: value<readonly unknown[]>('pushLines').map((line) => lineOf(path, line)),
    },
    shipments: value<readonly string[]>('shipments'),
    signer: value<string | undefined>('signer') ?? join(data, 'signer'),
    signerSocket: value<string | undefined>('signerSocket'),
    signerRecipient: value<string | undefined>('signerRecipient'),
  };
}

type Setting = keyof typeof settings;

function packNamed(path: string, id: string | undefined): RulePack | undefined {
  if (id === undefined) return undefined;
  const pack = rulePackOf(id);
  if (pack) return pack;
  const known = rulePacks.map((one) => one.id).join(', ');
  const what = `${path}: expected rulePack to be one of ${known}, found '${id}'`;
  throw new CodedError('server/bad-config', what, { path, setting: 'rulePack' });
}

/** The environment variable with the password of the ClickHouse user, where no file has it. */
export const readingsPasswordVariable = 'WATTLINE_READINGS_PASSWORD';

function readingsServer(options: ServeOptions, value: <T>(name: Setting) => T): ServerSettings | undefined {
  const url = options.readings ?? value<string | undefined>('readings');
  if (url === undefined) return undefined;
  const cluster = options.readingsCluster ?? value<string | undefined>('readingsCluster');
  const passwordFile = value<string | undefined>('readingsPasswordFile');
  const ca = value<string | undefined>('readingsCa');
  const password =
    passwordFile === undefined
      ? process.env[readingsPasswordVariable]
      : readNamed('readingsPasswordFile', passwordFile).toString('utf8').trimEnd();
  return {
    url,
    hasTables: value<boolean>('readingsTablesGiven'),
    ...(cluster === undefined ? {} : { cluster }),
    ...(password === undefined ? {} : { password }),
    ...(ca === undefined ? {} : { ca: readNamed('readingsCa', ca) }),
  };
}

function readNamed(setting: Setting, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new CodedError('server/bad-config', `${setting}: ${messageOf(error)}`, { path, setting }, error);
  }
}

function lineOf(path: string, text: unknown): LineSource {
  const line = typeof text === 'string' ? parseLineSource(text) : undefined;
  if (line) return line;
  const expected = "'/dev/ttyUSB0', '/dev/ttyUSB0@9600' or 'host:port'";
  const what = `${path}: expected a line of pushLines to be ${expected}, found ${JSON.stringify(text)}`;
  throw new CodedError('server/bad-config', what, { path, setting: 'pushLines' });
}

function readYaml(path: string): Record<string, unknown> {
  try {
    const content: unknown = parse(readFileSync(path, 'utf8'));
    if (content === null) return {};
    if (typeof content === 'object' && !Array.isArray(content)) return content as Record<string, unknown>;
    throw new Error('expected settings as name: value');
  } catch (error) {
    throw new CodedError('server/bad-config', `${path}: ${messageOf(error)}`, { path }, error);
  }
}

function checkSetting(path: string, name: string, value: unknown): void {
  const setting = Object.hasOwn(settings, name) ? settings[name as keyof typeof settings] : undefined;
  if (!setting) {
    const known = Object.keys(settings).join(', ');
    throw new CodedError('server/bad-config', `${path}: expected one of ${known}, found '${name}'`, {
      path,
      setting: name,
    });
  }
  if (typeof value !== setting.type) {
    const what = `${path}: expected ${name} to be a ${setting.type === 'object' ? 'list' : setting.type}, found ${JSON.stringify(value)}`;
    throw new CodedError('server/bad-config', what, { path, setting: name });
  }
}
