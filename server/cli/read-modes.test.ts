/** Every mode of `wattline read` against `wattline meter run` over real sockets and lines: carriers, framings, mechanisms, suites. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { companionProfiles } from '@wattline/meter';
import { openNullModem } from '@wattline/network';
import {
  runSingleMeter,
  type SingleMeter,
  type SingleMeterClient,
  type SingleMeterOptions,
} from '@wattline/sim';
import { wattline } from './fixture/command-line.ts';
import { writeSigningKeys } from './signing-keys.ts';

const directory = mkdtempSync(join(tmpdir(), 'wattline-modes-'));
const state = join(directory, 'state');
const keys = join(directory, 'keys');
after(() => rmSync(directory, { recursive: true, force: true }));

const allMechanisms = ['none', 'lls', 'hls2', 'md5', 'sha1', 'gmac', 'sha256', 'ecdsa'] as const;
let meters = 0;

function runMeter(options: Partial<SingleMeterOptions>): Promise<SingleMeter> {
  return runSingleMeter({
    profile: 'demo',
    port: 0,
    seed: 'modes',
    intervalSeconds: 1800,
    zone: 'Europe/London',
    days: 2,
    memoryPath: join(directory, `meter-${++meters}.memory`),
    benchMechanisms: allMechanisms,
    hasShortNames: true,
    ...options,
  });
}

/** The flags that a client needs, and none that it does not. */
function login({ sap, mechanism, protection, suite, ek, ak, secret, signing }: SingleMeterClient): string[] {
  const isCiphered = protection !== 'none' || mechanism === 'gmac';
  return [
    ...['--client', String(sap), '--auth', mechanism, '--security', protection],
    ...(secret === null ? [] : ['--password', secret]),
    ...(isCiphered && ek && ak ? ['--ek', ek, '--ak', ak, '--suite', String(suite)] : []),
    ...(signing
      ? [
          '--signing-key',
          join(keys, `${sap}-client-key.pem`),
          '--meter-key',
          join(keys, `${sap}-meter-key.pem`),
        ]
      : []),
  ];
}

/** A meter for a group of tests, and `read` at it. */
function withMeter(options: Partial<SingleMeterOptions>) {
  let meter: SingleMeter;
  before(async () => {
    meter = await runMeter(options);
    writeSigningKeys(keys, meter.clients);
  });
  after(() => meter.stop());
  return {
    clients: () => meter.clients,
    client: (sap: number) => {
      const found = meter.clients.find((client) => client.sap === sap);
      assert(found, `no client ${sap}`);
      return found;
    },
    read: (...args: string[]) =>
      wattline('read', `${meter.address.host}:${meter.address.port}`, '--state', state, ...args),
  };
}

const energy = '1.0.1.8.0.255';
const energyText = /^\d+ Wh {2}\(double-long-unsigned \d+, scaler 0\)$/;
/** Bench clients: one for each mechanism, then protections and suites. */
const benchSaps = Array.from({ length: 18 }, (_, index) => 104 + index);
const gmac = 114;

const carriers: Record<string, { options: Partial<SingleMeterOptions>; flags: string[] }> = {
  'TCP, wrapper': { options: {}, flags: [] },
  'TCP, wrapper, short names': { options: {}, flags: ['--sn'] },
  'UDP, wrapper': { options: { isUdp: true }, flags: ['--udp'] },
  'TCP, HDLC, window 1': { options: { hdlc: {} }, flags: ['--hdlc'] },
  'TCP, HDLC, window 3, 512 octets': {
    options: { hdlc: { window: 3, maxInformation: 512, serverLower: 17 } },
    flags: ['--hdlc', '--window', '3', '--frame', '512', '--hdlc-address', '17'],
  },
};

for (const [name, { options, flags }] of Object.entries(carriers)) {
  describe(`read over ${name}`, () => {
    const { client, read, clients } = withMeter(options);
    test('every client of the meter reads the energy, whatever its mechanism, protection and suite', async () => {
      assert.deepEqual(
        clients()
          .map(({ sap }) => sap)
          .filter((sap) => sap >= 104),
        benchSaps,
      );
      for (const one of clients()) {
        const { code, out, err } = await read(energy, ...flags, ...login(one));
        assert.equal(code, 0, `${one.name}: ${err}`);
        assert.match(out, energyText, one.name);
      }
    });
    test('a day of the load profile comes whole', async () => {
      const { code, out, err } = await read(
        '1.0.99.1.0.255',
        '--entries',
        '1-48',
        ...flags,
        ...login(client(gmac)),
      );
      assert.equal(code, 0, err);
      assert.match(out, /\n48 entries$/);
    });
    test('a wrong password, a wrong key and an unknown client are refused: 4', async () => {
      const lls = await read(energy, ...flags, '--client', '105', '--auth', 'lls', '--password', 'guess');
      assert.deepEqual([lls.code, /\(dlms\/association-rejected\)$/.test(lls.err)], [4, true], lls.err);
      const md5 = await read(energy, ...flags, '--client', '107', '--auth', 'md5', '--password', 'guess');
      assert.equal(md5.code, 4, md5.err);
      const wrongKey = { ...client(gmac), ek: '00'.repeat(15).padEnd(32, '1') };
      assert.equal((await read(energy, ...flags, ...login(wrongKey))).code, 4);
      assert.equal((await read(energy, ...flags, '--client', '99')).code, 4);
    });
  });
}

describe('HDLC', () => {
  const { client, read } = withMeter({ hdlc: { window: 7, maxInformation: 2030 }, maxPduSize: 4096 });
  for (const window of [1, 2, 3, 4, 5, 6, 7]) {
    test(`with a window of ${window}, frames of 32, 128 and 2030 octets carry a profile whole`, async () => {
      const whole: string[] = [];
      for (const frame of [32, 128, 2030]) {
        const flags = ['--hdlc', '--window', String(window), '--frame', String(frame)];
        const range = ['--entries', '1-40', '--json'];
        const { code, out, err } = await read('1.0.99.1.0.255', ...range, ...flags, ...login(client(gmac)));
        assert.equal(code, 0, err);
        whole.push(JSON.stringify((JSON.parse(out) as { data: unknown }).data));
      }
      assert.equal(new Set(whole).size, 1);
    });
  }
  test('a meter that answers the wrapper is not understood, and is told apart from one that is not there', async () => {
    const { code, err } = await read(energy, '--timeout', '1');
    assert.notEqual(code, 0);
    assert.match(err, /^wattline: [^\n]+\((headend|dlms)\/[a-z-]+\)$/);
  });
});

describe('an optical port behind a TCP converter', () => {
  const { client, read } = withMeter({ opticalBaud: 9600, hdlc: { window: 3, maxInformation: 512 } });
  test('is opened by mode E, then read by HDLC', async () => {
    const flags = ['--mode-e', '--window', '3', '--frame', '512', ...login(client(gmac))];
    const { code, out, err } = await read(energy, ...flags);
    assert.equal(code, 0, err);
    assert.match(out, energyText);
  });
  test('answers to its own address, with or without leading zeros, and to no other', async () => {
    const own = await read(energy, '--mode-e', '--device-address', '0010000001');
    assert.equal(own.code, 0, own.err);
    const other = await read(energy, '--mode-e', '--device-address', '77');
    assert.deepEqual([other.code, /\(iec62056-21\/no-answer\)$/.test(other.err)], [3, true], other.err);
  });
  test('a speed that mode E does not know, or an address that is none, is said before anything is sent', async () => {
    assert.equal((await read(energy, '--mode-e', '--baud', '115200')).code, 2);
    const { code, err } = await read(energy, '--mode-e', '--device-address', 'a/b');
    assert.deepEqual([code, /\(iec62056-21\/bad-address\)$/.test(err)], [5, true], err);
  });
});

describe('one association', () => {
  const { client, read } = withMeter({});
  test('under a dedicated key, one of its own or one given, which stays with its EK', async () => {
    const given = 'A1'.repeat(16);
    for (const dk of ['random', given]) {
      const { code, out, err } = await read(energy, ...login(client(gmac)), '--dk', dk);
      assert.equal(code, 0, err);
      assert.match(out, energyText);
    }
    const { code, err } = await read(energy, ...login(client(121)), '--dk', given);
    assert.deepEqual([code, /--dk was used under another EK/.test(err)], [2, true]);
  });
  test('in general-block-transfer and with general-glo-ciphering', async () => {
    const profile = ['1.0.99.1.0.255', '--entries', '1-40', '--pdu', '200', ...login(client(gmac))];
    for (const flags of [['--gbt', '3'], ['--general'], ['--gbt', '1', '--general']]) {
      const { code, out, err } = await read(...profile, ...flags);
      assert.equal(code, 0, `${flags.join(' ')}: ${err}`);
      assert.match(out, /\n40 entries$/);
    }
  });
  test('several attributes come in one request, as a table or as JSON, refusals among them', async () => {
    const list = `${energy},0.0.96.1.0.255,${energy}:3`;
    const { code, out, err } = await read(list);
    assert.equal(code, 0, err);
    const rows = out.split('\n').slice(2);
    assert.deepEqual(
      rows.map((row) => row.trim().split(/ +/).slice(0, 2)),
      [
        [energy, '2'],
        ['0.0.96.1.0.255', '2'],
        [energy, '3'],
      ],
    );
    const mixed = await read(`${energy},1.0.99.1.0.255`, '--json');
    assert.equal(mixed.code, 1, mixed.err);
    const { values } = JSON.parse(mixed.out) as { values: { refusal?: string }[] };
    assert.deepEqual(
      values.map(({ refusal }) => refusal ?? 'came'),
      ['came', 'read-write-denied'],
    );
  });
  test('lists its objects with what may be read, by logical and by short name', async () => {
    const long = await read('objects', '--json', ...login(client(gmac)));
    assert.equal(long.code, 0, long.err);
    const { objects } = JSON.parse(long.out) as { objects: { obis: string; attributes: object }[] };
    assert.ok(objects.some(({ obis }) => obis === energy));
    assert.match((await read('objects', ...login(client(gmac)))).out, /^ *3 +0 +1\.0\.1\.8\.0\.255 +1 2 3/m);
    const short = await read('objects', '--sn', ...login(client(gmac)));
    assert.match(short.out, /^ *3 +0 +1\.0\.1\.8\.0\.255 +0x[0-9a-f]{4}$/m);
  });
  test('begins its counters no lower than it is told', async () => {
    const title = ['--st', '5454540000000001'];
    const high = await read(energy, ...login(client(gmac)), ...title, '--counter', '9000000');
    assert.equal(high.code, 0, high.err);
    // A state that begins anew is below what the meter has seen of this title.
    const anew = [...login(client(gmac)), ...title, '--state', join(directory, 'anew')];
    assert.equal((await read(energy, ...anew)).code, 4);
    const above = await read(energy, ...anew, '--counter', '9100000');
    assert.equal(above.code, 0, above.err);
  });
});

describe('a meter that has seen more than this state knows', () => {
  const { client, read } = withMeter({});
  test('refuses, and takes who asks for its count first', async () => {
    const title = ['--st', '5454540000000002'];
    const high = await read(energy, ...login(client(2)), ...title, '--counter', '800000');
    assert.equal(high.code, 0, high.err);
    const anew = [...login(client(2)), ...title, '--state', join(directory, 'forgot')];
    assert.equal((await read(energy, ...anew)).code, 4);
    const { code, out, err } = await read(energy, ...anew, '--counter-from', '0.0.43.1.2.255');
    assert.equal(code, 0, err);
    assert.match(out, energyText);
    assert.equal((await read(energy, ...anew, '--counter-from', '0.0.42.0.0.255')).code, 2);
  });
});

test('the help of meter run names every companion profile', async () => {
  const { out } = await wattline('meter', 'run', '--help');
  for (const name of Object.keys(companionProfiles)) assert.match(out, new RegExp(`\\b${name}\\b`));
});

describe('nobody there', () => {
  for (const flags of [[], ['--udp'], ['--hdlc']]) {
    test(`is unreachable: 3, ${flags.join(' ') || 'over TCP'}`, async () => {
      const { code, err } = await wattline('read', '127.0.0.1:1', energy, ...flags, '--timeout', '5');
      assert.deepEqual([code, /\(network\/unreachable\)$/.test(err)], [3, true], err);
    });
  }
  test('a serial port that is not there is unreachable: 3', async () => {
    const { code, err } = await wattline('read', '/dev/ttyNOT0', energy);
    assert.deepEqual([code, /\(network\/unreachable\)$/.test(err)], [3, true], err);
  });
});

const cable = await openNullModem();
await cable?.unplug();

describe('a serial line', {
  skip: cable ? false : 'neither socat nor python3 is here to make pseudo-terminals',
}, () => {
  test('carries HDLC; one reader after another, and who left without a word does not keep the next away', async () => {
    const line = await openNullModem();
    assert(line);
    const [near, far] = line.paths;
    const meter = await runMeter({
      serial: { path: far, baudRate: 9600 },
      hdlc: { window: 3, maxInformation: 512 },
    });
    const reader = meter.clients.find(({ sap }) => sap === gmac);
    assert(reader);
    for (const flags of [[], ['--window', '3', '--frame', '512']]) {
      const { code, out, err } = await wattline(
        'read',
        near,
        energy,
        ...flags,
        ...login(reader),
        '--state',
        state,
      );
      assert.equal(code, 0, err);
      assert.match(out, energyText);
    }
    await meter.stop();
    await line.unplug();
  });
  test('as an optical port begins at 300 Bd and returns there, so that the next reader finds it', async () => {
    const line = await openNullModem();
    assert(line);
    const [near, far] = line.paths;
    const meter = await runMeter({ serial: { path: far }, opticalBaud: 9600 });
    const reader = meter.clients.find(({ sap }) => sap === gmac);
    assert(reader);
    for (const _ of [1, 2]) {
      const { code, out, err } = await wattline(
        'read',
        near,
        energy,
        '--mode-e',
        ...login(reader),
        '--state',
        state,
      );
      assert.equal(code, 0, err);
      assert.match(out, energyText);
    }
    await meter.stop();
    await line.unplug();
  });
});
