/** The interface classes of all companion profiles as a page: declarations alone, nothing written by hand. */
import type { CosemObject } from '../cosem/cosem-object.ts';
import { describeType } from '../cosem/data-type.ts';
import type { InterfaceClass } from '../cosem/interface-class.ts';
import { companionProfile, companionProfiles } from './companion-profiles.ts';

/** A class and the profiles that have objects of it. */
export interface ListedClass {
  readonly declared: InterfaceClass<never>;
  readonly profiles: readonly string[];
  readonly objects: number;
}

/** Classes of Blue Book Ed. 17 that are not declared: their attributes were not at hand. */
export const notDeclared = [
  66, 96, 97, 98, 126, 128, 129, 130, 131, 132, 133, 140, 141, 142, 143, 160, 161, 162, 170,
];

/** Every class in the order of its number. */
export function listedClasses(): ListedClass[] {
  const found = new Map<
    number,
    { declared: InterfaceClass<never>; profiles: Set<string>; objects: number }
  >();
  for (const name of Object.keys(companionProfiles)) {
    for (const object of companionProfile(name, { phases: 3, rates: 2 }).objects) note(found, object, name);
  }
  return [...found.values()]
    .map(({ declared, profiles, objects }) => ({ declared, profiles: [...profiles], objects }))
    .sort((a, b) => a.declared.classId - b.declared.classId);
}

function note(
  found: Map<number, { declared: InterfaceClass<never>; profiles: Set<string>; objects: number }>,
  { classId, declared }: CosemObject,
  profile: string,
): void {
  const known = found.get(classId) ?? { declared, profiles: new Set<string>(), objects: 0 };
  known.profiles.add(profile);
  known.objects++;
  found.set(classId, known);
}

/** A class of a medium that the meter does not have: what was set and reported is held, and nobody acts on it. */
export function isOfMedium({ section, attributes }: InterfaceClass<never>): boolean {
  const [, chapter = 0] = section.split('.').map(Number);
  return chapter >= firstMediumChapter && Object.values(attributes).every(({ isHeld }) => isHeld === true);
}

/** Chapters 4.7 and later of the Blue Book are those of communication. */
const firstMediumChapter = 7;

const stateOf = (declared: InterfaceClass<never>) =>
  declared.declaredOnly === undefined ? 'supported' : 'declared only';

function noteOf(declared: InterfaceClass<never>): string {
  return [
    ...(declared.declaredOnly === undefined ? [] : [`not there: ${declared.declaredOnly}`]),
    ...(isOfMedium(declared) ? ['holds what is set and reported; no medium behind it'] : []),
    ...(declared.recalled === undefined ? [] : [`recalled: ${declared.recalled}`]),
  ].join('; ');
}

const accessOf = (access: Readonly<Partial<Record<string, string>>>) =>
  ['reader', 'management'].map((role) => `${role} ${access[role] ?? 'none'}`).join(', ');

/** The page. */
export function renderClassTable(): string {
  const classes = listedClasses();
  const supported = classes.filter(({ declared }) => stateOf(declared) === 'supported').length;
  return [
    '# COSEM interface classes',
    '',
    'Made from the declarations of `meter/cosem` by `meter/profiles/class-table.test.ts`, which fails when this page differs. A class is',
    'supported when every attribute and method works over octets on our meter (`meter/profiles/walk.test.ts` walks all objects of all',
    'profiles) and what it does is tested; otherwise it is declared only, and the note says what is not there. Names, numbers and types',
    'were compared with public class lists where no note says that they are recalled; sections are those of the Blue Book, recalled.',
    '',
    `${classes.length} classes: ${supported} supported, ${classes.length - supported} declared only. Not declared, since their attributes were not at hand: ${notDeclared.join(', ')}.`,
    '',
    '| class | version | name | section | attributes | methods | state | profiles | note |',
    '|---|---|---|---|---|---|---|---|---|',
    ...classes.map(({ declared, profiles }) => {
      const { classId, version, name, section, attributes, methods } = declared;
      const counts = [Object.keys(attributes).length + 1, Object.keys(methods).length];
      return `| ${[classId, version, name, section, ...counts, stateOf(declared), profiles.join(', '), noteOf(declared)].join(' | ')} |`;
    }),
    '',
    '## Attributes and methods',
    '',
    'Attribute 1 is the logical name everywhere. Access is that of the roles; the public client sees what a profile opens to it.',
    ...classes.flatMap(({ declared }) => renderClass(declared)),
    '',
  ].join('\n');
}

function renderClass({ classId, version, name, attributes, methods }: InterfaceClass<never>): string[] {
  return [
    '',
    `### ${classId} ${name}, version ${version}`,
    '',
    ...Object.entries(attributes).map(
      ([number, attribute]) =>
        `- ${number} \`${attribute.name}\`: ${describeType(attribute.type)} (${accessOf(attribute.access)})`,
    ),
    ...Object.entries(methods).map(([number, method]) => {
      const parameter = method.parameter ? `: ${describeType(method.parameter)}` : '';
      return `- method ${number} \`${method.name}\`${parameter}${method.invoke ? '' : ' (answered by the protocol, or by nobody)'}`;
    }),
  ];
}
