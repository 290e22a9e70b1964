/** `wattline headend shipment identity|seal|open`: shipment files sealed on their way, in the manner of age. No server is asked. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { extname } from 'node:path';
import { messageOf } from '@wattline/base';
import { makeShipmentIdentity, openShipment, sealShipment } from '@wattline/headend';
import type { Command } from 'commander';
import { serverError } from '../errors.ts';
import { addNoun, printJson, type Shell } from './shell.ts';

interface OutFlags {
  readonly out: string;
  readonly json?: true;
}

export function addHeadendShipment(headend: Command, shell: Shell): void {
  const shipment = addNoun(headend, 'shipment', 'shipment files sealed on their way');

  shipment
    .command('identity')
    .description('make the key that opens shipments, and tell what to give to those who ship')
    .requiredOption('--out <file>', 'where to keep the private key; it must not exist')
    .option('--json', 'print the recipient as JSON')
    .addHelpText('after', '\nExample:\n  wattline headend shipment identity --out shipment.pem')
    .action(({ out, json }: OutFlags) => {
      const { recipient, privateKey } = makeShipmentIdentity();
      write(out, privateKey);
      if (json) printJson(shell, { recipient, out });
      else shell.out(recipient);
    });

  shipment
    .command('seal <file>')
    .description('seal a shipment, CSV or JSON by its name, for those who may open it')
    .option(
      '--to <recipient>',
      'who may open it; may be repeated',
      (one: string, before: readonly string[]) => [...before, one],
      [],
    )
    .requiredOption('--out <file>', 'where to write it; it must not exist')
    .option('--json', 'print what was done as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  wattline headend shipment seal meters.csv --to WeQ5...A0c --out meters.sealed',
    )
    .action((file: string, { out, to, json }: OutFlags & { to: readonly string[] }) => {
      const format = extname(file) === '.csv' ? 'csv' : 'json';
      const sealed = sealShipment({ text: Buffer.from(read(file)).toString('utf8'), format }, to);
      write(out, sealed);
      if (json) printJson(shell, { out, format, octets: sealed.length, recipients: to.length });
      else shell.out(`${out}: ${sealed.length} octets for ${to.length}`);
    });

  shipment
    .command('open <file>')
    .description('open a sealed shipment; do it where the signer lives, and enrol it there')
    .requiredOption('--identity <file>', 'the private key that `identity` made')
    .requiredOption('--out <file>', 'where to write it; it must not exist')
    .option('--json', 'print what was done as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  wattline headend shipment open meters.sealed --identity shipment.pem --out meters.csv',
    )
    .action((file: string, { out, identity, json }: OutFlags & { identity: string }) => {
      const { text, format } = openShipment(read(file), Buffer.from(read(identity)).toString('utf8'));
      write(out, text);
      if (json) printJson(shell, { out, format });
      else shell.out(`${out}: ${format}`);
    });
}

function read(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    throw serverError('server/no-file', `${path}: ${messageOf(error)}`);
  }
}

/** For its owner alone: what is written holds keys. */
function write(path: string, content: string | Uint8Array): void {
  if (existsSync(path)) throw serverError('server/bad-usage', `${path} stands already`);
  writeFileSync(path, content, { mode: 0o600, flag: 'wx' });
}
