/** The words of which the JSON schemas of the API are made; descriptions become the reference at /api/docs. */

/** A JSON schema, of the keywords that draft 7 and OpenAPI 3.1 share. */
export type Schema = Readonly<Record<string, unknown>>;

/** Text. */
export const text = (description: string, more: Schema = {}): Schema => ({
  type: 'string',
  description,
  ...more,
});

/** A whole number. */
export const integer = (description: string, more: Schema = {}): Schema => ({
  type: 'integer',
  description,
  ...more,
});

/** Any number. */
export const number = (description: string, more: Schema = {}): Schema => ({
  type: 'number',
  description,
  ...more,
});

/** True or false. */
export const flag = (description: string): Schema => ({ type: 'boolean', description });

/** An instant as RFC 3339 text in UTC. */
export const instant = (description: string): Schema => text(description, { format: 'date-time' });

/** One of a few words. */
export const oneOf = (description: string, words: readonly string[], more: Schema = {}): Schema => ({
  type: 'string',
  description,
  enum: words,
  ...more,
});

/** The schema or null. */
export function nullable(schema: Schema): Schema {
  if (typeof schema.type !== 'string') return { anyOf: [schema, { type: 'null' }] };
  const words = Array.isArray(schema.enum) ? { enum: [...schema.enum, null] } : {};
  return { ...schema, type: [schema.type, 'null'], ...words };
}

/** A list. */
export const listOf = (items: Schema, description = ''): Schema => ({
  type: 'array',
  items,
  ...(description === '' ? {} : { description }),
});

/** An object with these properties, all of them, and no others. */
export const record = (properties: Readonly<Record<string, Schema>>, description = ''): Schema => ({
  type: 'object',
  additionalProperties: false,
  required: Object.keys(properties),
  properties,
  ...(description === '' ? {} : { description }),
});

/** An object with these properties and no others, of which those of `optional` may be left out. */
export const partly = (
  optional: readonly string[],
  properties: Readonly<Record<string, Schema>>,
  description = '',
): Schema => ({
  ...record(properties, description),
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
});

/** An object whose properties may be left out: a query. */
export const query = (properties: Readonly<Record<string, Schema>>): Schema => ({
  type: 'object',
  additionalProperties: false,
  properties,
});

/** A schema by its name in the components. */
export const named = (name: string): Schema => ({ $ref: `${name}#` });

/** A page of a list. */
export const pageOf = (items: Schema): Schema =>
  record({ items: listOf(items), next: nullable(text('Cursor of the next page, null at the end.')) });

/** The parameters that every paged list takes. */
export const paging = {
  limit: integer('Items on a page.', { minimum: 1, maximum: 1000, default: 100 }),
  cursor: text('`next` of the page before.', { minLength: 1, maxLength: 400 }),
} as const;
