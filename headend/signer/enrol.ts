/**
 * The step before provisioning: `node enrol.ts <signer directory> <shipment.json|csv> [tenant]`, run on the signer's machine. Takes the
 * management keys of a shipment into `enrolment.json` and writes the shipment without them to standard output; what it did, as a
 * line of JSON, to standard error.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf, messageOf } from '@wattline/base';
import { openKeyVault } from '../keys/key-vault.ts';
import { recipientOf } from '../keys/sealed-box.ts';
import { defaultLoadW, enrolShipment } from './enrol-shipment.ts';
import { keepEnrolmentFile, openEnrolmentFile } from './enrolment-file.ts';

const [directory, path, tenant = 'utility'] = process.argv.slice(2);
if (directory === undefined || path === undefined) {
  process.stderr.write('expected: enrol.ts <signer directory> <shipment.json|csv> [tenant]\n');
  process.exit(2);
}
try {
  const file = openEnrolmentFile(directory);
  const vault = openKeyVault(join(directory, 'keys.bin'));
  const format = path.endsWith('.csv') ? 'csv' : 'json';
  const { stripped, ...done } = enrolShipment(readFileSync(path, 'utf8'), format, {
    file,
    vault,
    tenant,
    loadW: defaultLoadW,
  });
  keepEnrolmentFile(directory, done.file);
  const { enrolled, without, refused } = done;
  const recipient = recipientOf(vault.channelKey);
  process.stderr.write(`${JSON.stringify({ enrolled, without, refused, recipient })}\n`);
  process.stdout.write(stripped);
} catch (error) {
  process.stderr.write(`${JSON.stringify({ code: codeOf(error), message: messageOf(error) })}\n`);
  process.exitCode = 1;
}
