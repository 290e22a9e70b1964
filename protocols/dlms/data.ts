/** COSEM data: the CHOICE `Data` of IEC 62056-5-3 (Green Book 9.5) as typed values. */

/** A value of the ASN.1 type `Data`; `type` is the standard's own name of the alternative. */
export type Data =
  | { readonly type: 'null-data' }
  | { readonly type: 'array' | 'structure'; readonly value: readonly Data[] }
  | { readonly type: 'boolean'; readonly value: boolean }
  /** `bits` counts the valid bits; bit 0 is the most significant bit of octet 0. */
  | { readonly type: 'bit-string'; readonly bits: number; readonly value: Uint8Array }
  | {
      readonly type:
        | 'double-long'
        | 'double-long-unsigned'
        | 'bcd'
        | 'integer'
        | 'long'
        | 'unsigned'
        | 'long-unsigned'
        | 'enum'
        | 'float32'
        | 'float64'
        | 'delta-integer'
        | 'delta-long'
        | 'delta-double-long'
        | 'delta-unsigned'
        | 'delta-long-unsigned'
        | 'delta-double-long-unsigned';
      readonly value: number;
    }
  | { readonly type: 'long64' | 'long64-unsigned'; readonly value: bigint }
  | { readonly type: 'octet-string'; readonly value: Uint8Array }
  | { readonly type: 'visible-string' | 'utf8-string'; readonly value: string }
  /** `date-time` 12 octets, `date` 5, `time` 4: Blue Book 4.1.6.1. Fields not specified stay as they came. */
  | { readonly type: 'date-time' | 'date' | 'time'; readonly value: Uint8Array }
  | {
      readonly type: 'compact-array';
      readonly description: TypeDescription;
      readonly value: readonly Data[];
    };

/** The TypeDescription of a compact-array. */
export type TypeDescription =
  | { readonly type: 'array'; readonly count: number; readonly of: TypeDescription }
  | { readonly type: 'structure'; readonly of: readonly TypeDescription[] }
  | { readonly type: Exclude<Data['type'], 'array' | 'structure' | 'compact-array'> };
