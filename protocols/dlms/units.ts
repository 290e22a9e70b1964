/** Units of the class Register as people write them (Blue Book 4.3.2, table of units); numbers not listed are shown as they are. */

const units: Readonly<Record<number, string>> = {
  1: 'a',
  2: 'mo',
  3: 'wk',
  4: 'd',
  5: 'h',
  6: 'min',
  7: 's',
  8: '°',
  9: '°C',
  10: 'currency',
  11: 'm',
  13: 'm³',
  14: 'm³',
  20: 'kg',
  27: 'W',
  28: 'VA',
  29: 'var',
  30: 'Wh',
  31: 'VAh',
  32: 'varh',
  33: 'A',
  35: 'V',
  44: 'Hz',
  56: '%',
  255: '',
};

/** The symbol of a unit number. */
export function unitSymbol(unit: number): string {
  return units[unit] ?? `unit ${unit}`;
}
