/** What a meter is, told by itself: its object list (Association LN, class 15, attribute 2) says which companion profile fits it, and what it is made of. */
import { type Data, decodeData, formatObis } from '@wattline/protocols/dlms';
import { type MeterMapping, meterMappings } from '../collection/mapping.ts';
import { headendError } from '../errors.ts';
import type { Discovery } from '../headend.ts';
import type { Session } from '../session/session.ts';
import { readMakeUp } from './associations.ts';

const associationObis = '0.0.40.0.0.255';
const objectListAttribute = 2;
/** Objects taken; a list without end ends with the octets of a session. */
const objectsMax = 5_000;

/**
 * Reads the object list and the make-up over an open session.
 * @throws CodedError `headend/value-undecodable` when it is no list, and what {@link Session.get} throws
 */
export async function discover(session: Session): Promise<Discovery> {
  const encoded = await session.get({ classId: 15, obis: associationObis, attribute: objectListAttribute });
  const decoded = decodeData(encoded);
  const list = decoded.ok ? decoded.value.value : undefined;
  if (list?.type !== 'array') {
    const found = list?.type ?? (decoded.ok ? 'nothing' : decoded.error.message);
    throw headendError('headend/value-undecodable', `expected an object list, found ${found}`);
  }
  const objects = list.value.slice(0, objectsMax).flatMap(nameOf);
  const fits = fittingProfiles(new Set(objects));
  return { objects, fits, ...(await readMakeUp(session, objects)) };
}

/** Profiles that fit a set of objects, the best first. */
export function fittingProfiles(objects: ReadonlySet<string>): string[] {
  return meterMappings
    .map((mapping) => ({ profile: mapping.profile, needed: needsOf(mapping) }))
    .filter(({ needed }) => needed.every((name) => objects.has(name)))
    .sort((a, b) => b.needed.length - a.needed.length)
    .map(({ profile }) => profile);
}

/** Objects without which a profile is another. */
function needsOf({ clockObis, intervals, registers, eventLogs, counter }: MeterMapping): string[] {
  return [
    `8/${clockObis}`,
    `7/${intervals.obis}`,
    `7/${registers.obis}`,
    ...eventLogs.map(({ obis }) => `7/${obis}`),
    ...(counter ? [`1/${counter.obis}`] : []),
  ];
}

function nameOf(data: Data): string[] {
  const [classId, , name] = data.type === 'structure' ? data.value : [];
  if (classId?.type !== 'long-unsigned' || name?.type !== 'octet-string' || name.value.length !== 6)
    return [];
  return [`${classId.value}/${formatObis(name.value)}`];
}
