import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { simErrors } from '../errors.ts';
import { inspectLoad, readLoad } from './load-reader.ts';
import type { LoadSet } from './load-set.ts';

const shared = process.env.WATTLINE_SHARED ?? '../shared';
const directory = mkdtempSync(join(tmpdir(), 'wattline-load-'));
after(() => rmSync(directory, { recursive: true }));

const londonHeader = 'LCLid,tstp,energy(kWh/hh)';
const sydneyHeader = 'customer_id,reading_datetime,event_key,general_supply_kwh,controlled_load_kwh,src';

let files = 0;
function fileOf(lines: readonly string[], ending = '\n'): string {
  const path = join(directory, `${++files}.csv`);
  writeFileSync(path, lines.join(ending));
  return path;
}

function wholeDay(id: string, date: string): string[] {
  return Array.from({ length: 48 }, (_, k) => {
    const clock = `${String(k >> 1).padStart(2, '0')}:${k % 2 === 0 ? '00' : '30'}`;
    return `${id},${date} ${clock}:00, 0.${String(100 + k)} `;
  });
}

function counts({ report }: LoadSet) {
  const { problems, ...numbers } = report;
  for (const { code } of problems) assert(code in simErrors, code);
  return numbers;
}

const clean = { missing: 0, repeated: 0, negative: 0, invalid: 0, nonexistent: 0 };

test('a sound file has every half hour and no problem, with any line ending and a byte order mark', async () => {
  for (const ending of ['\n', '\r\n']) {
    const load = await readLoad(
      fileOf([`\uFEFF${londonHeader}`, ...wholeDay('M1', '2013-01-07'), ''], ending),
    );
    assert.deepEqual(counts(load), { rows: 48, ...clean });
    const [series] = load.series;
    assert.equal(series?.startMs, Date.parse('2013-01-07T00:00Z'));
    assert.deepEqual(
      [...(series?.deliveredWh ?? [])],
      Array.from({ length: 48 }, (_, k) => 100 + k),
    );
    assert.equal(load.zone, 'Europe/London');
  }
});

test('a missing hour, a repeated hour, a negative value and junk are counted with line and code, and nothing crashes', async () => {
  const rows = wholeDay('M1', '2013-01-07');
  const at = (hour: number) => hour * 2;
  rows[at(20)] = 'M1,2013-01-07 20:00:00,-0.5';
  rows[at(22)] = 'M1,2013-01-07 22:00:00,Null';
  const bad = [
    ...rows.slice(0, at(3)),
    ...rows.slice(at(4), at(11)),
    ...rows.slice(at(10), at(11)),
    'total rubbish',
    'M1,yesterday,0.2',
    'M1,2013-02-30 10:00:00,0.2',
    'M1,2013-01-07 10:07:00,0.2',
    'M1,2093-01-07 10:00:00,0.2',
    ',2013-01-07 10:00:00,0.2',
    ...rows.slice(at(11)),
  ];
  const load = await readLoad(fileOf([londonHeader, ...bad]));
  assert.deepEqual(counts(load), {
    rows: 54,
    missing: 2,
    repeated: 2,
    negative: 1,
    invalid: 7,
    nonexistent: 0,
  });
  const [series] = load.series;
  const absent = [...(series?.missing ?? [])].flatMap((flag, index) => (flag ? [index] : []));
  assert.deepEqual(absent, [at(3), at(3) + 1, at(20), at(22)]);
  for (const index of absent) assert.equal(series?.deliveredWh[index], 0);
  // Lines: the header is 1; the row after the gap is 04:00; the repeats follow 10:30.
  const lineOf = (code: string) => load.report.problems.filter((p) => p.code === code).map((p) => p.line);
  assert.deepEqual(lineOf('sim/load-row-missing'), [8]);
  assert.deepEqual(lineOf('sim/load-row-repeated'), [22, 23]);
  assert.deepEqual(lineOf('sim/load-row-negative'), [48]);
  assert.equal(lineOf('sim/load-row-invalid').length, 5);
  assert.equal(lineOf('sim/load-row-invalid')[0], 24);
});

test('the first of two rows for a half hour counts', async () => {
  const lines = [londonHeader, 'M1,2013-01-07 00:00:00,0.1', 'M1,2013-01-07 00:00:00,0.9'];
  const load = await readLoad(fileOf(lines));
  assert.deepEqual([...(load.series[0]?.deliveredWh ?? [])], [100]);
});

test('energies are exact: float noise and more than three decimals round half-even to whole Wh, once', async () => {
  const values = ['6.5279999', '0.0005', '0.0015', '1e-3', '0.38799999999999996', ' 2 '];
  const lines = values.map((value, k) => `M1,2013-01-07 0${k}:00:00,${value}`);
  const load = await readLoad(fileOf([londonHeader, ...lines]));
  const full = [...(load.series[0]?.deliveredWh ?? [])].filter((_, index) => index % 2 === 0);
  assert.deepEqual(full, [6528, 0, 2, 1, 388, 2000]);
});

test('an energy beyond reason is refused, not stored', async () => {
  const lines = [
    londonHeader,
    'M1,2013-01-07 00:00:00,0.1',
    'M1,2013-01-07 00:30:00,1e300',
    'M1,2013-01-07 01:00:00,0.1',
  ];
  const load = await readLoad(fileOf(lines));
  assert.equal(load.report.invalid, 1);
  assert.deepEqual([...(load.series[0]?.missing ?? [])], [0, 1, 0]);
});

test('in spring the local clock skips an hour: Sydney labels of 02:00 have no place and repeated ones count once', async () => {
  const row = (clock: string, kwh: string) => `7,2012-10-07 ${clock},0,${kwh},0.1,raw`;
  const lines = [
    row('00:30', '0.1'),
    row('01:00', '0.2'),
    row('01:00', '0.3'),
    row('01:30', '0.4'),
    row('01:30', '0.5'),
    row('02:00', '0.6'),
    row('03:00', '0.7'),
  ];
  const load = await readLoad(fileOf([sydneyHeader, ...lines]));
  assert.deepEqual(counts(load), { rows: 7, ...clean, repeated: 2, nonexistent: 1 });
  // 01:30 before the change is followed by 03:00 after it; general supply and controlled load add up.
  assert.deepEqual([...(load.series[0]?.deliveredWh ?? [])], [200, 300, 500, 800]);
});

test('in autumn the local clock repeats an hour: one row for both half hours leaves a gap, two fill both', async () => {
  const row = (clock: string, kwh: string) => `7,2013-04-07 ${clock},0,${kwh},0,raw`;
  const once = [row('01:30', '0.1'), row('02:00', '0.2'), row('02:30', '0.3'), row('03:00', '0.4')];
  const lost = await readLoad(fileOf([sydneyHeader, ...once]));
  assert.deepEqual(counts(lost), { rows: 4, ...clean, missing: 2 });
  assert.deepEqual([...(lost.series[0]?.missing ?? [])], [0, 0, 0, 1, 1, 0]);
  const twice = [...once.slice(0, 3), row('02:00', '0.5'), row('02:30', '0.6'), row('03:00', '0.4')];
  const whole = await readLoad(fileOf([sydneyHeader, ...twice]));
  assert.deepEqual(counts(whole), { rows: 6, ...clean });
  assert.deepEqual([...(whole.series[0]?.deliveredWh ?? [])], [100, 200, 300, 500, 600, 400]);
});

test('another clock may be named: at +10:00 every day has 48 labels', async () => {
  const row = (clock: string) => `7,2012-10-07 ${clock},0,0.1,0,raw`;
  const lines = [row('01:30'), row('02:00'), row('02:30'), row('03:00')];
  const load = await readLoad(fileOf([sydneyHeader, ...lines]), { clock: '+10:00' });
  assert.deepEqual(counts(load), { rows: 4, ...clean });
  assert.equal(load.series[0]?.startMs, Date.parse('2012-10-06T15:30Z'));
});

test('mean kW of load and generation become net Wh in each direction', async () => {
  const lines = ['datetime,GC,GG', '2011-07-01 12:00:00,0.392,0.1', '2011-07-01 12:30:00,0.2,0.862'];
  const load = await readLoad(fileOf(lines));
  assert.deepEqual([...(load.series[0]?.deliveredWh ?? [])], [146, 0]);
  assert.deepEqual([...(load.series[0]?.receivedWh ?? [])], [0, 331]);
});

test('files that are no load are refused with a code that says why', async () => {
  const cut = join(directory, 'cut.csv.gz');
  const zipped = gzipSync([londonHeader, ...wholeDay('M1', '2013-01-07')].join('\n'));
  writeFileSync(cut, zipped.subarray(0, zipped.length - 20));
  const refusals = [
    [join(directory, 'absent.csv'), 'sim/load-unreadable'],
    [directory, 'sim/load-unreadable'],
    [cut, 'sim/load-unreadable'],
    [fileOf(['time;kwh', '1;2']), 'sim/load-unknown-format'],
    [fileOf([]), 'sim/load-unknown-format'],
    [fileOf([londonHeader]), 'sim/load-empty'],
    [fileOf([londonHeader, 'M1,2013-01-07 00:00:00,-1']), 'sim/load-empty'],
  ] as const;
  for (const [path, code] of refusals) await assert.rejects(readLoad(path), { code }, `${path} ${code}`);
  await assert.rejects(inspectLoad(fileOf(['time;kwh'])), { code: 'sim/load-unknown-format' });
});

test('an overlong line is one bad row', async () => {
  const lines = [
    londonHeader,
    'M1,2013-01-07 00:00:00,0.1',
    'x'.repeat(300_000),
    'M1,2013-01-07 00:30:00,0.1',
  ];
  assert.deepEqual(counts(await readLoad(fileOf(lines))), { rows: 3, ...clean, invalid: 1 });
});

function sharedFile(name: string): { readonly path: string; readonly skip: string | false } {
  const path = join(shared, 'data', name);
  return { path, skip: existsSync(path) ? false : `no ${path}: set WATTLINE_SHARED` };
}

const london = sharedFile('A01_lcl_london_30min_2013.csv.gz');
test('Low Carbon London 2013 has 67 households and 1,129,510 rows, none bad', {
  skip: london.skip,
}, async () => {
  assert.deepEqual(await inspectLoad(london.path), {
    name: 'Low Carbon London',
    zone: 'Europe/London',
    intervalSeconds: 1800,
  });
  const load = await readLoad(london.path);
  assert.deepEqual(counts(load), { rows: 1_129_510, ...clean, missing: 845 });
  assert.equal(load.series.length, 67);
  const used = load.series.reduce((sum, { missing }) => sum + missing.filter((flag) => flag === 0).length, 0);
  assert.equal(used, 1_129_510);
  assert.equal(Math.max(...load.series.map(({ deliveredWh }) => Math.max(...deliveredWh))), 6528);
  assert.equal(load.series.find(({ id }) => id === 'MAC000002')?.deliveredWh[0], 219);
});

const sydney = sharedFile('A02_sgsc_nsw_30min_2012_2014.csv.gz');
test('Smart-Grid Smart-City has 67 customers and 1,840,016 rows; the spring rows have no place, the autumn hour is missing', {
  skip: sydney.skip,
}, async () => {
  const load = await readLoad(sydney.path);
  const { missing, ...others } = counts(load);
  assert.deepEqual(others, { rows: 1_840_016, repeated: 124, negative: 0, invalid: 0, nonexistent: 118 });
  assert.equal(load.series.length, 67);
  // Every row is used, repeated or without a place, and every half hour is used or missing.
  const halfHours = load.series.reduce((sum, series) => sum + series.missing.length, 0);
  assert.equal(halfHours - missing, 1_840_016 - 124 - 118);
  const autumn = Date.parse('2013-04-06T16:00Z');
  for (const { startMs, missing: flags } of load.series) {
    const index = (autumn - startMs) / 1_800_000;
    if (index > 0 && index + 1 < flags.length)
      assert.deepEqual([...flags.subarray(index, index + 2)], [1, 1]);
  }
});

const solar = sharedFile('A06_ausgrid_customer12_30min_2011_2012.csv.gz');
test('Ausgrid customer 12 has 13,200 gapless half hours and receives at noon', {
  skip: solar.skip,
}, async () => {
  const load = await readLoad(solar.path);
  assert.deepEqual(counts(load), { rows: 13_200, ...clean });
  const [series] = load.series;
  assert.equal(series?.startMs, Date.parse('2011-06-30T14:00Z'));
  assert.equal(series?.solarW, 1040);
  assert.ok((series?.receivedWh ?? []).some((wh) => wh > 0));
  assert.ok((series?.receivedWh ?? []).every((wh, index) => wh === 0 || series?.deliveredWh[index] === 0));
});
