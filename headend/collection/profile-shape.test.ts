/** Columns and scalers are the meter's to say; what does not fit the reading type is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Data,
  decodeProfileColumns,
  encodeData,
  encodeDateTime,
  parseObis,
} from '@wattline/protocols/dlms';
import { headendError } from '../errors.ts';
import type { Session } from '../session/session.ts';
import { mappingOf } from './mapping.ts';
import { placeIntervals } from './profile-entries.ts';
import { readProfileShapes } from './profile-shape.ts';

const mapping = mappingOf('demo');
const startMs = Date.UTC(2025, 9, 1);

function captured(classId: number, obis: string): Data {
  return {
    type: 'structure',
    value: [
      { type: 'long-unsigned', value: classId },
      { type: 'octet-string', value: parseObis(obis) },
      { type: 'integer', value: 2 },
      { type: 'long-unsigned', value: 0 },
    ],
  };
}

const clock = captured(8, '0.0.1.0.0.255');
const status = captured(1, '0.0.96.10.1.255');
const delivered = captured(3, '1.0.1.29.0.255');
const received = captured(3, '1.0.2.29.0.255');
const voltage = captured(3, '1.0.32.7.0.255');

/** A session with a meter that captures `objects` and counts in `unit` with `scaler`, or will not say. */
function sessionOf(objects: readonly Data[], scalerUnit: readonly [number, number] | null): Session {
  return {
    serverSystemTitle: undefined,
    ask: () => assert.fail('a shape is read by GET alone'),
    get: () => assert.fail('a shape is read in lists'),
    getMany: async (references) => references.map(answer),
  };

  function answer({ classId }: { readonly classId: number }) {
    if (classId === 7) return encodeData({ type: 'array', value: objects });
    if (scalerUnit === null) return headendError('headend/attribute-refused', 'read-write-denied');
    const [scaler, unit] = scalerUnit;
    const value: Data[] = [
      { type: 'integer', value: scaler },
      { type: 'enum', value: unit },
    ];
    return encodeData({ type: 'structure', value });
  }
}

async function readShape(session: Session) {
  const [shape] = await readProfileShapes(session, [mapping.intervals]);
  assert.ok(shape);
  return shape;
}

test('columns are found wherever the meter captures them, strangers between them are passed over', async () => {
  const session = sessionOf([delivered, voltage, clock, received, status], [0, 30]);
  const shape = await readShape(session);
  assert.deepEqual([shape.clock, shape.status], [2, 4]);
  assert.deepEqual(shape.values, [
    { readingType: 'delivered', index: 0, factor: 1 },
    { readingType: 'received', index: 3, factor: 1 },
  ]);
});

test('a meter that counts in tenths of kWh is brought to Wh exactly', async () => {
  const shape = await readShape(sessionOf([clock, delivered], [2, 30]));
  assert.equal(shape.status, undefined);
  const row: Data = {
    type: 'structure',
    value: [
      { type: 'octet-string', value: encodeDateTime(startMs + 900_000, 60, 0x80) },
      { type: 'double-long-unsigned', value: 7 },
    ],
  };
  const columns = decodeProfileColumns(encodeData({ type: 'array', value: [row] }));
  assert.ok(columns.ok);
  const { blocks } = placeIntervals(columns.value, {
    mapping,
    shape,
    usagePointId: 'UP',
    intervalSeconds: 900,
    range: { startMs, endMs: startMs + 900_000 },
  });
  assert.deepEqual(
    blocks.map(({ channel, startMs: at, value }) => [channel, at, [...value]]),
    [['UP/delivered', startMs, [700]]],
  );
});

test('a scaler below the reading type, or another unit, is refused rather than rounded', async () => {
  for (const scalerUnit of [
    [-1, 30],
    [0, 32],
    [127, 30],
  ] as const) {
    const reading = readShape(sessionOf([clock, delivered], scalerUnit));
    await assert.rejects(reading, { code: 'headend/scaler-unsupported' });
  }
});

test('a meter that keeps its scaler to itself is taken at the unit of the mapping', async () => {
  const shape = await readShape(sessionOf([clock, delivered], null));
  assert.equal(shape.values[0]?.factor, 1);
});

test('a profile without clock, or without any value known, is refused', async () => {
  for (const objects of [[delivered], [clock, status, voltage], []]) {
    const reading = readShape(sessionOf(objects, [0, 30]));
    await assert.rejects(reading, { code: 'headend/profile-columns' });
  }
});
