/** Canonical JSON after RFC 8785 for values without fractions: the same value gives the same bytes. */

/** JSON text with the keys of every object in order of UTF-16 code units and no white space. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}

/** Paths of the leaves in which two JSON values differ, each with both sides: at most `limit` of them. */
export function differencesOf(a: unknown, b: unknown, limit = 5): string[] {
  const found: string[] = [];
  const compare = (left: unknown, right: unknown, path: string): void => {
    if (found.length >= limit) return;
    if (isTree(left) && isTree(right)) {
      const names = [...new Set([...Object.keys(left), ...Object.keys(right)])].sort();
      for (const name of names) compare(left[name], right[name], path === '' ? name : `${path}.${name}`);
    } else if (left !== right) {
      found.push(`${path}: ${JSON.stringify(left) ?? 'nothing'} and ${JSON.stringify(right) ?? 'nothing'}`);
    }
  };
  compare(a, b, '');
  return found;
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
