/** A device that knows its association, and a driver in memory: what the tests of the conformance tests share. */
import { fromHex, type Random, seededRandom } from '@wattline/base';
import { encodeData } from '../axdr.ts';
import { clientTitle, countFrom, policies, shortNames, testDevice } from '../conversation.case.ts';
import type { LogicalDevice, ServerConnection, ServerOptions } from '../server.ts';
import { createServerConnection } from '../server-connection.ts';
import type { ConformanceTest } from './conformance-test.ts';
import { runTests, type TestResult } from './run-tests.ts';
import type { Arrival, Script } from './script.ts';
import { masterKey } from './security-setup.case.ts';
import type { Declarations, Target } from './target.ts';

const associationName = fromHex('0000280000FF');

/** The device of the conversation tests with its current association, class 15 or 12, and its list of objects. */
export function conformingDevice(): LogicalDevice {
  const clients = policies();
  const device = testDevice(clients);
  return {
    ...device,
    get(reference, client) {
      if (reference.obis === '0.0.42.0.0.255' && reference.classId === 1 && reference.attribute <= 2) {
        const value =
          reference.attribute === 1 ? fromHex('00002A0000FF') : new TextEncoder().encode('WTL0000000000001');
        return { ok: true, encoded: encodeData({ type: 'octet-string', value }) };
      }
      if (reference.obis === '0.0.13.0.0.255' && reference.classId === 20 && reference.attribute === 6)
        return { ok: true, encoded: encodeData({ type: 'octet-string', value: fromHex('4E') }) };
      const isAssociation = reference.obis === '0.0.40.0.0.255';
      if (!isAssociation) return device.get(reference, client);
      if (reference.classId !== 15 && reference.classId !== 12)
        return { ok: false, result: 'object-class-inconsistent' };
      if (reference.attribute === 1)
        return { ok: true, encoded: encodeData({ type: 'octet-string', value: associationName }) };
      if (reference.attribute === 8 && reference.classId === 15)
        return { ok: true, encoded: encodeData({ type: 'enum', value: 2 }) };
      if (reference.attribute === 7 && reference.classId === 15)
        return { ok: false, result: 'read-write-denied' };
      if (reference.attribute === 2 && reference.classId === 15) return { ok: true, encoded: objectList() };
      return { ok: false, result: 'object-undefined' };
    },
    shortNames: () => [{ baseName: 0xfa00, classId: 12, version: 0, obis: '0.0.40.0.0.255' }, ...shortNames],
  };
}

function objectList(): Uint8Array {
  return encodeData({
    type: 'array',
    value: (
      [
        [15, 1, associationName, [1, 2, 7, 8]],
        [1, 0, fromHex('00002A0000FF'), [1, 2]],
        [1, 0, fromHex('0000600100FF'), [2]],
        [3, 0, fromHex('0100010800FF'), [2]],
      ] as const
    ).map(([classId, version, name, attributes]) => ({
      type: 'structure',
      value: [
        { type: 'long-unsigned', value: classId },
        { type: 'unsigned', value: version },
        { type: 'octet-string', value: name },
        {
          type: 'structure',
          value: [
            {
              type: 'array',
              value: attributes.map((attribute) => ({
                type: 'structure',
                value: [
                  { type: 'integer', value: attribute },
                  { type: 'enum', value: attribute === 7 ? 0 : 1 },
                  { type: 'null-data', value: null },
                ],
              })),
            },
            { type: 'array', value: [] },
          ],
        },
      ],
    })),
  });
}

/** Targets for clients of the device. */
export function targetFor(clientSap: number, extra: Partial<Target> = {}): Target {
  const policy = policies().find((candidate) => candidate.clientSap === clientSap);
  return {
    framing: 'wrapper',
    clientSap,
    serverSap: 1,
    referencing: 'ln',
    mechanism: policy?.mechanism ?? 'none',
    protection: policy?.protection ?? 'none',
    ...(policy?.secret ? { secret: policy.secret } : {}),
    ...(policy?.keys ? { keys: policy.keys } : {}),
    systemTitle: clientTitle,
    counter: countFrom(100),
    random: seededRandom(`tester ${clientSap}`),
    hdlc: { addressLength: 2, addressLengths: [1, 2, 4] },
    declared: { maxObjects: 100 },
    ...extra,
  };
}

/** What lets every test run: keys may be transferred, the policy strengthened, and one attribute written. */
export const allDeclared: Declarations = {
  maxObjects: 100,
  masterKey,
  mayStrengthen: true,
  writable: { classId: 20, obis: '0.0.13.0.0.255', attribute: 6 },
};

/** How octets are changed between tester and meter: a meter with a defect. */
export interface Defect {
  /** Octets on their way to the meter. */
  out?(octets: Uint8Array): Uint8Array;
  /** Octets on their way back, or none. */
  back?(octets: Uint8Array, sent: Uint8Array): Uint8Array;
  readonly device?: (right: LogicalDevice) => LogicalDevice;
  /** Challenges are the same each time. */
  readonly constantChallenge?: boolean;
}

/** Drives a script against servers in memory: one for each dial. */
export function driveInMemory<T>(script: Script<T>, target: Target, defect: Defect = {}): T {
  const device = defect.device?.(conformingDevice()) ?? conformingDevice();
  const options: ServerOptions = {
    random: defect.constantChallenge ? constantRandom() : seededRandom('meter'),
    ...(target.framing === 'hdlc' ? { hdlc: {} } : {}),
  };
  let connection: ServerConnection | undefined;
  let isClosed = true;
  let arrival: Arrival = { octets: new Uint8Array(0), isClosed: false };
  for (;;) {
    const { value, done } = script.next(arrival);
    if (done) return value;
    arrival = { octets: new Uint8Array(0), isClosed };
    if (value.kind === 'dial') {
      connection = createServerConnection(device, options);
      isClosed = false;
    } else if (value.kind === 'exchange' && connection && !isClosed) {
      const { send, close } = connection.receive(defect.out?.(value.octets) ?? value.octets);
      isClosed = close;
      if (value.patience === 'silence') connection.pause?.();
      const octets = new Uint8Array(Buffer.concat(send));
      arrival = {
        octets: defect.back && octets.length > 0 ? defect.back(octets, value.octets) : octets,
        isClosed,
      };
    }
  }
}

/** Results of tests in memory. */
export function runInMemory(
  tests: readonly ConformanceTest[],
  target: Target,
  defect: Defect = {},
): readonly TestResult[] {
  return driveInMemory(runTests(tests, target), target, defect);
}

function constantRandom(): Random {
  return { ...seededRandom('meter'), bytes: (length) => new Uint8Array(length).fill(0x55) };
}
