/**
 * The signer process: `node main.ts <directory> [--socket <path>]`. The directory is the signer's own (another user, better another
 * machine): `enrolment.json`, `keys.bin`, `signer.sqlite`. It speaks on standard input and output, or on a local socket.
 */
import { chmodSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { realClock, secureRandom } from '@wattline/base';
import { openRegistry } from '@wattline/store/registry';
import { openKeyVault } from '../keys/key-vault.ts';
import { openRestoreWitness } from '../keys/restore-witness.ts';
import { readEnrolment } from './enrolment.ts';
import { serveSigner } from './serve-signer.ts';
import { openSigner } from './signer.ts';

const [directory, flag, path] = process.argv.slice(2);
if (directory === undefined || (flag !== undefined && (flag !== '--socket' || path === undefined))) {
  process.stderr.write('expected: main.ts <directory> [--socket <path>]\n');
  process.exit(2);
}

const enrolmentPath = join(directory, 'enrolment.json');
const changes = watchFile(enrolmentPath);
const registry = await openRegistry(join(directory, 'signer.sqlite'));
const signer = await openSigner({
  registry,
  enrolment: readEnrolment(readFileSync(enrolmentPath, 'utf8')),
  changedEnrolment: () => {
    const text = changes();
    return text === undefined ? undefined : readEnrolment(text);
  },
  vault: openKeyVault(join(directory, 'keys.bin')),
  witness: await openRestoreWitness({ registry, path: join(directory, 'keys.bin.counters') }),
  clock: realClock(),
  random: secureRandom(),
});

/** Gives the contents of a file once after each time it was replaced; what was there at first is known. */
function watchFile(file: string): () => string | undefined {
  const nameOf = () => {
    const { ino, mtimeMs, size } = statSync(file);
    return `${ino} ${mtimeMs} ${size}`;
  };
  let known = nameOf();
  return () => {
    const name = nameOf();
    if (name === known) return undefined;
    known = name;
    return readFileSync(file, 'utf8');
  };
}

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
