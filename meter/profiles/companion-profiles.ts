/** Companion profiles by name; to add one, add a file beside `demo.ts` and a row here. */
import type { CosemObject } from '../cosem/cosem-object.ts';
import { meterError } from '../errors.ts';
import type { MeterParts } from '../meter-parts.ts';
import { demoProfile } from './demo.ts';

/** The objects that a meter of a profile shows. */
export type CompanionProfile = (parts: MeterParts) => readonly CosemObject[];

/** All profiles. */
export const companionProfiles: Readonly<Record<string, CompanionProfile>> = { demo: demoProfile };

/**
 * The profile of a name.
 * @throws CodedError `meter/profile-unknown`
 */
export function companionProfile(name: string): CompanionProfile {
  const found = Object.hasOwn(companionProfiles, name) ? companionProfiles[name] : undefined;
  if (found) return found;
  const known = Object.keys(companionProfiles).join(', ');
  throw meterError(
    'meter/profile-unknown',
    `expected a companion profile (${known}), found '${name.slice(0, 40)}'`,
  );
}
