/** A companion profile as it stands in memory: its objects by name, once for all meters that have the same shape. */
import { type ShortNameObject, shortNameOfMethod } from '@wattline/protocols/dlms';
import type { Alarm } from '../events/event-recorder.ts';
import type { MeterSpec } from '../meter-spec.ts';
import type { ClientRow } from './clients.ts';
import type { CosemObject, MeterView } from './cosem-object.ts';

/** What of a meter decides which objects it has. */
export interface MeterShape {
  readonly phases: 1 | 3;
  /** Rates that have a register. */
  readonly rates: number;
}

/** Defaults of a specification. */
export type ProfileDefaults = Pick<MeterSpec, 'eventScheme' | 'demand' | 'billing' | 'profiles'>;

/** A profile as a file of `profiles/` declares it. */
export interface CompanionProfile {
  readonly name: string;
  /** The specification it follows, for people. */
  readonly title: string;
  readonly clients: readonly ClientRow[];
  /** What a meter of this profile keeps unless its specification says otherwise. */
  defaults?(of: Pick<MeterSpec, 'phases' | 'intervalSeconds'>): ProfileDefaults;
  /** What an event does to the alarms of a meter, where the profile has alarms. */
  readonly raiseAlarm?: (view: MeterView, alarm: Alarm) => void;
  objects(shape: MeterShape): readonly CosemObject[];
}

/** A profile of one shape. */
export interface BuiltProfile {
  readonly profile: CompanionProfile;
  readonly objects: readonly CosemObject[];
  /** Objects with behaviour in time, and those that are told of changes. */
  readonly passing: readonly CosemObject[];
  readonly noting: readonly CosemObject[];
  /** Base names of all objects for short name referencing. */
  readonly shortNames: readonly ShortNameObject[];
  /** The object of class and name, or why there is none. */
  find(reference: {
    readonly classId: number;
    readonly obis: string;
  }): CosemObject | 'object-undefined' | 'object-class-inconsistent';
}

/** Lays out a profile for a shape. */
export function buildProfile(profile: CompanionProfile, shape: MeterShape): BuiltProfile {
  const objects = profile.objects(shape);
  const byName = new Map<string, CosemObject[]>();
  for (const object of objects) byName.set(object.obis, [...(byName.get(object.obis) ?? []), object]);
  return {
    profile,
    objects,
    passing: objects.filter(({ pass }) => pass),
    noting: objects.filter(({ note }) => note),
    shortNames: baseNames(objects),
    find({ classId, obis }) {
      const named = byName.get(obis);
      if (!named) return 'object-undefined';
      return named.find((object) => object.classId === classId) ?? 'object-class-inconsistent';
    },
  };
}

/** Base names from here on; below are those that the standard reserves (Blue Book 4.1.3) and the first page, left free. */
const firstBaseName = 0x0100;
const associationLnClass = 15;
const associationSnClass = 12;
/** Base name of the Association SN, by the standard. */
const associationSnName = 0xfa00;
const baseNameStep = 0x10;

/** Each object takes the room of its attributes and methods; what no longer fits below the Association SN has no short name. */
function baseNames(objects: readonly CosemObject[]): ShortNameObject[] {
  let next = firstBaseName;
  return objects.flatMap((object): ShortNameObject[] => {
    const { classId, version, obis, attributes, methods } = object;
    if (classId === associationLnClass) return [];
    if (classId === associationSnClass) return [{ baseName: associationSnName, classId, version, obis }];
    const named = { baseName: next, classId, version, obis };
    const lastMethod = shortNameOfMethod(named, methods.at(-1) ?? 1) ?? next;
    const end = Math.max(next + 8 * (attributes.at(-1) ?? 1), lastMethod + 8);
    if (end > associationSnName) return [];
    next = Math.ceil(end / baseNameStep) * baseNameStep;
    return [named];
  });
}
