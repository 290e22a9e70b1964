/** The whole server killed with -9 while it collects: nothing acknowledged is lost, nothing is doubled, no counter goes down. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { localDay, seededRandom } from '@wattline/base';
import { openRegistry } from '@wattline/store/registry';
import { startProgram } from './command.ts';
import { startTestTown } from './running-town.ts';

const cycles = Number(process.env.WATTLINE_KILL_CYCLES ?? 25) >= 1000 ? 40 : 2;
const seed = process.env.WATTLINE_SEED ?? '1';

/** Sent counters by scope, as they stand on disk. */
async function sentCounters(directory: string): Promise<Map<string, number>> {
  const registry = await openRegistry(join(directory, 'registry.sqlite'));
  const rows = await registry.selectFrom('invocation_counter').selectAll().execute();
  await registry.destroy();
  return new Map(rows.map((row) => [row.scope, Number(row.value)]));
}

test(`${cycles} kills of the server while it collects (seed ${seed}) leave a town whose sums are exact`, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'wattline-kill-'));
  const random = seededRandom(seed);
  let counters = new Map<string, number>();
  try {
    for (let cycle = 0; cycle < cycles; cycle++) {
      const flags = [
        '--meters',
        '6',
        '--days',
        '40',
        '--interval',
        '30',
        '--port',
        '0',
        '--data',
        directory,
        '--json',
      ];
      const running = startProgram('town', ...flags);
      // The n-th report of progress is a moment that the seed chooses.
      const reports = 2 + random.below(9);
      await running.says(
        new RegExp(`("progress"[\\s\\S]*?){${reports}}|readingsPerSecond":\\d[\\s\\S]*ready`),
      );
      running.process.kill('SIGKILL');
      await running.end;
      const now = await sentCounters(directory);
      for (const [scope, value] of counters) assert.ok((now.get(scope) ?? 0) >= value, `${scope} went down`);
      counters = now;
    }
    const town = await startTestTown({ data: directory });
    const { system, plan } = town;
    const months = await system.billing.bills('UP-0001');
    assert.equal(months.find((bill) => bill.state === 'closed')?.registerCheck.agrees, true);
    const day = localDay(months[0]?.start.slice(0, 10) ?? '', plan.zone);
    const versions = await system.mdm.versions('UP-0001/delivered', day.startMs);
    assert.equal(versions.length, 1, 'one version of an interval that was delivered again and again');
    await town.stop({ isKept: true });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
