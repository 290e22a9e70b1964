/** What a solar roof gives: irradiance on its plane, heat losses, one factor for everything between cell and meter. */

import type { SolarRoof } from './furnishing.ts';
import type { LocalDay } from './local-days.ts';
import type { DaySky } from './sky.ts';

/** Soiling, mismatch, wiring and inverter together. */
const performance = 0.85;
const groundReflection = 0.2;
/** Power lost for each degree of cell temperature above 25 degrees Celsius. */
const lossPerK = 0.004;
/** Cell above air temperature for each W/m2. */
const cellKPerWm2 = 0.028;

/** Mean W in each slot of one local day. */
export function roofPower(roof: SolarRoof, day: LocalDay, sky: DaySky): Float64Array {
  const azimuth = (roof.azimuthDegrees * Math.PI) / 180;
  const tilt = (roof.tiltDegrees * Math.PI) / 180;
  const east = Math.sin(azimuth) * Math.sin(tilt);
  const north = Math.cos(azimuth) * Math.sin(tilt);
  const up = Math.cos(tilt);
  const skyShare = (1 + up) / 2;
  const groundShare = (groundReflection * (1 - up)) / 2;
  const power = new Float64Array(day.slots);
  for (let slot = 0; slot < day.slots; slot++) {
    const light = sky.light[slot];
    const sun = sky.sun[slot];
    if (!light || !sun || light.global === 0) continue;
    const facing = Math.max(0, east * sun.east + north * sun.north + up * sun.up);
    const onPlane = light.beam * facing + light.diffuse * skyShare + light.global * groundShare;
    const cellC = (sky.temperatureC[slot] as number) + cellKPerWm2 * onPlane;
    const heat = 1 - lossPerK * Math.max(-10, cellC - 25);
    power[slot] = Math.min(roof.peakW, ((roof.peakW * onPlane) / 1000) * performance * heat);
  }
  return power;
}
