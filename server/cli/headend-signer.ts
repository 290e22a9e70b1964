/** `wattline headend enrol|person|red-switch`: what is done at the signer's directory by hand, and the switch that stops everything. */
import { writeFileSync } from 'node:fs';
import { messageOf } from '@wattline/base';
import {
  enrolShipmentFile,
  keepEnrolmentFile,
  openEnrolmentFile,
  type Role,
  roles,
  withPerson,
} from '@wattline/headend';
import type { Command } from 'commander';
import { serverError } from '../errors.ts';
import { makePersonKey } from '../person-key.ts';
import { postJson } from './headend-job.ts';
import { findServer, type ServerFlags, withServer } from './running-server.ts';
import { printJson, type Shell } from './shell.ts';

export function addHeadendSigner(headend: Command, shell: Shell): void {
  headend
    .command('enrol <shipment>')
    .description(
      'take the management keys of a shipment into the signer’s directory, and write the shipment without them',
    )
    .requiredOption('--signer <directory>', 'directory of the signer')
    .requiredOption('--out <file>', 'where to write the shipment for the head-end')
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      `
Run it where the signer lives, and keep the shipment there: the head-end needs only the file written. A signer that runs
knows the new meters from the next message on.

Example:
  wattline headend enrol shipment.csv --signer /var/lib/wattline-signer --out for-headend.csv`,
    )
    .action(async (shipment: string, flags: { signer: string; out: string; json?: true }) => {
      const { stripped, report } = await enrolShipmentFile(flags.signer, shipment);
      try {
        writeFileSync(flags.out, stripped, { mode: 0o600 });
      } catch (error) {
        throw serverError('server/no-file', `${flags.out} cannot be written: ${messageOf(error)}`);
      }
      const { enrolled, without, refused, recipient } = report;
      if (flags.json) printJson(shell, report);
      else
        shell.out(
          `${enrolled} meters enrolled, ${without} without management keys, ${refused.length} refused\nthe signer is ${recipient} (signerRecipient of the head-end)`,
        );
    });

  headend
    .command('person <id>')
    .description('enrol a person who may sign, with a new key, at the signer’s directory')
    .requiredOption('--signer <directory>', 'directory of the signer')
    .requiredOption('--name <name>', 'name of the person')
    .requiredOption(
      '--key-file <file>',
      'where to write the private key; hand it to the person and keep no copy',
    )
    .option('--role <role...>', `of ${roles.join(', ')}`, ['operator'])
    .option('--tenant <name...>', 'tenants the person acts for', ['utility'])
    .option('--json', 'print what was enrolled as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  wattline headend person asha --name "Asha Rao" --signer signer --key-file asha.pem --role operator authority',
    )
    .action(
      (
        id: string,
        flags: {
          signer: string;
          name: string;
          keyFile: string;
          role: string[];
          tenant: string[];
          json?: true;
        },
      ) => {
        const unknown = flags.role.find((role) => !roles.some((known) => known === role));
        if (unknown !== undefined) {
          throw serverError('server/bad-usage', `expected a role of ${roles.join(', ')}, found '${unknown}'`);
        }
        const file = openEnrolmentFile(flags.signer);
        const publicKey = makePersonKey(flags.keyFile);
        const person = {
          id,
          name: flags.name,
          roles: flags.role as Role[],
          tenants: flags.tenant,
          publicKey,
        };
        keepEnrolmentFile(flags.signer, withPerson(file, person));
        if (flags.json) printJson(shell, person);
        else shell.out(`${id} is enrolled; the signer knows from the next message on`);
      },
    );

  withServer(headend.command('red-switch'))
    .description('stop every command to every meter, now; two people release it')
    .requiredOption('--by <person>', 'who pulls it')
    .addHelpText('after', '\nExample:\n  wattline headend red-switch --by asha')
    .action(async (flags: ServerFlags & { readonly by: string }) => {
      const answer = await postJson(findServer(flags), 'commands/red-switch', { by: flags.by });
      if (flags.json) printJson(shell, answer);
      else shell.out('the red switch is pulled: nothing is switched until two people release it');
    });
}
