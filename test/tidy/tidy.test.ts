/** The house keeps its rules; each rule is shown to bite by a violation planted for it. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { rooms } from './rooms.ts';
import { readSources, sourceFile } from './source-tree.ts';
import {
  findBannedWords,
  findCycles,
  findDeadFiles,
  findForbiddenDependencies,
  findForbiddenImports,
  findImpureImports,
  findLeftovers,
  findUndeclaredImports,
  type Manifest,
  type Violation,
} from './walls.ts';

const files = readSources('.');
const manifests = ['', ...Object.keys(rooms)].map(readManifest);

function readManifest(room: string): Manifest {
  const path = room === '' ? 'package.json' : `${room}/package.json`;
  return { ...(JSON.parse(readFileSync(path, 'utf8')) as object), room };
}

/** Doors, commands and pages: what is reached without an import. */
function entries(): string[] {
  const doors = manifests.flatMap(({ room, exports = {}, bin = {} }) =>
    [...Object.values(exports), ...Object.values(bin)].map((path) => `${room}/${path.replace('./', '')}`),
  );
  const pages = ['portal/index.html', 'portal/stories.html']
    .filter(existsSync)
    .flatMap((page) =>
      [...readFileSync(page, 'utf8').matchAll(/src="\/?([^"]+)"/g)].map((match) => `portal/${match[1]}`),
    );
  const benches = files.map((file) => file.path).filter((path) => path.endsWith('.bench.ts'));
  return [...doors, ...pages, ...benches, 'start.mjs', 'portal/vite.config.ts'];
}

function assertNone(violations: readonly Violation[]): void {
  assert.deepEqual(
    violations.map(({ path, message }) => `${path}: ${message}`),
    [],
  );
}

function assertBites(violations: readonly Violation[], path: string): void {
  assert.ok(
    violations.some((violation) => violation.path === path),
    `the planted violation in ${path} was not found`,
  );
}

describe('rooms import only what the table allows', () => {
  test('in the house', () => assertNone(findForbiddenImports(files)));
  test('a head-end that imports the meter is found: they meet only in bytes', () => {
    assertBites(
      findForbiddenImports([sourceFile('headend/peek.ts', "import { createMeter } from '@wattline/meter';")]),
      'headend/peek.ts',
    );
  });
  test('a meter that imports the head-end is found', () => {
    assertBites(
      findForbiddenImports([
        sourceFile('meter/peek.ts', "import type { Headend } from '@wattline/headend';"),
      ]),
      'meter/peek.ts',
    );
  });
  test('a screen that imports server code is found', () => {
    assertBites(
      findForbiddenImports([sourceFile('portal/peek.ts', "import { startApi } from '@wattline/server';")]),
      'portal/peek.ts',
    );
  });
  test('a path past the door of another room is found', () => {
    assertBites(
      findForbiddenImports([
        sourceFile('mdm/rules/peek.ts', "import { x } from '../../headend/session.ts';"),
      ]),
      'mdm/rules/peek.ts',
    );
  });
});

describe('packages are declared where they are used', () => {
  test('in the house', () => assertNone(findUndeclaredImports(files, manifests)));
  test('an import that the manifest does not name is found', () => {
    assertBites(
      findUndeclaredImports([sourceFile('base/left-pad.ts', "import pad from 'left-pad';")], manifests),
      'base/left-pad.ts',
    );
  });
  test('no manifest names a room beyond the table', () => assertNone(findForbiddenDependencies(manifests)));
  test('a manifest beyond the table is found', () => {
    const planted = [{ room: 'protocols', dependencies: { '@wattline/store': '0.1.0' } }];
    assertBites(findForbiddenDependencies(planted), 'protocols/package.json');
  });
  test('every third-party package has its row in docs/decisions/dependencies.md', () => {
    const table = readFileSync('docs/decisions/dependencies.md', 'utf8');
    const names = manifests.flatMap((manifest) => [
      ...Object.keys(manifest.dependencies ?? {}),
      ...Object.keys(manifest.devDependencies ?? {}),
    ]);
    const missing = names.filter((name) => !name.startsWith('@wattline/') && !table.includes(`\`${name}\``));
    assert.deepEqual([...new Set(missing)], []);
  });
  test('the lock file names no registry host', () => {
    assert.doesNotMatch(readFileSync('package-lock.json', 'utf8'), /"resolved": "https?:/);
  });
});

describe('no file imports itself through others', () => {
  test('in the house', () => assertNone(findCycles(files)));
  test('a planted cycle is found', () => {
    const planted = [
      sourceFile('mdm/a.ts', "import { b } from './b.ts';"),
      sourceFile('mdm/b.ts', "export { a } from './a.ts';"),
    ];
    assertBites(findCycles(planted), 'mdm/a.ts');
  });
});

describe('time and chance come in as arguments', () => {
  test('in the house', () => assertNone(findBannedWords(files)));
  const planted: readonly (readonly [string, string])[] = [
    ['mdm/now.ts', 'export const now = Date.now();'],
    ['sim/dice.ts', 'export const dice = Math.random();'],
    ['headend/wait.ts', 'setTimeout(() => {}, 10);'],
    ['meter/when.ts', 'export const when = new Date();'],
    ['protocols/dlms/say.ts', "console.log('octets');"],
    ['apps/tick.ts', 'export const tick = performance.now();'],
    ['store/today.ts', 'export const today = Temporal.Now.instant();'],
  ];
  for (const [path, text] of planted) {
    test(`${path} is found: ${text}`, () => assertBites(findBannedWords([sourceFile(path, text)]), path));
  }
  test('a comment or a text that speaks of Date.now() is not code', () => {
    assertNone(
      findBannedWords([
        sourceFile('mdm/prose.ts', "// Date.now() is for base\nexport const text = 'new Date()';"),
      ]),
    );
  });
});

describe('protocols know no socket, the portal no server', () => {
  test('in the house', () => assertNone(findImpureImports(files)));
  test('a protocol with a socket is found', () => {
    assertBites(
      findImpureImports([sourceFile('protocols/dlms/dial.ts', "import { connect } from 'node:net';")]),
      'protocols/dlms/dial.ts',
    );
  });
  test('a screen that reads files is found', () => {
    assertBites(
      findImpureImports([sourceFile('portal/src/disk.ts', "import { readFileSync } from 'node:fs';")]),
      'portal/src/disk.ts',
    );
  });
});

describe('every file is in use', () => {
  test('in the house', () => assertNone(findDeadFiles(files, entries())));
  test('a file that nothing reaches is found', () => {
    const planted = [...files, sourceFile('mdm/forgotten-thing.ts', 'export const forgotten = true;')];
    assertBites(findDeadFiles(planted, entries()), 'mdm/forgotten-thing.ts');
  });
});

describe('nothing is left behind', () => {
  test('in the house', () => assertNone(findLeftovers(files)));
  test('an untyped value is found, the word in a comment is not', () => {
    assertBites(
      findLeftovers([sourceFile('mdm/loose.ts', `export const loose = (x: ${'an'}${'y'}) => x;`)]),
      'mdm/loose.ts',
    );
    assertNone(findLeftovers([sourceFile('mdm/prose.ts', '/** Two kinds: any of them will do. */')]));
  });
  test('a note to self is found', () => {
    assertBites(findLeftovers([sourceFile('mdm/later.ts', `// ${'TO'}${'DO'}: finish`)]), 'mdm/later.ts');
  });
});

describe('every room introduces itself', () => {
  for (const room of Object.keys(rooms)) {
    test(`${room}/README.md stands and ${room}/package.json says what it offers`, () => {
      assert.ok(existsSync(`${room}/README.md`), `${room}/README.md is missing`);
      assert.ok(readManifest(room).exports, `${room}/package.json has no exports`);
    });
  }
  test('a room without README would be found', () => assert.equal(existsSync('nowhere/README.md'), false));
  for (const page of ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md']) {
    test(`the files that ${page} names stand`, () => {
      const named = [...readFileSync(page, 'utf8').matchAll(/`([\w./-]+\.(?:ts|tsx|mjs|json))`/g)].map(
        (match) => match[1] as string,
      );
      const known = new Set(files.map((file) => file.path));
      const isKnown = (name: string) =>
        known.has(name) || existsSync(name) || [...known].some((path) => path.endsWith(`/${name}`));
      const kept = new Set(['package.json', 'server.json', 'town.json']);
      assert.deepEqual(
        named.filter((name) => !kept.has(name) && !isKnown(name)),
        [],
      );
    });
  }
  test('ARCHITECTURE.md shows the same import table', () => {
    const text = readFileSync('ARCHITECTURE.md', 'utf8');
    for (const [room, allowed] of Object.entries(rooms)) {
      const row = `| ${room} | ${allowed.join(', ') || 'nothing of ours'} |`;
      assert.ok(text.includes(row), `ARCHITECTURE.md lacks the row: ${row}`);
    }
  });
});
