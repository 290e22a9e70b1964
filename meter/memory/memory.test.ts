/** What a meter must not forget: counters, guards, operations. */
import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { quarterMs, testMeter, wattHour } from '../meter-fixture.ts';
import { openFileMemory } from './file-memory.ts';
import { rememberedGuard, reservedCounter } from './invocation-counter.ts';
import { volatileMemory } from './non-volatile.ts';

const folder = mkdtempSync(join(tmpdir(), 'wattline-meter-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const freshPath = () => join(folder, `memory-${++files}`);

describe('invocation counters', () => {
  test('never hand out a number twice, also when the process dies without a word', () => {
    const path = freshPath();
    const seen = new Set<number>();
    for (let life = 0; life < 5; life++) {
      // No close: what was not synced is lost, as after kill -9.
      const counter = reservedCounter(openFileMemory(path), 'reader/sent');
      for (let n = 0; n < 5000; n++) {
        const number = counter.next();
        assert.ok(!seen.has(number), `${number} came twice`);
        seen.add(number);
      }
    }
  });
  test('the end of a block is on disk before its first number is out', () => {
    const path = freshPath();
    const counter = reservedCounter(openFileMemory(path), 'sent');
    const first = counter.next();
    const [, kept] = JSON.parse(readFileSync(path, 'utf8').trim()) as [string, string];
    assert.ok(Number(kept) >= first);
  });
  test('at the end of 32 bits it refuses: the key must be changed', () => {
    const counter = reservedCounter(volatileMemory({ sent: String(2 ** 32 - 2) }), 'sent');
    assert.equal(counter.next(), 2 ** 32 - 1);
    assert.throws(() => counter.next(), { code: 'meter/counter-exhausted' });
  });
  test('a group of counters is made ready with one sync', () => {
    const path = freshPath();
    const memory = openFileMemory(path);
    const counters = ['a', 'b', 'c'].map((name) => reservedCounter(memory, name));
    memory.grouped(() => {
      for (const counter of counters) counter.reserve();
      assert.equal(readFileSync(path, 'utf8'), '');
    });
    assert.equal(readFileSync(path, 'utf8').trim().split('\n').length, 3);
    memory.close();
  });
});

describe('replay guards', () => {
  test('take only what is above all before, and remember it', () => {
    const path = freshPath();
    const memory = openFileMemory(path);
    const guard = rememberedGuard(memory, 'reader/accepted');
    assert.deepEqual(
      [0, 5, 5, 4, 6].map((n) => guard.accept(n)),
      [true, true, false, false, true],
    );
    memory.close();
    assert.equal(rememberedGuard(openFileMemory(path), 'reader/accepted').accept(6), false);
  });
});

describe('the file of the memory', () => {
  test('a last line cut off by a crash is left out, the rest is there', () => {
    const path = freshPath();
    const memory = openFileMemory(path);
    memory.write('x', '1');
    memory.close();
    appendFileSync(path, '["y","2');
    const again = openFileMemory(path);
    assert.equal(again.read('x'), '1');
    assert.equal(again.read('y'), undefined);
  });
  test('a spoilt line in the middle is refused with its place', () => {
    const path = freshPath();
    writeFileSync(path, '["x","1"]\nrubbish\n["y","2"]\n');
    assert.throws(() => openFileMemory(path), { code: 'meter/memory-unreadable', where: { path, line: 2 } });
  });
});

describe('a meter rebuilt from its history', () => {
  test('does again what was done to it, at the same instants, and ends with the same registers', async () => {
    const memory = volatileMemory();
    const live = testMeter({}, { memory });
    const step = (minutes: number) => {
      const startMs = live.meter.countedToMs;
      live.meter.accumulate({
        startMs,
        endMs: startMs + minutes * 60_000,
        deliveredMws: minutes * 2 * wattHour,
        receivedMws: 0,
      });
    };
    for (let n = 0; n < 3; n++) step(5);
    step(5);
    assert.equal(manage(live.meter, 1), 'success');
    for (let n = 0; n < 4; n++) step(5);
    assert.equal(manage(live.meter, 2), 'success');
    for (let n = 0; n < 4; n++) step(5);
    const again = testMeter({}, { memory }).meter;
    for (let n = 0; n < 4; n++) {
      const startMs = again.countedToMs;
      again.accumulate({ startMs, endMs: startMs + quarterMs, deliveredMws: 30 * wattHour, receivedMws: 0 });
    }
    assert.equal(live.meter.metrology.delivered.total.wattHours, 80);
    assert.deepEqual(again.metrology.loadProfile.entries(), live.meter.metrology.loadProfile.entries());
    assert.deepEqual(again.events.entries(), live.meter.events.entries());
    assert.equal(again.isConnected, true);
  });
});

function manage(meter: ReturnType<typeof testMeter>['meter'], method: number): string {
  const management = meter.device.policy(1);
  assert.ok(management);
  return meter.device.action({ classId: 70, obis: '0.0.96.3.10.255', method }, undefined, management).result;
}
