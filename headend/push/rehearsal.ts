/**
 * A storm finds the head-end in practice: when it opens a made-up meter pushes to it some thousand times over a line in memory, so that
 * what a push runs through is compiled before the first that counts. None of it reaches a counter, the disk, a figure or a listener.
 */
import { concatBytes } from '@wattline/base';
import { memoryLinkPair } from '@wattline/network';
import { encodeDateTime, encodePush, type SecurityKeys } from '@wattline/protocols/dlms';
import type { AcceptedCounter } from '../keys/accepted-counters.ts';
import { type FleetMeter, waitingStatus } from '../registry/fleet.ts';
import { createPushGate } from './push-gate.ts';
import { type ServingOptions, servePushLine } from './push-line.ts';
import { createQuota } from './quota.ts';

/** Pushes of a round come at once, the next when all are through: whoever is served meanwhile waits for one round at most. */
const roundSize = 64;

const keys: SecurityKeys = { suite: 0, ek: new Uint8Array(16), ak: new Uint8Array(16) };
const systemTitle = new Uint8Array(8);
const name = 'rehearsal';

const madeUp: FleetMeter = {
  meter: {
    ...{ serial: name, usagePointId: name, make: name, profile: 'demo', systemTitle: systemTitle.toHex() },
    ...{ host: name, port: 1, intervalSeconds: 900, installedAtMs: 0 },
  },
  ...{ zone: 'UTC', transformer: name, sealed: null, status: waitingStatus },
};

/** Takes every number, and remembers none. */
const forgetful: AcceptedCounter = { isFresh: () => true, accept: () => true, onDisk: async () => {} };

/** Pushes of the made-up meter, `rounds` times 64; resolves to how many became events of nobody, fewer when `until` resolves before. */
export async function rehearsePushes(
  given: ServingOptions,
  { rounds, until }: { readonly rounds: number; readonly until?: Promise<unknown> },
): Promise<number> {
  const { claim: _claim, signer: _signer, onLine: _onLine, onUnknown: _onUnknown, ...rest } = given;
  let told = 0;
  let next = () => {};
  const count = async (_event: unknown, ready?: Promise<unknown>) => {
    await ready;
    if (++told % roundSize === 0) next();
  };
  const quota = createQuota(given.deadlines, Number.POSITIVE_INFINITY);
  const [meter, link] = memoryLinkPair([name, name]);
  const served = servePushLine(
    { link, framing: 'stream', quotaName: name, idleMs: Number.POSITIVE_INFINITY },
    {
      ...rest,
      fleet: { get: () => madeUp, ofSystemTitle: () => madeUp },
      keysOf: () => keys,
      counterOf: () => forgetful,
      events: { report: count, reportAfter: count },
      onPush() {},
      onPowerRestore() {},
      gate: createPushGate(rest.policy.pushesWaiting),
      refusals: quota,
      pushes: quota,
    },
  );
  const round = concatBytes(...Array.from({ length: roundSize }, gasp));
  let isOver = false;
  const ended = Promise.race([served, ...(until ? [until] : [])]).then(() => {
    isOver = true;
  });
  for (let i = 0; i < rounds && !isOver; i++) {
    const through = new Promise<void>((resolve) => {
      next = resolve;
    });
    meter.send(round);
    await Promise.race([through, ended]);
  }
  meter.close();
  await served;
  return told;
}

function gasp(): Uint8Array {
  return encodePush({
    ...{ systemTitle, keys, counter: { next: () => 1 }, protection: 'ae', clientSap: 2, serverSap: 1 },
    ...{ instantMs: 0, offsetMinutes: 0 },
    body: {
      type: 'structure',
      value: [
        { type: 'octet-string', value: systemTitle },
        { type: 'octet-string', value: Uint8Array.of(0, 0, 25, 9, 0, 255) },
        { type: 'octet-string', value: encodeDateTime(0, 0) },
        { type: 'unsigned', value: 1 },
        { type: 'double-long-unsigned', value: 0 },
      ],
    },
  });
}
