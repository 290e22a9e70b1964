/**
 * Settings: attributes that hold what was written to them, in the meter's non-volatile memory. A class of settings is data alone:
 * types with ranges, initial values, who may write (Blue Book: the setup classes of media).
 */
import { type Data, decodeData, encodeData } from '@wattline/protocols/dlms';
import type { NonVolatile } from '../memory/non-volatile.ts';
import { type DataType, initialOf } from './data-type.ts';
import { type Attribute, type AttributeAccess, readable, settable } from './interface-class.ts';

/** What one object holds, by number of the attribute. */
export interface Settings {
  /** Undefined when nothing was written yet. */
  read(attribute: number): Uint8Array | undefined;
  /** On disk when it returns. */
  write(attribute: number, value: Data): void;
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
      if (held !== undefined) return new Uint8Array(Buffer.from(held, 'base64'));
      const value = initial[attribute];
      return value && encodeData(value);
    },
    write(attribute, value) {
      memory.write(nameOf(attribute), Buffer.from(encodeData(value)).toString('base64'));
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
    read: ({ settings }, { writer, attribute }) =>
      void writer.raw(settings.read(attribute) ?? encodeData(initial)),
    write({ settings }, value, { attribute }) {
      settings.write(attribute, value);
      return 'success';
    },
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
