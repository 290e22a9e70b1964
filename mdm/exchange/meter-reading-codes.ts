/** Numbers of IEC 61968-9 Annex C that reader and writer of MeterReadings share. */

/** Seconds by the third number, the measuring period; 0 and whole days, weeks, months are none. */
export const secondsOfPeriod: Readonly<Record<string, number>> = {
  '1': 600,
  '2': 900,
  '3': 60,
  '4': 86_400,
  '5': 1800,
  '6': 300,
  '7': 3600,
  '10': 120,
  '14': 180,
  '31': 1200,
};
export const unitOfNumber: Readonly<Record<string, string>> = { '72': 'Wh', '73': 'varh', '71': 'VAh' };
export const directionOfFlow: Readonly<Record<string, 'delivered' | 'received'>> = {
  '1': 'delivered',
  '19': 'received',
};

/** The number that means something, or undefined. */
export function numberOf(table: Readonly<Record<string, unknown>>, meaning: unknown): string | undefined {
  return Object.keys(table).find((number) => table[number] === meaning);
}
