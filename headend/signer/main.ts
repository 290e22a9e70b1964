/**
 * The signer process: `node main.ts <directory> [--socket <path>]`. The directory is the signer's own (another user, better another
 * machine): `enrolment.json`, `keys.bin`, `signer.sqlite`. It speaks on standard input and output, or on a local socket.
 */
import { chmodSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { realClock, secureRandom } from '@wattline/base';
import { openRegistry } from '@wattline/store/registry';
import { openKeyVault } from '../keys/key-vault.ts';
import { readEnrolment } from './enrolment.ts';
import { serveSigner } from './serve-signer.ts';
import { openSigner } from './signer.ts';

const [directory, flag, path] = process.argv.slice(2);
if (directory === undefined || (flag !== undefined && (flag !== '--socket' || path === undefined))) {
  process.stderr.write('expected: main.ts <directory> [--socket <path>]\n');
  process.exit(2);
}

const registry = await openRegistry(join(directory, 'signer.sqlite'));
const signer = await openSigner({
  registry,
  enrolment: readEnrolment(readFileSync(join(directory, 'enrolment.json'), 'utf8')),
  vault: openKeyVault(join(directory, 'keys.bin')),
  clock: realClock(),
  random: secureRandom(),
});

if (path === undefined) {
  await serveSigner(signer, process.stdin, process.stdout);
  await registry.destroy();
} else {
  rmSync(path, { force: true });
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    void serveSigner(signer, socket, socket);
  });
  server.maxConnections = 16;
  server.listen(path, () => chmodSync(path, 0o660));
}
