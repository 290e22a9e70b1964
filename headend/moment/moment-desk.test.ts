/** Looking at a meter: what it does not have is null, and a look never costs a collection. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { virtualClock } from '@wattline/base';
import type { Data } from '@wattline/protocols/dlms';
import { headendWith } from '../headend-fixture.ts';
import { fillProfile, testMeter } from '../test-server.ts';
import { displayOf } from './display-object.ts';
import { waveOf } from './wave-object.ts';

const dayMs = 86_400_000;
const startMs = Date.UTC(2025, 9, 1);

function scripted() {
  const clock = virtualClock(startMs + dayMs);
  const meter = testMeter(1, { clock, installedAtMs: startMs, zone: 'UTC' });
  fillProfile(meter, startMs, startMs + dayMs);
  return { clock, meter };
}

describe('a look at a meter', () => {
  test('shows its clock; objects that this meter does not have are null, and are not asked for again', async (context) => {
    const { clock, meter } = scripted();
    const { headend } = await headendWith(context, { clock, meters: [meter] });
    const moment = await headend.lookAt('WTL000001');
    assert.equal(moment.at, '2025-10-02T00:00:00Z');
    assert.deepEqual([moment.wave, moment.display, moment.activeW], [null, null, null]);
    assert.deepEqual([moment.phases, moment.registers], [[], []]);
    const sent = headend.figures().octetsSent;
    await headend.lookAt('WTL000001');
    assert.ok(headend.figures().octetsSent - sent < sent / 2);
  });
  test('those who ask at one time share a session, and a collection that waits is still done, one after the other', async (context) => {
    const { clock, meter } = scripted();
    const { headend, management } = await headendWith(context, { clock, meters: [meter] });
    const [first, second, outcome] = await Promise.all([
      headend.lookAt('WTL000001'),
      headend.lookAt('WTL000001'),
      headend.collect('WTL000001'),
    ]);
    assert.deepEqual(first, second);
    assert.equal(outcome.outcome, 'answer');
    assert.equal(management.batches.length, 1);
    assert.deepEqual([meter.dials, meter.openMax], [2, 1]);
  });
  test('a meter that nobody reaches, or that is not provisioned, ends the look with a code', async (context) => {
    const { clock, meter } = scripted();
    const { headend } = await headendWith(context, { clock, meters: [meter] });
    meter.isUnreachable = true;
    await assert.rejects(headend.lookAt('WTL000001'), { code: 'network/unreachable' });
    await assert.rejects(headend.lookAt('nobody'), { code: 'headend/meter-unknown' });
    meter.isUnreachable = false;
    assert.equal((await headend.lookAt('WTL000001')).at, '2025-10-02T00:00:00Z');
  });
});

describe('the object of the wave', () => {
  const number = (value: number): Data => ({ type: 'double-long-unsigned', value });
  const head: readonly Data[] = [{ type: 'enum', value: 0 }, ...[50_000, 10_000, 100, 4000].map(number)];
  test('codes are volts and amperes by the size that the meter gives', () => {
    const phase: Data = {
      type: 'structure',
      value: [
        ...[-12_000, 3000].map((value): Data => ({ type: 'long', value })),
        ...[193, 1040].map((value): Data => ({ type: 'long-unsigned', value })),
        { type: 'array', value: [230_100, 0, 1500].map(number) },
        { type: 'array', value: [53_600].map(number) },
        { type: 'octet-string', value: Uint8Array.of(0x7f, 0xff, 0x80, 0x00) },
        { type: 'octet-string', value: Uint8Array.of(0x00, 0x64) },
      ],
    };
    const wave = waveOf({
      type: 'structure',
      value: [...head, { type: 'array', value: [phase] }, { type: 'array', value: [] }],
    });
    assert.equal(wave?.origin, 'sampled');
    assert.deepEqual(wave?.phases[0], {
      ...{ voltageAngleDeg: -120, lagDeg: 30, thdVoltagePercent: 1.93, thdCurrentPercent: 10.4 },
      ...{ voltageHarmonicsV: [230.1, 0, 1.5], currentHarmonicsA: [5.36] },
      ...{ voltage: [327.67, -327.68], current: [0.01] },
    });
  });
  test('anything else is no wave', () => {
    assert.equal(waveOf(undefined), null);
    assert.equal(waveOf({ type: 'null-data' }), null);
    assert.equal(waveOf({ type: 'structure', value: [] }), null);
    assert.equal(waveOf({ type: 'structure', value: [{ type: 'enum', value: 9 }, ...head.slice(1)] }), null);
  });
});

describe('the object of the display', () => {
  const text = (value: string): Data => ({ type: 'octet-string', value: Buffer.from(value) });
  const page = (code: string): Data => ({
    type: 'structure',
    value: [
      ...[text(code), text('  123456')],
      { type: 'unsigned', value: 2 },
      ...[text('kWh'), { type: 'octet-string', value: Uint8Array.of(0, 0, 6, 0x5b, 0x4f, 0x66, 0x6d, 0x7d) }],
    ] as Data[],
  });
  const display = (signs: Data, lit: Data = { type: 'boolean', value: true }): Data => ({
    type: 'structure',
    value: [
      ...[lit, { type: 'unsigned', value: 8 }, signs, { type: 'enum', value: 4 }],
      ...[{ type: 'unsigned', value: 2 }, page('1.8.2')],
      { type: 'array', value: [page('1.8.0'), page('2.8.0')] },
      { type: 'array', value: [] },
    ] as Data[],
  });
  const signs: Data = { type: 'bit-string', bits: 9, value: Uint8Array.of(0xc8, 0x80) };
  test('is what its segments are driven with: page, lists, annunciators by their bits', () => {
    const shown = displayOf(display(signs));
    assert.deepEqual(shown?.signs, ['L1', 'L2', 'tampered', 'credit-low']);
    assert.deepEqual([shown?.isLit, shown?.dwellS, shown?.quadrant, shown?.rate], [true, 8, 4, 2]);
    assert.deepEqual(shown?.now, {
      ...{ code: '1.8.2', digits: '  123456', decimals: 2, unit: 'kWh' },
      segments: [0, 0, 6, 0x5b, 0x4f, 0x66, 0x6d, 0x7d],
    });
    assert.deepEqual(
      shown?.automatic.map(({ code }) => code),
      ['1.8.0', '2.8.0'],
    );
  });
  test('bits beyond those that were sent are off; anything else is no display', () => {
    const few = displayOf(display({ type: 'bit-string', bits: 3, value: Uint8Array.of(0xff) }));
    assert.deepEqual(few?.signs, ['L1', 'L2', 'L3']);
    assert.equal(displayOf(undefined), null);
    assert.equal(displayOf({ type: 'structure', value: [] }), null);
    assert.equal(displayOf(display(signs, { type: 'unsigned', value: 1 })), null);
  });
});
