/** The reference of the API as one page of HTML without scripts, made from the OpenAPI document. */

/** As much of an OpenAPI document as the page shows. */
export interface ApiReference {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  readonly tags?: readonly { readonly name: string; readonly description?: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly Readonly<Record<string, unknown>>[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly description?: string;
    readonly schema: JsonSchema;
  }[];
  readonly responses: Readonly<
    Record<
      string,
      { readonly description: string; readonly content?: Readonly<Record<string, { schema?: JsonSchema }>> }
    >
  >;
}

interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly enum?: readonly unknown[];
  readonly default?: string | number | boolean;
  readonly $ref?: string;
}

/** The whole page. */
export function renderReference(api: ApiReference): string {
  const operations = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const sections = (api.tags ?? []).map(({ name, description = '' }) => {
    const own = operations.filter(({ operation }) => operation.tags?.includes(name));
    return `<section><h2 id="${escapeHtml(name)}">${escapeHtml(description)}</h2>${own.map(renderOperation).join('')}</section>`;
  });
  const shapes = Object.entries(api.components.schemas).map(
    ([name, schema]) =>
      `<article id="schema-${escapeHtml(name)}"><h3>${escapeHtml(name)}</h3><p>${prose(schema.description ?? '')}</p>${renderProperties(schema)}</article>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(api.info.title)} API ${escapeHtml(api.info.version)}</title><link rel="stylesheet" href="/api/docs.css"></head>
<body><main><h1>${escapeHtml(api.info.title)} API <small>${escapeHtml(api.info.version)}</small></h1>
<p>${prose(api.info.description ?? '')} The same as data: <a href="/api/openapi.json">openapi.json</a>.</p>
<pre>curl -s http://127.0.0.1:8080/api/v1/usage-points
curl -s -X POST -H "Authorization: Bearer $(cat data/token)" "http://127.0.0.1:8080/api/v1/usage-points/UP-0001/bills?month=2026-10"</pre>
${sections.join('\n')}<section><h2>Shapes</h2>${shapes.join('\n')}</section></main></body></html>
`;
}

function renderOperation({
  path,
  method,
  operation,
}: {
  readonly path: string;
  readonly method: string;
  readonly operation: Operation;
}): string {
  const parameters = (operation.parameters ?? []).map(
    (parameter) =>
      `<tr><td><code>${escapeHtml(parameter.name)}</code></td><td>${escapeHtml(parameter.in)}${parameter.required ? ', required' : ''}</td><td>${typeOf(parameter.schema)}</td><td>${prose(parameter.description ?? parameter.schema.description ?? '')}</td></tr>`,
  );
  const answers = Object.entries(operation.responses).map(([status, { description, content = {} }]) => {
    const [[media, { schema = {} }] = ['', {}] as [string, { schema?: JsonSchema }]] =
      Object.entries(content);
    return `<tr><td>${escapeHtml(status)}</td><td>${typeOf(schema)} ${escapeHtml(media === 'application/json' ? '' : media)}</td><td>${prose(description)}</td></tr>`;
  });
  return `<article id="${escapeHtml(operation.operationId)}"><h3><b class="${method.toLowerCase()}">${method}</b> <code>${escapeHtml(path)}</code> ${loginOf(operation)}</h3>
<p>${prose(operation.summary)}. ${prose(operation.description ?? '')}</p>
${parameters.length > 0 ? `<table><tr><th>parameter</th><th>in</th><th>type</th><th></th></tr>${parameters.join('')}</table>` : ''}
<table><tr><th>status</th><th>answer</th><th></th></tr>${answers.join('')}</table></article>`;
}

function loginOf({ security = [] }: Operation): string {
  if (security.length === 0) return '<i>open</i>';
  return security.some((way) => Object.keys(way).length === 0) ? '' : '<i>login</i>';
}

function renderProperties({ properties = {} }: JsonSchema): string {
  const rows = Object.entries(properties).map(
    ([name, schema]) =>
      `<tr><td><code>${escapeHtml(name)}</code></td><td>${typeOf(schema)}</td><td>${prose(schema.description ?? '')}</td></tr>`,
  );
  return rows.length === 0 ? '' : `<table>${rows.join('')}</table>`;
}

function typeOf(schema: JsonSchema): string {
  if (schema.$ref !== undefined) {
    const name = escapeHtml(schema.$ref.split('/').at(-1) ?? '');
    return `<a href="#schema-${name}">${name}</a>`;
  }
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' or ');
  if (schema.items) return `list of ${typeOf(schema.items)}`;
  const inner = renderProperties(schema);
  if (inner !== '') return inner;
  const types = [schema.type ?? []].flat().join(' or ');
  const words = schema.enum
    ? `: ${schema.enum.map((word) => `<code>${escapeHtml(String(word))}</code>`).join(' ')}`
    : '';
  const otherwise =
    schema.default === undefined ? '' : ` (default <code>${escapeHtml(String(schema.default))}</code>)`;
  return `${escapeHtml(types)}${words}${otherwise}`;
}

/** Text with `code` in back quotes. */
function prose(text: string): string {
  return escapeHtml(text).replace(/`([^`]+)`/g, '<code>$1</code>');
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** The page's style; it follows the reader's choice of light or dark. */
export const referenceStyle = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{margin:0;background:light-dark(#fbfbf9,#15181c);color:light-dark(#1c2126,#e6e8ea)}
main{max-width:72rem;margin:0 auto;padding:1rem 1.25rem 4rem}
h2{margin-top:3rem;border-bottom:1px solid light-dark(#d4d8dc,#343a42)}
h3{font-size:1.05rem;font-weight:600;margin:2rem 0 .25rem}h3 i{font-size:.8rem;font-weight:400;opacity:.75}
code,pre{font:.9em ui-monospace,monospace}pre{padding:.75rem;overflow:auto;background:light-dark(#eef0f1,#1e2329)}
b.get{color:light-dark(#1b6b3a,#6fd49a)}b.post{color:light-dark(#8a4b00,#f0b35e)}
table{border-collapse:collapse;width:100%;font-size:.9rem;margin:.4rem 0}
td,th{text-align:left;vertical-align:top;padding:.25rem .6rem .25rem 0;border-top:1px solid light-dark(#e3e6e8,#2a3037)}
a{color:light-dark(#0b5cad,#7ab8ff)}
`;
