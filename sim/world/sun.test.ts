import assert from 'node:assert/strict';
import { test } from 'node:test';
import { irradianceUnder, sunAt } from './sun.ts';

const degrees = (radians: number) => (radians * 180) / Math.PI;

test("the sun stands where the example of NREL's solar position algorithm (TP-560-34302) puts it, to a fifth of a degree", () => {
  // 2003-10-17 12:30:30 at UTC-7, 39.742476 N 105.1786 W: zenith 50.11162, azimuth 194.34024 degrees.
  const at = { latitude: 39.742476, longitude: -105.1786 };
  const sun = sunAt(Date.parse('2003-10-17T19:30:30Z'), at);
  assert.ok(Math.abs(90 - degrees(Math.asin(sun.up)) - 50.11162) < 0.2);
  assert.ok(Math.abs(((degrees(Math.atan2(sun.east, sun.north)) + 360) % 360) - 194.34024) < 0.2);
});

test('the sun is a direction: its vector has length one', () => {
  for (let hour = 0; hour < 24 * 30; hour += 5) {
    const { east, north, up } = sunAt(Date.parse('2025-05-01T00:00Z') + hour * 3_600_000, {
      latitude: -33,
      longitude: 151,
    });
    assert.ok(Math.abs(Math.hypot(east, north, up) - 1) < 1e-9);
  }
});

test('no light below the horizon, less under cloud, and beam and sky add up to the whole', () => {
  assert.equal(irradianceUnder(-0.2, 0).global, 0);
  const clear = irradianceUnder(0.8, 0);
  assert.ok(clear.global > irradianceUnder(0.8, 0.9).global);
  assert.ok(Math.abs(clear.beam * 0.8 + clear.diffuse - clear.global) < 1e-9);
});
