/** A process that uses invocation counters as fast as it can until it is killed: each number is printed when used. */
import { writeSync } from 'node:fs';
import { openRegistry } from '@wattline/store/registry';
import { createRegistryWriter } from '../registry/registry-writer.ts';
import { openFileCounter } from './file-counter.ts';
import { openInvocationCounters } from './invocation-counters.ts';

const [kind, path] = process.argv.slice(2);
if (kind === undefined || path === undefined) throw new Error('expected: registry|file <path>');

if (kind === 'file') {
  const counter = openFileCounter(path);
  for (;;) writeSync(1, `${counter.next()}\n`);
}
const registry = await openRegistry(path);
const writer = createRegistryWriter(registry);
const counters = await openInvocationCounters({ registry, writer, blockSize: 16, requestSize: 4 });
const counter = counters.sent('WTL000001/reader');
for (;;) {
  await counter.ready();
  for (let i = 0; i < 3; i++) writeSync(1, `${counter.next()}\n`);
}
