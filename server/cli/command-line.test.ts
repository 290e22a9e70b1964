/** The command line as people and scripts meet it: help, usage, exit codes, one line for an error. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { CodedError } from '@wattline/base';
import type { Command } from 'commander';
import { exitCodeOf, exitMeanings } from './exit-codes.ts';
import { spawnWattline, wattline } from './fixture/command-line.ts';
import { buildProgram } from './program.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const directory = mkdtempSync(join(tmpdir(), 'wattline-cli-'));
after(() => rmSync(directory, { recursive: true, force: true }));

/** Every command that does something, `bill run` and the like. */
function verbs(command: Command, path: readonly string[] = []): string[] {
  if (command.commands.length === 0) return [path.join(' ')];
  return command.commands.flatMap((inner) => verbs(inner, [...path, inner.name()]));
}

const program = buildProgram({ out() {}, err() {}, end() {} });
const commands = verbs(program);

describe('the command line', () => {
  test('is the one in the README, exit codes included', () => {
    const shown = [...readme.matchAll(/^\| `wattline ([a-z -]+)` \|/gm)].map((match) => match[1]);
    assert.deepEqual(shown.sort(), commands.toSorted());
    for (const [code, meaning] of Object.entries(exitMeanings))
      assert.ok(readme.includes(`| ${code} | ${meaning} |`));
  });

  for (const command of commands) {
    test(`wattline ${command} --help says what it does, with an example`, async () => {
      const { code, out, err } = await wattline(...command.split(' '), '--help');
      assert.deepEqual([code, err], [0, '']);
      assert.match(out, new RegExp(`^Usage: wattline ${command}`));
      assert.match(out, /Examples?:\n {2}wattline /);
      assert.match(out, /--json/);
    });
  }

  test('a noun without its verb shows its help and is wrong usage', async () => {
    const { code, err } = await wattline('bill');
    assert.equal(code, 2);
    assert.match(err, /Usage: wattline bill/);
  });

  const wrong: readonly (readonly [string, RegExp])[] = [
    ['bogus', /unknown command 'bogus'/],
    ['town --metres 5', /unknown option '--metres'/],
    ['town --meters none', /expected a whole number from 1 to 100000/],
    ['town --interval 20', /expected 15 or 30/],
    ['town --zone Mars/Base', /expected an IANA zone/],
    ['town --port 70000', /expected a whole number from 0 to 65535/],
    ['bill run UP-0001', /--month/],
    ['bill show UP-0001 --month October', /expected a month as 2026-10/],
    ['meter run --profile dlms-5000', /--profile: expected demo[a-z0-9, ]*, found 'dlms-5000'/],
    ['meter run --auth lls,magic', /expected none, lls, .*, found 'magic'/],
    ['meter run --ct 600:5', /expected primary\/secondary, .*, found '600:5'/],
    ['meter run --vt 11000/0', /expected primary\/secondary/],
    ['meter run --window 3', /--window belongs to --hdlc/],
    ['meter run --udp --hdlc', /--udp carries the wrapper alone/],
    ['meter conformance --class 7', /Allowed choices are 0.2S/],
    ['read 127.0.0.1:4059 1.0.1.8.0.255 --auth magic', /Allowed choices are none/],
    ['read 127.0.0.1:4059 1.0.1.8.0.255 --auth gmac', /--ek: needed for --auth gmac/],
    ['read 127.0.0.1:4059 1.0.1.8.0.255 --auth lls', /--password: needed for --auth lls/],
    [
      'read 127.0.0.1:4059 1.0.1.8.0.255 --security ae --ek 000102030405060708090A0B0C0D0E0F',
      /--ak: needed for/,
    ],
    ['read 127.0.0.1:4059 1.0.1.8.0.255 --ek 0001', /expected 32 or 64 hexadecimal digits, found 4/],
    ['read 127.0.0.1:4059 1.0.1.8.0.255 --udp --hdlc', /--udp carries the wrapper alone/],
    ['read 127.0.0.1:4059 1.0.1.8.0.255 --window 1', /--window belongs to --hdlc/],
    ['read 127.0.0.1:4059 1.0.1.8.0.255 --hdlc --window 8', /expected a whole number from 1 to 7/],
    ['read 127.0.0.1:4059 1.0.1.8.0.255 --hdlc --frame 16', /expected a whole number from 32 to 2030/],
    ['read 127.0.0.1:4059 1.0.1.8.0.255 --auth ecdsa', /--signing-key: needed for --auth ecdsa/],
    ['read 127.0.0.1:4059 1.0.1.8.0.255 --dk random', /--security: needed for --dk/],
    ['read 127.0.0.1:4059 1.0.1.8.0.255 --gbt 64', /expected a whole number from 1 to 63/],
    ['read 127.0.0.1:4059 1.0.1.8.0.255 --suite 3', /expected 0, 1 or 2/],
    [
      'read 127.0.0.1:4059 1.0.1.8.0.255 --auth gmac --suite 2 --ek 000102030405060708090A0B0C0D0E0F --ak 000102030405060708090A0B0C0D0E0F',
      /--ek: expected 32 octets for suite 2, found 16/,
    ],
    ['read 127.0.0.1:4059 1.0.99.1.0.255 --entries 9-3', /expected entries as 1-10, 7 or 5-/],
    ['read 127.0.0.1:4059 1.0.1.8.0.255 two', /the number of an attribute/],
    ['frame decode C0 --ak 000102030405060708090A0B0C0D0E0F', /--ak: expected --ek beside it/],
    ['tariff list --url not-an-address', /--url: expected an address/],
  ];
  for (const [line, message] of wrong) {
    test(`wattline ${line} is wrong usage: 2, in one line`, async () => {
      const { code, out, err } = await wattline(...line.split(' '));
      assert.deepEqual([code, out], [2, '']);
      assert.match(err, message);
      assert.match(err, /^wattline: [^\n]+ \(server\/[a-z-]+\)$/);
    });
  }

  test('nothing that runs is 3, for every command that asks the server', async () => {
    const lines = [
      'bill show UP-1',
      'vee explain UP-1 2026-11-20T00:00:00Z',
      'headend status',
      'tariff list',
      'export readings UP-1',
    ];
    for (const line of lines) {
      const { code, err } = await wattline(...line.split(' '), '--data', directory);
      assert.equal(code, 3, line);
      assert.match(err, /^wattline: no server runs on .* \(server\/not-running\)$/);
    }
    const gone = await wattline('tariff', 'list', '--url', 'http://127.0.0.1:1');
    assert.equal(gone.code, 3);
    assert.match(gone.err, /\(server\/unreachable\)$/);
    const meter = await wattline('read', '127.0.0.1:1', '1.0.1.8.0.255');
    assert.deepEqual([meter.code, /\(network\/unreachable\)$/.test(meter.err)], [3, true]);
  });

  test('what a stopped server left behind is not taken for one that runs', async () => {
    const file = { url: 'http://127.0.0.1:1', pid: 1, tokenPath: join(directory, 'token') };
    writeFileSync(join(directory, 'server.json'), JSON.stringify(file));
    const { code, err } = await wattline('tariff', 'list', '--data', directory);
    assert.deepEqual([code, /\(server\/unreachable\)$/.test(err)], [3, true]);
  });

  test('bad input is 5', async () => {
    for (const [line, code] of [
      ['read nowhere 1.0.1.8.0.255', 'server/bad-address'],
      ['read 127.0.0.1:4059 1.8.0', 'dlms/bad-obis'],
      ['frame decode 0001zz', 'base/bad-hex'],
      ['frame decode 42', 'dlms/unknown-framing'],
      ['frame decode C001', 'dlms/truncated'],
      [`serve --config ${join(directory, 'none.yaml')}`, 'server/bad-config'],
    ] as const) {
      const ended = await wattline(...line.split(' '));
      assert.equal(ended.code, 5, `${line}: ${ended.err}`);
      assert.ok(ended.err.endsWith(`(${code})`), ended.err);
      assert.doesNotMatch(ended.err, /\n/);
    }
  });

  test('a data directory that cannot be is told in one line before anything starts: 1', async () => {
    const file = join(directory, 'a-file');
    writeFileSync(file, '');
    for (const data of [join(file, 'data'), '/proc/nope/data']) {
      for (const command of ['town', 'serve']) {
        const { code, err } = await wattline(command, '--data', data);
        assert.equal(code, 1, err);
        assert.match(
          err,
          /^wattline: the data directory [^\n]* choose a writable one with --data \(server\/no-directory\)$/,
        );
      }
    }
  });

  test('the code of an error gives the exit code, whoever threw it', () => {
    const coded = (code: string, status?: number) =>
      exitCodeOf(new CodedError(code, 'x', status === undefined ? {} : { status }));
    assert.equal(coded('server/port-taken'), 1);
    assert.equal(coded('server/already-running'), 1);
    assert.equal(coded('apps/replay-differs', 409), 1);
    assert.equal(coded('server/login-refused', 401), 4);
    assert.equal(coded('dlms/authentication-failed'), 4);
    assert.equal(coded('apps/unknown-usage-point', 404), 5);
    assert.equal(coded('future/code', 404), 5);
    assert.equal(coded('sim/load-unknown-format'), 5);
    assert.equal(exitCodeOf(new Error('x')), 1);
  });
});

describe('wattline frame decode', () => {
  const frame = '0001 0010 0001 000D C001C100080000010000FF0200';

  test('shows the tree of a wrapper frame with offsets', async () => {
    const { code, out } = await wattline('frame', 'decode', ...frame.split(' '));
    assert.equal(code, 0);
    assert.match(out, /^ +0 +21 {2}wrapper$/m);
    assert.match(out, /^ +13 +6 .*obis: 0\.0\.1\.0\.0\.255$/m);
  });

  test('gives the same tree as JSON', async () => {
    const { out } = await wattline('frame', 'decode', frame, '--json');
    const tree = JSON.parse(out) as { name: string; length: number };
    assert.deepEqual([tree.name, tree.length], ['wrapper', 21]);
  });
});

describe('bin/wattline.mjs', () => {
  test('hands over to Node 26: version, exit code, both streams', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    assert.deepEqual(await spawnWattline(['--version']), { code: 0, out: `${version}\n`, err: '' });
    const usage = await spawnWattline(['bogus']);
    assert.deepEqual(usage, {
      code: 2,
      out: '',
      err: "wattline: unknown command 'bogus' (server/bad-usage)\n",
    });
  });
});
