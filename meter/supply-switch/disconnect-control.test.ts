/** The supply switch by the table of the Blue Book. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { testMeter, wattHour } from '../meter-fixture.ts';
import { type ControlMode, DisconnectControl } from './disconnect-control.ts';

describe('disconnect control', () => {
  test('mode 0 never switches', () => {
    const control = new DisconnectControl(0);
    assert.equal(control.apply('remote-disconnect'), false);
    assert.equal(control.isClosed, true);
  });
  for (const [mode, state] of [
    [1, 'readyForReconnection'],
    [2, 'connected'],
    [3, 'readyForReconnection'],
    [4, 'connected'],
  ] as const) {
    test(`remote reconnection in mode ${mode} leads to ${state}`, () => {
      const control = new DisconnectControl(mode as ControlMode);
      assert.equal(control.apply('remote-disconnect'), true);
      assert.equal(control.apply('remote-disconnect'), false);
      assert.equal(control.apply('remote-reconnect'), true);
      assert.equal(control.state, state);
    });
  }
  test('the button closes a switch that is ready, never one that is disconnected', () => {
    const control = new DisconnectControl(3);
    control.apply('remote-disconnect');
    assert.equal(control.apply('manual-reconnect'), false);
    control.apply('remote-reconnect');
    assert.equal(control.apply('manual-reconnect'), true);
    assert.equal(control.isClosed, true);
  });
  test('behind an open switch no energy passes and no current shows', () => {
    const { meter } = testMeter();
    const management = meter.device.policy(1);
    assert.ok(management);
    meter.device.action({ classId: 70, obis: '0.0.96.3.10.255', method: 1 }, undefined, management);
    const startMs = meter.countedToMs;
    meter.accumulate({
      startMs,
      endMs: startMs + 60_000,
      deliveredMws: 99 * wattHour,
      receivedMws: 99 * wattHour,
    });
    assert.equal(meter.metrology.delivered.total.wattHours, 0);
    assert.equal(meter.metrology.received.wattHours, 0);
  });
});
