/** Addresses of the screens, both ways. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hrefOf, parseRoute, type Route } from './route.ts';

const routes: readonly (readonly [string, Route])[] = [
  ['/', { screen: 'start' }],
  ['/operator', { screen: 'operator' }],
  ['/meter/WTL10000001', { screen: 'meter', serial: 'WTL10000001' }],
  ['/frames', { screen: 'frames' }],
  [
    '/operator?kind=meter-unreachable&state=late&find=TX-2',
    { screen: 'operator', kind: 'meter-unreachable', state: 'late', find: 'TX-2' },
  ],
  ['/customer/UP-0001', { screen: 'customer', usagePointId: 'UP-0001' }],
  [
    '/customer/UP%2F1?day=2026-11-20&month=2026-10',
    { screen: 'customer', usagePointId: 'UP/1', day: '2026-11-20', month: '2026-10' },
  ],
];

describe('an address names a screen and a screen its address', () => {
  for (const [href, route] of routes) {
    test(href, () => {
      const url = new URL(href, 'http://x');
      assert.deepEqual(parseRoute(url.pathname, url.search), route);
      assert.equal(hrefOf(route), href);
    });
  }
});

test('addresses that no screen has are unknown, also when they cannot be decoded', () => {
  for (const path of [
    '/nowhere',
    '/customer',
    '/customer/a/b',
    '/operator/x',
    '/meter',
    '/meter/a/b',
    '/frames/x',
    '/customer%',
  ]) {
    assert.equal(parseRoute(path, '').screen, 'unknown', path);
  }
});

test('a day or month that is none is left out', () => {
  assert.deepEqual(parseRoute('/customer/UP-1', '?day=tomorrow&month=13'), {
    screen: 'customer',
    usagePointId: 'UP-1',
  });
});
