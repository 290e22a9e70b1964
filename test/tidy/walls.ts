/** The walls: who may import whom, no cycles, no clock or chance outside base, protocols pure, every file in use. */
import { isRoom, rooms } from './rooms.ts';
import { isTest, roomOf, type SourceFile, withoutStrings } from './source-tree.ts';

/** A broken rule and where. */
export interface Violation {
  readonly path: string;
  readonly message: string;
}

/** A package.json as far as the rules read it. */
export interface Manifest {
  readonly room: string;
  readonly exports?: Readonly<Record<string, string>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** Rooms import only what the table allows, by package name, and never past another's door. */
export function findForbiddenImports(files: readonly SourceFile[]): Violation[] {
  return files.flatMap((file) => {
    const room = roomOf(file.path);
    if (!isRoom(room)) return [];
    const allowed: readonly string[] = rooms[room];
    return file.imports.flatMap(({ specifier, target }) => {
      if (target !== undefined) {
        const isTestTool = isTest(file.path) && roomOf(target) === 'test';
        if (roomOf(target) === room || isTestTool) return [];
        return [{ path: file.path, message: `reaches out of its room by path: ${specifier}` }];
      }
      const other = /^@wattline\/([^/]+)/.exec(specifier)?.[1];
      if (other === undefined || other === room || allowed.includes(other)) return [];
      return [{ path: file.path, message: `${room} may not import ${other}` }];
    });
  });
}

/** Every package a file imports stands in its room's manifest (tests may use the root's development packages too). */
export function findUndeclaredImports(
  files: readonly SourceFile[],
  manifests: readonly Manifest[],
): Violation[] {
  const root = manifests.find((manifest) => manifest.room === '');
  return files.flatMap((file) => {
    const room = roomOf(file.path);
    const own = manifests.find((manifest) => manifest.room === room);
    const isLoose = isTest(file.path) || !isRoom(room);
    const declared = new Set([
      ...Object.keys(own?.dependencies ?? {}),
      ...(isLoose ? manifests.flatMap((manifest) => Object.keys(manifest.dependencies ?? {})) : []),
      ...(isLoose ? Object.keys(root?.devDependencies ?? {}) : []),
    ]);
    return file.imports.flatMap(({ specifier, target }) => {
      if (target !== undefined || specifier.startsWith('node:') || specifier.startsWith('virtual:'))
        return [];
      const name = specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/');
      if (declared.has(name) || name === `@wattline/${room}`) return [];
      return [
        {
          path: file.path,
          message: `imports ${name}, which ${room || 'the root'}/package.json does not name`,
        },
      ];
    });
  });
}

/** A manifest names only rooms that the table allows. */
export function findForbiddenDependencies(manifests: readonly Manifest[]): Violation[] {
  return manifests.flatMap(({ room, dependencies }) => {
    if (!isRoom(room)) return [];
    const allowed: readonly string[] = rooms[room];
    return Object.keys(dependencies ?? {}).flatMap((name) => {
      const other = /^@wattline\/(.+)$/.exec(name)?.[1];
      if (other === undefined || allowed.includes(other)) return [];
      return [{ path: `${room}/package.json`, message: `${room} may not depend on ${other}` }];
    });
  });
}

/** No file imports itself through others. */
export function findCycles(files: readonly SourceFile[]): Violation[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const state = new Map<string, 'open' | 'done'>();
  const violations: Violation[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (state.get(path) === 'done') return;
    if (state.get(path) === 'open') {
      const cycle = [...trail.slice(trail.indexOf(path)), path];
      violations.push({ path, message: `imports itself: ${cycle.join(' -> ')}` });
      return;
    }
    state.set(path, 'open');
    for (const { target } of byPath.get(path)?.imports ?? []) {
      if (target !== undefined && byPath.has(target)) visit(target, [...trail, path]);
    }
    state.set(path, 'done');
  };
  for (const file of files) visit(file.path, []);
  return violations;
}

interface BannedWord {
  readonly word: RegExp;
  readonly name: string;
  readonly reason: string;
  readonly isBannedIn: (room: string) => boolean;
}

const browserRooms = new Set(['portal']);
const timeReason = 'time comes in as an argument: use the Clock of base';
const bannedWords: readonly BannedWord[] = [
  {
    word: /\bMath\.random\b/,
    name: 'Math.random',
    reason: 'chance comes in as an argument: use the Random of base',
    isBannedIn: (room) => room !== 'base',
  },
  {
    word: /\bnew Date\b|\bDate\.(now|parse|UTC)\b/,
    name: 'Date',
    reason: timeReason,
    isBannedIn: (room) => room !== 'base' && !browserRooms.has(room),
  },
  {
    word: /(?<![.\w])set(Timeout|Interval)\(/,
    name: 'timers',
    reason: timeReason,
    isBannedIn: (room) => room !== 'base' && !browserRooms.has(room),
  },
  {
    word: /\bperformance\.now\b/,
    name: 'performance.now',
    reason: timeReason,
    isBannedIn: (room) => room !== 'base' && !browserRooms.has(room),
  },
  {
    word: /\bTemporal\.Now\b/,
    name: 'Temporal.Now',
    reason: timeReason,
    isBannedIn: (room) => room !== 'base',
  },
  {
    word: /\bconsole\.|\bprocess\.|\bqueueMicrotask\b|\bsetImmediate\b/,
    name: 'console, process, queues',
    reason: 'protocols are bytes in, events out',
    isBannedIn: (room) => room === 'protocols',
  },
];

/** Words that have one home. */
export function findBannedWords(files: readonly SourceFile[]): Violation[] {
  return files.flatMap((file) => {
    const room = roomOf(file.path);
    if (!isRoom(room) || isTest(file.path)) return [];
    const code = withoutStrings(file.text);
    return bannedWords.flatMap(({ word, name, reason, isBannedIn }) => {
      if (!isBannedIn(room)) return [];
      const line = code.split('\n').findIndex((text) => word.test(text));
      return line < 0
        ? []
        : [{ path: file.path, message: `line ${line + 1}: ${name} outside its home; ${reason}` }];
    });
  });
}

const pureModules = new Set(['node:crypto', 'node:assert/strict', 'node:buffer']);

/** Protocols open no socket and touch no disk; the portal's code runs in a browser. */
export function findImpureImports(files: readonly SourceFile[]): Violation[] {
  return files.flatMap((file) => {
    const room = roomOf(file.path);
    if (isTest(file.path) || file.path.endsWith('vite.config.ts')) return [];
    return file.imports.flatMap(({ specifier }) => {
      const isRefused =
        (room === 'protocols' && specifier.startsWith('node:') && !pureModules.has(specifier)) ||
        (room === 'portal' && specifier.startsWith('node:'));
      return isRefused ? [{ path: file.path, message: `${room} may not import ${specifier}` }] : [];
    });
  });
}

/** Every file is reached from a door, a test, a command or a page. */
export function findDeadFiles(files: readonly SourceFile[], entries: readonly string[]): Violation[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const reached = new Set<string>();
  const queue = [...entries, ...files.map((file) => file.path).filter((path) => /\.test\.ts$/.test(path))];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    const file = byPath.get(path);
    if (!file || reached.has(path)) continue;
    reached.add(path);
    for (const { target } of file.imports) if (target !== undefined) queue.push(target);
    // The rules' own tests name files that are not there.
    if (!path.startsWith('test/tidy/')) queue.push(...mentionedFiles(file, byPath));
  }
  return files
    .filter((file) => !reached.has(file.path))
    .map((file) => ({ path: file.path, message: 'is reached from nowhere' }));
}

/** Files named in a string, as a worker or a child process is: by path from the file or from the root. */
function mentionedFiles(file: SourceFile, byPath: ReadonlyMap<string, SourceFile>): string[] {
  const names = [...file.text.matchAll(/['"`](?:\.\/|\.\.\/)*([\w./-]+\.(?:ts|tsx|mjs))['"`]/g)].map(
    (match) => match[1] as string,
  );
  return names.flatMap((name) => {
    const folder = file.path.split('/').slice(0, -1).join('/');
    const candidates = [name, `${folder}/${name}`];
    const found = candidates.filter((candidate) => byPath.has(candidate));
    return found.length > 0 ? found : [...byPath.keys()].filter((path) => path.endsWith(`/${name}`));
  });
}

const leftBehind = [
  { word: /\b(TODO|FIXME|HACK)\b/, name: 'a note to self', isCode: false },
  { word: /\bas any\b|: any\b|<any>/, name: 'any', isCode: true },
  { word: /@ts-(ignore|expect-error|nocheck)/, name: 'a silenced type error', isCode: false },
  { word: /\b(test|it|describe)\.(only|todo)\b/, name: 'a test that hides others', isCode: false },
];

/** What must not be left behind in a source. */
export function findLeftovers(files: readonly SourceFile[]): Violation[] {
  return files.flatMap((file) => {
    if (file.path.startsWith('test/tidy/')) return [];
    const code = withoutStrings(file.text);
    return leftBehind.flatMap(({ word, name, isCode }) => {
      const line = (isCode ? code : file.text).split('\n').findIndex((text) => word.test(text));
      return line < 0 ? [] : [{ path: file.path, message: `line ${line + 1}: ${name}` }];
    });
  });
}
