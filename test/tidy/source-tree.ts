/** The sources of the house as data: each file with its text and what it imports. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';

/** A source file; paths are relative to the root with `/`. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

/** One import: the specifier as written and, when relative, the file it means. */
export interface Import {
  readonly specifier: string;
  readonly target: string | undefined;
}

const skipped = new Set(['node_modules', 'dist', 'data', 'docs']);
const sourceName = /\.(ts|tsx|mjs)$/;

/** All sources below the root. */
export function readSources(root: string): SourceFile[] {
  const files: SourceFile[] = [];
  const walk = (folder: string) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      if (skipped.has(entry.name) || entry.name.startsWith('.')) continue;
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) walk(path);
      else if (sourceName.test(entry.name))
        files.push(sourceFile(path, readFileSync(join(root, path), 'utf8')));
    }
  };
  walk('');
  return files;
}

/** A source file out of a path and a text: planted violations in tests are made with it too. */
export function sourceFile(path: string, text: string): SourceFile {
  const code = withoutComments(text);
  const specifiers = [
    ...code.matchAll(/(?:^|[\s;}])(?:import|export)\s(?:[^'"`;]*?\sfrom\s*)?['"]([^'"]+)['"]/g),
    ...code.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g),
  ].map((match) => match[1] as string);
  const imports = specifiers.map((specifier) => ({
    specifier,
    target: specifier.startsWith('.')
      ? normalize(join(dirname(path), specifier)).replaceAll('\\', '/')
      : undefined,
  }));
  return { path, text, imports };
}

/** The folder at the root in which a file lies, `''` for the root itself. */
export function roomOf(path: string): string {
  return path.includes('/') ? (path.split('/')[0] as string) : '';
}

/** Whether a file is a test or serves tests alone. */
export function isTest(path: string): boolean {
  const isTestRoom = ['test', 'bench'].includes(roomOf(path));
  return (
    isTestRoom ||
    /\.test\.ts$/.test(path) ||
    /(^|[-/])(test|fixture|fixtures|scenario|stories)([-/.]|$)/.test(path) ||
    basename(path).includes('.case.')
  );
}

/** The text with comments blanked out, so that a rule speaks of code alone. */
export function withoutComments(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/(^|[^:'"`\\])\/\/[^\n]*/g, '$1');
}

/** The text with comments and the contents of strings blanked out. */
export function withoutStrings(text: string): string {
  return withoutComments(text).replace(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, "''");
}
