/** Octets a reading on real half-hours: households of Low Carbon London through the whole of ingest, a delivery a week. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { silentLog } from '@wattline/base';
import { openMdm } from '@wattline/mdm';
import { quality, type ReadingBlock } from '@wattline/model';
import { openRegistry } from '@wattline/store/registry';
import { Session } from 'chdb';
import { clock } from './fleet.ts';

const path = join(process.env.WATTLINE_SHARED ?? '../shared', 'data/A01_lcl_london_30min_2013.csv.gz');
const weekMs = 7 * 86_400_000;

/** Octets of the store's files a reading, or null where the data are not there. */
export async function octetsPerReading(
  households: number,
): Promise<{ octets: number; readings: number } | null> {
  if (!existsSync(path)) return null;
  const directory = mkdtempSync(join(tmpdir(), 'wattline-london-'));
  const registry = await openRegistry(':memory:');
  try {
    const homes = readHomes(households);
    for (const id of homes.keys()) await addHome(registry, id);
    const options = { registry, clock, log: silentLog, events: { report: async () => {} } };
    const mdm = await openMdm({ directory, ...options });
    let readings = 0;
    const weeks = [...new Set([...homes.values()].flatMap((blocks) => [...blocks.keys()]))].sort(
      (a, b) => a - b,
    );
    for (const week of weeks) {
      const blocks = [...homes.values()].flatMap((ofHome) => ofHome.get(week) ?? []);
      const origin = { source: 'import', reference: `week ${week}` } as const;
      readings += (await mdm.ingest({ id: `week ${week}`, origin, receivedMs: week, blocks })).accepted;
    }
    await mdm.settled();
    await mdm.close();
    return { octets: await octetsOfParts(join(directory, 'store')), readings };
  } finally {
    await registry.destroy();
    rmSync(directory, { recursive: true, force: true });
  }
}

function readHomes(households: number): Map<string, Map<number, ReadingBlock>> {
  const homes = new Map<string, Map<number, ReadingBlock>>();
  for (const line of gunzipSync(readFileSync(path)).toString().split('\n').slice(1)) {
    const [id = '', stamp = '', kwh = ''] = line.split(',');
    if (id === '' || (!homes.has(id) && homes.size === households)) continue;
    const atMs = Temporal.Instant.from(`${stamp.replace(' ', 'T')}Z`).epochMilliseconds;
    const week = Math.floor(atMs / weekMs) * weekMs;
    const block = homes
      .getOrInsertComputed(id, () => new Map<number, ReadingBlock>())
      .getOrInsertComputed(week, () => emptyWeek(id, week));
    block.value[(atMs - week) / 1_800_000] = Math.round(Number(kwh) * 1000);
    block.quality[(atMs - week) / 1_800_000] = quality.measured;
  }
  return homes;
}

function emptyWeek(id: string, startMs: number): ReadingBlock {
  return {
    channel: `${id}/delivered`,
    startMs,
    intervalSeconds: 1800,
    value: new Float64Array(336),
    quality: new Uint16Array(336).fill(quality.missing),
  };
}

async function addHome(registry: Awaited<ReturnType<typeof openRegistry>>, id: string): Promise<void> {
  const place = { zone: 'UTC', substation: 'S', feeder: 'F', transformer: 'T', latitude: 0, longitude: 0 };
  const home = { id, customer: '', address: '', kind: 'home' as const, tariff_id: '', solar_w: 0, ...place };
  await registry.insertInto('usage_point').values(home).execute();
  const channel = {
    id: `${id}/delivered`,
    usage_point_id: id,
    reading_type: 'delivered',
    interval_seconds: 1800,
  };
  await registry.insertInto('channel').values(channel).execute();
}

/** Octets of all files of the parts in force; what a merge has replaced lies beside them for minutes and is none of the readings. */
async function octetsOfParts(directory: string): Promise<number> {
  const session = new Session(directory);
  try {
    const paths = session.query(
      'SELECT path FROM system.parts WHERE active AND database = currentDatabase()',
      'TSV',
    );
    let octets = 0;
    for (const path of paths.trim().split('\n'))
      for (const name of await readdir(path)) octets += (await stat(join(path, name))).size;
    return octets;
  } finally {
    session.close();
  }
}
