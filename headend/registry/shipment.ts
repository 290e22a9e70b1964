/** Reading a shipment file: each row becomes a checked {@link ReadShipment} or one coded refusal; a bad row never stops the next. */
import type { Failure } from '@wattline/base';
import type { MeterShipment } from '@wattline/model';
import { type HeadendErrorCode, headendError, headendFailure } from '../errors.ts';
import { parseCsv } from './csv-rows.ts';
import { type ShipmentField, shipmentFields, usagePointIdPath } from './shipment-fields.ts';

/** What a row says: a meter with one client has no keys of a reader. */
export type ReadShipment = Omit<MeterShipment, 'keys'> & { readonly keys: Partial<MeterShipment['keys']> };

/** A row: number from 1 without the header, the serial number if it could be made out, and what it says or why not. */
export interface ShipmentRow {
  readonly row: number;
  readonly serial: string | undefined;
  readonly content:
    | { readonly ok: true; readonly value: ReadShipment }
    | { readonly ok: false; readonly error: Failure };
}

const fieldByColumn = new Map<string, ShipmentField>(shipmentFields.map((field) => [field.column, field]));

/**
 * The rows of a shipment.
 * @throws CodedError `headend/shipment-unreadable` when the file as a whole is none.
 */
export function readShipment(text: string, format: 'csv' | 'json'): ShipmentRow[] {
  const raws = format === 'json' ? jsonRows(text) : csvRows(text);
  return raws.map((raw, index) => {
    const serial = raw.ok ? valueAt(raw.value, ['meter', 'serial']) : undefined;
    return {
      row: index + 1,
      serial: typeof serial === 'string' ? serial.slice(0, 64) : undefined,
      content: raw.ok ? checkRow(raw.value) : raw,
    };
  });
}

type Tree = { readonly [name: string]: unknown };
type RawRow = { readonly ok: true; readonly value: Tree } | { readonly ok: false; readonly error: Failure };

function refuse(code: HeadendErrorCode, message: string): { readonly ok: false; readonly error: Failure } {
  return { ok: false, error: headendFailure(code, message) };
}

function jsonRows(text: string): RawRow[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // The parser's message quotes the text, which may hold keys.
    throw headendError('headend/shipment-unreadable', 'expected JSON: an array of shipments');
  }
  if (!Array.isArray(parsed)) {
    throw headendError('headend/shipment-unreadable', `expected a JSON array, found ${typeof parsed}`);
  }
  return parsed.map((row: unknown) =>
    isTree(row) ? { ok: true, value: row } : refuse('headend/row-malformed', 'expected an object'),
  );
}

function csvRows(text: string): RawRow[] {
  const [header, ...rows] = parseCsv(text);
  const columns = (header ?? []).map((column) => column.trim());
  const missing = shipmentFields.filter(({ column, isOptional }) => !isOptional && !columns.includes(column));
  if (missing.length > 0) {
    const names = missing.map(({ column }) => column).join(', ');
    throw headendError('headend/shipment-unreadable', `expected a header with the columns ${names}`);
  }
  return rows.map((cells) => {
    if (cells.length !== columns.length) {
      const what = `expected ${columns.length} cells, found ${cells.length}`;
      return refuse('headend/row-malformed', what);
    }
    return { ok: true, value: treeOf(columns, cells) };
  });
}

/** A CSV row in the form of JSON; a column that is no field stays under its own name and is found as unknown. */
function treeOf(columns: readonly string[], cells: readonly string[]): Tree {
  // Without a prototype: a column may have any name.
  const tree: Record<string, unknown> = Object.create(null);
  columns.forEach((column, i) => {
    const cell = (cells[i] ?? '').trim();
    plant(tree, fieldByColumn.get(column)?.path ?? [column], cell);
    if (column === 'usagePointId') plant(tree, usagePointIdPath, cell);
  });
  return tree;
}

function plant(tree: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let at = tree;
  for (const name of path.slice(0, -1)) {
    at[name] ??= {};
    at = at[name] as Record<string, unknown>;
  }
  at[path.at(-1) as string] = value;
}

function checkRow(raw: Tree): ShipmentRow['content'] {
  const unknown = unknownPaths(raw, []);
  if (unknown.length > 0) {
    const what = `expected no field '${unknown[0]}'`;
    return refuse('headend/unknown-field', what);
  }
  const clean: Record<string, unknown> = {};
  for (const field of shipmentFields) {
    const value = valueAt(raw, field.path);
    const name = field.path.join('.');
    if (value === undefined || value === '') {
      if (field.isOptional && !(field.isSecret && hasNeighbour(raw, field))) continue;
      return refuse('headend/field-missing', `expected ${name}`);
    }
    const taken = field.take(value);
    if (taken === undefined) return refuse(codeFor(field), describeRefusal(field, name, value));
    plant(clean, field.path, taken);
  }
  const id = valueAt(clean, ['meter', 'usagePointId']);
  if (valueAt(raw, usagePointIdPath) !== id) {
    return refuse('headend/usage-point-mismatch', 'expected usagePoint.id to be meter.usagePointId');
  }
  plant(clean, usagePointIdPath, id);
  const hasReader = valueAt(clean, ['keys', 'reader']) !== undefined;
  if (hasReader === (valueAt(clean, ['meter', 'clients']) === 1)) {
    return hasReader
      ? refuse('headend/field-invalid', 'expected no keys of a reader for a meter with one client')
      : refuse('headend/field-missing', 'expected keys.reader.ek');
  }
  const digits = valueAt(clean, ['meter', 'suite']) === 2 ? 64 : 32;
  for (const { isSecret, path } of shipmentFields) {
    const key = isSecret ? valueAt(clean, path) : undefined;
    if (typeof key === 'string' && key.length !== digits) {
      return refuse('headend/field-invalid', `expected ${digits} hexadecimal digits in ${path.join('.')}`);
    }
  }
  if (!hasReader) plant(clean, ['keys'], valueAt(clean, ['keys']) ?? {});
  // Every field of the type has been checked by its row in the table.
  return { ok: true, value: clean as unknown as ReadShipment };
}

/** Whether another field of the same object is there: an encryption key without its authentication key is no pair. */
function hasNeighbour(raw: Tree, { path }: ShipmentField): boolean {
  const tree = valueAt(raw, path.slice(0, -1));
  return isTree(tree) && Object.values(tree).some((value) => value !== '');
}

function codeFor({ column }: ShipmentField): HeadendErrorCode {
  return column === 'profile' ? 'headend/profile-unknown' : 'headend/field-invalid';
}

function describeRefusal({ expected, isSecret }: ShipmentField, name: string, value: unknown): string {
  if (isSecret) return `expected ${expected} in ${name}`;
  return `expected ${expected} in ${name}, found '${String(value).slice(0, 40)}'`;
}

const knownPaths = new Set([...shipmentFields.map(({ path }) => path.join('.')), usagePointIdPath.join('.')]);
const branches = new Set(
  [...knownPaths].flatMap((path) => {
    const names = path.split('.');
    return names.slice(1).map((_, i) => names.slice(0, i + 1).join('.'));
  }),
);

function unknownPaths(tree: Tree, above: readonly string[]): string[] {
  return Object.entries(tree).flatMap(([name, value]) => {
    const path = [...above, name].join('.');
    if (branches.has(path) && isTree(value)) return unknownPaths(value, [...above, name]);
    return knownPaths.has(path) || branches.has(path) ? [] : [path.slice(0, 80)];
  });
}

function valueAt(tree: Tree, path: readonly string[]): unknown {
  let at: unknown = tree;
  for (const name of path) at = isTree(at) && Object.hasOwn(at, name) ? at[name] : undefined;
  return at;
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
