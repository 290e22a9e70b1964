/** The setting `readings` taken apart: what is expected, what came, and never the password. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { CodedError } from '@wattline/base';
import { nameOf, serverAddress } from './server-address.ts';

test('user, password and database come out of the URL; a password of its own goes before', () => {
  const address = serverAddress({ url: 'https://meter%40s:se%2Fcret@clickhouse:8443/readings' });
  assert.deepEqual(address, {
    origin: 'https://clickhouse:8443',
    username: 'meter@s',
    password: 'se/cret',
    database: 'readings',
    form: { kind: 'server' },
  });
  assert.equal(nameOf(address), 'https://clickhouse:8443/readings as meter@s');
  assert.equal(serverAddress({ url: 'http://a:b@host:8123', password: 'c' }).password, 'c');
  assert.equal(serverAddress({ url: 'http://host:8123' }).database, 'default');
});

test('anything else is refused with what was expected and what came, without its password', () => {
  const wrong = [
    { url: 'clickhouse://u:hidden@host:9000/db' },
    { url: 'u:hidden@host' },
    { url: 'http://u:hidden@host:8123/a/b' },
    { url: 'http://u:hidden@host:8123/db?max_threads=1' },
    { url: 'http://u:hidden@host:8123/db', ca: new Uint8Array(1) },
    { url: 'http://u:hidden@host:8123/db', cluster: "x'" },
  ];
  for (const settings of wrong)
    assert.throws(
      () => serverAddress(settings),
      (error) => {
        assert(error instanceof CodedError && error.code === 'store/bad-setting', settings.url);
        assert.match(error.message, /expected .*found /);
        assert.doesNotMatch(JSON.stringify([error.message, error.where]), /hidden/);
        return true;
      },
    );
});
