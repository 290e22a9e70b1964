/** Where a town stands and what its weather is like on the long run, by time zone. */
import { CodedError } from '@wattline/base';

/** A place with its climate; temperatures in degrees Celsius. */
export interface Place {
  /** Degrees north. */
  readonly latitude: number;
  /** Degrees east. */
  readonly longitude: number;
  /** Mean over the year. */
  readonly meanC: number;
  /** Half the difference of the warmest and the coldest month. */
  readonly seasonalC: number;
  /** Half the difference of afternoon and dawn on a clear day. */
  readonly diurnalC: number;
  /** Share of the sky covered half of the time, above 0 and below 1; chosen so that a year's irradiance comes out about right. */
  readonly cloud: number;
}

type Row = readonly [
  latitude: number,
  longitude: number,
  meanC: number,
  seasonalC: number,
  diurnalC: number,
  cloud: number,
];

/** Round figures of common knowledge, good enough for a plausible town; no measurement is claimed. */
const places: Readonly<Record<string, Row>> = {
  'Europe/London': [51.5, -0.3, 11, 6.5, 4, 0.84],
  'Europe/Dublin': [53.3, -6.3, 10, 5, 3.5, 0.85],
  'Europe/Paris': [48.8, 2.4, 12, 8, 5, 0.76],
  'Europe/Berlin': [52.5, 13.4, 10, 9.5, 5, 0.8],
  'Europe/Amsterdam': [52.4, 4.9, 10.5, 7, 4, 0.82],
  'Europe/Madrid': [40.4, -3.7, 15, 10, 7, 0.55],
  'Europe/Rome': [41.9, 12.5, 16, 8.5, 6, 0.6],
  'Europe/Stockholm': [59.3, 18.1, 7.5, 10, 4, 0.8],
  'Europe/Zurich': [47.4, 8.5, 10, 9.5, 5, 0.77],
  'America/New_York': [40.7, -74.0, 13, 12.5, 5, 0.72],
  'America/Chicago': [41.9, -87.6, 10.5, 14, 5.5, 0.72],
  'America/Denver': [39.7, -105.0, 10.5, 12, 8, 0.55],
  'America/Los_Angeles': [34.1, -118.2, 18, 5, 6, 0.5],
  'America/Sao_Paulo': [-23.5, -46.6, 20, 3.5, 5, 0.72],
  'Asia/Kolkata': [28.6, 77.2, 25, 9.5, 6.5, 0.6],
  'Asia/Tokyo': [35.7, 139.7, 16, 10.5, 4.5, 0.75],
  'Asia/Singapore': [1.35, 103.8, 27.5, 0.8, 3.5, 0.84],
  'Africa/Nairobi': [-1.3, 36.8, 19, 2, 6, 0.68],
  'Africa/Johannesburg': [-26.2, 28.0, 16, 5.5, 7, 0.5],
  'Australia/Sydney': [-33.9, 151.2, 18.5, 5.5, 4.5, 0.67],
  'Australia/Melbourne': [-37.8, 145.0, 15, 6, 5.5, 0.72],
  'Pacific/Auckland': [-36.8, 174.8, 15.5, 4.5, 4, 0.72],
};

/** Latitudes of the middle of a continent's people, for zones without a row. */
const middleLatitudes: Readonly<Record<string, number>> = {
  Africa: 5,
  America: 30,
  Asia: 28,
  Australia: -32,
  Europe: 48,
  Pacific: -18,
  Indian: -10,
};

/**
 * The place of an IANA zone; a zone without a row stands on the meridian of its standard time.
 * @throws CodedError `sim/bad-option` when there is no such zone.
 */
export function placeOf(zone: string, atMs: number): Place {
  const row = places[zone] ?? guessRow(zone, atMs);
  const [latitude, longitude, meanC, seasonalC, diurnalC, cloud] = row;
  return { latitude, longitude, meanC, seasonalC, diurnalC, cloud };
}

function guessRow(zone: string, atMs: number): Row {
  const latitude = middleLatitudes[zone.split('/')[0] as string] ?? 40;
  const width = Math.abs(latitude);
  return [latitude, standardOffsetHours(zone, atMs) * 15, 28 - 0.0064 * width ** 2, width * 0.18, 5, 0.7];
}

function standardOffsetHours(zone: string, atMs: number): number {
  try {
    const now = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(zone);
    const offsets = [0, 6].map((months) => now.add({ months }).offsetNanoseconds / 3.6e12);
    return Math.min(...offsets);
  } catch (error) {
    throw new CodedError('sim/bad-option', `expected an IANA time zone, found '${zone}'`, { zone }, error);
  }
}
