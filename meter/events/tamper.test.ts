/** Tamper and supply conditions: what occurs, when, under which code, and that the meter keeps measuring. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { at, testMeter, wattHour } from '../meter-fixture.ts';
import { type Phasor, quantitiesOf } from '../quantities/phasor.ts';
import { codeIn, type EventName, eventKinds, eventSchemes } from './event-codes.ts';
import { EventRecorder } from './event-recorder.ts';
import { type NeutralSigns, observe, quietContacts, type Ratings } from './observation.ts';
import { type ConditionName, tamperConditions } from './tamper-conditions.ts';
import { detectTamper, quietState } from './tamper-detector.ts';

const ratings: Ratings = {
  ratedV: 240,
  basicA: 10,
  maximumA: 60,
  contractW: 20_000,
  isBidirectional: false,
};
const normal: Phasor = { voltageV: 240, currentA: 8, angleRad: 0.3 };

interface Case {
  readonly phasors: readonly Phasor[];
  readonly neutral?: NeutralSigns;
  readonly contacts?: Partial<typeof quietContacts>;
}

function observation({ phasors, neutral, contacts }: Case) {
  return observe({
    phasors,
    quantities: quantitiesOf(phasors, 50),
    contacts: { ...quietContacts, ...contacts },
    ratings,
    ...(neutral ? { neutral } : {}),
  });
}

/** Names that occur when a case lasts for two hours, as `name/phase`. */
function occurrences(of: Case): string[] {
  const { transitions } = detectTamper(quietState, observation(of), { startMs: 0, endMs: 7_200_000 });
  return transitions.map(({ condition, phase }) => `${condition}/${phase}`).sort();
}

const three = (...changes: Partial<Phasor>[]) => [0, 1, 2].map((phase) => ({ ...normal, ...changes[phase] }));

describe('each condition is told from the others', () => {
  const cases: readonly (readonly [string, Case, string[]])[] = [
    ['a sound three-phase circuit', { phasors: three(), neutral: { neutralA: 0 } }, []],
    ['a sound single-phase circuit', { phasors: [normal], neutral: { neutralA: 8 } }, []],
    ['a magnet at the case', { phasors: [normal], contacts: { magnet: true } }, ['magnet/0']],
    ['an open meter cover', { phasors: [normal], contacts: { meterCoverOpen: true } }, ['meterCover/0']],
    [
      'an open terminal cover',
      { phasors: [normal], contacts: { terminalCoverOpen: true } },
      ['terminalCover/0'],
    ],
    [
      'a communication module pulled out',
      { phasors: [normal], contacts: { communicationModuleOut: true } },
      ['communicationModule/0'],
    ],
    [
      'a potential link of the second phase cut',
      { phasors: three({}, { voltageV: 5, currentA: 8 }) },
      ['voltageMissing/1'],
    ],
    [
      'two phases at 290 V',
      { phasors: three({ voltageV: 290 }, { voltageV: 290 }, { voltageV: 275 }) },
      ['overVoltage/0', 'overVoltage/1'],
    ],
    ['a single phase at 170 V', { phasors: [{ ...normal, voltageV: 170 }] }, ['lowVoltage/0']],
    ['voltages apart by more than a tenth', { phasors: three({ voltageV: 200 }) }, ['voltageUnbalance/0']],
    [
      'a reversed phase sequence',
      { phasors: three(), neutral: { isSequenceReversed: true } },
      ['phaseSequence/0'],
    ],
    [
      'the current of the third phase reversed: what is left of the sum has a low power factor as well',
      { phasors: three({}, {}, { angleRad: Math.PI - 0.1 }) },
      ['currentReversal/2', 'lowPowerFactor/0'],
    ],
    [
      'a secondary of a current transformer opened: the neutral still carries a balanced load',
      { phasors: three({ currentA: 0 }), neutral: { neutralA: 0 } },
      ['currentBypass/0', 'currentOpen/0', 'currentUnbalance/0'],
    ],
    [
      'an idle phase is no open circuit: the neutral carries what the other two send',
      { phasors: three({ currentA: 0 }), neutral: { neutralA: 8 } },
      ['currentUnbalance/0'],
    ],
    [
      'half of the second phase led around the meter',
      { phasors: three({}, { currentA: 4 }), neutral: { neutralA: 0 } },
      ['currentBypass/0'],
    ],
    ['80 A through a 60 A meter', { phasors: [{ ...normal, currentA: 80, angleRad: 0 }] }, ['overCurrent/0']],
    ['a load to earth', { phasors: [normal], neutral: { neutralA: 3 } }, ['earthLoad/0']],
    [
      'direct voltage on the neutral',
      { phasors: [normal], neutral: { neutralDcV: 150 } },
      ['neutralDisturbance/0'],
    ],
    [
      'current without voltage through a single-phase meter',
      { phasors: [{ ...normal, voltageV: 3 }] },
      ['missingNeutral/0'],
    ],
    [
      'a star point that wanders off',
      { phasors: three(), neutral: { zeroSequenceShare: 0.3 } },
      ['missingNeutral/0'],
    ],
    ['a power factor of 0.1', { phasors: [{ ...normal, angleRad: Math.acos(0.1) }] }, ['lowPowerFactor/0']],
    [
      '25 kW on a contract of 20 kW',
      { phasors: three({ currentA: 36 }, { currentA: 36 }, { currentA: 36 }) },
      ['overload/0'],
    ],
  ];
  for (const [name, of, expected] of cases) test(name, () => assert.deepEqual(occurrences(of), expected));
  test('a meter that may feed back reports no reversed current', () => {
    const seen = { ...observation({ phasors: [{ ...normal, angleRad: Math.PI }] }), isBidirectional: true };
    assert.deepEqual(detectTamper(quietState, seen, { startMs: 0, endMs: 7_200_000 }).transitions, []);
  });
  test('every condition has a case here', () => {
    const covered = new Set(cases.flatMap(([, , expected]) => expected.map((key) => key.split('/')[0])));
    assert.deepEqual(
      Object.keys(tamperConditions).filter((name) => !covered.has(name)),
      [],
    );
  });
});

describe('persistence', () => {
  const bad = observation({ phasors: [normal], contacts: { magnet: true } });
  const good = observation({ phasors: [normal] });
  test('a condition occurs at the instant its time is over, not when it is looked at', () => {
    const { transitions } = detectTamper(quietState, bad, { startMs: 1000, endMs: 900_000 });
    assert.deepEqual(
      transitions.map(({ atMs }) => atMs),
      [11_000],
    );
  });
  test('one that comes and goes below its time never occurs', () => {
    let state = quietState;
    for (let second = 0; second < 600; second++) {
      const seen = second % 9 === 8 ? good : bad;
      const found = detectTamper(state, seen, { startMs: second * 1000, endMs: second * 1000 + 1000 });
      assert.deepEqual(found.transitions, []);
      state = found.state;
    }
  });
  test('the same steps cut finer give the same transitions at the same instants', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ isBad: fc.boolean(), seconds: fc.integer({ min: 1, max: 90 }) }), {
          maxLength: 40,
        }),
        (life) => {
          const run = (stepMs: number) => {
            let state = quietState;
            let atMs = 0;
            return life.flatMap(({ isBad, seconds }) => {
              const endMs = atMs + seconds * 1000;
              const all = [];
              for (; atMs < endMs; atMs = Math.min(endMs, atMs + stepMs)) {
                const during = { startMs: atMs, endMs: Math.min(endMs, atMs + stepMs) };
                const found = detectTamper(state, isBad ? bad : good, during);
                state = found.state;
                all.push(...found.transitions);
              }
              return all;
            });
          };
          assert.deepEqual(run(250), run(1_000_000));
        },
      ),
    );
  });
  test('occurrence and restoration of a condition take turns', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 200 }), (life) => {
        let state = quietState;
        let isActive = false;
        life.forEach((isBad, minute) => {
          const during = { startMs: minute * 60_000, endMs: (minute + 1) * 60_000 };
          const found = detectTamper(state, isBad ? bad : good, during);
          state = found.state;
          for (const { isOccurrence } of found.transitions) {
            assert.equal(isOccurrence, !isActive);
            isActive = isOccurrence;
          }
        });
      }),
    );
  });
  test('a meter may set thresholds and times of its own', () => {
    const settings = { magnet: { occurrenceS: 120 } };
    const { transitions } = detectTamper(quietState, bad, { startMs: 0, endMs: 900_000 }, settings);
    assert.equal(transitions[0]?.atMs, 120_000);
  });
});

describe('codes', () => {
  // Published event tables of IS 15959 and of DSMR/IDIS, by head-ends that read them.
  const known: readonly (readonly [keyof typeof eventKinds, number, number, number])[] = [
    ['voltageMissingOccurred', 1, 3, 0],
    ['currentReversalRestored', 2, 56, 1],
    ['overCurrentOccurred', 0, 67, 1],
    ['earthLoadRestored', 0, 70, 1],
    ['powerDown', 0, 101, 2],
    ['clockSet', 0, 151, 3],
    ['demandReset', 0, 166, 3],
    ['magnetOccurred', 0, 201, 4],
    ['lowPowerFactorRestored', 0, 206, 4],
    ['communicationModuleOccurred', 0, 209, 4],
    ['meterCoverOccurred', 0, 251, 5],
    ['remoteConnection', 0, 302, 6],
  ];
  for (const [event, phase, code, log] of known) {
    test(`IS 15959 keeps ${event} as ${code} in log 0.0.99.98.${log}.255`, () =>
      assert.deepEqual(codeIn(eventSchemes.is15959, event, phase), { log, code }));
  }
  test('IDIS keeps covers in the fraud log and the switch in its own', () => {
    assert.deepEqual(codeIn(eventSchemes.idis, 'terminalCoverOccurred'), { log: 1, code: 40 });
    assert.deepEqual(codeIn(eventSchemes.idis, 'remoteDisconnection'), { log: 2, code: 62 });
    assert.deepEqual(codeIn(eventSchemes.idis, 'voltageMissingOccurred', 2), { log: 4, code: 84 });
  });
  test('a code means one thing: none is used for two conditions in one log', () => {
    for (const list of ['idis', 'is15959'] as const) {
      const owners = new Map<string, string>();
      for (const [condition, { codes }] of Object.entries(tamperConditions) as [
        ConditionName,
        { codes: Partial<Record<string, { log: number; occurred: number | readonly number[] }>> },
      ][]) {
        const own = codes[list];
        for (const code of own ? [own.occurred].flat() : []) {
          const key = `${own?.log}/${code}`;
          assert.equal(owners.get(key), undefined, `${list} ${key}: ${owners.get(key)} and ${condition}`);
          owners.set(key, condition);
        }
      }
    }
  });
  test('what never ends in IS 15959 has no restoration', () =>
    assert.equal(codeIn(eventSchemes.is15959, 'meterCoverRestored'), undefined));
});

describe('filters', () => {
  test('what the capture filter holds back is not logged but still alarmed, and the other way round', () => {
    const recorder = new EventRecorder('is15959');
    const alarms: number[] = [];
    recorder.onAlarm = ({ code }) => alarms.push(code);
    recorder.filter({ notCaptured: ['magnetOccurred'], notAlarmed: ['meterCoverOccurred'] });
    recorder.record('magnetOccurred', 1);
    recorder.record('meterCoverOccurred', 2);
    assert.deepEqual(alarms, [201]);
    assert.deepEqual(recorder.log(4).entries(), []);
    assert.deepEqual(recorder.log(5).entries(), [{ labelMs: 2, code: 251 }]);
    assert.equal(recorder.tamperCount, 2);
  });
});

test('the meter keeps measuring while it is tampered with, and notes what it measured', () => {
  const startMs = at('2026-10-01T12:00:00Z');
  const { meter } = testMeter({ startMs, eventScheme: 'is15959' });
  meter.show([{ voltageV: 230, currentA: 4, angleRad: 0 }], 50);
  meter.sense({ magnet: true });
  for (let minute = 0; minute < 15; minute++) {
    const from = meter.countedToMs;
    if (minute === 10) meter.sense({ magnet: false });
    meter.accumulate({ startMs: from, endMs: from + 60_000, deliveredMws: 10 * wattHour, receivedMws: 0 });
  }
  assert.equal(meter.metrology.delivered.total.wattHours, 150);
  const log = meter.eventRecorder.log(4);
  assert.deepEqual(
    log.entries().map(({ labelMs, code }) => [(labelMs - startMs) / 1000, code]),
    [
      [10, 201],
      [660, 202],
    ],
  );
  assert.equal(log.ring.at(2, 0), 2300);
  assert.equal(log.ring.at(5, 0), 400);
});

const sharedPath = `${process.env.WATTLINE_SHARED ?? '../shared'}/samples/metrology/tables/is15959_events.json`;

describe('codes of IS 15959', { skip: existsSync(sharedPath) ? false : `no ${sharedPath}` }, () => {
  const { events } = JSON.parse(readFileSync(sharedPath, 'utf8')) as { events: Record<string, string> };
  const words: Readonly<Partial<Record<EventName, RegExp>>> = {
    voltageMissingOccurred: /R voltage missing occ/,
    overVoltageOccurred: /over voltage occ/,
    lowVoltageOccurred: /low voltage occ/,
    voltageUnbalanceOccurred: /voltage unbalance occ/,
    currentReversalOccurred: /R current reverse occ/,
    currentOpenOccurred: /R CT open occ/,
    currentUnbalanceOccurred: /current unbalance occ/,
    currentBypassOccurred: /CT bypass occ/,
    overCurrentOccurred: /over current occ/,
    earthLoadOccurred: /earth load occ/,
    magnetOccurred: /magnet occ/,
    neutralDisturbanceOccurred: /neutral disturbance HF.DC occ/,
    lowPowerFactorOccurred: /very low PF occ/,
    missingNeutralOccurred: /neutral missing/,
    communicationModuleOccurred: /comm module removed occ/,
    overloadOccurred: /overload occ/,
    meterCoverOccurred: /meter cover open/,
    switchFailed: /switch weld/,
    powerDown: /power failure occ/,
    clockSet: /RTC set/,
    demandPeriodChanged: /demand integration period/,
    capturePeriodChanged: /profile capture period/,
    billingDateChanged: /billing date/,
    tariffActivated: /TOU activity calendar/,
    firmwareActivated: /new firmware activated/,
    loadLimitChanged: /load limit set/,
    loadLimitEnabled: /load limit enabled/,
    loadLimitDisabled: /load limit disabled/,
    secretChanged: /LLS secret changed/,
    globalKeyChanged: /global key changed/,
    eventFilterChanged: /ESWF changed/,
    demandReset: /MD reset/,
    firmwareScheduled: /image activation schedule/,
    postpaidChosen: /to post-paid/,
    prepaidChosen: /to pre-paid/,
    remoteDisconnection: /load disconnected/,
    remoteConnection: /load connected/,
  };
  test('are those of the shared list, the restoration after its occurrence', () => {
    for (const [event, word] of Object.entries(words) as [EventName, RegExp][]) {
      const code = codeIn(eventSchemes.is15959, event)?.code;
      assert.match(events[String(code)] ?? '', word, `${event}: ${code}`);
      const restored = codeIn(eventSchemes.is15959, event.replace('Occurred', 'Restored') as EventName);
      if (event.endsWith('Occurred') && restored) assert.equal(restored.code, Number(code) + 1, event);
    }
  });
  test('no code is used that the list has not', () => {
    const used = Object.values(eventKinds).flatMap(({ is15959 }) => is15959?.code ?? []);
    for (const code of used.flat()) assert.ok(events[String(code)], String(code));
  });
});
