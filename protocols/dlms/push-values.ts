/** Codes with values, scales and units out of the body of a push, whatever the layout; lists without codes by their tables. */
import type { Data } from './data.ts';
import { formatObis } from './obis.ts';
import { unitSymbol } from './units.ts';

/** One value; a number is `value` times ten to `scale` in `unit`. */
export interface PushValue {
  /** OBIS code as `1.0.1.8.0.255`. */
  readonly obis: string;
  readonly value: number | bigint | string | Uint8Array;
  readonly scale: number;
  /** Undefined when the push does not say. */
  readonly unit: string | undefined;
}

type Column = readonly [obis: string, scale?: number, unit?: string];

/** Stands for a value that nobody has named. */
const unnamed = '';

const power: readonly Column[] = [
  ['1.0.1.7.0.255', 0, 'W'],
  ['1.0.2.7.0.255', 0, 'W'],
  ['1.0.3.7.0.255', 0, 'var'],
  ['1.0.4.7.0.255', 0, 'var'],
];
const identity: readonly Column[] = [['1.1.0.2.129.255'], ['0.0.96.1.0.255'], ['0.0.96.1.7.255']];
const onePhase: readonly Column[] = [
  ['1.0.31.7.0.255', -3, 'A'],
  ['1.0.32.7.0.255', -1, 'V'],
];
const threePhases: readonly Column[] = [
  ['1.0.31.7.0.255', -3, 'A'],
  ['1.0.51.7.0.255', -3, 'A'],
  ['1.0.71.7.0.255', -3, 'A'],
  ['1.0.32.7.0.255', -1, 'V'],
  ['1.0.52.7.0.255', -1, 'V'],
  ['1.0.72.7.0.255', -1, 'V'],
];
const energy: readonly Column[] = [
  ['0.0.1.0.0.255'],
  ['1.0.1.8.0.255', 0, 'Wh'],
  ['1.0.2.8.0.255', 0, 'Wh'],
  ['1.0.3.8.0.255', 0, 'varh'],
  ['1.0.4.8.0.255', 0, 'varh'],
];

/** The lists of Kaifa meters in Norway, which name nothing: by number of elements (Kaifa KFM_001 for MA105, MA304). */
const kaifaLists: readonly (readonly Column[])[] = [
  power.slice(0, 1),
  [...identity, ...power, ...onePhase],
  [...identity, ...power, ...threePhases],
  [...identity, ...power, ...onePhase, ...energy],
  [...identity, ...power, ...threePhases, ...energy],
];

const iskraIdentity: readonly Column[] = [['0.0.42.0.0.255'], ['0.0.96.1.0.255'], ...power];

/** The lists of Iskraemeco meters in Slovenia, which name nothing: by number of elements; what is not known stays out. */
const iskraLists: readonly (readonly Column[])[] = [
  [...iskraIdentity, ['1.0.32.7.0.255', -1, 'V'], [unnamed], [unnamed]],
  [
    ...iskraIdentity,
    ['1.0.32.7.0.255', -1, 'V'],
    ['1.0.52.7.0.255', -1, 'V'],
    ['1.0.72.7.0.255', -1, 'V'],
    ['1.0.31.7.0.255', -2, 'A'],
    ['1.0.51.7.0.255', -2, 'A'],
    ['1.0.71.7.0.255', -2, 'A'],
    ['1.0.21.7.0.255', 0, 'W'],
    ['1.0.41.7.0.255', 0, 'W'],
    ['1.0.61.7.0.255', 0, 'W'],
    ['1.0.22.7.0.255', 0, 'W'],
    ['1.0.42.7.0.255', 0, 'W'],
    ['1.0.62.7.0.255', 0, 'W'],
  ],
];

/** A maker whose lists name codes but no units: the scales of its currents, voltages and energies. */
interface Maker {
  readonly name: string;
  readonly current: number;
  readonly voltage: number;
  readonly energy: number;
}

const makers: readonly Maker[] = [
  { name: 'Kamstrup', current: -2, voltage: 0, energy: 1 },
  { name: 'KFM', current: -3, voltage: -1, energy: 0 },
];

const powerUnit: Readonly<Record<string, string>> = { 1: 'W', 2: 'W', 3: 'var', 4: 'var' };

/** All values of a body in their order; empty when nothing in it is named, which is no error. */
export function valuesOfPush(body: Data): readonly PushValue[] {
  const listed = valuesOfObjects(body);
  if (listed) return listed;
  const leaves: Data[] = [];
  collect(body, leaves);
  const byPosition = listOf(leaves);
  if (byPosition) return byPosition.flatMap((column, i) => readValue(leaves[i], column) ?? []);
  const maker = makers.find(({ name }) => leaves.slice(0, 2).some((leaf) => textOf(leaf)?.startsWith(name)));
  return leaves.flatMap((leaf, i) => {
    const obis = codeOf(leaf);
    const value = leaves[i + 1];
    if (obis === undefined || !value || codeOf(value) !== undefined) return [];
    return readValue(value, columnOf(obis, leaves[i + 2], leaves[i + 3], maker)) ?? [];
  });
}

/** Scale and unit as the push states them, else as its maker is known to mean them. */
function columnOf(
  obis: string,
  scaler: Data | undefined,
  unit: Data | undefined,
  maker: Maker | undefined,
): Column {
  if (scaler?.type === 'integer' && unit?.type === 'enum') {
    return [obis, scaler.value, unitSymbol(unit.value)];
  }
  const [, , c = '', d = ''] = obis.split('.');
  if (!maker) return [obis];
  const named = powerUnit[c];
  if (named) return d === '8' ? [obis, maker.energy, `${named}h`] : [obis, 0, named];
  if (/^[357]1$/.test(c)) return [obis, maker.current, 'A'];
  return /^[357]2$/.test(c) ? [obis, maker.voltage, 'V'] : [obis];
}

/** A body that begins with the list of the objects it holds, as a Push setup sends it: one element for each. */
function valuesOfObjects(body: Data): readonly PushValue[] | undefined {
  const [list, ...rest] = body.type === 'structure' ? body.value : [];
  if (list?.type !== 'array' || list.value.length !== rest.length + 1) return undefined;
  const codes = list.value.map((object) => {
    const [classId, name, attribute] = object.type === 'structure' ? object.value : [];
    return classId?.type === 'long-unsigned' && attribute?.type === 'integer' ? codeOf(name) : undefined;
  });
  if (codes.includes(undefined)) return undefined;
  // The first object is the list itself.
  return rest.flatMap((value, i) => readValue(value, [codes[i + 1] ?? unnamed]) ?? []);
}

/** Leaves in order; a body is bounded by the decoder that made it. */
function collect(data: Data, leaves: Data[]): void {
  if (data.type === 'array' || data.type === 'structure' || data.type === 'compact-array') {
    for (const element of data.value) collect(element, leaves);
  } else leaves.push(data);
}

/** The table of a list that holds no codes at all. */
function listOf(leaves: readonly Data[]): readonly Column[] | undefined {
  if (leaves.some((leaf) => codeOf(leaf) !== undefined)) return undefined;
  const maker = leaves.length === 1 ? 'KFM' : textOf(leaves[0])?.slice(0, 3);
  if (leaves.length === 1 && leaves[0]?.type !== 'double-long-unsigned') return undefined;
  const lists = maker === 'KFM' ? kaifaLists : maker === 'ISK' ? iskraLists : [];
  return lists.find(({ length }) => length === leaves.length);
}

/** A code: six octets, of which the last is 255 in all pushes met. */
function codeOf(data: Data | undefined): string | undefined {
  const isCode = data?.type === 'octet-string' && data.value.length === 6 && data.value[5] === 0xff;
  return isCode ? formatObis(data.value) : undefined;
}

function textOf(data: Data | undefined): string | undefined {
  if (data?.type === 'visible-string' || data?.type === 'utf8-string') return data.value.replace(/\0+$/, '');
  if (data?.type !== 'octet-string' || data.value.length === 0) return undefined;
  const octets = data.value.subarray(0, lengthOfText(data.value));
  const isText = octets.length > 0 && octets.every((octet) => octet >= 0x20 && octet < 0x7f);
  return isText ? Buffer.from(octets).toString('latin1') : undefined;
}

function lengthOfText(octets: Uint8Array): number {
  const end = octets.findLastIndex((octet) => octet !== 0);
  return end + 1;
}

function readValue(data: Data | undefined, [obis, scale = 0, unit]: Column): PushValue | undefined {
  if (obis === unnamed || !data || !('value' in data) || typeof data.value === 'boolean') return undefined;
  const text = data.type === 'octet-string' && data.value.length === 12 ? undefined : textOf(data);
  if (text !== undefined) return { obis, value: text, scale: 0, unit: undefined };
  const { value } = data;
  if (typeof value === 'number' || typeof value === 'bigint') return { obis, value, scale, unit };
  return value instanceof Uint8Array ? { obis, value, scale: 0, unit: undefined } : undefined;
}
