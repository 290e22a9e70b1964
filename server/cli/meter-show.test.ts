/** `wattline meter show` and `wattline meter run --waveform`, against each other over TCP. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { MeterMoment } from '@wattline/model';
import { runSingleMeter, type SingleMeter } from '@wattline/sim';
import { spawnWattline, wattline } from './fixture/command-line.ts';
import { waveformOf } from './meter-waveform.ts';

const waveforms = `${process.env.WATTLINE_SHARED ?? '../shared'}/samples/metrology/waveforms`;
const skip = existsSync(waveforms) ? false : `${waveforms} is not there`;
const ratios = { voltageRatio: 1, currentRatio: 1 };

/** Three phases of 230 V and 5 A lagging by 30 degrees, 10 cycles at 4 kHz, as CSV. */
function recordText(): string {
  const rows = Array.from({ length: 800 }, (_, n) => {
    const angle = (2 * Math.PI * 50 * n) / 4000;
    const phases = [0, 1, 2].map((phase) => angle - (2 * Math.PI * phase) / 3);
    const volts = phases.map((at) => 230 * Math.SQRT2 * Math.cos(at));
    const amps = phases.map((at) => 5 * Math.SQRT2 * Math.cos(at - Math.PI / 6));
    return [...volts, ...amps].map((value) => value.toFixed(6)).join(',');
  });
  return ['Va,Vb,Vc,Ia,Ib,Ic', ...rows].join('\n');
}

describe('a meter that lives on a recorded waveform', () => {
  let directory: string;
  let meter: SingleMeter;
  let address: string;
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'wattline-show-'));
    const file = join(directory, 'record.csv');
    writeFileSync(file, recordText());
    meter = await runSingleMeter({
      ...{
        profile: 'demo',
        port: 0,
        seed: 'show test',
        intervalSeconds: 1800,
        zone: 'Europe/London',
        days: 2,
      },
      memoryPath: join(directory, 'meter.memory'),
      ...(await waveformOf({ waveform: file, rate: 4000, ...ratios })),
    });
    address = `${meter.address.host}:${meter.address.port}`;
  });
  after(async () => {
    await meter.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  const show = (...args: string[]) =>
    wattline('meter', 'show', address, '--state', join(directory, 'state'), ...args);
  const seeded = ['--seed', 'show test'];

  /** The first look that holds a window: the meter needs a second of samples for it. */
  async function firstWave(): Promise<MeterMoment> {
    for (let look = 0; look < 40; look++) {
      const { code, out, err } = await show(...seeded, '--json');
      assert.equal(code, 0, err);
      const moment = JSON.parse(out) as MeterMoment;
      if (moment.wave && moment.phases[0]?.currentA) return moment;
    }
    throw new Error('the meter showed no wave');
  }

  test('shows its voltages, currents, angles and wave, said to be sampled', async () => {
    const moment = await firstWave();
    assert.equal(moment.serial, meter.serial);
    assert.deepEqual(
      moment.phases.map(({ voltageV, currentA }) => [voltageV, currentA]),
      [
        [230, 5],
        [230, 5],
        [230, 5],
      ],
    );
    assert.ok(Math.abs((moment.activeW ?? 0) - 3 * 230 * 5 * Math.cos(Math.PI / 6)) <= 1);
    assert.equal(moment.frequencyHz, 50);
    assert.equal(moment.wave?.origin, 'sampled');
    const [first, second] = moment.wave?.phases ?? [];
    assert.ok(
      Math.abs((first?.lagDeg ?? 0) - 30) < 0.05 && Math.abs((second?.voltageAngleDeg ?? 0) + 120) < 0.05,
    );
    assert.ok((first?.thdVoltagePercent ?? 1) < 0.01);
    assert.deepEqual(moment.display?.signs, ['L1', 'L2', 'L3', 'communicating']);
    assert.deepEqual([moment.display?.quadrant, moment.display?.dwellS], [1, 8]);
    const total = moment.display?.automatic.find(({ code }) => code === '1.8.0');
    const register = moment.registers.find(({ obis }) => obis === '1.0.1.8.0.255');
    assert.equal(Number(total?.digits), Math.floor(Number(register?.value) / 10));
  });
  test('as text: one frame where no terminal is, with phases, diagram, bars and registers', async () => {
    await firstWave();
    const { code, out } = await show(...seeded);
    assert.equal(code, 0);
    assert.match(out, new RegExp(`^Meter ${meter.serial} .*takes 2\\.98\\d kW .*50\\.000 Hz`));
    assert.match(out, /^L2 +230\.0 +5\.00 +-120\.0 +30\.0/m);
    assert.match(out, /sampled by the meter/);
    // The glass of the display: its code and rate above the digits, its signs below them.
    assert.match(out, /^\| \d\S* .*T[12] .*\|$/m);
    assert.match(out, /^\| L1 L2 L3 QI +COM /m);
    assert.match(out, /^\+A total +1\.0\.1\.8\.0\.255 +\d+ +Wh$/m);
    assert.match(out, /[\u2801-\u28ff]{3}/);
  });
  test('with the keys of another seed it refuses, and nobody answers on another port', async () => {
    assert.equal((await show('--seed', 'another')).code, 4);
    assert.equal((await wattline('meter', 'show', '127.0.0.1:1', '--timeout', '2')).code, 3);
  });
  test('a CSV file without its rate is wrong usage, one that is none is bad input, before anything listens', async () => {
    const file = join(directory, 'no-record.csv');
    writeFileSync(file, 'Va,Ia\n1,word\n');
    assert.equal((await wattline('meter', 'run', '--port', '0', '--waveform', file)).code, 2);
    const { code, err } = await wattline('meter', 'run', '--port', '0', '--waveform', file, '--rate', '8000');
    assert.equal(code, 5);
    assert.match(err, /meter\/recording-unreadable/);
    assert.equal((await wattline('meter', 'run', '--waveform', join(directory, 'nothing.cfg'))).code, 2);
  });
  test('the bin runs a COMTRADE record', { skip }, async () => {
    const record = join(waveforms, 'pycomtrade_test1.cfg');
    const args = ['meter', 'run', '--port', '0', '--days', '1', '--memory', join(directory, 'bin.memory')];
    const { code, out, err } = await spawnWattline([...args, '--waveform', record, '--json'], /systemTitle/);
    assert.equal(code, 0, err);
    assert.equal(JSON.parse(out).serial, 'WTL10000001');
  });
});
