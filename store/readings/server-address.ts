/** Where a ClickHouse server is and how to get in: the setting `readings` taken apart. A password never shows in what is said of it. */
import { X509Certificate } from 'node:crypto';
import { messageOf } from '@wattline/base';
import { storeError } from '../errors.ts';
import { clusterNamed, type Form } from './table-statements.ts';

/** The settings of a store on a server. */
export interface ServerSettings {
  /** `http://user@host:8123/database` or `https://...`. */
  readonly url: string;
  /** The password when it is not in the URL: from a file or from the environment, read by whoever starts the process. */
  readonly password?: string;
  /** A cluster of the server's `remote_servers`: tables are made Replicated and Distributed over it. */
  readonly cluster?: string;
  /** Whether somebody else makes the tables: then this user needs SELECT and INSERT, and ALTER on `member`. */
  readonly hasTables?: boolean;
  /** Certificate (PEM) of the authority that signed the server's, when the machine does not know it. */
  readonly ca?: Uint8Array;
}

/** The same, checked. */
export interface ServerAddress {
  /** Without user and password. */
  readonly origin: string;
  readonly username: string;
  readonly password: string;
  readonly database: string;
  readonly form: Form;
  readonly ca?: Uint8Array;
}

const expected = 'expected http://user@host:8123/database or https://user@host:8443/database';

/**
 * Takes the settings apart.
 * @throws CodedError `store/bad-setting` with what was expected and what came, without its password.
 */
export function serverAddress({ url, password, cluster, ca }: ServerSettings): ServerAddress {
  const parsed = parseUrl(url);
  const refuse = (found: string) => storeError('store/bad-setting', `readings: ${expected}, found ${found}`);
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') throw refuse(`'${parsed.protocol}'`);
  if (parsed.search !== '' || parsed.hash !== '')
    throw refuse(`'${parsed.search}${parsed.hash}' after the database`);
  const database = decodeURIComponent(parsed.pathname.slice(1)) || 'default';
  if (database.includes('/')) throw refuse(`the path '${parsed.pathname}'`);
  if (ca && parsed.protocol === 'http:') throw refuse('a certificate with http:');
  if (ca) expectCertificate(ca);
  return {
    origin: parsed.origin,
    username: decodeURIComponent(parsed.username) || 'default',
    password: password ?? decodeURIComponent(parsed.password),
    database,
    form: cluster === undefined ? { kind: 'server' } : clusterNamed(cluster),
    ...(ca ? { ca } : {}),
  };
}

/** What is no certificate is told when the settings are read, rather than at the first request. */
function expectCertificate(ca: Uint8Array): void {
  try {
    new X509Certificate(ca);
  } catch (error) {
    const found = `found ${messageOf(error)}`;
    throw storeError('store/bad-setting', `readingsCa: expected a certificate in PEM, ${found}`, {}, error);
  }
}

function parseUrl(url: string): URL {
  try {
    return new URL(url);
  } catch (error) {
    // The text is not repeated: it may hold a password.
    throw storeError('store/bad-setting', `readings: ${expected}, found no URL: ${messageOf(error)}`);
  }
}

/** How the server is named to people. */
export function nameOf({ origin, username, database }: ServerAddress): string {
  return `${origin}/${database} as ${username}`;
}
