/** What the signer does to meters over TCP besides switching them: calendars, texts, signals, pushes, demand; each read back. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { realClock } from '@wattline/base';
import type { Batch, RateCalendar } from '@wattline/headend';
import { type Data, decodeData, decodeDateTime, encodeData } from '@wattline/protocols/dlms';
import { type Office, openOffice } from './office.ts';

/** What a meter holds, the first when none is named, asked as its management client. */
function held(office: Office, classId: number, obis: string, attribute: number, i = 0): Data {
  const device = office.meters[i]!.device;
  const client = device.policy(1)!;
  const answer = device.get({ classId, obis, attribute }, client);
  assert.ok(answer.ok, `${obis}/${attribute}`);
  const decoded = decodeData(answer.encoded);
  assert.ok(decoded.ok);
  return decoded.value.value;
}
const textIn = (data: Data) => (data.type === 'octet-string' ? Buffer.from(data.value).toString('utf8') : '');

/** One meter, one command, signed by two; state and result or code of its job. */
async function done(office: Office, change: Partial<Batch> & Pick<Batch, 'command'>, passes = 3) {
  const [job] = await office.carryOut(
    office.batch({ meters: office.serials.slice(0, 1), ...change }),
    passes,
  );
  return [job?.state, job?.result ?? job?.code];
}

const calendar: RateCalendar = {
  name: 'winter',
  seasons: [
    { name: 'S1', month: 4, day: 1, week: 'W1' },
    { name: 'S2', month: 10, day: 1, week: 'W1' },
  ],
  weeks: [{ name: 'W1', days: [1, 1, 1, 1, 1, 2, 2] }],
  days: [
    {
      id: 1,
      switches: [
        { minute: 0, rate: 1 },
        { minute: 390, rate: 2 },
        { minute: 1320, rate: 1 },
      ],
    },
    { id: 2, switches: [{ minute: 0, rate: 1 }] },
  ],
};

describe('scripts of the signer at a meter of the profile idis', () => {
  test('a calendar is written, read back, activated and read again; the same once more changes nothing', async (t) => {
    const office = await openOffice(t, { count: 1, spec: { profile: 'idis' } });
    const change = { command: 'tariff-activation', parameters: { calendar } } as const;
    const [state, why] = await done(office, { ...change, key: 'winter' }, 2);
    assert.deepEqual([state, why], ['approved', null]);
    // This meter takes a calendar over when its clock goes on.
    const [meter] = office.meters;
    assert.ok(meter);
    const nowMs = office.clock.now();
    meter.accumulate({ startMs: meter.countedToMs, endMs: nowMs, deliveredMws: 0, receivedMws: 0 });
    await office.desk.run();
    const [job] = await office.desk.jobs({ key: 'winter' });
    assert.deepEqual([job?.state, job?.result], ['done', 'calendar winter active']);
    assert.equal(textIn(held(office, 20, '0.0.13.0.0.255', 2)), 'winter');
    const days = held(office, 20, '0.0.13.0.0.255', 5);
    assert.equal(days.type === 'array' && days.value.length, 2);
    const answers = office.line.answers;
    assert.deepEqual(await done(office, change), ['done', 'calendar winter active']);
    // AARE, proof and four tables: nothing is written where it is there already.
    assert.equal(office.line.answers - answers, 6);
  });

  test('a calendar that names a week or a day that is not there is refused before anybody signs', async (t) => {
    const office = await openOffice(t, { count: 1 });
    for (const bad of [
      { ...calendar, seasons: [{ name: 'S1', week: 'W9' }] },
      { ...calendar, weeks: [{ name: 'W1', days: [1, 1, 1, 1, 1, 1, 9] }] },
      { ...calendar, days: [{ id: 1, switches: [{ minute: 1440, rate: 1 }] }] },
      { ...calendar, script: '0.0.10.0.106.255' } as RateCalendar,
    ]) {
      const batch = office.batch({ command: 'tariff-activation', parameters: { calendar: bad } });
      await assert.rejects(office.desk.preview(batch), { code: 'command/signer-refused' });
    }
  });

  test('text, signal and push setup are written and read back', async (t) => {
    const office = await openOffice(t, { count: 1 });
    const text = { command: 'display-text', parameters: { text: 'Power off on Sunday, 9–11' } } as const;
    assert.deepEqual(await done(office, text), ['done', 'shows “Power off on Sunday, 9–11”']);
    assert.equal(textIn(held(office, 1, '0.0.96.13.0.255', 2)), 'Power off on Sunday, 9–11');
    const parameters = { level: 2, fromMs: Date.UTC(2026, 11, 1, 17), minutes: 120 };
    const signal = { command: 'demand-response', parameters } as const;
    assert.deepEqual(await done(office, signal), ['done', 'signals level 2 for 120 min']);
    const code = held(office, 1, '0.0.96.13.1.255', 2);
    // Level, 2026-12-01 (Tuesday) 17:00:00.00 UTC as date-time, 120 minutes.
    const signalled = code.type === 'octet-string' ? Buffer.from(code.value).toString('hex') : '';
    assert.equal(signalled, '0207ea0c010211000000000000' + '0078');
    const push = { destination: '127.0.0.1:4999', retries: 3 };
    assert.deepEqual(await done(office, { command: 'push-setup', parameters: push }), [
      'done',
      'pushes to 127.0.0.1:4999',
    ]);
    const method = held(office, 40, '0.0.25.9.0.255', 3);
    const destination = method.type === 'structure' ? method.value[1] : undefined;
    assert.equal(destination && textIn(destination), '127.0.0.1:4999');
  });

  test('the demand period ends by the meter’s own script, which is read first; one that does more is not run', async (t) => {
    const office = await openOffice(t, { count: 1, spec: { profile: 'idis' } });
    assert.deepEqual(await done(office, { command: 'demand-reset' }), [
      'done',
      'demand period ended by 1 actions',
    ]);
    // Somebody put the supply switch into the script.
    const device = office.meters[0]!.device;
    const reference = { classId: 9, obis: '0.0.10.0.1.255', attribute: 2 };
    const script = held(office, 9, reference.obis, 2);
    const written = Buffer.from(encodeData(script)).toString('hex');
    // capture of the billing profile (class 7, 0.0.98.1.0.255, method 2) becomes remote_disconnect (class 70, 0.0.96.3.10.255, method 1).
    const planted = written.replace('12000709060000620100ff0f02', '1200460906000060030aff0f01');
    assert.notEqual(planted, written, 'the script is the one this test alters');
    const altered = decodeData(Buffer.from(planted, 'hex'));
    assert.ok(altered.ok);
    assert.equal(device.set(reference, altered.value.value, device.policy(1)!), 'success');
    assert.deepEqual(await done(office, { command: 'demand-reset' }), [
      'failed',
      'script 1 of 0.0.10.0.1.255 does more than reset demand',
    ]);
    const state = held(office, 70, '0.0.96.3.10.255', 3);
    assert.equal(state.type === 'enum' && state.value, 1);
  });

  test('a meter without the object is told so, and so is one that does not take the value', async (t) => {
    const office = await openOffice(t, { count: 1 });
    assert.deepEqual(await done(office, { command: 'demand-reset' }), [
      'failed',
      'the meter has no script 1 in 0.0.10.0.1.255',
    ]);
    const [state, result] = await done(office, { command: 'capture-period', parameters: { seconds: 7200 } });
    assert.equal(state, 'failed');
    assert.match(result ?? '', /attribute 4 of 1\.0\.99\.1\.0\.255: other-reason/);
  });

  for (const profile of ['demo', 'idis'] as const) {
    test(`the capture period of a meter of the profile ${profile} is set and read back, and its load profile begins anew`, async (t) => {
      const office = await openOffice(t, { count: 1, spec: { profile } });
      const heldPeriod = () => held(office, 7, '1.0.99.1.0.255', 4);
      assert.deepEqual(heldPeriod(), { type: 'double-long-unsigned', value: 900 });
      const change = (seconds: number) => ({ command: 'capture-period', parameters: { seconds } }) as const;
      assert.deepEqual(await done(office, { ...change(900), key: 'same' }), ['done', 'captures every 900 s']);
      assert.deepEqual(await done(office, { ...change(1800), key: 'half' }), [
        'done',
        'captures every 1800 s',
      ]);
      assert.deepEqual(heldPeriod(), { type: 'double-long-unsigned', value: 1800 });
      const [meter] = office.meters;
      assert.equal(meter?.metrology.loadProfile.ring.length, 0);
      assert.deepEqual(meter?.configuration.audit.at(-1)?.after, { periodSeconds: 1800 });
    });
  }

  test('a switch is armed where its mode leaves the last step to the button, and nowhere else', async (t) => {
    const office = await openOffice(t, { count: 1, spec: { controlMode: 1 } });
    await done(office, { command: 'disconnect' });
    assert.deepEqual(await done(office, { command: 'arm' }), ['done', 'ready-for-reconnection']);
    const direct = await openOffice(t, { count: 1, spec: { controlMode: 4 } });
    await done(direct, { command: 'disconnect' });
    assert.deepEqual(await done(direct, { command: 'arm' }), [
      'failed',
      'control_mode 4 makes not ready for the button',
    ]);
    const state = held(direct, 70, '0.0.96.3.10.255', 3);
    assert.equal(state.type === 'enum' && state.value, 0);
  });

  test('what moves no supply takes one signature, and none is none', async (t) => {
    const office = await openOffice(t, { count: 2 });
    const batch = office.batch({ command: 'display-text', parameters: { text: 'hello' } });
    const asked = await office.desk.request(batch);
    assert.deepEqual([...new Set(asked.map(({ code }) => code))], ['guard/people-missing']);
    const signed = await office.desk.request(batch, office.signatures(batch, 'asha'));
    assert.deepEqual([...new Set(signed.map(({ state }) => state))], ['approved']);
  });

  test('a load limit is set at the meter itself and ends by itself', async (t) => {
    const office = await openOffice(t, { count: 1 });
    const [state, result] = await done(office, { command: 'limiter', limitW: 500 });
    assert.deepEqual([state, result], ['done', 'limited to 500 W for 1800 s']);
  });
});

test('clocks are set by command: read back, old and new time in the log; one in step, or further out than shift_time takes, is left alone', async (t) => {
  const offsetsS = [400, -75, 0, 1_200];
  const environment = (i: number) => ({
    clock: { now: () => realClock().now() + (offsetsS[i] ?? 0) * 1000 },
  });
  const office = await openOffice(t, { count: 4, environment });
  /** Seconds by which a meter's clock is ahead of ours, as it shows itself. */
  const aheadS = (i: number) => {
    const shown = held(office, 8, '0.0.1.0.0.255', 2, i);
    const time = shown.type === 'octet-string' ? decodeDateTime(shown.value) : undefined;
    assert.ok(time?.ok);
    return Math.round((time.value.instantMs - office.clock.now()) / 1000) + 0;
  };
  for (const [i, meter] of office.meters.entries()) {
    const endMs = office.clock.now() + (offsetsS[i] ?? 0) * 1000;
    meter.accumulate({ startMs: meter.countedToMs, endMs, deliveredMws: 0, receivedMws: 0 });
    assert.ok(Math.abs(aheadS(i) - (offsetsS[i] ?? 0)) <= 1);
  }
  const jobs = await office.carryOut(office.batch({ command: 'clock-shift' }), 3);
  const endOf = (serial: string) => jobs.find((job) => job.serial === serial);
  for (const [i, meter] of office.meters.entries()) {
    const [serial = '', offsetS = 0] = [office.serials[i], offsetsS[i]];
    const { state, result } = endOf(serial) ?? {};
    // Codes 4 and 5 of IDIS: clock adjusted, old and new date and time.
    const [old, now, ...more] = meter.events.entries().filter(({ code }) => code === 4 || code === 5);
    assert.deepEqual(more, []);
    if (offsetS === 0 || offsetS > 900) {
      const left =
        offsetS === 0
          ? ['done', 'in step']
          : ['failed', 'the clock differs by 1200 s, more than shift_time takes'];
      assert.deepEqual([state, result, old, aheadS(i)], [...left, undefined, offsetS]);
      continue;
    }
    const [, beforeS] = /^off by (-?\d+) s before, (?:0|1|-1) s after$/.exec(result ?? '') ?? [];
    assert.ok(state === 'done' && beforeS !== undefined && Math.abs(aheadS(i)) <= 1, `${state} ${result}`);
    assert.deepEqual([old?.code, now?.code], [4, 5]);
    const steppedS = ((old?.labelMs ?? 0) - (now?.labelMs ?? 0)) / 1000;
    assert.ok(Math.abs(steppedS - Number(beforeS)) < 1, `${steppedS} s`);
    // The head-end reads both out of the log, to the hundredth of a second, and finds the clock in step.
    assert.equal((await office.headend.collect(serial)).outcome, 'answer');
    const own = office.told.filter((event) => event.serial === serial);
    const told = own.filter(({ code }) => code === 'idis/4' || code === 'idis/5');
    const hundredths = (ms = 0) => Math.floor(ms / 10);
    assert.deepEqual(
      new Set(told.map(({ kind, occurredMs }) => `${kind} ${hundredths(occurredMs)}`)),
      new Set([`meter-event ${hundredths(old?.labelMs)}`, `clock-set ${hundredths(now?.labelMs)}`]),
    );
    assert.ok(own.every(({ kind }) => kind !== 'clock-drift'));
  }
});
