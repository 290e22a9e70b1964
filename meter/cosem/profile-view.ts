/**
 * The COSEM view of one meter: the objects of its profile, shared with all meters of that profile, over the parts of this meter.
 * Finds the object, asks it, refuses as the standard says (Green Book 9.3.6 to 9.3.8). State of classes that need any is made when
 * first used: a meter that nobody reads holds none.
 */
import { toHex } from '@wattline/base';
import type {
  ActionOutcome,
  AttributeDescriptor,
  Data,
  DataAccessResult,
  GetResult,
  MethodDescriptor,
} from '@wattline/protocols/dlms';
import { decodeData, encodeData } from '@wattline/protocols/dlms';
import type { MeterParts } from '../meter-parts.ts';
import type { BuiltProfile } from './built-profile.ts';
import type { MeterClient } from './clients.ts';
import { type CosemObject, isVisible, type MeterView, type ObjectName } from './cosem-object.ts';
import type { Passed } from './interface-class.ts';
import { type Settings, settingsIn } from './settings.ts';

/** Up to here the meter has lived, meter time: what is replayed of its past fires nothing again. */
const livedName = 'cosem/lived';

/** Association SN: not in lists of logical names. */
const associationSnClass = 12;
const clockClass = 8;

const keyOf = ({ classId, obis }: ObjectName) => `${classId}/${obis}`;

/** The view. */
export class ProfileView implements MeterView {
  readonly parts: MeterParts;
  readonly profile: BuiltProfile;
  #states: Map<string, unknown> | undefined;
  /** End of the stretch whose behaviour is done now: what is done within it is lived with all of it. */
  #passingToMs = 0;

  constructor(parts: MeterParts, profile: BuiltProfile) {
    this.parts = parts;
    this.profile = profile;
  }

  stateOf<T>(name: string, create: () => T): T {
    this.#states ??= new Map();
    if (!this.#states.has(name)) this.#states.set(name, create());
    return this.#states.get(name) as T;
  }

  settingsOf(named: ObjectName): Settings {
    const object = this.profile.find(named);
    return settingsIn(this.parts.memory, named, typeof object === 'object' ? object.initial : undefined);
  }

  get(reference: AttributeDescriptor, client?: MeterClient): GetResult {
    const object = this.#find(reference, client);
    if (typeof object === 'string') return { ok: false, result: object };
    const { attribute, access } = reference;
    return object.get(this, { attribute, client, access });
  }

  set(reference: AttributeDescriptor, value: Data, client?: MeterClient): DataAccessResult {
    const object = this.#find(reference, client);
    if (typeof object === 'string') return object;
    // Selective access to a SET is for classes that we do not have.
    if (reference.access) return 'scope-of-access-violated';
    const { classId, obis, attribute } = reference;
    const audit = client && this.#auditOf(reference, client);
    const result = this.#asked(client, () => object.set(this, { attribute, client }, value));
    if (result === 'success') {
      this.#live();
      audit?.(value);
      for (const noting of this.profile.noting) noting.note?.(this, { classId, obis, attribute, value });
    }
    return result;
  }

  /** What is done for a client is done in its name, whatever it sets off. */
  #asked<T>(client: MeterClient | undefined, act: () => T): T {
    if (!client) return act();
    const { configuration } = this.parts;
    configuration.requester = client;
    try {
      return act();
    } finally {
      configuration.requester = undefined;
    }
  }

  /**
   * Notes who set what, with the old and the new value as A-XDR in hexadecimal digits. Parameters note their changes themselves, the clock
   * has events of its own, and what may only be written is a secret.
   */
  #auditOf(reference: AttributeDescriptor, client: MeterClient): ((after: Data) => void) | undefined {
    const { classId, obis, attribute } = reference;
    const object = this.profile.find(reference);
    if (classId === clockClass || typeof object === 'string') return undefined;
    const isSecret = object.attributeAccess(attribute, client) !== 'read-write';
    const held = isSecret ? undefined : object.get(this, { attribute, client, access: undefined });
    const before = held?.ok ? toHex(held.encoded) : null;
    const { configuration } = this.parts;
    const { count } = configuration;
    return (value) => {
      if (configuration.count !== count) return;
      const after = isSecret ? null : toHex(encodeData(value));
      const parameter = `${classId}/${obis}/${attribute}`;
      this.parts.noteChange({ by: client.name, parameter, before, after });
    };
  }

  /** What the one who plays a medium says of it: held by an attribute that clients only read. */
  report(reference: AttributeDescriptor, value: Data): DataAccessResult {
    const object = this.profile.find(reference);
    if (typeof object === 'string') return object;
    const declared = object.declared.attributes[reference.attribute];
    if (!declared?.isHeld) return 'read-write-denied';
    return object.set(this, { attribute: reference.attribute, client: undefined }, value);
  }

  action(reference: MethodDescriptor, parameter: Data | undefined, client?: MeterClient): ActionOutcome {
    const object = this.#find(reference, client);
    if (typeof object === 'string') return { result: object };
    const { method } = reference;
    const outcome = this.#asked(client, () => object.invoke(this, { method, client }, parameter));
    if (outcome.result === 'success') this.#live();
    return outcome;
  }

  valueOf(reference: AttributeDescriptor): Data | undefined {
    const result = this.get(reference);
    const decoded = result.ok ? decodeData(result.encoded) : undefined;
    return decoded?.ok ? decoded.value.value : undefined;
  }

  /** Time went on: schedules and monitors do what is theirs. Nothing happens for a past that was lived already. */
  pass({ fromMs, toMs }: Passed): void {
    const { passing } = this.profile;
    if (passing.length === 0 || this.isLived(toMs)) return;
    this.#passingToMs = toMs;
    for (const object of passing) object.pass?.(this, { fromMs, toMs });
  }

  /** Instants within a stretch, in order, at which a schedule is due; none in a past that was lived already. */
  due(passed: Passed): readonly number[] {
    const { passing } = this.profile;
    if (passing.length === 0 || this.isLived(passed.toMs)) return [];
    const instants = passing.flatMap((object) => object.due?.(this, passed) ?? []);
    return [...new Set(instants)].sort((a, b) => a - b);
  }

  isLived(meterMs: number): boolean {
    return meterMs <= Number(this.parts.memory.read(livedName) ?? Number.NEGATIVE_INFINITY);
  }

  objectsOf(client: MeterClient): readonly CosemObject[] {
    const removed = this.#removedFrom(client);
    return this.profile.objects.filter(
      (object) =>
        object.classId !== associationSnClass && isVisible(object, client) && !removed.has(keyOf(object)),
    );
  }

  list(client: MeterClient, named: ObjectName, isListed: boolean): boolean {
    if (typeof this.profile.find(named) === 'string') return false;
    const removed = this.#removedFrom(client);
    if (isListed) removed.delete(keyOf(named));
    else removed.add(keyOf(named));
    this.parts.memory.write(`cosem/removed/${client.name}`, JSON.stringify([...removed]));
    this.parts.memory.sync();
    return true;
  }

  namedFor(client: MeterClient) {
    const removed = this.#removedFrom(client);
    return this.profile.shortNames.flatMap((named) => {
      const object = this.profile.find(named);
      const isListed = typeof object === 'object' && isVisible(object, client) && !removed.has(keyOf(named));
      return isListed ? [{ named, object }] : [];
    });
  }

  #find(named: ObjectName, client: MeterClient | undefined) {
    if (client && this.#removedFrom(client).has(keyOf(named))) return 'object-undefined';
    return this.profile.find(named);
  }

  /** Objects taken out of a client's list; nobody else's changes. */
  #removedFrom({ name }: MeterClient): Set<string> {
    const text = this.parts.memory.read(`cosem/removed/${name}`);
    return text === undefined ? new Set() : new Set(JSON.parse(text) as string[]);
  }

  #live(): void {
    if (this.profile.passing.length === 0) return;
    const livedMs = Math.max(this.parts.nowMs(), this.#passingToMs);
    this.parts.memory.write(livedName, String(livedMs));
  }
}
