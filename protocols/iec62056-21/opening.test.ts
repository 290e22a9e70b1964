import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { createOpeningClient, type OpeningOptions, type OpeningStep } from './client.ts';
import { openingErrors } from './errors.ts';
import { withEvenParity } from './line.ts';
import { baudOfCharacter, decodeIdentification, encodeIdentification } from './messages.ts';
import { createOpeningServer, type OpeningMeter } from './server.ts';

const octets = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
const text = (sent: Uint8Array | undefined) => Buffer.from(sent ?? []).toString('latin1');
const meter: OpeningMeter = { manufacturer: 'WTL', identification: 'WATTLINE-1', address: '00012345' };

/** Carries a client and a meter to the end of the opening; `tamper` is the line between them. */
function open(options: OpeningOptions = {}, of = meter, tamper = (sent: Uint8Array) => sent) {
  const client = createOpeningClient(options);
  const server = createOpeningServer(of);
  const transcript: string[] = [];
  let step: OpeningStep = client.start();
  for (let turns = 0; turns < 10 && !step.outcome; turns++) {
    if (!step.send) {
      step = client.silence();
      continue;
    }
    transcript.push(text(step.send));
    const answer = server.receive(tamper(step.send));
    if (answer.send) transcript.push(text(answer.send));
    step = answer.send ? client.receive(tamper(answer.send)) : client.silence();
  }
  return { step, transcript };
}

test('a meter on an optical head is opened to HDLC at the rate both can', () => {
  const { step, transcript } = open({ maxBaud: 4800 });
  assert.deepEqual(transcript, ['/?!\r\n', '/WTL5\\2WATTLINE-1\r\n', '\x06242\r\n', '\x06242\r\n']);
  assert(step.outcome?.kind === 'opened');
  assert.equal(step.outcome.baud, 4800);
  assert.equal(step.outcome.meter.identification, 'WATTLINE-1');
  assert.deepEqual(step.line, { baud: 4800, dataBits: 8, parity: 'none' });
});

test('a meter answers to its own address, leading zeros aside, and to none other', () => {
  const opened = open({ address: '12345' }).step.outcome;
  assert.equal(opened?.kind, 'opened');
  const { step, transcript } = open({ address: '99', maxRequests: 2 });
  assert(step.outcome?.kind === 'failure');
  assert.equal(step.outcome.failure.code, 'iec62056-21/no-answer');
  assert.deepEqual(transcript, ['/?99!\r\n', '/?99!\r\n']);
});

test('the parity bit of a port with eight bits does not disturb either side', () => {
  assert.equal(open({}, meter, withEvenParity).step.outcome?.kind, 'opened');
  for (const octet of withEvenParity(Uint8Array.from({ length: 128 }, (_, i) => i))) {
    assert.equal(octet.toString(2).replaceAll('0', '').length % 2, 0);
  }
});

test('the echo of an optical head and wake-up characters are passed over', () => {
  const client = createOpeningClient();
  const first = client.start();
  const echo = Buffer.concat([first.send ?? octets(''), octets('\0\0\x7f')]);
  assert.deepEqual(client.receive(echo), {});
  assert.equal(text(client.receive(octets('/LGZ6\\2ZMD31004\r\n')).send), '\x06262\r\n');
  // The head also echoes the selection: it reads as its confirmation, which says the same.
  assert.equal(client.receive(octets('\x06262\r\n')).outcome?.kind, 'opened');
});

test('a meter that switches without a confirmation is followed after silence; what came behind is kept', () => {
  const client = createOpeningClient();
  client.start();
  client.receive(octets('/LGZ5\\2ZMD31004\r\n'));
  const { outcome, line } = client.silence();
  assert.equal(outcome?.kind, 'opened');
  assert.equal(line?.baud, 9600);
  const other = createOpeningClient();
  other.start();
  other.receive(octets('/LGZ5\\2ZMD31004\r\n'));
  const early = other.receive(Buffer.concat([octets('\x06252\r\n'), Buffer.of(0x7e, 0xa0)])).outcome;
  assert(early?.kind === 'opened');
  assert.deepEqual([...early.rest], [0x7e, 0xa0]);
});

test('a meter without binary mode, another confirmation and endless noise end with their codes', () => {
  const codeAfter = (...answers: readonly string[]) => {
    const client = createOpeningClient();
    client.start();
    let last: OpeningStep = {};
    for (const answer of answers) last = client.receive(octets(answer));
    return last.outcome?.kind === 'failure' ? last.outcome.failure.code : undefined;
  };
  assert.equal(codeAfter('/ISk5MT174-0001\r\n'), 'iec62056-21/no-mode-e');
  assert.equal(codeAfter('/ISkA\\2MT174-0001\r\n'), 'iec62056-21/no-mode-e');
  assert.equal(codeAfter('/1234\r\n'), 'iec62056-21/bad-identification');
  assert.equal(codeAfter('/LGZ5\\2ZMD31004\r\n', '\x06050\r\n'), 'iec62056-21/refused');
  assert.equal(codeAfter(`/${'A'.repeat(80)}`), 'iec62056-21/too-long');
  const { outcome } = createOpeningClient({ address: 'a/b' }).start();
  assert(outcome?.kind === 'failure' && outcome.failure.code === 'iec62056-21/bad-address');
});

test('a client that wants a readout, or a rate the meter lacks, is told to the caller, and the port listens on', () => {
  const server = createOpeningServer(meter);
  for (const option of ['\x06050\r\n', '\x06262\r\n']) {
    assert.match(text(server.receive(octets('/?!\r\n')).send), /^\/WTL5/);
    assert.equal(server.receive(octets(option)).event?.kind, 'other-mode');
  }
  server.receive(octets('/?!\r\n'));
  assert.equal(server.receive(octets('\x06252\r\n')).event?.kind, 'opened');
  assert.deepEqual(server.receive(octets('/?!\r\n')), {});
  assert.equal(server.reset().line?.baud, 300);
  assert.match(text(server.receive(octets('/?!\r\n')).send), /^\/WTL5/);
});

test('an identification comes back as it was written', () => {
  const identification = fc.record(
    {
      manufacturer: fc.stringMatching(/^[A-Z]{3}$/),
      isFast: fc.boolean(),
      baud: fc.constantFrom(...Object.values(baudOfCharacter)),
      enhanced: fc.array(fc.constantFrom('2', '@', 'W'), { maxLength: 3 }),
      identification: fc.stringMatching(/^[0-9A-Za-z][0-9A-Za-z .-]{0,15}$/),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(identification, (written) => {
      const line = text(encodeIdentification(written)).slice(0, -2);
      assert.deepEqual(decodeIdentification(line), { ok: true, value: written });
    }),
    { seed: 21, numRuns: 200 },
  );
});

test('characters in any order and any cut leave both sides alive, each failure with a code of the table', () => {
  const pieces = fc.array(
    fc.oneof(
      fc.constantFrom('/?!\r\n', '/WTL5\\2A\r\n', '\x06252\r\n', '\r\n', '/', '\x06'),
      fc.string({ maxLength: 90 }),
    ),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(pieces, (sent) => {
      const client = createOpeningClient();
      const server = createOpeningServer(meter);
      client.start();
      for (const piece of sent) {
        const { outcome } = client.receive(octets(piece));
        if (outcome?.kind === 'failure') assert(outcome.failure.code in openingErrors);
        server.receive(octets(piece));
      }
    }),
    { seed: 22, numRuns: 300 },
  );
});

test('the table in the README is the table of codes', () => {
  const readme = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8');
  const listed = [...readme.matchAll(/^\| `(iec62056-21\/[a-z0-9-]+)` \| (.+) \|$/gm)].map(
    ([, code, meaning]) => [code, meaning],
  );
  assert.deepEqual(listed, Object.entries(openingErrors));
});

test('a meter that does not offer binary mode is asked for it all the same when told to', () => {
  // The identification of Gurux.DLMS for Java (a01dbc8), its server of HDLC with mode E, 2026-11-28.
  const identification = new Uint8Array(Buffer.from('/GRX0\r\n', 'latin1'));
  const strict = createOpeningClient();
  strict.start();
  const refused = strict.receive(identification).outcome;
  assert.equal(refused?.kind === 'failure' && refused.failure.code, 'iec62056-21/no-mode-e');
  const asking = createOpeningClient({ isOfferNeeded: false });
  asking.start();
  assert.equal(Buffer.from(asking.receive(identification).send ?? []).toString('latin1'), '\x06202\r\n');
});
