/** Reading and writing side by side: small codecs (A-XDR, IEC 62056-6) out of which the tables of APDUs are declared. */
import { toHex } from '@wattline/base';
import { readData, readEncoded, writeData } from './axdr.ts';
import type { AxdrWriter } from './axdr-writer.ts';
import type { Data } from './data.ts';
import { formatObis, parseObis } from './obis.ts';
import type { OctetReader } from './octet-reader.ts';

/** How one field stands on the wire; `print` is its value as a person reads it, absent where the parts speak. */
export interface Codec<T> {
  read(reader: OctetReader): T;
  write(writer: AxdrWriter, value: T): void;
  print?(value: T): string | undefined;
}

/** The type of the values of a codec. */
export type ValueOf<C> = C extends Codec<infer T> ? T : never;

const printNumber = (value: number) => String(value);

/** Unsigned 8 bits. */
export const u8: Codec<number> = { read: (r) => r.u8(), write: (w, v) => w.u8(v), print: printNumber };
/** Signed 8 bits. */
export const i8: Codec<number> = { read: (r) => r.i8(), write: (w, v) => w.u8(v), print: printNumber };
/** Unsigned 16 bits. */
export const u16: Codec<number> = { read: (r) => r.u16(), write: (w, v) => w.u16(v), print: printNumber };
/** Signed 16 bits. */
export const i16: Codec<number> = { read: (r) => r.i16(), write: (w, v) => w.u16(v), print: printNumber };
/** Unsigned 32 bits. */
export const u32: Codec<number> = { read: (r) => r.u32(), write: (w, v) => w.u32(v), print: printNumber };

/** BOOLEAN: one octet, zero is false. */
export const flag: Codec<boolean> = {
  read: (r) => r.u8() !== 0,
  write: (w, v) => w.u8(v ? 1 : 0),
  print: String,
};

/** OCTET STRING with its length. */
export const octetString: Codec<Uint8Array> = {
  read: (r) => r.sized(),
  write: (w, v) => w.size(v.length).raw(v),
  print: toHex,
};

/** A logical name: six octets, as text. */
export const obis: Codec<string> = {
  read: (r) => formatObis(r.bytes(6)),
  write: (w, v) => w.raw(parseObis(v)),
  print: (v) => v,
};

/** A `Data` as a value. */
export const data: Codec<Data> = { read: (r) => readData(r), write: (w, v) => writeData(w, v) };

/** A `Data` as its octets, checked but not built. */
export const encodedData: Codec<Uint8Array> = { read: (r) => readEncoded(r), write: (w, v) => w.raw(v) };

/** NULL: no octets at all. */
export const nothing: Codec<null> = { read: () => null, write: () => undefined };

/** OPTIONAL: an octet that tells of presence. */
export function optional<T>(codec: Codec<T>): Codec<T | undefined> {
  return {
    read(reader: OctetReader) {
      const present = reader.u8();
      if (present > 1)
        reader.fail('dlms/bad-tag', `expected 0 or 1 for an optional field, found ${present}`, -1);
      return present === 1 ? codec.read(reader) : undefined;
    },
    write(writer, value) {
      writer.u8(value === undefined ? 0 : 1);
      if (value !== undefined) codec.write(writer, value);
    },
    print: (value) => (value === undefined ? 'absent' : codec.print?.(value)),
  };
}

/** ENUMERATED by a table; a number not in it is refused, or read as `fallback` when one is given. */
export function enumerated<K extends string>(
  table: Readonly<Record<K, number>>,
  fallback?: NoInfer<K>,
): Codec<K> {
  const names = new Map(Object.entries(table).map(([name, code]) => [code as number, name as K]));
  return {
    read(reader: OctetReader) {
      const code = reader.u8();
      const name = names.get(code) ?? fallback;
      if (name === undefined) {
        reader.fail(
          'dlms/bad-value',
          `expected one of ${Object.values(table).join(', ')}, found ${code}`,
          -1,
        );
      }
      return name;
    },
    write: (writer, name) => writer.u8(table[name]),
    print: (name) => `${name} (${table[name]})`,
  };
}

/** SEQUENCE: fields in the order written. */
export function sequence<T extends object>(
  fields: {
    readonly [K in keyof T]: Codec<T[K]>;
  },
): Codec<T> {
  const list = Object.entries(fields).map(([key, codec]) => ({
    key,
    name: kebab(key),
    codec: codec as Codec<unknown>,
  }));
  return {
    read(reader: OctetReader) {
      const value: Record<string, unknown> = {};
      for (const { key, name, codec } of list) {
        value[key] = reader.trace
          ? reader.node(name, () => codec.read(reader), codec.print)
          : codec.read(reader);
      }
      return value as T;
    },
    write(writer, value) {
      for (const { key, codec } of list) codec.write(writer, (value as Record<string, unknown>)[key]);
    },
  };
}

/** SEQUENCE OF: a count and the elements. */
export function sequenceOf<T>(codec: Codec<T>, name: string): Codec<readonly T[]> {
  return {
    read(reader: OctetReader) {
      const count = reader.size();
      if (count > reader.remaining) {
        reader.fail('dlms/truncated', `expected ${count} elements, found only ${reader.remaining} octets`);
      }
      reader.spend(count);
      const values: T[] = [];
      for (let i = 0; i < count; i++) values.push(reader.node(name, () => codec.read(reader), codec.print));
      return values;
    },
    write(writer, values) {
      writer.size(values.length);
      for (const value of values) codec.write(writer, value);
    },
  };
}

type Alternatives<T> = { readonly [K in keyof T]: readonly [tag: number, codec: Codec<T[K]>] };
/** A value of a CHOICE: the name of the alternative and what it holds. */
export type Chosen<T> = { [K in keyof T]: { readonly choice: K; readonly value: T[K] } }[keyof T];

/** A codec of a CHOICE, which also tells its alternatives. */
export interface ChoiceCodec<T> extends Codec<T> {
  readonly alternatives: readonly { readonly name: string; readonly tag: number }[];
}

/** CHOICE: an octet that names the alternative, then its contents. */
export function choice<T extends object>(alternatives: Alternatives<T>): ChoiceCodec<Chosen<T>> {
  const entries = Object.entries(alternatives) as [keyof T & string, readonly [number, Codec<unknown>]][];
  const byTag = new Map(entries.map(([name, [tag, codec]]) => [tag, { name, codec }]));
  return {
    alternatives: entries.map(([name, [tag]]) => ({ name, tag })),
    read(reader: OctetReader) {
      const tag = reader.u8();
      const found = byTag.get(tag);
      if (!found) {
        const expected = entries.map(([name, [known]]) => `${known} ${name}`).join(', ');
        reader.fail('dlms/bad-tag', `expected one of ${expected}; found ${tag}`, -1);
      }
      const value = reader.node(found.name, () => found.codec.read(reader), found.codec.print);
      return { choice: found.name, value } as Chosen<T>;
    },
    write(writer, chosen) {
      const [tag, codec] = alternatives[chosen.choice];
      writer.u8(tag);
      codec.write(writer, chosen.value);
    },
  };
}

/** `invokeIdAndPriority` as the standard writes it: `invoke-id-and-priority`. */
export function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
