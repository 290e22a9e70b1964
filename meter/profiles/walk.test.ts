/** Every object of every companion profile over real octets: what may be read is of its declared type, what may be set is held, the rest is refused. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import type { Data } from '@wattline/protocols/dlms';
import type { MeterClient } from '../cosem/clients.ts';
import type { CosemObject } from '../cosem/cosem-object.ts';
import { type DataType, initialOf, mismatchOf } from '../cosem/data-type.ts';
import { elementsIn, numberIn, obisIn } from '../cosem/fields.ts';
import type { Attribute, Method } from '../cosem/interface-class.ts';
import type { Meter } from '../meter.ts';
import { connect, type TestClient, testMeter } from '../meter-fixture.ts';
import { companionProfile, companionProfiles } from './companion-profiles.ts';

/** Attributes whose value goes on by itself: what was set is not what is read later. */
const moving = new Set(['8/2']);
/** What takes a client its own keys is left to the tests of keys. */
const locksOut = new Set(['15/7']);

const strangers: readonly Data[] = [
  { type: 'float64', value: 1.5 },
  { type: 'utf8-string', value: 'x' },
];

/** A value of another type; undefined where any type is taken. */
function strangerTo(type: DataType): Data | undefined {
  return strangers.find((value) => mismatchOf(type, value) === 'type-unmatched');
}

const declaredOf = (object: CosemObject) =>
  object.declared as unknown as {
    readonly attributes: Readonly<Record<number, Attribute<unknown>>>;
    readonly methods: Readonly<Record<number, Method<unknown>>>;
  };

async function walkAttributes(client: TestClient, object: CosemObject, who: MeterClient): Promise<void> {
  const { classId, obis } = object;
  for (const attribute of object.attributes.slice(1)) {
    const where = `${who.name}: ${classId}/${obis}/${attribute}`;
    const { type } = declaredOf(object).attributes[attribute] as Attribute<unknown>;
    const access = object.attributeAccess(attribute, who);
    const value = await client.get(classId, obis, attribute);
    if (access.startsWith('read')) {
      assert.equal(typeof value, 'object', `${where} is read: ${inspect(value)}`);
      assert.equal(mismatchOf(type, value as Data), undefined, `${where} is of its type: ${inspect(value)}`);
    } else assert.equal(value, 'read-write-denied', where);
    const written = typeof value === 'object' ? value : initialOf(type);
    if (!access.endsWith('write')) {
      assert.equal(
        await client.set(classId, obis, attribute, written),
        'read-write-denied',
        `${where} is not set`,
      );
      continue;
    }
    if (locksOut.has(`${classId}/${attribute}`)) continue;
    const stranger = strangerTo(type);
    if (stranger)
      assert.equal(
        await client.set(classId, obis, attribute, stranger),
        'type-unmatched',
        `${where} keeps its type`,
      );
    assert.equal(await client.set(classId, obis, attribute, written), 'success', `${where} is set`);
    if (access === 'read-write' && !moving.has(`${classId}/${attribute}`))
      assert.deepEqual(await client.get(classId, obis, attribute), written, `${where} holds what was set`);
  }
}

async function walkMethods(client: TestClient, object: CosemObject, who: MeterClient): Promise<void> {
  const { classId, obis } = object;
  for (const method of object.methods) {
    const where = `${who.name}: ${classId}/${obis} method ${method}`;
    const { parameter } = declaredOf(object).methods[method] as Method<unknown>;
    if (!object.isCallable(method, who)) {
      assert.equal((await client.act(classId, obis, method)).result, 'read-write-denied', where);
      continue;
    }
    const stranger = parameter && strangerTo(parameter);
    if (stranger)
      assert.equal((await client.act(classId, obis, method, stranger)).result, 'type-unmatched', where);
    const { result } = await client.act(classId, obis, method, parameter && initialOf(parameter));
    assert.ok(!result.startsWith('{'), `${where} answers: ${result}`);
  }
}

/** The objects that the association of a client lists over the wire. */
async function listed(client: TestClient): Promise<string[]> {
  const list = await client.get(15, '0.0.40.0.0.255', 2);
  return elementsIn(list as Data).map((element) => {
    const [classId, , name] = elementsIn(element);
    return `${numberIn(classId)}/${obisIn(name)}`;
  });
}

function visibleTo(meter: Meter, who: MeterClient): CosemObject[] {
  const { profile, phases } = meter.spec;
  const rates = meter.metrology.delivered.rateCount;
  return companionProfile(profile, { phases, rates }).objects.filter(
    (object) =>
      object.classId !== 12 && object.attributes.some((n) => object.attributeAccess(n, who) !== 'none'),
  );
}

for (const profile of Object.keys(companionProfiles)) {
  for (const phases of [1, 3] as const) {
    describe(`profile ${profile}, ${phases === 1 ? 'one phase' : 'three phases'}`, () => {
      for (const { name } of testMeter({ profile }).meter.clients) {
        test(`client ${name} reads and sets what its association lists, and is refused the rest`, async () => {
          const { meter } = testMeter({ profile, phases });
          const who = meter.clients.find((one) => one.name === name) ?? assert.fail();
          const client = await connect(meter, name);
          assert.equal(client.association.kind, 'associated', JSON.stringify(client.association));
          const objects = visibleTo(meter, who);
          assert.deepEqual(
            await listed(client),
            objects.map(({ classId, obis }) => `${classId}/${obis}`),
          );
          for (const object of objects) await walkAttributes(client, object, who);
        });
        test(`client ${name} calls every method it may, and no other`, async () => {
          const { meter } = testMeter({ profile, phases });
          const who = meter.clients.find((one) => one.name === name) ?? assert.fail();
          const client = await connect(meter, name);
          for (const object of visibleTo(meter, who)) await walkMethods(client, object, who);
        });
      }
    });
  }
}

/** A value of a type that is not its initial one, where the type has another. */
function sampleOf(type: DataType): Data {
  switch (type.kind) {
    case 'array':
      return { type: 'array', value: [sampleOf(type.of)] };
    case 'structure':
      return { type: 'structure', value: Object.values(type.of).map(sampleOf) };
    case 'choice':
      return sampleOf(type.of.at(-1) as DataType);
    case 'octet-string':
      return { type: type.kind, value: new Uint8Array(Math.min(type.most, type.least + 2)).fill(7) };
    case 'visible-string':
      return { type: type.kind, value: 'abc'.slice(0, type.most) };
    case 'boolean':
      return { type: type.kind, value: true };
    case 'any':
      return { type: 'unsigned', value: 1 };
    default:
      return 'least' in type || 'most' in type || 'values' in type ? withinRange(type) : initialOf(type);
  }
}

function withinRange(type: DataType): Data {
  const first = initialOf(type);
  if (typeof (first as { value?: unknown }).value !== 'number') return first;
  const { values, most = 1 } = type as { readonly values?: readonly number[]; readonly most?: number };
  return { ...first, value: values?.at(-1) ?? most } as Data;
}

test('what a medium reports is what clients read; another type is refused, and so is an attribute that is not reported', async () => {
  const { meter } = testMeter({ profile: 'generic' });
  const client = await connect(meter, 'management');
  const who = meter.clients.find(({ name }) => name === 'management') ?? assert.fail();
  let count = 0;
  for (const object of visibleTo(meter, who)) {
    for (const [number, { type, isHeld }] of Object.entries(declaredOf(object).attributes)) {
      const attribute = Number(number);
      if (!isHeld || object.attributeAccess(attribute, who) !== 'read') continue;
      const { classId, obis } = object;
      const where = `${classId}/${obis}/${attribute}`;
      const value = sampleOf(type);
      const stranger = strangerTo(type);
      if (stranger)
        assert.equal(meter.report({ classId, obis, attribute }, stranger), 'type-unmatched', where);
      assert.equal(meter.report({ classId, obis, attribute }, value), 'success', where);
      assert.deepEqual(await client.get(classId, obis, attribute), value, where);
      count++;
    }
  }
  assert.ok(count > 100, `${count} attributes are reported`);
  const register = { classId: 3, obis: '1.0.1.8.0.255', attribute: 2 };
  assert.equal(meter.report(register, { type: 'double-long-unsigned', value: 0 }), 'read-write-denied');
});

test('no two objects of a profile have class and name in common', () => {
  for (const profile of Object.keys(companionProfiles)) {
    const { objects } = companionProfile(profile, { phases: 3, rates: 4 });
    const names = objects.map(({ classId, obis }) => `${classId}/${obis}`);
    assert.deepEqual(
      names.filter((name, index) => names.indexOf(name) !== index),
      [],
      profile,
    );
  }
});
