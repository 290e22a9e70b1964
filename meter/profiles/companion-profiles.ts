/** Companion profiles by name; to add one, add a file beside `demo.ts` and a row here. */
import {
  type BuiltProfile,
  buildProfile,
  type CompanionProfile,
  type MeterShape,
} from '../cosem/built-profile.ts';
import { meterError } from '../errors.ts';
import { demoProfile } from './demo.ts';
import { genericProfile } from './generic.ts';
import { idisProfile } from './idis.ts';
import { is15959Profile } from './is15959.ts';
import { smrProfile } from './smr.ts';

/** All profiles. */
export const companionProfiles: Readonly<Record<string, CompanionProfile>> = {
  demo: demoProfile,
  generic: genericProfile,
  is15959: is15959Profile,
  idis: idisProfile,
  smr: smrProfile,
};

const built = new Map<string, BuiltProfile>();

/**
 * The profile of a name, laid out for a shape; meters of one shape share it.
 * @throws CodedError `meter/profile-unknown`
 */
export function companionProfile(name: string, shape: MeterShape): BuiltProfile {
  const key = `${name}/${shape.phases}/${shape.rates}`;
  const known = built.get(key);
  if (known) return known;
  const found = Object.hasOwn(companionProfiles, name) ? companionProfiles[name] : undefined;
  if (!found) {
    const names = Object.keys(companionProfiles).join(', ');
    const what = `expected a companion profile (${names}), found '${name.slice(0, 40)}'`;
    throw meterError('meter/profile-unknown', what);
  }
  const profile = buildProfile(found, shape);
  built.set(key, profile);
  return profile;
}
