/** The commands that ask a running server, against a real one. */
import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Bill, quality, type ReadingSeries } from '@wattline/model';
import { deliver, type ServedSystem, serveSystem } from '../api/fixture/served-system.ts';
import { type Ended, wattline } from './fixture/command-line.ts';

describe('the command line beside a running server', () => {
  let served: ServedSystem;
  before(async () => {
    served = await serveSystem();
    await deliver(served.system, 'UP-0001');
  });
  after(() => served.close());

  /** Runs a command on the data directory of the server; it must end with `code`. */
  async function run(line: string, code = 0): Promise<Ended> {
    const ended = await wattline(...line.split(' '), '--data', served.directory);
    assert.equal(ended.code, code, `${line}: ${ended.err}`);
    if (code === 0) assert.equal(ended.err, '');
    return ended;
  }

  test('a bill is run, shown, explained and replayed', async () => {
    const ran = await run('bill run UP-0001 --month 2026-10');
    assert.match(ran.out, /Total/);
    assert.equal((await run('bill show UP-0001 --month 2026-10')).out, ran.out);
    assert.equal((await run('bill show UP-0001')).out, ran.out);
    const bill = JSON.parse((await run('bill show UP-0001 --json')).out) as Bill;
    assert.equal(bill.month, '2026-10');
    assert.match((await run('bill explain UP-0001')).out, /2026-10-25 .* intervals/);
    assert.match((await run('bill replay UP-0001')).out, /the same to the last byte/);
  });

  test('a bill that is not there is bad input, with the code of the server', async () => {
    assert.match((await run('bill show UP-0001 --month 2025-01', 5)).err, /\(server\/unknown-bill\)$/);
    assert.match((await run('bill show UP-9', 5)).err, /\(server\/unknown-usage-point\)$/);
    assert.match((await run('bill run UP-9 --month 2026-10', 5)).err, /\(apps\/unknown-usage-point\)$/);
    assert.match((await run('bill run UP-0001 --month 2027-10', 1)).err, /\(apps\/month-not-begun\)$/);
  });

  test('an interval is explained with its versions, verdicts and exchange', async () => {
    const { out } = await run('vee explain UP-0001 2026-11-20T00:30:00Z');
    assert.match(out, /^UP-0001\/delivered 2026-11-20T00:30:00Z, 1800 s/);
    assert.match(out, /^Had nothing to judge by: .*check-meter/m);
    assert.match(out, /measured/);
    assert.match(out, /Read from meter WTL0001 in exchange x-UP-0001/);
    assert.match((await run('vee explain UP-0001 2026-11-20T00:31:00Z', 5)).err, /\(server\/bad-query\)$/);
    assert.match((await run('vee explain UP-0002 2026-11-20T00:30:00Z')).out, /No value is known/);
  });

  test('assets are shown at a date, changed, listed and taken back', async () => {
    const said = ['--author', 'Asha', '--reason', 'line rebuilt'];
    const asset = async (code: number, ...words: string[]) => {
      const ended = await wattline('asset', ...words, '--data', served.directory);
      assert.equal(ended.code, code, ended.err);
      return ended;
    };
    const { out } = await asset(0, 'move', 'UP-0003', '2026-11-05', '--transformer', 'T-9', ...said);
    const [fact = ''] = /\d+/.exec(out) ?? [];
    assert.match((await asset(0, 'show', 'UP-0003', '--at', '2026-11-05')).out, /transformer T-9/);
    assert.match((await asset(0, 'show', 'UP-0003', '--at', '2026-11-04')).out, /transformer T2/);
    assert.match((await asset(0, 'undo', fact, ...said)).out, /^Taken back: \d+/);
    assert.match((await asset(0, 'show', 'UP-0003', '--at', '2026-11-05')).out, /transformer T2/);
    assert.match((await asset(0, 'history', 'UP-0003')).out, /taken back by/);
    const read = ['--read', 'delivered-total:5000:7'];
    await asset(
      0,
      'exchange',
      'UP-0003',
      '2026-11-10T10:07:00Z',
      '--old',
      'A1',
      '--new',
      'B7',
      ...read,
      ...said,
    );
    assert.match((await asset(0, 'show', 'UP-0003', '--at', '2026-11-11')).out, /meter B7/);
    await asset(0, 'multiplier', 'UP-0003', '2026-11-01', '100/5', ...said);
    assert.match((await asset(0, 'show', 'UP-0003')).out, /UP-0003\/delivered .* 100\/5/);
    assert.match(
      (await asset(2, 'multiplier', 'UP-0003', '2026-11-01', 'x', ...said)).err,
      /server\/bad-usage/,
    );
    assert.match(
      (await asset(5, 'reset', 'UP-9', '2026-11-01', '1', '0', ...said)).err,
      /unknown-usage-point/,
    );
  });

  test('temperatures are imported, and lines that are none make it bad input', async () => {
    const path = join(served.directory, 'weather.csv');
    writeFileSync(path, 'date,celsius\n2026-11-01,7.5\n2026-11-02,8\n');
    assert.match((await run(`import temperatures ${path}`)).out, /^2 days kept, 0 lines rejected/);
    writeFileSync(path, 'date,celsius\n2026-11-01,7.5\nnever,8\n');
    await run(`import temperatures ${path}`, 5);
    writeFileSync(path, 'day,warmth\n');
    assert.match((await run(`import temperatures ${path}`, 5)).err, /server\/bad-import/);
  });

  test('old meters are added, read by hand and exchanged, and feeders are indexed', async () => {
    const path = join(served.directory, 'old.json');
    const grid = { substation: 'S1', feeder: 'F1', transformer: 'T1', tariffId: 'WTL-HOME-TOU' };
    const where = {
      address: '1 Old Street',
      zone: 'Europe/London',
      latitude: 51.5,
      longitude: -0.1,
      ...grid,
    };
    const meter = { meter: 'F-77', installed: '2020-01-01', registers: ['delivered-total'] };
    writeFileSync(
      path,
      JSON.stringify([{ id: 'OLD-1', customer: 'Old House', kind: 'home', ...where, ...meter }]),
    );
    const said = '--author Asha --reason round';
    assert.match((await run(`rollout add ${path} ${said}`)).out, /1 usage points added/);
    await run(`rollout read OLD-1 2026-11-01 5000 ${said}`);
    assert.match((await run(`rollout read OLD-1 2026-11-05 4000 ${said}`, 1)).err, /mdm\/runs-backwards/);
    await run(`rollout read OLD-1 2026-11-05 4000 --confirmed ${said}`);
    assert.match((await run('rollout reads OLD-1')).out, /2026-11-01T00:00:00Z +5000 +manual/, 'weeks ago');
    assert.match(
      (await run('rollout reads OLD-1 --from 2026-11-01 --to 2026-11-06')).out,
      /4000 +suspect, manual/,
    );
    await run('rollout plan WO-1 OLD-1 2026-11-25 --old F-77 --new N-1');
    const notices = (await run('rollout notices')).out;
    await run(`rollout sent ${/^ *(\d+) +WO-1/m.exec(notices)?.[1]}`);
    assert.match((await run('rollout orders --state noticed')).out, /WO-1 +OLD-1 +exchange/);
    await run(`rollout done WO-1 2026-11-20T10:00:00Z --final 6000 --first 3 ${said}`);
    assert.match((await run('asset show OLD-1 --at 2026-11-21')).out, /meter N-1/);
    assert.match((await run('rollout index F1')).out, /none in doubt/);
  });

  test('sums are printed: totals, determinants, power, the balance, a virtual meter', async () => {
    const period = '--from 2026-10-24 --to 2026-10-27';
    assert.match((await run(`sum totals UP-0001 ${period}`)).out, /2026-10-24T23:00:00Z .* 50 of 50/);
    assert.match((await run('sum determinants UP-0001 --month 2026-10')).out, /maximum demand \d+ W/);
    const power = await run(`sum power UP-0001 ${period} --demand 3600`);
    assert.match(power.out, /reactive +not measured/);
    assert.match(power.out, /load factor +0\.\d{3}/);
    assert.match((await run(`sum balance --level transformer ${period}`)).out, /^transformer +supplied Wh/);
    const said = '--author Asha --reason test';
    await run(`sum define more linear UP-0001/delivered 1/2*UP-0001/delivered ${said}`);
    assert.match(
      (await run('sum virtual')).out,
      /more +linear +1\*UP-0001\/delivered 1\/2\*UP-0001\/delivered/,
    );
    assert.match((await run(`sum virtual more ${period}`)).out, /2026-10-24T00:00:00Z/);
    await run(`sum end more ${said}`);
    assert.match((await run('sum virtual more', 5)).err, /mdm\/unknown-virtual-meter/);
    assert.match((await run(`sum define more linear * ${said}`, 2)).err, /server\/bad-usage/);
    const out = await run(`asset node-meter feeder F-X 2026-10-01 UP-0001/delivered ${said}`);
    assert.match((await run(`sum balance ${period}`)).out, /F-X .*100\.00 %/);
    await run(`asset undo ${/\d+/.exec(out.out)?.[0]} ${said}`);
  });

  test('a channel is exported as Parquet into a file, and never into the terminal', async () => {
    const path = join(served.directory, 'november.parquet');
    const period = '--from 2026-11-18T14:00:00Z --to 2026-11-19T14:00:00Z';
    await run(`export file UP-0001 --format parquet ${period} --output ${path}`);
    assert.match((await run(`import file ${path}`)).out, /^parquet: 0 values stored, 48 known already/);
    assert.match((await run(`export file UP-0001 --format parquet ${period}`, 2)).err, /--output/);
  });

  test('a channel is exported as NEM12 and imported again, and nothing changes', async () => {
    const { out } = await run(
      'export file UP-0001 --format nem12 --from 2026-11-18T14:00:00Z --to 2026-11-19T14:00:00Z',
    );
    assert.match(out, /^100,NEM12/);
    const path = join(served.directory, 'november.csv');
    writeFileSync(path, out);
    assert.match(
      (await run(`import file ${path}`)).out,
      /^nem12: 0 values stored, 48 known already, 0 rejected, 0 series held/,
    );
    writeFileSync(path, 'no such thing');
    assert.match((await run(`import file ${path}`, 5)).out, /mdm\/exchange-unknown-format/);
  });

  test('changes are appended to a file, each once, whatever was cut short; a new file from a position has the same lines', async () => {
    const path = join(served.directory, 'changes.jsonl');
    const lines = () => readFileSync(path, 'utf8').trimEnd().split('\n');
    const first = (await run(`export changes ${path}`)).out;
    assert.match(first, /^[1-9]\d* changes appended, up to position \d+/);
    const whole = lines();
    assert.match((await run(`export changes ${path}`)).out, /^0 changes appended/);
    // A run that was killed while it wrote left half a line.
    appendFileSync(path, '{"position":9');
    const typed = '--author Asha --reason display';
    await run(`vee edit UP-0001 2026-11-19T02:30:00Z 7 ${typed}`);
    assert.match((await run(`export changes ${path}`)).out, /^1 changes appended/);
    const grown = lines();
    assert.deepEqual(grown.slice(0, -1), whole);
    const last = JSON.parse(grown.at(-1) ?? '') as { channel: string; start: string; method: string };
    assert.deepEqual(
      [last.channel, last.start, last.method],
      ['UP-0001/delivered', '2026-11-19T02:30:00Z', 'edit'],
    );
    const again = join(served.directory, 'again.jsonl');
    await run(`export changes ${again} --after 0`);
    assert.deepEqual(readFileSync(again, 'utf8').trimEnd().split('\n'), grown);
    await run(`export changes ${again} --after 3`, 2);
    truncateSync(again, 10);
    await run(`export changes ${again}`, 2);
    await run(`vee undo 1 ${typed}`);
  });

  test('a value is set by hand, taken back, and both are told', async () => {
    const edited = await run('vee edit UP-0001 2026-11-19T00:30:00Z 5 - --author Asha --reason display');
    const number = /^Edit (\d+): 2026-11-19T00:30:00Z to 2026-11-19T01:30:00Z/.exec(edited.out)?.[1];
    assert.match((await run('vee explain UP-0001 2026-11-19T00:30:00Z')).out, /manual Asha: display/);
    await run(`vee undo ${number} --author Asha --reason mistake`);
    assert.match(
      (await run(`vee undo ${number} --author Asha --reason again`, 1)).err,
      /\(mdm\/already-decided\)$/,
    );
    assert.match((await run('vee worklist')).out, /Nothing waits|Open: /);
    const listed = (await run('vee edits UP-0001')).out;
    assert.match(listed, /-> 5 - +Asha: display/, 'what was left as it was is not called 0');
    assert.match(listed, new RegExp(`Asha: mistake +takes back ${number}`));
    assert.match((await run('vee edits UP-0003')).out, /^Nothing was edited/);
  });

  test('tasks are ended by their numbers or all of a rule, once, with who and why', async () => {
    const rule = 'frozen';
    const open = { state: 'open' as const, closed_ms: null, closed_by: null, reason: null };
    const task = (start_ms: number) => ({
      ...{ usage_point_id: 'UP-0003', channel_id: 'UP-0003/delivered', rule, detail: 'stands still' },
      ...{ start_ms, end_ms: start_ms + 1, opened_ms: 3, ...open },
    });
    await served.system.registry
      .insertInto('review_task')
      .values([1, 2, 3].map((day) => task(day * 1000)))
      .execute();
    const listed = (await run(`vee worklist --rule ${rule}`)).out;
    assert.match(listed, /UP-\d+\/(delivered|received)/);
    const first = /^ *(\d+) +UP-0003/m.exec(listed)?.[1];
    const said = '--author Asha --reason lamps';
    assert.match((await run(`vee close ${first} --as accept ${said}`)).out, /^1 tasks ended/);
    assert.match((await run(`vee close ${first} --as accept ${said}`)).out, /^0 tasks ended/);
    assert.match((await run(`vee close --rule ${rule} --as dismiss ${said}`)).out, /^2 tasks ended/);
    assert.match((await run(`vee worklist --rule ${rule}`)).out, /Nothing waits/);
    await run(`vee close --as accept ${said}`, 2);
    await run(`vee close 1 --rule ${rule} --as accept ${said}`, 2);
    await run(`vee close 1 --as forget ${said}`, 2);
  });

  test('the fleet and the tariffs are shown', async () => {
    const { out } = await run('headend status');
    assert.match(out, /Meters: 3 commissioned, 0 reachable, 0 unreachable/);
    assert.match(out, /Read rate: 33\.33 %/);
    assert.match((await run('tariff list')).out, /^id +version +name/);
    assert.match((await run('tariff show WTL-HOME-TOU')).out, /Standing charge .* a day/);
    assert.match((await run('tariff show nope', 5)).err, /\(server\/unknown-tariff\)$/);
  });

  test('events are shown by severity and meter', async () => {
    const event = { occurredMs: 1_763_600_000_000, receivedMs: 1_763_600_000_000, serial: 'WTL0001' };
    await served.system.events.report({ ...event, kind: 'tamper-cover', message: 'cover' });
    await served.system.events.report({ ...event, kind: 'power-fail', message: 'gasp' });
    const { out } = await run('headend events --severity alarm --meter WTL0001');
    assert.match(out, /^occurred +severity +meter +code +what/);
    assert.match(out, /2025-11-20T00:53:20Z +alarm +WTL0001 +cover/);
    assert.doesNotMatch(out, /gasp/);
    assert.match((await run('headend events --meter WTL9')).out, /nothing of it happened/);
    await run('headend events --severity grave', 2);
  });

  test('what is exported is imported again as the same readings', async () => {
    const { out } = await run('export readings UP-0001 --from 2026-10-25 --to 2026-10-26');
    const rows = out.split('\n');
    assert.equal(rows.length, 51);
    assert.equal(rows[0], 'usage_point,reading_type,start,value,quality');
    const file = join(served.directory, 'export.csv');
    writeFileSync(file, `${out.replaceAll('UP-0001', 'UP-0002')}\n`);
    assert.match(
      (await run(`import readings ${file}`)).out,
      /^50 rows: 50 values stored, 0 known already, 0 refused/,
    );
    assert.match(
      (await run(`import readings ${file}`)).out,
      /^50 rows: 0 values stored, 50 known already, 0 refused/,
    );
    await served.system.mdm.settled();
    const json = async (usagePoint: string) => {
      const line = `export readings ${usagePoint} --from 2026-10-25 --to 2026-10-26 --format json`;
      return (JSON.parse((await run(line)).out) as ReadingSeries).value;
    };
    assert.deepEqual(await json('UP-0002'), await json('UP-0001'));
  });

  test('refused rows are told by code and line, and end with 5', async () => {
    const file = join(served.directory, 'bad.csv');
    writeFileSync(file, 'usage_point,reading_type,start,value\nUP-0003,delivered,2026-11-20T00:00:00Z,-1\n');
    const { out } = await run(`import readings ${file}`, 5);
    assert.match(out, /^1 rows: 0 values stored, 0 known already, 1 refused/);
    assert.match(out, /server\/negative-value +1 +2/);
    assert.match(out, /^line 2: expected energy/m);
    assert.match((await run('import readings nowhere.csv', 5)).err, /\(server\/no-file\)$/);
  });

  test('a server found by URL needs its token for writing: 4 without or with a wrong one', async () => {
    const line = [
      'bill',
      'run',
      'UP-0001',
      '--month',
      '2026-10',
      '--url',
      served.api.url,
      '--data',
      'nowhere',
    ];
    const without = await wattline(...line);
    assert.deepEqual([without.code, /\(server\/login-required\)$/.test(without.err)], [4, true]);
    const file = join(served.directory, 'wrong-token');
    writeFileSync(file, `${'0'.repeat(64)}\n`);
    const wrong = await wattline(...line, '--token-file', file);
    assert.deepEqual([wrong.code, /\(server\/login-refused\)$/.test(wrong.err)], [4, true]);
    const right = await wattline(...line, '--token-file', join(served.directory, 'token'));
    assert.equal(right.code, 0);
  });

  test('a second server on the same data directory is refused before it touches anything', async () => {
    for (const command of ['town', 'serve']) {
      const { code, err } = await wattline(command, '--data', served.directory, '--port', '0');
      assert.deepEqual(
        [code, /a server runs on .* already, at http.*\(server\/already-running\)$/.test(err)],
        [1, true],
      );
    }
  });

  test('an estimate is explained with its step, its inputs, its bounds and its band', async () => {
    const start = Date.parse('2026-11-12T00:00:00Z');
    const at = (slot: number) => start + slot * 1_800_000;
    const flags = Uint16Array.from({ length: 48 }, (_, slot) =>
      slot >= 20 && slot < 23 ? quality.missing : quality.measured,
    );
    const value = Float64Array.from(flags, (bits, slot) => (bits === quality.missing ? 0 : 100 + slot));
    const channel = 'UP-0002/delivered';
    const block = { channel, startMs: start, intervalSeconds: 1800, value, quality: flags };
    const origin = { source: 'dlms', reference: 'x' } as const;
    const { mdm } = served.system;
    await mdm.ingest({ id: 'gap', origin, receivedMs: at(48), blocks: [block] });
    await mdm.review('UP-0002', { startMs: start, endMs: at(48) });
    const { out } = await run('vee explain UP-0002 2026-11-12T10:00:00Z');
    assert.match(out, /Estimated by linear: Straight line/);
    assert.match(out, /linear .* between 119 and 123 Wh an interval, give or take 2/);
  });

  test('a series that cannot be placed waits, is listed, released onto a channel or given up', async () => {
    const path = join(served.directory, 'strangers.csv');
    const row = (meter: string, value: number) => `${meter},delivered,2026-11-03T00:00:00Z,1800,${value},Wh`;
    const head = 'point,readingtype,start,intervalseconds,value,unit';
    writeFileSync(path, `${[head, row('X-1', 5), row('X-2', 6)].join('\n')}\n`);
    assert.match((await run(`import file ${path}`)).out, /2 series held/);
    const listed = (await run('import held')).out;
    assert.match(listed, /X-1 \/ delivered +1 +mdm\/exchange-unknown-channel/);
    const numberOf = (meter: string) => new RegExp(`^ *(\\d+) .*${meter} `, 'm').exec(listed)?.[1];
    const said = '--author Asha --reason found';
    const released = await run(`import release ${numberOf('X-1')} UP-0003/delivered ${said}`);
    assert.match(released.out, /1 values stored/);
    await run(`import discard ${numberOf('X-2')} ${said}`);
    const refused = /^ *(\d+) .* mdm\/exchange-unknown-format +not readable/m.exec(listed)?.[1];
    assert.match((await run(`import release ${refused} ${said}`, 1)).err, /mdm\/nothing-held/);
    await run(`import discard ${refused} ${said}`);
    assert.doesNotMatch((await run('import held')).out, /strangers|unknown-format/);
    assert.match((await run(`import discard ${numberOf('X-2')} ${said}`, 1)).err, /mdm\/already-decided/);
  });

  test('a file says where each of its rows went, and what waits for its point goes in when the point is known', async () => {
    const path = join(served.directory, 'mixed.csv');
    const row = (point: string, time: string, value: string) =>
      `${point},delivered-total,${time},${value},Wh,manual`;
    const rows = [
      row('LATE-1', '2026-11-03T09:00:00Z', '70'),
      row('UP-0003', '2026-11-03T09:00:00Z', '9007199254740992'),
      row('UP-0003', '2031-01-01T00:00:00Z', '80'),
    ];
    writeFileSync(path, `point,readingtype,start,value,unit,quality\n${rows.join('\n')}\n`);
    const { out } = await run(`import file ${path}`);
    assert.match(out, /0 values stored, 0 known already, 1 rejected, 2 series held/);
    assert.match(out, /^line 3: .*\(mdm\/exchange-too-big-number\)$/m);
    assert.match(out, /^line 4: .*\(mdm\/exchange-future\)$/m);
    const said = '--author Asha --reason listed';
    assert.match((await run(`import release-placed ${said}`)).out, /^0 series released.*; 2 wait on/);
    const points = join(served.directory, 'late.json');
    const point = {
      ...{ id: 'LATE-1', customer: 'Late House', kind: 'home', address: '2 Old Street' },
      ...{ zone: 'Europe/London', latitude: 51.5, longitude: -0.1, tariffId: 'WTL-HOME-TOU' },
      ...{ substation: 'S1', feeder: 'F1', transformer: 'T1' },
      ...{ meter: 'F-78', installed: '2020-01-01', registers: ['delivered-total'] },
    };
    writeFileSync(points, JSON.stringify([point]));
    await run(`rollout add ${points} ${said}`);
    assert.match(
      (await run(`import release-placed ${said}`)).out,
      /^1 series released: 1 values stored, 0 known already; 1 wait on/,
    );
    assert.match((await run('import held')).out, /mdm\/exchange-future/);
  });

  test('a drive-by file with sealed telegrams is opened with the keys beside it, and shut without them', async () => {
    const tour = join(served.directory, 'tour.txt');
    const keys = join(served.directory, 'tour-keys.csv');
    // OMS Volume 2, Annex N.2, profile B.
    const sealed =
      '434493157856341233038C2075900F002C25B30A000021924D4F2FB66E017A75002007109058475F4BC91DF878B80A1B0F98B629024AAC727942BFC549233C0140829B93';
    writeFileSync(tour, `2026-11-03T10:15:00Z ${sealed}\n`);
    assert.match((await run(`import file ${tour}`, 5)).out, /mdm\/exchange-encrypted/);
    writeFileSync(keys, '12345678 000102030405060708090A0B0C0D0E0F\n');
    assert.match((await run(`import file ${tour} --keys ${keys}`)).out, /^wmbus: .* 1 series held/);
    assert.match((await run('import held')).out, /12345678 +1 +mdm\/exchange-no-reading-type/);
    writeFileSync(keys, '12345678 FF0102030405060708090A0B0C0D0E0F\n');
    assert.match((await run(`import file ${tour} --keys ${keys}`, 5)).out, /mdm\/exchange-encrypted/);
    assert.match((await run(`import file ${tour} --keys ${keys}.none`, 5)).err, /server\/no-file/);
  });
});
