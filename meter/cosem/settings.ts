/**
 * Settings: attributes that hold what was written to them, in the meter's non-volatile memory. A class of settings is data alone:
 * types with ranges, initial values, who may write (Blue Book: the setup classes of media).
 */
import {
  type ActionOutcome,
  type Data,
  type DataAccessResult,
  decodeData,
  encodeData,
} from '@wattline/protocols/dlms';
import type { NonVolatile } from '../memory/non-volatile.ts';
import { type ArrayType, type DataType, initialOf, trigger } from './data-type.ts';
import { elementsIn } from './fields.ts';
import {
  type Attribute,
  type AttributeAccess,
  type Method,
  managed,
  readable,
  settable,
} from './interface-class.ts';

/** What one object holds, by number of the attribute. */
export interface Settings {
  /** Undefined when nothing was written yet. */
  read(attribute: number): Uint8Array | undefined;
  /** On disk when it returns. */
  write(attribute: number, value: Data): void;
  /** As if nothing had been written. */
  forget(attribute: number): void;
}

/** A source with settings among other things. */
export interface WithSettings {
  readonly settings: Settings;
}

/** Initial values of an object, by attribute. */
export type InitialValues = Readonly<Record<number, Data>>;

/** The settings of the object `obis` of class `classId` in a meter's memory. */
export function settingsIn(
  memory: NonVolatile,
  { classId, obis }: { readonly classId: number; readonly obis: string },
  initial: InitialValues = {},
): Settings {
  const nameOf = (attribute: number) => `cosem/${classId}/${obis}/${attribute}`;
  return {
    read(attribute) {
      const held = memory.read(nameOf(attribute));
      if (held) return new Uint8Array(Buffer.from(held, 'base64'));
      const value = initial[attribute];
      return value && encodeData(value);
    },
    write(attribute, value) {
      memory.write(nameOf(attribute), Buffer.from(encodeData(value)).toString('base64'));
      memory.sync();
    },
    forget(attribute) {
      memory.write(nameOf(attribute), '');
      memory.sync();
    },
  };
}

/** The value of a setting as data. */
export function settingOf(settings: Settings, attribute: number, type: DataType): Data {
  const held = settings.read(attribute);
  const decoded = held && decodeData(held);
  return decoded?.ok ? decoded.value.value : initialOf(type);
}

/** Options of a setting. */
export interface SettingOptions {
  readonly initial?: Data;
  readonly access?: AttributeAccess;
}

/** An attribute that holds what was written to it. */
export function setting(name: string, type: DataType, options: SettingOptions = {}): Attribute<WithSettings> {
  const { initial = initialOf(type), access = settable } = options;
  return {
    name,
    type,
    access,
    isHeld: true,
    read: ({ settings }, { writer, attribute }) =>
      void writer.raw(settings.read(attribute) ?? encodeData(initial)),
    write({ settings }, value, { attribute }) {
      settings.write(attribute, value);
      return 'success';
    },
  };
}

/** What else an attribute shows and takes while something else keeps it; undefined while nothing does. */
export interface Elsewhere<S> {
  shown(source: S): Data | undefined;
  set?(source: S, value: Data): DataAccessResult | undefined;
}

/** A setting that something else keeps at times: then that is shown and set. */
export function keptElsewhere<S extends WithSettings>(
  held: Attribute<WithSettings>,
  elsewhere: Elsewhere<S>,
): Attribute<S> {
  return {
    ...held,
    read(source, context) {
      const shown = elsewhere.shown(source);
      if (!shown) return held.read(source, context);
      return void context.writer.raw(encodeData(shown));
    },
    write: (source, value, context) =>
      elsewhere.set?.(source, value) ?? held.write?.(source, value, context) ?? 'read-write-denied',
  };
}

/** An attribute that clients only read: what the medium says of itself, kept as the one who plays the medium reported it last. */
export function reported(
  name: string,
  type: DataType,
  initial: Data = initialOf(type),
): Attribute<WithSettings> {
  return { ...setting(name, type, { initial, access: readable }) };
}

/** A method that forgets what attributes hold: they are as in the beginning. */
export function resetting(
  name: string,
  attributes: readonly number[],
  parameter: DataType = trigger,
): Method<WithSettings> {
  return {
    name,
    clients: managed,
    parameter,
    invoke({ settings }) {
      for (const attribute of attributes) settings.forget(attribute);
      return { result: 'success' };
    },
  };
}

/** A method that adds an element to an attribute that is an array. */
export function adding(name: string, attribute: number, list: ArrayType): Method<WithSettings> {
  return {
    name,
    clients: managed,
    parameter: list.of,
    invoke: ({ settings }, element) => changeList(settings, { attribute, list, element, isAdded: true }),
  };
}

/** A method that takes an element out of an attribute that is an array. */
export function removing(name: string, attribute: number, list: ArrayType): Method<WithSettings> {
  return {
    name,
    clients: managed,
    parameter: list.of,
    invoke: ({ settings }, element) => changeList(settings, { attribute, list, element, isAdded: false }),
  };
}

/** Adds an element that is not there yet, or takes one out that is; a list that is full takes no more. */
export function changeList(
  settings: Settings,
  change: {
    readonly attribute: number;
    readonly list: ArrayType;
    readonly element: Data | undefined;
    readonly isAdded: boolean;
  },
): ActionOutcome {
  const { attribute, list, element, isAdded } = change;
  if (!element) return { result: 'type-unmatched' };
  const keyOf = (one: Data) => Buffer.from(encodeData(one)).toString('hex');
  const held = elementsIn(settingOf(settings, attribute, list));
  const others = held.filter((one) => keyOf(one) !== keyOf(element));
  if (!isAdded && others.length === held.length) return { result: 'object-undefined' };
  if (isAdded && others.length >= list.most) return { result: 'other-reason' };
  settings.write(attribute, { type: 'array', value: isAdded ? [...others, element] : others });
  return { result: 'success' };
}

/** A method that needs what the meter does not have: a device on a bus, a radio, a modem. */
export function unavailable(name: string, parameter: DataType = trigger): Method<WithSettings> {
  return { name, clients: managed, parameter, invoke: () => ({ result: 'object-unavailable' }) };
}
