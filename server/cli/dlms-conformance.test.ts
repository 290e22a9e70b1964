/** `wattline dlms conformance` against our own meter on sockets, and against proxies in front of it that each have a defect. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { runSingleMeter, type SingleMeter } from '@wattline/sim';
import { wattline } from './fixture/command-line.ts';

/** SAP of the bench client that proves itself by a password: 104 and the mechanism_id. */
const lls = 105;

const directory = mkdtempSync(join(tmpdir(), 'wattline-conformance-'));
const open: { stop(): Promise<void> | void }[] = [];
const state = ['--state', directory, '--silence', '0.6'];
let wrapper: SingleMeter;
let hdlc: SingleMeter;

before(async () => {
  const run = (name: string, extra: object) =>
    runSingleMeter({
      profile: 'demo',
      port: 0,
      seed: `conformance ${name}`,
      intervalSeconds: 1800,
      zone: 'Europe/London',
      days: 1,
      memoryPath: join(directory, name),
      benchMechanisms: ['lls'],
      ...extra,
    });
  wrapper = await run('wrapper', {});
  hdlc = await run('hdlc', { hdlc: { serverLower: 17 } });
  open.push(wrapper, hdlc);
});
after(async () => {
  for (const one of open) await one.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** Those of HDLC that wait little for silence; all of them run in memory, in the protocol room. */
const framesTested = 'HDLC_FRAME_P,HDLC_FRAME_N8,HDLC_ADDRESS_P,HDLC_ADDRESS_N4,HDLC_NDM,HDLC_INFO';

const placeOf = ({ address }: SingleMeter) => `${address.host}:${address.port}`;

function login(meter: SingleMeter, sap: number): string[] {
  const client = meter.clients.find((one) => one.sap === sap);
  assert(client, `client ${sap}`);
  const keys = client.ek && client.ak ? ['--ek', client.ek, '--ak', client.ak] : [];
  const secret = client.secret ? ['--password', client.secret] : [];
  return [
    '--client',
    String(sap),
    '--auth',
    client.mechanism,
    '--security',
    client.protection,
    ...keys,
    ...secret,
  ];
}

/** A proxy that changes octets on their way back from the meter, or to it. */
async function proxy(
  to: SingleMeter,
  change: { out?: (octets: Buffer) => Buffer; back?: (octets: Buffer) => Buffer },
): Promise<string> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((near) => {
    const far = connect(to.address.port, to.address.host);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
    }
    near.on('data', (octets: Buffer) => far.write(change.out?.(octets) ?? octets));
    far.on('data', (octets: Buffer) => near.write(change.back?.(octets) ?? octets));
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  open.push({
    stop: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
  return `127.0.0.1:${(server.address() as { port: number }).port}`;
}

interface Report {
  readonly counts: Record<string, number>;
  readonly tests: readonly {
    readonly name: string;
    readonly verdict: string;
    readonly why: string | null;
    readonly subtests: readonly {
      readonly steps: readonly { readonly sent: string; readonly isWrong: boolean }[];
    }[];
  }[];
}

async function reportOf(
  place: string,
  ...flags: readonly string[]
): Promise<Report & { readonly code: number | null }> {
  const { code, out, err } = await wattline('dlms', 'conformance', place, '--json', ...state, ...flags);
  assert.ok(out.startsWith('{'), err);
  return { code, ...(JSON.parse(out) as Report) };
}

const failedOf = ({ tests }: Report) =>
  tests.filter(({ verdict }) => verdict === 'failed').map(({ name, why }) => `${name}: ${why}`);

describe('our meter passes over TCP', () => {
  for (const [name, sap] of [
    ['without security', 16],
    ['with a password', lls],
    ['with GMAC, authenticated and encrypted', 2],
  ] as const) {
    test(name, async () => {
      const report = await reportOf(placeOf(wrapper), ...login(wrapper, sap));
      assert.deepEqual([failedOf(report), report.code], [[], 0]);
      assert.ok((report.counts.passed ?? 0) >= 20);
    });
  }
});

describe('our meter passes where it may be changed', () => {
  test('keys are transferred and put back, a value is written back, the policy stays', async () => {
    const { masterKey } = wrapper;
    const flags = [
      '--master-key',
      String(masterKey),
      '--writable',
      '20:0.0.13.0.0.255:6',
      '--strengthen-policy',
    ];
    const only = ['--only', 'SYMSEC_0_Key,SYMSEC_0_SecPol,SYMSEC_0_SecDataX_P1'];
    const report = await reportOf(placeOf(wrapper), ...login(wrapper, 1), ...flags, ...only);
    assert.deepEqual([failedOf(report), report.code, report.counts.passed], [[], 0, 9]);
    const again = await reportOf(placeOf(wrapper), ...login(wrapper, 1), '--only', 'SYMSEC_0_BasicCap');
    assert.deepEqual([failedOf(again), again.code], [[], 0]);
  });

  test('under a wrong master key the transfer fails, and the old keys hold', async () => {
    const flags = ['--master-key', '00'.repeat(16), '--only', 'SYMSEC_0_Key_Tx_P1,SYMSEC_0_SecDataX_P1'];
    const report = await reportOf(placeOf(wrapper), ...login(wrapper, 1), ...flags);
    assert.match(
      failedOf(report).join(),
      /^SYMSEC_0_Key_Tx_P1: expected success \(0\), found action-result 250$/,
    );
  });
});

describe('our meter passes over HDLC', () => {
  test('frames, addresses, negotiation and transfer', async () => {
    const report = await reportOf(placeOf(hdlc), '--hdlc', '--hdlc-address', '17', '--only', framesTested);
    assert.deepEqual([failedOf(report), report.code], [[], 0]);
    assert.ok((report.counts.passed ?? 0) >= 10);
  });
  test('application layer and security with GMAC', async () => {
    const report = await reportOf(
      placeOf(hdlc),
      '--hdlc',
      '--hdlc-address',
      '17',
      ...login(hdlc, 2),
      '--only',
      'APPL,SYMSEC,COSEM',
    );
    assert.deepEqual([failedOf(report), report.code], [[], 0]);
  });
  test('a password', async () => {
    const report = await reportOf(placeOf(hdlc), '--hdlc', ...login(hdlc, lls), '--only', 'APPL_OPEN');
    assert.deepEqual([failedOf(report), report.code], [[], 0]);
  });
});

describe('a defect in front of our meter is seen', () => {
  test('a wrong invoke id: the step, what was expected, what came, its octets', async () => {
    const place = await proxy(wrapper, {
      back: (octets) =>
        octets[8] === 0xc4 ? Buffer.from(octets.map((octet, i) => (i === 10 ? octet ^ 1 : octet))) : octets,
    });
    const { code, out } = await wattline('dlms', 'conformance', place, ...state, '--only', 'APPL_DATA_LN_N1');
    assert.equal(code, 1);
    assert.match(out, /^failed +APPL_DATA_LN_N1 /m);
    assert.match(out, /step \d+ of \d+, GET: .+: expected invoke id \d+, found invoke id \d+/);
    assert.match(out, /^ +received 0001000100100005C401/m);
  });

  test('a wrong frame check', async () => {
    const place = await proxy(hdlc, {
      back: (octets) =>
        Buffer.from(octets.map((octet, i) => (i === octets.length - 2 ? octet ^ 0x80 : octet))),
    });
    const report = await reportOf(place, '--hdlc', '--only', 'HDLC_FRAME_P1,HDLC_INFO_P1');
    assert.equal(report.code, 1);
    for (const { verdict, why, subtests } of report.tests) {
      assert.equal(verdict, 'failed');
      assert.match(why ?? '', /expected a right frame, found a frame check of/);
      assert.ok(
        subtests.some(({ steps }) => steps.some(({ isWrong, sent }) => isWrong && sent.startsWith('7E'))),
      );
    }
  });

  test('a password that is not looked at', async () => {
    const secret = wrapper.clients.find(({ sap }) => sap === lls)?.secret ?? '';
    const text = secret.startsWith('0x') ? Buffer.from(secret.slice(2), 'hex') : Buffer.from(secret);
    const wrong = Buffer.from(text.map((octet, i) => (i === text.length - 1 ? octet ^ 1 : octet)));
    const place = await proxy(wrapper, {
      out: (octets) => {
        const at = octets.indexOf(wrong);
        return at < 0
          ? octets
          : Buffer.concat([octets.subarray(0, at), text, octets.subarray(at + text.length)]);
      },
    });
    const report = await reportOf(place, ...login(wrapper, lls), '--only', 'APPL_OPEN_7');
    assert.match(
      failedOf(report).join(),
      /^APPL_OPEN_7: expected an AARE that rejects.*found AARE: accepted/,
    );
  });

  test('answers to a client without the key: a wrong authentication tag', async () => {
    const place = await proxy(wrapper, {
      back: (octets) =>
        octets[8] === 0xcc
          ? Buffer.from(octets.map((octet, i) => (i === octets.length - 1 ? octet ^ 1 : octet)))
          : octets,
    });
    const report = await reportOf(place, ...login(wrapper, 2), '--only', 'SYMSEC_0_SecDataX_P1');
    assert.match(failedOf(report).join(), /expected an APDU that opens with the keys/);
  });
});

describe('the command', () => {
  test('writes a page that loads nothing, with verdicts, octets and trees', async () => {
    const file = join(directory, 'report.html');
    const { code } = await wattline(
      'dlms',
      'conformance',
      placeOf(wrapper),
      ...state,
      ...login(wrapper, 2),
      '--only',
      'APPL_OPEN_1,APPL_REL',
      '--html',
      file,
    );
    assert.equal(code, 0);
    const page = readFileSync(file, 'utf8');
    assert.doesNotMatch(page, /<script|src=|href=|https?:|@import/);
    for (const text of ['APPL_REL_P1', 'calling-ap-title', 'glo-initiate-request', 'plaintext', '60 '])
      assert.ok(page.includes(text), text);
    const { ek } = wrapper.clients.find(({ sap }) => sap === 2) ?? {};
    assert.ok(ek && !page.includes(ek), 'keys stay out of the report');
  });

  test('lists its tests without a meter, as text and as JSON', async () => {
    const { code, out } = await wattline('dlms', 'conformance', '--list');
    assert.equal(code, 0);
    assert.match(out, /^HDLC_FRAME_P1 /m);
    const { out: json } = await wattline('dlms', 'conformance', '--list', '--json', '--only', 'SYMSEC');
    const items = JSON.parse(json) as { name: string; subtests: string[] }[];
    assert.ok(
      items.length >= 6 &&
        items.every(({ name, subtests }) => name.startsWith('SYMSEC') && subtests.length > 0),
    );
  });

  test('a meter that is not there is 3, one that refuses the client 4, a test that is none 2', async () => {
    assert.equal((await wattline('dlms', 'conformance', '127.0.0.1:1', ...state)).code, 3);
    const refused = await wattline('dlms', 'conformance', placeOf(wrapper), ...state, '--client', '99');
    assert.deepEqual([refused.code, /nothing was tested/.test(refused.err)], [4, true]);
    assert.equal((await wattline('dlms', 'conformance', placeOf(wrapper), '--only', 'HDLC_NONE')).code, 2);
    assert.equal((await wattline('dlms', 'conformance')).code, 2);
  });

  test('a meter that answers nothing is 3', async () => {
    const place = await proxy(wrapper, { back: () => Buffer.alloc(0) });
    const { code, err } = await wattline('dlms', 'conformance', place, ...state, '--timeout', '0.2');
    assert.deepEqual([code, /answers nothing within 0.2 s/.test(err)], [3, true]);
  });
});
