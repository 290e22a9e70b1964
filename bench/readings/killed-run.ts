/** A run that is killed in the middle of ingest: opens the bench's data, delivers, says so, and waits for its end. */
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { silentLog } from '@wattline/base';
import { openMdm } from '@wattline/mdm';
import { quality } from '@wattline/model';
import { openRegistry } from '@wattline/store/registry';
import { clock, dayMs, dayStartMs } from './fleet.ts';

const [directory = ''] = process.argv.slice(2);
const registry = await openRegistry(join(directory, 'registry.sqlite'));
const mdm = await openMdm({
  directory: join(directory, 'readings'),
  registry,
  clock,
  log: silentLog,
  events: { report: async () => {} },
});
for (let meter = 0; ; meter++) {
  await mdm.ingest({
    id: `killed/${meter}`,
    origin: { source: 'dlms', reference: 'killed' },
    receivedMs: clock.now(),
    blocks: [
      {
        channel: `UP-${meter % 1000}/delivered`,
        startMs: dayStartMs + dayMs - 900_000 * (1 + Math.floor(meter / 1000)),
        intervalSeconds: 900,
        value: Float64Array.of(1000 + meter),
        quality: Uint16Array.of(quality.measured),
      },
    ],
  });
  if (meter === 500) writeSync(1, 'going\n');
}
