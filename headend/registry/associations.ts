/** What a meter tells of its make-up: its associations (Association LN, class 15), logical devices (SAP assignment, class 17) and firmware. */
import type { CodedError } from '@wattline/base';
import {
  type AttributeDescriptor,
  applicationContext,
  type Data,
  decodeData,
  mechanismId,
} from '@wattline/protocols/dlms';
import type { Session } from '../session/session.ts';
import type { AssociationRow, LogicalDeviceRow, MakeUp } from './make-up.ts';

/** Current association, SAP assignment, active firmware identifier (Blue Book 6.2). */
const currentAssociation = '0.0.40.0.0.255';
const sapAssignment = '0.0.41.0.0.255';
const activeFirmware = '1.0.0.2.0.255';
const associationPattern = /^15\/(0\.0\.40\.0\.\d+\.255)$/;
/** Associations and logical devices taken of one meter: it may say what it likes. */
const mostTaken = 32;

/** Reads what the object list says is there; what the meter refuses stays unknown. Throws as {@link Session.getMany} does. */
export async function readMakeUp(session: Session, objects: readonly string[]): Promise<MakeUp> {
  const named = objects.flatMap((name) => associationPattern.exec(name)?.[1] ?? []);
  const others = named.filter((obis) => obis !== currentAssociation).slice(0, mostTaken);
  const hasDevices = objects.includes(`17/${sapAssignment}`);
  const hasFirmware = objects.includes(`1/${activeFirmware}`);
  const asked: AttributeDescriptor[] = [
    ...(hasDevices ? [{ classId: 17, obis: sapAssignment, attribute: 2 }] : []),
    ...(hasFirmware ? [{ classId: 1, obis: activeFirmware, attribute: 2 }] : []),
  ];
  const answers = asked.length === 0 ? [] : await session.getMany(asked);
  const rows: AssociationRow[] = [];
  for (const obis of others) rows.push(...(await readAssociation(session, obis)));
  const [own] = await readAssociation(session, currentAssociation);
  return {
    logicalDevices: hasDevices ? devicesIn(answers[0]) : [],
    associations: own ? withOwn(rows, { ...own, objects: objects.length }) : rows,
    firmware: hasFirmware ? textIn(answers.at(-1)) : null,
  };
}

/** The current association may stand under a number of its own too; its objects are counted only as the current one. */
function withOwn(rows: readonly AssociationRow[], own: AssociationRow): AssociationRow[] {
  const isOwn = ({ clientSap, serverSap }: AssociationRow) =>
    clientSap === own.clientSap && serverSap === own.serverSap;
  if (!rows.some(isOwn)) return [...rows, own];
  return rows.map((row) => (isOwn(row) ? { ...row, objects: own.objects } : row));
}

/** One row, or none when the meter does not tell whose association it is. */
async function readAssociation(session: Session, obis: string): Promise<AssociationRow[]> {
  const of = (attribute: number) => ({ classId: 15, obis, attribute });
  // Partners, context name, mechanism name (Blue Book 4.4.4).
  const [partners, context, mechanism] = await session.getMany([of(3), of(4), of(6)]);
  const [client, server] = elementsIn(partners);
  if (client?.type !== 'integer' || server?.type !== 'long-unsigned') return [];
  return [
    {
      obis,
      // An integer of eight bits with a sign (Blue Book 4.4.4.2.2), though SAPs have none.
      clientSap: client.value & 0xff,
      serverSap: server.value,
      context: nameIn(context, applicationContext),
      mechanism: nameIn(mechanism, mechanismId),
      objects: null,
    },
  ];
}

function devicesIn(answer: Answer): LogicalDeviceRow[] {
  const list = dataIn(answer);
  if (list?.type !== 'array') return [];
  return list.value.slice(0, mostTaken).flatMap((one) => {
    const [sap, name] = one.type === 'structure' ? one.value : [];
    if (sap?.type !== 'long-unsigned' || name?.type !== 'octet-string') return [];
    return [{ sap: sap.value, name: printable(name.value) }];
  });
}

type Answer = Uint8Array | CodedError | undefined;

function dataIn(answer: Answer): Data | undefined {
  const decoded = answer instanceof Uint8Array ? decodeData(answer) : undefined;
  return decoded?.ok ? decoded.value.value : undefined;
}

function elementsIn(answer: Answer): readonly Data[] {
  const data = dataIn(answer);
  return data?.type === 'structure' ? data.value : [];
}

/** An object identifier as octets or, in older meters, as a structure of its arcs (Blue Book 4.4.4.2.2): the last one names it. */
function nameIn(answer: Answer, table: Readonly<Record<string, number>>): string {
  const data = dataIn(answer);
  const last = data?.type === 'structure' ? data.value.at(-1) : undefined;
  const code =
    data?.type === 'octet-string'
      ? data.value.at(-1)
      : last && 'value' in last && typeof last.value === 'number'
        ? last.value
        : undefined;
  return Object.keys(table).find((name) => table[name] === code) ?? 'unknown';
}

/** The text of an octet-string or of a string, 64 characters at most; null when it is none. */
export function textIn(answer: Answer): string | null {
  const data = dataIn(answer);
  if (data?.type === 'octet-string') return printable(data.value);
  return data?.type === 'visible-string' || data?.type === 'utf8-string' ? data.value.slice(0, 64) : null;
}

/** As text where it is text, as hexadecimal digits where it is not. */
function printable(octets: Uint8Array): string {
  const text = Buffer.from(octets).toString('latin1');
  return /^[\x20-\x7e]*$/.test(text) ? text.slice(0, 64) : Buffer.from(octets).toString('hex').slice(0, 64);
}
