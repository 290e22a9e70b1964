/** An optical port on a line in memory, in virtual time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { secureRandom, seededRandom, virtualClock } from '@wattline/base';
import { memoryLinkPair } from '@wattline/network';
import { testMeter } from './meter-fixture.ts';
import { attachOpticalPort } from './optical-port.ts';

const optical = { manufacturer: 'WTL', identification: 'BENCH', address: '42', maxBaud: 9600 } as const;
const snrm = Uint8Array.of(0x7e, 0xa0, 0x07, 0x03, 0x21, 0x93, 0x0f, 0x01, 0x7e);

/** A port, what it said, and the speeds it was set to. */
function openPort() {
  const clock = virtualClock();
  const [near, far] = memoryLinkPair();
  const speeds: number[] = [];
  const heard: number[] = [];
  near.receive((octets) => heard.push(...octets));
  const link = Object.assign(far, { setBaudRate: async (baud: number) => void speeds.push(baud) });
  attachOpticalPort(testMeter().meter.device, link, { clock, random: secureRandom(), optical });
  /** What the port says to this, once it has nothing more to do. */
  const say = async (octets: Uint8Array | string) => {
    heard.length = 0;
    near.send(typeof octets === 'string' ? new Uint8Array(Buffer.from(octets, 'latin1')) : octets);
    for (let turn = 0; turn < 50; turn++) await Promise.resolve();
    return Buffer.from(heard);
  };
  return { clock, say, speeds };
}

const text = (octets: Buffer) => Buffer.from(octets.map((octet) => octet & 0x7f)).toString('latin1');

test('identifies itself with even parity, confirms mode E, changes speed and answers HDLC', async () => {
  const { say, speeds } = openPort();
  const identification = await say('/?!\r\n');
  assert.equal(text(identification), '/WTL5\\2BENCH\r\n');
  for (const octet of identification) {
    assert.equal(octet.toString(2).replaceAll('0', '').length % 2, 0, 'an even number of ones');
  }
  assert.equal(text(await say('\x06252\r\n')), '\x06252\r\n');
  assert.deepEqual(speeds, [9600]);
  assert.equal((await say(snrm))[5], 0x73);
});

test('HDLC before the opening is not answered, nor another meter', async () => {
  const { say } = openPort();
  assert.equal((await say(snrm)).length, 0);
  assert.equal((await say('/?77!\r\n')).length, 0);
  assert.equal(text(await say('/?0042!\r\n')), '/WTL5\\2BENCH\r\n');
});

test('after silence it listens at 300 Bd again', async () => {
  const { clock, say, speeds } = openPort();
  await say('/?!\r\n');
  await say('\x06252\r\n');
  await clock.advance(120_000);
  assert.equal((await say(snrm)).length, 0);
  assert.deepEqual(speeds, [9600, 300]);
  assert.equal(text(await say('/?!\r\n')), '/WTL5\\2BENCH\r\n');
});

test('whatever noise comes, before or after the opening, the next who opens is answered', async () => {
  const random = seededRandom('optical noise');
  for (let round = 0; round < 200; round++) {
    const { clock, say } = openPort();
    if (round % 2) {
      await say('/?!\r\n');
      await say('\x06252\r\n');
    }
    for (let lot = 0; lot < 5; lot++) await say(random.bytes(1 + random.below(300)));
    await clock.advance(120_000);
    assert.equal(text(await say('/?!\r\n')), '/WTL5\\2BENCH\r\n', `round ${round}`);
  }
});
