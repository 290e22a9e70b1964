/** `wattline town` as a process: it comes up, says where it is, and goes away cleanly however often it is told to. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { readServerFile } from '../api/index.ts';
import { bin } from './fixture/command-line.ts';

describe('wattline town', () => {
  const directory = mkdtempSync(join(tmpdir(), 'wattline-town-bin-'));
  after(() => rmSync(directory, { recursive: true, force: true }));

  /** Runs the town until its figures are out, interrupts it as a terminal and a wrapper do together, waits for its end. */
  function runAndInterrupt(): Promise<{ code: number | null; out: string; url: string | undefined }> {
    const flags = ['--meters', '2', '--days', '35', '--port', '0', '--data', directory];
    const child = spawn(process.execPath, [bin, 'town', ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
    return new Promise((resolve, reject) => {
      let out = '';
      let url: string | undefined;
      child.stdout.setEncoding('utf8').on('data', (part: string) => {
        out += part;
        if (url !== undefined || !out.includes('stop with Ctrl+C')) return;
        url = readServerFile(directory)?.url ?? 'none';
        child.kill('SIGINT');
        child.kill('SIGTERM');
      });
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, out, url }));
    });
  }

  test('ends with 0 and takes back its server file, though the wish to stop came twice', async () => {
    const { code, out, url } = await runAndInterrupt();
    assert.equal(code, 0, out);
    assert.match(out, /building a virtual town of 2 meters/);
    assert.match(out, /ready in [\d.]+ s, first bill in [\d.]+ s/);
    assert.ok(out.includes(`Wattline is up: ${url}`));
    assert.match(out, /stopping \.\.\.\n$/);
    assert.equal(existsSync(join(directory, 'server.json')), false);
  });

  test('goes on with the same town in the same directory', async () => {
    const { code, out } = await runAndInterrupt();
    assert.equal(code, 0, out);
    assert.match(out, /going on with a virtual town of 2 meters/);
  });
});
