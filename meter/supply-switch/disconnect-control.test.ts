/** The supply switch by the table of the Blue Book, its welds, and the load limit. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { volatileMemory } from '../memory/non-volatile.ts';
import { at, testMeter, wattHour } from '../meter-fixture.ts';
import {
  type ControlMode,
  type ControlState,
  DisconnectControl,
  type SwitchEvent,
} from './disconnect-control.ts';
import { type LimitAction, LoadLimit, noLoadLimit } from './load-limit.ts';
import { WeldWatch } from './weld-watch.ts';

/** Blue Book table of control modes: transitions that each mode has, by the letters of the state diagram (recalled). */
const lettersByMode: Readonly<Record<ControlMode, string>> = {
  0: '',
  1: 'bcdefg',
  2: 'abcefg',
  3: 'bcdeg',
  4: 'abceg',
  5: 'bcdefgh',
  6: 'bcdegh',
};
const transitions: Readonly<Record<string, readonly [ControlState, SwitchEvent, ControlState]>> = {
  a: ['disconnected', 'remote-reconnect', 'connected'],
  b: ['connected', 'remote-disconnect', 'disconnected'],
  c: ['readyForReconnection', 'remote-disconnect', 'disconnected'],
  d: ['disconnected', 'remote-reconnect', 'readyForReconnection'],
  e: ['readyForReconnection', 'manual-reconnect', 'connected'],
  f: ['connected', 'manual-disconnect', 'readyForReconnection'],
  g: ['connected', 'local-disconnect', 'readyForReconnection'],
  h: ['readyForReconnection', 'local-reconnect', 'connected'],
};
const waysTo: Readonly<Record<ControlState, readonly SwitchEvent[]>> = {
  connected: [],
  disconnected: ['remote-disconnect'],
  readyForReconnection: ['local-disconnect'],
};
const events: readonly SwitchEvent[] = [
  'remote-disconnect',
  'remote-reconnect',
  'manual-disconnect',
  'manual-reconnect',
  'local-disconnect',
  'local-reconnect',
];

describe('disconnect control', () => {
  for (const [mode, letters] of Object.entries(lettersByMode)) {
    test(`mode ${mode} has the transitions '${letters}' and no other`, () => {
      for (const state of ['connected', 'disconnected', 'readyForReconnection'] as const) {
        for (const event of events) {
          const control = new DisconnectControl(Number(mode) as ControlMode);
          const isThere = waysTo[state].every((way) => control.apply(way));
          if (!isThere) continue;
          const expected = letters
            .split('')
            .map((letter) => transitions[letter])
            .find((row) => row?.[0] === state && row[1] === event);
          assert.equal(control.next(event), expected?.[2], `${state} ${event}`);
        }
      }
    });
  }
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

describe('a welded switch', () => {
  test('is found by the current that flows though it is told to be open, once', () => {
    const watch = new WeldWatch();
    const flowing = { isToldOpen: true, currentA: 5 };
    assert.deepEqual(
      [1000, 1000, 1000, 1000].map((durationMs) => watch.pass(durationMs, flowing)),
      [false, false, true, false],
    );
  });
  test('is not seen in the sparks of opening, nor in a load that is off', () => {
    const watch = new WeldWatch();
    assert.equal(watch.pass(2000, { isToldOpen: true, currentA: 5 }), false);
    assert.equal(watch.pass(60_000, { isToldOpen: true, currentA: 0.02 }), false);
    assert.equal(watch.pass(2000, { isToldOpen: true, currentA: 5 }), false);
  });
});

describe('the load limit', () => {
  const settings = { ...noLoadLimit, isEnabled: true, thresholdW: 5000 };
  /** Minutes of load in W; actions with the minute they were asked in. A load that is disconnected is none. */
  const limited = (
    powersW: readonly number[],
    of: Partial<typeof settings> & Pick<Partial<typeof noLoadLimit>, 'emergency'> = {},
  ) => {
    const actions: (readonly [LimitAction, number])[] = [];
    let isOff = false;
    const limit = new LoadLimit((action, atMs) => {
      actions.push([action, atMs / 60_000]);
      if (action === 'disconnect') isOff = true;
      if (action === 'reconnect') isOff = false;
    });
    limit.configure({ ...settings, ...of }, 0);
    powersW.forEach((powerW, minute) => {
      for (let startMs = minute * 60_000; startMs < (minute + 1) * 60_000; ) {
        const endMs = limit.nextMs;
        limit.follow({ startMs, endMs, rate: 1, energy: () => (isOff ? 0 : powerW * (endMs - startMs)) });
        limit.reach(endMs);
        startMs = endMs;
      }
    });
    return actions;
  };
  test('lets a short overload pass and says that it was there', () => {
    assert.deepEqual(limited([6000, 1000]), [
      ['exceeded', 0],
      ['restored', 1.5],
    ]);
  });
  test('disconnects one that stays, and tries again after five minutes', () => {
    assert.deepEqual(limited([...new Array<number>(3).fill(6000), ...new Array<number>(9).fill(1000)]), [
      ['exceeded', 0],
      ['disconnect', 2],
      ['reconnect', 7],
    ]);
  });
  test('gives up after three tries', () => {
    const actions = limited(new Array<number>(60).fill(6000));
    assert.equal(actions.filter(([action]) => action === 'reconnect').length, 3);
    assert.equal(actions.filter(([action]) => action === 'disconnect').length, 4);
    assert.equal(actions.at(-1)?.[0], 'disconnect');
  });
  test('is lower in an emergency of the meter’s group, for its time', () => {
    const emergency = { groupId: 7, fromMs: 10 * 60_000, durationS: 600, thresholdW: 500 };
    const load = new Array<number>(40).fill(1000);
    assert.deepEqual(limited(load, { emergency }), []);
    const actions = limited(load, { emergency, emergencyGroups: [7] });
    assert.deepEqual(actions[0], ['exceeded', 10]);
    assert.deepEqual(actions[1], ['disconnect', 12]);
  });
  test('does nothing while it is not enabled', () =>
    assert.deepEqual(limited([9000, 9000, 9000, 9000], { isEnabled: false, thresholdW: 1 }), []));
});

describe('in the meter', () => {
  const startMs = at('2026-10-01T12:00:00Z');
  const management = { name: 'management', role: 'management' };
  test('the limit opens the switch within a step: what comes after it is not counted, however the step is cut', () => {
    const counted = [1, 30].map((steps) => {
      const { meter } = testMeter({ startMs, controlMode: 6 });
      const refusal = meter.configuration.set(
        'load-limit',
        { ...noLoadLimit, isEnabled: true, thresholdW: 5000 },
        { name: 'management', role: 'management' },
      );
      assert.equal(refusal, undefined);
      for (let n = 0; n < steps; n++) {
        const from = meter.countedToMs;
        meter.accumulate({
          startMs: from,
          endMs: from + 300_000 / steps,
          deliveredMws: (600 * wattHour) / steps,
          receivedMws: 0,
        });
      }
      assert.equal(meter.isConnected, false);
      return [meter.metrology.delivered.wattHours, ...meter.events.entries().map(({ code }) => code)];
    });
    assert.deepEqual(counted[0], counted[1]);
    assert.equal(counted[0]?.[0], 240);
  });
  test('a current over its limit for its seconds opens the switch; it is tried again, and a past that is lived again does the same', () => {
    const memory = volatileMemory();
    const currents = [70, 90, 90, 70, 90, 90, 90, 90, ...new Array<number>(10).fill(0), 50, 50];
    const lived = [true, false].map((isLive) => {
      const { meter } = testMeter({ startMs, controlMode: 6 }, { memory });
      if (isLive) {
        const limit = { ...noLoadLimit, reconnectAfterS: 30, mostReconnects: 1 };
        assert.equal(meter.configuration.set('load-limit', limit, management), undefined);
        const settings = { isEnabled: true, thresholdMa: 80_000, minOverS: 15 };
        assert.equal(meter.configuration.set('over-current', settings, management), undefined);
      }
      const states: boolean[] = [];
      for (const currentA of currents) {
        if (isLive) meter.show([{ voltageV: 230, currentA, angleRad: 0 }], 50);
        const from = meter.countedToMs;
        const deliveredMws = 230 * currentA * 5000;
        meter.accumulate({ startMs: from, endMs: from + 5000, deliveredMws, receivedMws: 0 });
        states.push(meter.isConnected);
      }
      return { states, events: meter.events.entries(), wattHours: meter.metrology.delivered.wattHours };
    });
    // Ten seconds over it are too few; fifteen are enough; half a minute later, at the limit's next look, it is closed again.
    assert.deepEqual(lived[0]?.states, [
      ...new Array<boolean>(6).fill(true),
      ...new Array<boolean>(11).fill(false),
      ...new Array<boolean>(3).fill(true),
    ]);
    const kept = lived.map(({ events, wattHours }) => ({ events, wattHours }));
    assert.deepEqual(kept[1], kept[0]);
  });
  test('a welded switch goes on counting, and says so', () => {
    const { meter } = testMeter({ startMs });
    meter.weld();
    meter.operateSwitch('remote-disconnect');
    assert.equal(meter.isConnected, false);
    meter.measure({
      endMs: startMs + 60_000,
      phasors: [{ voltageV: 230, currentA: 10, angleRad: 0 }],
      frequencyHz: 50,
    });
    assert.equal(meter.metrology.delivered.wattHours, 38);
    assert.ok(meter.events.entries().some(({ code }) => code === 68));
  });
  test('the button closes what is ready, by the mode', () => {
    const { meter } = testMeter({ startMs, controlMode: 3 });
    meter.operateSwitch('remote-disconnect');
    assert.equal(meter.operateSwitch('manual-reconnect'), false);
    meter.operateSwitch('remote-reconnect');
    assert.equal(meter.isConnected, false);
    assert.equal(meter.operateSwitch('manual-reconnect'), true);
    assert.equal(meter.isConnected, true);
  });
});
