/** The plug is pulled at every kind of moment: what was acknowledged is there afterwards, once and in order. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { type Random, seededRandom } from '@wattline/base';
import { frameRoom } from './frame.ts';
import { type SimulatedDisk, simulatedDisk } from './simulated-disk.ts';
import { openWriteAheadLog } from './write-ahead-log.ts';

const cuts = Number(process.env.WATTLINE_POWER_CUTS ?? 600);

/** What was asked of the log over its lives, and what it answered. */
interface History {
  readonly submitted: Set<number>;
  readonly acknowledged: Set<number>;
  /** Removal was asked for, so the record may be gone. */
  readonly removable: Set<number>;
  next: number;
}

function recordOf(number: number, random: Random): Uint8Array {
  const record = new Uint8Array(frameRoom + 4 + random.below(300));
  record.set(random.bytes(record.length - frameRoom), frameRoom);
  new DataView(record.buffer).setUint32(frameRoom, number, true);
  return record;
}

function numberOf(record: Uint8Array): number {
  return new DataView(record.buffer, record.byteOffset).getUint32(frameRoom, true);
}

/** One life: opens, checks what is found, appends, seals and removes until the power goes or the work is done. */
async function live(disk: SimulatedDisk, history: History, random: Random): Promise<void> {
  const log = await openWriteAheadLog({ directory: 'log', disk });
  const found = log.recovery.segments.flatMap((segment) => segment.records.map(numberOf));
  check(found, history);
  for (const finding of log.recovery.findings) assert.equal(finding.code, 'store/log-torn-tail');
  for (const segment of log.recovery.segments) {
    if (random.next() < 0.5) continue;
    for (const record of segment.records) history.removable.add(numberOf(record));
    await log.remove(segment);
  }
  for (let turn = 0; turn < 6; turn++) {
    const numbers = Array.from({ length: 1 + random.below(5) }, () => history.next++);
    const appends = numbers.map(async (number) => {
      history.submitted.add(number);
      await log.append(recordOf(number, random));
      history.acknowledged.add(number);
    });
    const outcomes = await Promise.allSettled(appends);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason;
    if (random.next() < 0.4) await log.seal();
  }
  await log.close();
}

function check(found: readonly number[], history: History): void {
  assert.deepEqual(
    found,
    [...new Set(found)].sort((a, b) => a - b),
    'once and in order',
  );
  for (const number of found) assert(history.submitted.has(number), `record ${number} was never written`);
  const there = new Set(found);
  for (const number of history.acknowledged) {
    assert(there.has(number) || history.removable.has(number), `acknowledged record ${number} is lost`);
  }
}

test(`${cuts} seeded power cuts lose nothing acknowledged and invent nothing`, async () => {
  let cutCount = 0;
  for (let seed = 1; seed <= cuts; seed++) {
    const random = seededRandom(`power-cut/${seed}`);
    const history: History = { submitted: new Set(), acknowledged: new Set(), removable: new Set(), next: 1 };
    let disk = simulatedDisk({ cutAt: 1 + random.below(60) });
    try {
      for (let life = 0; life < 4; life++) {
        await live(disk, history, random).catch((error: unknown) => {
          if (!disk.isCut()) throw error;
        });
        if (disk.isCut()) cutCount++;
        // The cut may come while an earlier one is being repaired, too.
        disk = disk.afterPowerCut(random, life < 2 ? { cutAt: 1 + random.below(60) } : {});
      }
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  }
  assert(cutCount > cuts, `expected most lives to be cut short, found ${cutCount} cuts`);
});

test('the checker itself bites: an acknowledgement before the sync is found out', async () => {
  let lost = 0;
  for (let seed = 1; seed <= 40; seed++) {
    const random = seededRandom(`no-sync/${seed}`);
    const disk = simulatedDisk();
    const careless = {
      ...disk,
      create: async (path: string) => ({ ...(await disk.create(path)), sync: async () => {} }),
    };
    const log = await openWriteAheadLog({ directory: 'log', disk: careless });
    await log.append(recordOf(1, random));
    const after = disk.afterPowerCut(random);
    const again = await openWriteAheadLog({ directory: 'log', disk: after });
    if (again.recovery.segments.flatMap((segment) => segment.records).length === 0) lost++;
  }
  assert(lost > 0);
});
