/** Who and what the signer knows: people, meters and settings out of a file on its own disk; nothing of it comes over the channel. */
import { createPublicKey } from 'node:crypto';
import { type Person, roles } from '../guard/approval.ts';
import type { GuardedMeter } from '../guard/guard-state.ts';
import { dayMs, defaultGuardSettings, type GuardSettings, scopes } from '../guard/settings.ts';
import { isCount, isRecord, isText } from '../guard/shape.ts';
import type { KeyVault, SuiteKeys } from '../keys/key-vault.ts';
import { signerError } from './errors.ts';

/** A meter with its management keys, sealed by the signer's own key file. */
export interface EnrolledMeter extends GuardedMeter {
  /** System title, 16 hexadecimal digits: another one in the AARE is refused. */
  readonly systemTitle: string;
  readonly sealed: string;
  /** The key under which new keys go to the meter, sealed likewise; without one its keys cannot be changed. */
  readonly sealedMaster?: string;
  /** The make has no client that only reads: the signer reads it on behalf of the head-end, and parses what it seals. */
  readonly hasOneClient?: boolean;
  /** Companion profile, by which the scripts find their objects; those of the standard without one. */
  readonly profile?: string;
}

/** The file `enrolment.json`. */
export interface EnrolmentFile {
  /** Name of this installation: part of everything signed. */
  readonly installation: string;
  readonly settings?: Partial<GuardSettings>;
  readonly people: readonly Person[];
  readonly meters: readonly EnrolledMeter[];
}

/** What was enrolled, checked. */
export interface Enrolment {
  readonly installation: string;
  readonly settings: GuardSettings;
  readonly people: ReadonlyMap<string, Person>;
  readonly meters: ReadonlyMap<string, EnrolledMeter>;
}

/** @throws CodedError `signer/enrolment-invalid` with what is wrong. */
export function readEnrolment(text: string): Enrolment {
  const file = parse(text);
  const people = new Map<string, Person>();
  const keys = new Set<string>();
  for (const person of file.people) {
    checkPerson(person);
    if (people.has(person.id) || keys.has(person.publicKey)) {
      throw invalid(`person ${person.id} or their key stands twice`);
    }
    people.set(person.id, person);
    keys.add(person.publicKey);
  }
  const meters = new Map<string, EnrolledMeter>();
  for (const meter of file.meters) {
    checkMeter(meter);
    if (meters.has(meter.serial)) throw invalid(`meter ${meter.serial} stands twice`);
    meters.set(meter.serial, meter);
  }
  const settings = { ...defaultGuardSettings, ...file.settings };
  for (const [name, value] of Object.entries(settings)) checkSetting(name, value);
  return { installation: file.installation, settings, people, meters };
}

/** A row of the file out of a meter's plain keys: what the enrolling person runs on the signer's machine. */
export function enrolMeter(
  meter: Omit<EnrolledMeter, 'sealed' | 'sealedMaster'>,
  keys: SuiteKeys & { readonly master?: Uint8Array },
  vault: KeyVault,
): EnrolledMeter {
  const { serial } = meter;
  const { master } = keys;
  return {
    ...meter,
    sealed: vault.seal({ serial, client: 'management' }, keys),
    ...(master ? { sealedMaster: vault.sealKey({ serial, client: 'master' }, master) } : {}),
  };
}

function parse(text: string): EnrolmentFile {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    throw invalid('expected JSON');
  }
  if (!isRecord(file) || !isText(file.installation)) throw invalid('expected an installation by name');
  if (!Array.isArray(file.people) || !Array.isArray(file.meters)) throw invalid('expected people and meters');
  return file as unknown as EnrolmentFile;
}

/** A setting is a count, a list of limits, or a count for each direction. */
function checkSetting(name: string, value: unknown): void {
  if (!Object.hasOwn(defaultGuardSettings, name)) throw invalid(`there is no setting ${name}`);
  const wanted = defaultGuardSettings[name as keyof GuardSettings];
  const isValid = Array.isArray(wanted)
    ? Array.isArray(value) && value.length > 0 && value.every(isLimit)
    : typeof wanted === 'number'
      ? isCount(value)
      : isRecord(value) && isCount(value.dark) && isCount(value.light);
  if (!isValid) throw invalid(`the setting ${name} is not of its kind`);
}

function isLimit(value: unknown): boolean {
  return (
    isRecord(value) &&
    scopes.some((scope) => scope === value.scope) &&
    [value.windowMs, value.meters, value.watts].every(isCount) &&
    // Switches older than a day are forgotten: no window may reach further back.
    (value.windowMs as number) <= dayMs
  );
}

function checkPerson(person: unknown): void {
  const isPerson =
    isRecord(person) &&
    isText(person.id) &&
    isText(person.name) &&
    isText(person.publicKey) &&
    Array.isArray(person.tenants) &&
    person.tenants.every(isText) &&
    Array.isArray(person.roles) &&
    person.roles.every((role) => roles.includes(role as (typeof roles)[number]));
  if (!isPerson) throw invalid('a person lacks a field');
  let type: string | undefined;
  try {
    const der = Buffer.from(person.publicKey as string, 'base64');
    type = createPublicKey({ key: der, format: 'der', type: 'spki' }).asymmetricKeyType;
  } catch {
    type = undefined;
  }
  if (type !== 'ed25519') throw invalid(`the key of ${String(person.id)} is no Ed25519 key`);
}

function checkMeter(meter: unknown): void {
  const names = ['serial', 'tenant', 'substation', 'feeder', 'transformer', 'systemTitle', 'sealed'];
  const isMeter =
    isRecord(meter) &&
    names.every((name) => isText(meter[name])) &&
    isCount(meter.loadW) &&
    typeof meter.isLifeSupport === 'boolean' &&
    [undefined, true, false].includes(meter.hasOneClient as boolean | undefined) &&
    [meter.sealedMaster, meter.profile].every((value) => value === undefined || isText(value)) &&
    /^[0-9a-fA-F]{16}$/.test(meter.systemTitle as string);
  if (!isMeter) throw invalid('a meter lacks a field');
}

function invalid(what: string) {
  return signerError('signer/enrolment-invalid', what);
}
