/** The sun's place in the sky and what it sends (Spencer 1971, Haurwitz 1945, Kasten and Czeplak 1980, Erbs 1982). */

/** Unit vector from the ground to the sun. */
export interface SunVector {
  readonly east: number;
  readonly north: number;
  /** Sine of the elevation; negative below the horizon. */
  readonly up: number;
}

/** Where the sun stands. */
export function sunAt(
  atMs: number,
  at: { readonly latitude: number; readonly longitude: number },
): SunVector {
  const days = atMs / 86_400_000;
  // Turns of the year since 2000-01-01T00:00Z (day 10957), in radians.
  const g = (2 * Math.PI * (days - 10_957)) / 365.2425;
  const declination =
    0.006918 -
    0.399912 * Math.cos(g) +
    0.070257 * Math.sin(g) -
    0.006758 * Math.cos(2 * g) +
    0.000907 * Math.sin(2 * g) -
    0.002697 * Math.cos(3 * g) +
    0.00148 * Math.sin(3 * g);
  const equationMinutes =
    229.18 *
    (0.000075 +
      0.001868 * Math.cos(g) -
      0.032077 * Math.sin(g) -
      0.014615 * Math.cos(2 * g) -
      0.040849 * Math.sin(2 * g));
  const solarDays = days + (equationMinutes / 60 + at.longitude / 15) / 24;
  const hourAngle = 2 * Math.PI * (solarDays - Math.floor(solarDays)) - Math.PI;
  const latitude = (at.latitude * Math.PI) / 180;
  const across = Math.cos(declination) * Math.cos(hourAngle);
  return {
    east: -Math.cos(declination) * Math.sin(hourAngle),
    north: Math.sin(declination) * Math.cos(latitude) - across * Math.sin(latitude),
    up: Math.sin(declination) * Math.sin(latitude) + across * Math.cos(latitude),
  };
}

/** Irradiance in W/m2: on level ground, in the beam, and diffuse from the sky. */
export interface Irradiance {
  readonly global: number;
  readonly beam: number;
  readonly diffuse: number;
}

const dark: Irradiance = { global: 0, beam: 0, diffuse: 0 };
const solarConstant = 1361;

/** What reaches the ground with the sun at `up` (sine of elevation) through a sky covered by `cloud` (0 to 1). */
export function irradianceUnder(up: number, cloud: number): Irradiance {
  if (up <= 0.01) return dark;
  const clear = 1098 * up * Math.exp(-0.057 / up);
  const global = clear * (1 - 0.75 * cloud ** 3.4);
  const clearness = Math.min(1, global / (solarConstant * up));
  const diffuse = global * diffuseShare(clearness);
  return { global, diffuse, beam: Math.min(1000, (global - diffuse) / up) };
}

function diffuseShare(k: number): number {
  if (k <= 0.22) return 1 - 0.09 * k;
  if (k > 0.8) return 0.165;
  return 0.9511 - 0.1604 * k + 4.388 * k ** 2 - 16.638 * k ** 3 + 12.336 * k ** 4;
}
