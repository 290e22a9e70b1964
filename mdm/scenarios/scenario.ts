/**
 * A scenario is a folder of three tables that a billing clerk can read: what was given, when what happened, then what must
 * hold. All have the columns `what,channel,from,until,wh,note`; instants carry their offset, `wh` is per interval. What happens
 * to an asset is a row too: exchange, reset, dials, multiplier, length, rescale, uncross, order and done, undo.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type QualityFlag, quality, qualityFlags, type ReadingBlock } from '@wattline/model';
import type { AssetChange } from '../assets/assets.ts';
import { countedBetween } from '../assets/register-course.ts';
import { addUsagePoint, batchOf, intervals, registerAt, type Trial } from '../fixture/trial.ts';

const columns = 'what,channel,from,until,wh,note';

interface Row {
  readonly file: string;
  readonly line: number;
  readonly what: string;
  readonly channel: string;
  readonly from: string;
  readonly until: string;
  readonly wh: string;
  readonly note: string;
}

/** Settings a scenario may give, with what stands when it does not. */
interface Setting {
  zone: string;
  minutes: number;
  installedMs: number;
}

/** Plays a scenario at a usage point of its own, named `point`; throws with file and line at what does not hold. */
export async function playScenario(trial: Trial, point: string, folder: string): Promise<void> {
  const given = await readRows(folder, 'given.csv');
  const when = await readRows(folder, 'when.csv');
  const then = await readRows(folder, 'then.csv');
  const setting = settingOf(given);
  await addUsagePoint(trial.registry, point, {
    zone: setting.zone,
    intervalSeconds: setting.minutes * 60,
    installedMs: setting.installedMs,
  });
  if (given.concat(when).some((row) => row.channel.startsWith('other ')))
    await addUsagePoint(trial.registry, otherOf(point), {
      zone: setting.zone,
      intervalSeconds: setting.minutes * 60,
      installedMs: setting.installedMs,
    });
  const stage: Stage = { trial, point, setting, lastChange: null };
  for (const row of given.filter((row) => !(row.what in settings))) await play(stage, row);
  await trial.mdm.settled();
  trial.events.length = 0;
  for (const row of when) {
    await play(stage, row);
    await trial.mdm.settled();
  }
  for (const row of then) await explainFailure(row, () => check(stage, row));
  await checkIdempotent(stage, when);
}

/** Where a scenario is played. */
interface Stage {
  readonly trial: Trial;
  readonly point: string;
  readonly setting: Setting;
  /** What the last row about an asset recorded. */
  lastChange: AssetChange | null;
}

const said = { author: 'Asha', reason: 'work order' };

/** What may happen to an asset; reads are those of the display. */
const assetRows = {
  exchange: ({ trial, point }, row) => {
    const [final, initial] = [amountIn(row, 'final'), amountIn(row, 'initial')];
    const reads = { [row.channel]: { final, initial } };
    const serials = { oldSerial: 'OLD', newSerial: 'NEW' };
    return trial.mdm.assets.exchangeMeter(point, { atMs: instantOf(row.from), ...serials, reads }, said);
  },
  reset: ({ trial, point }, row) => {
    const [before, after] = [amountIn(row, 'before'), amountIn(row, 'after')];
    const register = { atMs: instantOf(row.from), before, after };
    return trial.mdm.assets.resetRegister(channelOf(point, row), register, said);
  },
  dials: ({ trial, point }, row) => {
    const [digits, unit] = [amountIn(row, 'digits'), amountIn(row, 'unit')];
    return trial.mdm.assets.setDials(
      channelOf(point, row),
      { fromMs: instantOf(row.from), digits, unit },
      said,
    );
  },
  multiplier: ({ trial, point }, row) => {
    const factor = { fromMs: instantOf(row.from), ...factorIn(row, 0) };
    const read = row.wh === '' ? {} : { read: Number(row.wh) };
    return trial.mdm.assets.setMultiplier(channelOf(point, row), { ...factor, ...read }, said);
  },
  length: async ({ trial, point, setting }, row) => {
    setting.minutes = amountIn(row, 'minutes');
    const interval = { fromMs: instantOf(row.from), seconds: setting.minutes * 60 };
    return trial.mdm.assets.setIntervalLength(point, interval, said);
  },
  rescale: async ({ trial, point }, row) => {
    const factor = { was: factorIn(row, 0), is: factorIn(row, 1) };
    await trial.mdm.assets.rescale(channelOf(point, row), periodOf(row), factor, said);
    return null;
  },
  uncross: async ({ trial, point }, row) => {
    await trial.mdm.assets.uncross([point, otherOf(point)], periodOf(row), said);
    return null;
  },
  undo: async ({ trial, lastChange }) => {
    assert(lastChange, 'nothing was said of an asset before');
    await trial.mdm.assets.undo(lastChange, { author: 'Ben', reason: 'misread' });
    return null;
  },
  order: async ({ trial, point }, row) => {
    const order = { id: `WO-${point}`, usage_point_id: point, kind: 'exchange' } as const;
    const serials = { old_serial: 'OLD', new_serial: 'NEW' };
    await trial.mdm.rollout.plan({ ...order, ...serials, planned_ms: instantOf(row.from) });
    return null;
  },
  done: async ({ trial, point }, row) => {
    const [finalRead, initialRead] = [amountIn(row, 'final'), amountIn(row, 'initial')];
    const report = { doneMs: instantOf(row.from), finalRead, initialRead, transformer: 'T-9' };
    await trial.mdm.rollout.done(`WO-${point}`, report, said);
    return null;
  },
} satisfies Record<string, (stage: Stage, row: Row) => Promise<AssetChange | null>>;

/** The amount that follows a word of the note. */
function amountIn(row: Row, word: string): number {
  const [, amount] = new RegExp(`\\b${word} (\\d+)`).exec(row.note) ?? [];
  assert(amount !== undefined, `expected '${word} <amount>' in the note`);
  return Number(amount);
}

/** The factor at a place of the note, as 3/2. */
function factorIn(row: Row, place: number): { numerator: number; denominator: number } {
  const [numerator, denominator] = (row.note.split(' ')[place] ?? '').split('/').map(Number);
  assert(numerator && denominator, `expected factors as 3/2, found '${row.note}'`);
  return { numerator, denominator };
}

function periodOf(row: Row) {
  return { startMs: instantOf(row.from), endMs: instantOf(row.until) };
}

/** The second point of a scenario about two. */
function otherOf(point: string): string {
  return `${point}-other`;
}

async function readRows(folder: string, file: string): Promise<Row[]> {
  const text = await readFile(join(folder, file), 'utf8');
  const lines = text.split(/\r?\n/);
  assert.equal(lines[0], columns, `${file} must begin with ${columns}`);
  const rows: Row[] = [];
  lines.forEach((line, index) => {
    if (index === 0 || line === '' || line.startsWith('#')) return;
    const [what = '', channel = '', from = '', until = '', wh = '', note = ''] = line.split(',');
    rows.push({ file, line: index + 1, what, channel, from, until, wh, note });
  });
  return rows;
}

const settings = {
  zone: (setting: Setting, row: Row) => {
    setting.zone = row.note;
  },
  minutes: (setting: Setting, row: Row) => {
    setting.minutes = Number(row.note);
  },
  installed: (setting: Setting, row: Row) => {
    setting.installedMs = instantOf(row.from);
  },
};

function settingOf(given: readonly Row[]): Setting {
  const setting: Setting = { zone: 'UTC', minutes: 60, installedMs: 0 };
  for (const row of given)
    if (row.what in settings) settings[row.what as keyof typeof settings](setting, row);
  return setting;
}

/** One row that happens: a delivery of intervals or a register, or a review. */
async function play(stage: Stage, row: Row): Promise<void> {
  const { trial, point, setting } = stage;
  await explainFailure(row, async () => {
    if (row.what === 'review') {
      await trial.mdm.review(point, { startMs: instantOf(row.from), endMs: instantOf(row.until) });
    } else if (row.what in assetRows) {
      stage.lastChange = await assetRows[row.what as keyof typeof assetRows](stage, row);
    } else {
      const batch = batchOf(`${point}-${row.file}-${row.line}`, blockOf(point, setting, row));
      const { rejected } = await trial.mdm.ingest(batch);
      assert.deepEqual(rejected, []);
    }
  });
}

function blockOf(point: string, setting: Setting, row: Row): ReadingBlock {
  const from = instantOf(row.from);
  if (row.what === 'register') {
    const read = registerAt(channelOf(point, row), from, Number(row.wh));
    return row.note === '' ? read : { ...read, quality: Uint16Array.of(flagsOf(row.note)) };
  }
  assert.equal(row.what, 'intervals', `no such thing happens: ${row.what}`);
  const step = setting.minutes * 60_000;
  const values = new Array<number>(Math.round((instantOf(row.until) - from) / step)).fill(Number(row.wh));
  const flags = row.note === '' ? quality.measured : flagsOf(row.note);
  return intervals(channelOf(point, row), from, values, { intervalSeconds: setting.minutes * 60, flags });
}

/** One row that must hold. */
async function check({ trial, point }: Stage, row: Row): Promise<void> {
  const { mdm, events } = trial;
  const channel = channelOf(point, row);
  const from = row.from === '' ? 0 : instantOf(row.from);
  const period = { startMs: from, endMs: row.until === '' ? from + 1 : instantOf(row.until) };
  if (row.what === 'value') {
    const series = await mdm.series(channel, period);
    assert(series.value.length > 0);
    series.value.forEach((value, slot) => {
      const flags = series.quality[slot] as number;
      const at = `slot ${slot}`;
      if (row.wh !== '') assert.equal(value, Number(row.wh), at);
      assert.deepEqual(qualityFlags(flags), qualityFlags(flagsOf(row.note)), at);
    });
  } else if (row.what === 'sum') {
    const series = await mdm.series(channel, period);
    const sum = series.value.reduce((total, value) => total + value, 0);
    assert.equal(sum, Number(row.wh));
  } else if (row.what === 'method') {
    const versions = await mdm.versions(channel, from);
    assert.equal(versions.at(-1)?.method, row.note);
  } else if (row.what === 'versions') {
    const versions = await mdm.versions(channel, from);
    assert.deepEqual(versions.map((version) => version.value).join(' '), row.note);
  } else if (row.what === 'verdict') {
    const [rule = '', outcome = ''] = row.note.split(' ');
    const verdicts = (await mdm.verdicts(channel, from)).filter((verdict) => verdict.rule === rule);
    assert.equal(verdicts.at(-1)?.outcome ?? 'none', outcome, verdicts.at(-1)?.detail ?? '');
  } else if (row.what === 'register') {
    assert.equal(await mdm.register(channel, from), Number(row.wh));
  } else if (row.what === 'counted') {
    const [start, end] = [
      await mdm.register(channel, period.startMs),
      await mdm.register(channel, period.endMs),
    ];
    assert(start !== null && end !== null, 'the register was read at both ends');
    const span = { start: period.startMs / 1000, from: start, end: period.endMs / 1000, to: end };
    assert.equal(countedBetween(span, await mdm.course(channel)), Number(row.wh));
  } else if (row.what === 'meter') {
    assert.equal((await mdm.assets.seen(point, { atMs: from })).meter, row.note);
  } else if (row.what === 'events') {
    const count = events.filter((event) => event.kind === row.note).length;
    assert.equal(count, Number(row.wh), JSON.stringify(events));
  } else assert.fail(`nothing such can hold: ${row.what}`);
}

/** In every scenario: reviewing again changes nothing, and what is not measured is never called measured. */
async function checkIdempotent({ trial, point }: Stage, when: readonly Row[]): Promise<void> {
  const reviews = when.filter((row) => row.what === 'review');
  const before = trial.mdm.figures();
  const events = trial.events.length;
  for (const row of reviews) {
    await trial.mdm.review(point, { startMs: instantOf(row.from), endMs: instantOf(row.until) });
  }
  await trial.mdm.settled();
  const after = trial.mdm.figures();
  assert.equal(after.estimates, before.estimates, 'a second review estimated again');
  assert.equal(after.verdictsFailed, before.verdictsFailed, 'a second review gave new verdicts');
  assert.equal(trial.events.length, events, 'a second review reported again');
}

/** A channel of the point, or of the other one when the row says so. */
function channelOf(point: string, row: Row): string {
  if (row.channel.startsWith('other ')) return `${otherOf(point)}/${row.channel.slice('other '.length)}`;
  return `${point}/${row.channel}`;
}

function instantOf(text: string): number {
  return Temporal.Instant.from(text).epochMilliseconds;
}

function flagsOf(note: string): number {
  return note.split(' ').reduce((bits, flag) => {
    assert(flag in quality, `no such flag: ${flag}`);
    return bits | quality[flag as QualityFlag];
  }, 0);
}

async function explainFailure(row: Row, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    throw new Error(`${row.file} line ${row.line}: ${row.what} ${row.channel} ${row.from} ${row.note}`, {
      cause: error,
    });
  }
}
