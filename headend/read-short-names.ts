/** Reading by short name (Green Book 9.3.13): the Association SN says which object has which base name, once for a session. */
import {
  decodeObjectList,
  formatObis,
  type GetResult,
  objectListName,
  parseObis,
  type ShortName,
  type ShortNameObject,
  shortNameOfAttribute,
} from '@wattline/protocols/dlms';
import { headendError } from './errors.ts';
import { likelyClasses } from './likely-classes.ts';
import { type AskedAttribute, type MeterReader, readValueOf } from './meter-reader.ts';
import type { Session } from './session/session.ts';

/** A reader over a session with short names. */
export function shortNameReader(session: Session): MeterReader {
  let listed: Promise<readonly ShortNameObject[]> | undefined;
  const objects = () => {
    listed ??= readObjectList(session);
    return listed;
  };
  const find = async (asked: AskedAttribute) => {
    const obis = formatObis(parseObis(asked.obis));
    const object = findObject(await objects(), obis, asked.classId);
    if (object) return { object, attribute: asked.attribute ?? 2 };
    throw headendError('headend/object-not-found', `the Association SN lists no object ${obis}`, { obis });
  };
  return {
    serverSystemTitle: session.serverSystemTitle,
    async read(asked) {
      const { object, attribute } = await find(asked);
      const { classId, obis } = object;
      const [result] = await readVariables(session, [nameOf(object, attribute, asked)]);
      if (result?.ok) return readValueOf({ classId, obis, attribute }, result.encoded);
      const refusal = result?.result ?? 'other-reason';
      const what = `the meter answered '${refusal}' for attribute ${attribute} of ${obis} (class ${classId})`;
      throw headendError('headend/attribute-refused', what, { classId, obis, attribute, result: refusal });
    },
    async readList(asked) {
      const found = await Promise.all(asked.map(find));
      const names = found.map(({ object, attribute }, i) => nameOf(object, attribute, asked[i]));
      const results = await readVariables(session, names);
      return found.map(({ object: { classId, obis }, attribute }, i) => {
        const result = results[i];
        if (result?.ok) return readValueOf({ classId, obis, attribute }, result.encoded);
        return { classId, obis, attribute, refusal: result?.result ?? 'other-reason' };
      });
    },
  };
}

/** One code may stand for objects of several classes: then the likeliest is meant. */
function findObject(
  objects: readonly ShortNameObject[],
  obis: string,
  classId: number | undefined,
): ShortNameObject | undefined {
  const named = objects.filter((object) => object.obis === obis);
  if (classId !== undefined) return named.find((object) => object.classId === classId);
  const likely = likelyClasses(obis).find((id) => named.some((object) => object.classId === id));
  return named.find((object) => object.classId === likely) ?? named[0];
}

function nameOf(object: ShortNameObject, attribute: number, asked: AskedAttribute | undefined): ShortName {
  const name = shortNameOfAttribute(object, attribute);
  return asked?.access ? { name, access: asked.access } : { name };
}

async function readObjectList(session: Session): Promise<readonly ShortNameObject[]> {
  const [list] = await readVariables(session, [{ name: objectListName }]);
  const decoded = list?.ok ? decodeObjectList(list.encoded) : undefined;
  if (decoded?.ok) return decoded.value;
  const why = decoded ? decoded.error.message : `the meter answered '${list && !list.ok ? list.result : ''}'`;
  throw headendError('headend/value-undecodable', `the object list of the Association SN: ${why}`);
}

async function readVariables(
  session: Session,
  variables: readonly ShortName[],
): Promise<readonly GetResult[]> {
  const outcome = await session.ask({ kind: 'read', variables });
  if (outcome.kind === 'read') return outcome.results;
  throw headendError('headend/unexpected', `expected the outcome of a Read, found ${outcome.kind}`);
}
