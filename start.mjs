#!/usr/bin/env node
/**
 * What `npm start`, `npm test` and `npm run <task>` run on whatever Node the machine has (20 or later): installs what
 * is missing, builds the screens when stale, then hands over to the Node 26 that came with the packages.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findNode, storeFlags } from './server/bin/find-node.mjs';

const root = dirname(fileURLToPath(import.meta.url));
process.chdir(root);
const startedMs = Date.now();
let hasInstalled = false;
const { workspaces } = JSON.parse(readFileSync('package.json', 'utf8'));
const [task, ...rest] = process.argv.slice(2);

const tasks = { test, check, bench, fuzz, soak };
const chosen = Object.hasOwn(tasks, task ?? '') ? tasks[task] : undefined;
process.exitCode = chosen ? await chosen(rest) : await start(process.argv.slice(2));

/** `npm start -- <flags>`: the virtual town. */
async function start(flags) {
  if (!(await install('start')) || !buildScreens()) return 1;
  // Figures count from installed packages on: what the install took is the network's affair.
  const env = { WATTLINE_STARTED_MS: String(hasInstalled ? Date.now() : startedMs) };
  return run([...storeFlags, 'server/cli/main.ts', 'town', ...flags], env);
}

/** `npm test [-- <files>]`: every test, real Chromium and real PostgreSQL included. */
async function test(files) {
  if (!(await install('all')) || !buildScreens()) return 1;
  const found = files.length > 0 ? files : testFiles();
  return run(['--test', '--test-concurrency=3', '--test-reporter=spec', '--test-timeout=240000', ...found]);
}

/** `npm run check`: types, lint, format, the walls. */
async function check() {
  if (!(await install('all'))) return 1;
  const bin = (name) => join('node_modules', '.bin', name);
  const steps = [
    { title: 'types', command: bin('tsc'), args: ['-p', '.'] },
    { title: 'types of the screens', command: bin('tsc'), args: ['-p', 'portal'] },
    { title: 'lint and format', command: bin('biome'), args: ['check', '--error-on-warnings', '.'] },
    { title: 'promises', command: bin('oxlint'), args: ['--type-aware', '--deny-warnings', '.'] },
    { title: 'walls and house rules', command: findNode(root), args: ['--test', 'test/tidy/*.test.ts'] },
  ];
  let code = 0;
  for (const { title, command, args } of steps) {
    const from = Date.now();
    const done = spawnSync(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      encoding: 'utf8',
      shell: process.platform === 'win32',
    });
    const isGood = done.status === 0;
    console.log(`${isGood ? 'ok  ' : 'FAIL'} ${title} (${((Date.now() - from) / 1000).toFixed(1)} s)`);
    if (!isGood) {
      code = 1;
      console.log([done.stdout, done.stderr, done.error?.message].filter(Boolean).join(''));
    }
  }
  return code;
}

/** `npm run bench [name] [-- --quick]`. */
async function bench(args) {
  if (!(await install('all'))) return 1;
  const names = filesUnder('bench', /\.bench\.ts$/).map((file) => basename(file, '.bench.ts'));
  const wanted = args.find((word) => !word.startsWith('-'));
  if (wanted !== undefined && !names.includes(wanted)) {
    console.error(`bench: no bench named '${wanted}'; there are: ${names.join(', ')}`);
    return 2;
  }
  const flags = args.filter((word) => word.startsWith('-'));
  for (const name of wanted === undefined ? names.sort() : [wanted]) {
    if (name === 'town' && !buildScreens()) return 1;
    const ofStore = name === 'readings' ? storeFlags : [];
    const code = await run([...ofStore, join('bench', `${name}.bench.ts`), ...flags]);
    if (code !== 0) return code;
  }
  return 0;
}

/** `npm run fuzz -- <room> [--execs N]`. */
async function fuzz(args) {
  if (!(await install('all'))) return 1;
  return run(['test/fuzz/main.ts', ...args]);
}

/** `npm run soak [-- --cycles N --from N --seed S] [files]`: the crash tests with many more cycles, kill -9 and simulated power cuts. */
async function soak(args) {
  if (!(await install('all'))) return 1;
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { cycles: { type: 'string' }, from: { type: 'string' }, seed: { type: 'string' } },
  });
  const {
    WATTLINE_KILL_CYCLES = values.cycles ?? '1000',
    WATTLINE_KILL_FROM = values.from ?? '0',
    WATTLINE_KILL_SEED = values.seed ?? '1',
    WATTLINE_POWER_CUTS = '10000',
  } = process.env;
  const env = { WATTLINE_KILL_CYCLES, WATTLINE_KILL_FROM, WATTLINE_KILL_SEED, WATTLINE_POWER_CUTS };
  const files =
    positionals.length > 0
      ? positionals
      : testFiles().filter((file) => /(kill|crash|power-cut)[^/\\]*\.test\.ts$/.test(file));
  return run(['--test', '--test-reporter=spec', ...files], env);
}

function testFiles() {
  return filesUnder('.', /\.test\.ts$/);
}

/** Files below a folder whose name fits, in order; packages, builds and data are passed over. */
function filesUnder(folder, name) {
  const found = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (['node_modules', 'dist', 'data'].includes(entry.name) || entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...filesUnder(path, name));
    else if (name.test(entry.name)) found.push(path);
  }
  return found.sort();
}

/** Installs packages unless what is installed fits the manifests; `start` leaves test-only packages out, or in. */
async function install(wanted) {
  const stamp = join('node_modules', '.wattline-installed');
  const scope = existsSync(join('node_modules', 'typescript')) ? 'all' : wanted;
  const digest = digestOf(
    ['package.json', 'package-lock.json', ...workspaces.map((room) => join(room, 'package.json'))].filter(
      existsSync,
    ),
  );
  const was = existsSync(stamp) ? readFileSync(stamp, 'utf8') : '';
  if (findNode(root) && (was === `all ${digest}` || was === `${scope} ${digest}`)) return true;
  const flags = ['install', '--no-audit', '--no-fund', '--no-save', '--loglevel=error'];
  if (scope === 'start') flags.push('--omit=dev');
  const failure = await runNpm(
    flags,
    `Installing packages${scope === 'start' ? '' : ', test tools included'} (once)`,
  );
  if (failure || !findNode(root)) {
    const why = failure ?? 'no Node 26 for this platform';
    console.error(
      `wattline: packages cannot be installed (${why}): check the connection to the npm registry and the free disk, then run it again (start/cannot-install)`,
    );
    return false;
  }
  hasInstalled = true;
  writeFileSync(stamp, `${scope} ${digest}`);
  return true;
}

/** Runs npm and shows the seconds it takes; resolves to why it failed, in a few words, or undefined. */
function runNpm(flags, title) {
  return new Promise((resolve) => {
    const from = Date.now();
    const show = () => process.stdout.write(`\r${title} ... ${Math.round((Date.now() - from) / 1000)} s `);
    const ticking = process.stdout.isTTY ? setInterval(show, 1000) : undefined;
    if (!ticking) console.log(`${title}; a minute or so ...`);
    const npm = spawn('npm', flags, {
      stdio: ['ignore', 'ignore', 'pipe'],
      shell: process.platform === 'win32',
    });
    let said = '';
    npm.stderr.on('data', (octets) => {
      said += octets;
    });
    const end = (why) => {
      clearInterval(ticking);
      if (ticking) process.stdout.write('\n');
      resolve(why);
    };
    npm.on('error', (error) => end(`npm does not start: ${error.message}`));
    npm.on('close', (code) => {
      if (code === 0) return end(undefined);
      const kind = /npm error code (\S+)/.exec(said)?.[1] ?? `exit code ${code}`;
      const log = /A complete log of this run can be found in: (\S+)/.exec(said)?.[1];
      end(`npm: ${kind}${log ? `, log in ${log}` : ''}`);
    });
  });
}

/** Builds the screens into portal/dist when a source is newer in content than the last build. */
function buildScreens() {
  const digest = digestOf(
    ['portal', 'model', 'base'].flatMap((room) => filesUnder(room, /\.(ts|tsx|css|html|svg|json)$/)),
  );
  const stamp = join('portal', 'dist', '.built');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return true;
  console.log('Building the screens ...');
  const vite = join('node_modules', 'vite', 'bin', 'vite.js');
  const done = spawnSync(findNode(root), [vite, 'build', 'portal', '--logLevel', 'warn'], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (done.status !== 0) {
    console.error('wattline: the screens could not be built; the lines above say why (start/cannot-build)');
    return false;
  }
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, digest);
  return true;
}

function digestOf(files) {
  const hash = createHash('sha256');
  for (const file of files) if (statSync(file).isFile()) hash.update(file).update(readFileSync(file));
  return hash.digest('hex');
}

/** Runs Node 26 in the foreground and passes signals on; resolves to its exit code. */
function run(args, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(findNode(root), args, {
      stdio: 'inherit',
      env: { ...process.env, UV_THREADPOOL_SIZE: '16', ...env },
    });
    const pass = (signal) => child.kill(signal);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, pass);
    child.on('error', (error) => {
      console.error(`wattline: Node 26 does not start: ${error.message} (start/no-runtime)`);
      resolve(1);
    });
    child.on('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 143)));
  });
}
