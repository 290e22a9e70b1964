/** The configuration of `wattline serve`: where meters push to. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { loadServeConfig } from './serve-config.ts';

function configOf(context: TestContext, text: string) {
  const directory = mkdtempSync(join(tmpdir(), 'wattline-config-'));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  const config = join(directory, 'wattline.yaml');
  writeFileSync(config, text);
  return loadServeConfig({ config, json: false });
}

test('without settings meters push over TCP alone', (context) => {
  const { push, pushSources } = configOf(context, '');
  assert.deepEqual([push, pushSources], [{ host: '127.0.0.1', port: 4059 }, { lines: [] }]);
});

test('UDP, HDLC and lines are listened to where they are set', (context) => {
  const text = `pushHost: 0.0.0.0
pushUdpPort: 4059
pushHdlcPort: 4060
pushLines: ['/dev/ttyS1@2400', '10.0.0.7:4001']`;
  assert.deepEqual(configOf(context, text).pushSources, {
    udp: { host: '0.0.0.0', port: 4059 },
    hdlc: { host: '0.0.0.0', port: 4060 },
    lines: [
      { path: '/dev/ttyS1', baudRate: 2400 },
      { host: '10.0.0.7', port: 4001 },
    ],
  });
});

test('a line that names neither a port nor an address is refused by its setting', (context) => {
  for (const line of ['COM1', '4001', '10.0.0.7']) {
    assert.throws(
      () => configOf(context, `pushLines: ['${line}']`),
      ({ code, where }: { code?: string; where?: { setting?: string } }) =>
        code === 'server/bad-config' && where?.setting === 'pushLines',
      line,
    );
  }
});
