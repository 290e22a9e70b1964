/**
 * How fast does one core take DLMS/COSEM apart, and how many requests does one meter process answer (dlms/get-server.ts)?
 *
 * On paper, per core:
 * - profile-decode: a row of six columns (clock of 12 octets in an octet-string, status, four registers) is 37 octets, so 96
 *   rows are 3.6 kB. AES-GCM opens 1 to 2 GB/s: 3 us; touching every octet twice at 1 ns each: 7 us. 96 rows of 6 values in 10 us
 *   is 57 M values/s; with an allocation for each column and call overheads of node:crypto (5 us) about 30 M.
 * - profile-554: 24 rows of 23 octets. The heads of the rows, the tags and the values are each loaded once: 24 x (2 + 14 + 2 + 5)
 *   loads of which a core does two a cycle at 3 GHz, some 90 ns; ordering and storing take as much again, a clock 5 ns more for
 *   its fields: 300 ns, 3 M profiles/s into columns that are there already. Fresh columns are one buffer, seven views and three
 *   objects of about 60 ns each: 700 ns more, 1 M/s (profile-554-fresh).
 * - fuzz: a mutant costs its making (one to four copies of some 200 octets with a random source that hashes: 4 us), two looks at the
 *   clock (0.1 us) and a refusal, which is an error object with its stack (5 us); doors that accept build values or a tree of some
 *   hundred nodes (20 us). Mean over the doors about 15 us: 65,000/s.
 * - fcs: 28 words are struck out at four loads, three stores and three additions each, four of them a cycle: 70 cycles; 16 octets
 *   by look-up 15 cycles, the copy 10: 95 cycles at 3.5 GHz are 27 ns, 37 M frames/s.
 */
import { realClock, seededRandom } from '@wattline/base';
import {
  AxdrWriter,
  createProfileDecoder,
  decodeProfileColumns,
  frameCheck,
  openSealed,
  type SecurityKeys,
  sealPlain,
} from '@wattline/protocols/dlms';
import { dlmsTargets } from '../test/fuzz/dlms-targets.ts';
import { runFuzz } from '../test/fuzz/fuzz-run.ts';
import { threadWatch } from '../test/fuzz/resource-watch.ts';
import { benchGetServer } from './dlms/get-server.ts';
import { isQuick, printFigure } from './figure.ts';
import { benchListeningMeters } from './listening-meters.ts';

const clock = realClock();
/** How long each figure is measured, ms. */
const spanMs = isQuick ? 1500 : 6000;
const size = isQuick ? { size: `${spanMs} ms each` } : {};

/** Runs `work` for the span after a tenth of it as warm-up; how often it ran in a second. */
function ratePerSecond(work: () => void): number {
  run(work, spanMs / 5);
  const { count, elapsedMs } = run(work, spanMs);
  return (count * 1000) / elapsedMs;
}

function run(work: () => void, forMs: number): { readonly count: number; readonly elapsedMs: number } {
  const startMs = clock.monotonic();
  let count = 0;
  for (;;) {
    for (let i = 0; i < 64; i++) work();
    count += 64;
    const elapsedMs = clock.monotonic() - startMs;
    if (elapsedMs >= forMs) return { count, elapsedMs };
  }
}

function insist(isRight: boolean, what: string): void {
  if (!isRight) throw new Error(`the bench measured something else: ${what}`);
}

const keys: SecurityKeys = {
  suite: 0,
  ek: new Uint8Array(16).map((_, i) => i),
  ak: new Uint8Array(16).map((_, i) => 0xd0 + i),
};
const meterTitle = Uint8Array.from(Buffer.from('WTL00001', 'latin1'));

/** A day of quarter-hours: clock, status and four registers. */
function dayProfile(): Uint8Array {
  const writer = new AxdrWriter(8192).array(96);
  const startMs = Date.UTC(2026, 5, 1);
  for (let i = 0; i < 96; i++) {
    writer
      .structure(6)
      .dateTime(startMs + (i + 1) * 900_000, 0)
      .unsigned(0)
      .doubleLongUnsigned(1_000_000 + i * 113)
      .doubleLongUnsigned(i * 7)
      .doubleLongUnsigned(50_000 + i)
      .doubleLongUnsigned(i * 3);
  }
  return writer.finish();
}

function benchProfileDecode(): void {
  const sealed = sealPlain(
    dayProfile(),
    { keys, systemTitle: meterTitle },
    { protection: 'ae', invocationCounter: 1 },
  );
  const decode = () => {
    const opened = openSealed(sealed, { keys, systemTitle: meterTitle });
    const columns = opened.ok ? decodeProfileColumns(opened.value.plain) : opened;
    insist(columns.ok && columns.value.rows === 96, 'a day of 96 rows');
  };
  printFigure({
    bench: 'dlms',
    figure: 'profile-decode',
    value: ratePerSecond(decode) * 96,
    unit: 'intervals/s per core',
    higherIsBetter: true,
    target: 3_000_000,
    paperLimit: 5_000_000,
    ...size,
  });
}

/** A day of hours, clock, status and one register: 554 octets in the clear, into columns kept and into fresh ones. */
function benchProfile554(): void {
  const writer = new AxdrWriter(1024).array(24);
  for (let i = 0; i < 24; i++) {
    writer
      .structure(3)
      .dateTime(Date.UTC(2026, 5, 1, i + 1), 0)
      .unsigned(0)
      .doubleLongUnsigned(1_000_000 + i * 113);
  }
  const encoded = writer.finish();
  insist(encoded.length === 554, '554 octets');
  const figures = [
    { figure: 'profile-554', decode: createProfileDecoder(), target: 1_000_000, paperLimit: 3_000_000 },
    { figure: 'profile-554-fresh', decode: decodeProfileColumns, paperLimit: 1_000_000 },
  ];
  for (const { decode, ...figure } of figures) {
    const decodeDay = () => {
      const columns = decode(encoded);
      insist(columns.ok && columns.value.rows === 24, '24 rows');
    };
    printFigure({
      bench: 'dlms',
      value: ratePerSecond(decodeDay),
      unit: 'profiles/s per core',
      higherIsBetter: true,
      ...figure,
      ...size,
    });
  }
}

function benchFcs(): void {
  const frame = seededRandom('fcs').bytes(128);
  const expected = frameCheck(frame);
  printFigure({
    bench: 'dlms',
    figure: 'fcs',
    value: ratePerSecond(() => insist(frameCheck(frame) === expected, 'the same check')),
    unit: 'frames/s per core',
    higherIsBetter: true,
    target: 10_000_000,
    paperLimit: 37_000_000,
    ...size,
  });
}

/** Mutants at every door, as many at each: executions over the time they took. */
function benchFuzz(): void {
  const execs = isQuick ? 2000 : 20_000;
  const reports = dlmsTargets().map((target) =>
    runFuzz(target, { execs, seed: 'bench', clock, watch: threadWatch }),
  );
  for (const { target, crash, trouble } of reports) {
    insist(crash === null && trouble === null, `${target}: ${crash?.message ?? trouble}`);
  }
  const seconds = reports.reduce((sum, report) => sum + report.execs / report.execsPerSecond, 0);
  printFigure({
    bench: 'dlms',
    figure: 'fuzz',
    value: (execs * reports.length) / seconds,
    unit: 'execs/s per core',
    higherIsBetter: true,
    target: 20_000,
    paperLimit: 65_000,
    ...(isQuick ? { size: `${execs} at each of ${reports.length} doors` } : {}),
  });
}

benchProfileDecode();
benchProfile554();
benchFcs();
await benchGetServer(spanMs);
// After the servers: hostile shapes of every kind make the compiler give up what it learnt, which no meter process meets.
benchFuzz();
await benchListeningMeters();
