import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { silentLog } from '@wattline/base';
import { openMdm } from '@wattline/mdm';
import { openRegistry } from '@wattline/store/registry';
import { clock, fillRegistry, ingestDay } from './readings/fleet.ts';

const directory = mkdtempSync('/tmp/wattline-prof-');
const registry = await openRegistry(join(directory, 'registry.sqlite'));
const n = Number(process.argv[2]);
await fillRegistry(registry, n, ['delivered']);
const mdm = await openMdm({
  directory: join(directory, 'readings'),
  registry,
  clock,
  log: silentLog,
  events: { report: async () => {} },
});
const cpu0 = process.cpuUsage();
const s = await ingestDay(mdm, n, ['delivered']);
const c = process.cpuUsage(cpu0);
console.log(s, (n * 96) / s, 'cpu', (c.user + c.system) / 1e6);
await mdm.close();
await registry.destroy();
rmSync(directory, { recursive: true });
