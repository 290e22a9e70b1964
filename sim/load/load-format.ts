/** The load files known, by the columns of their headers. To add one, add a row. */

/** How a file's columns become energy. Column names are compared without case and surrounding space. */
export interface LoadFormat {
  readonly id: string;
  readonly name: string;
  /** Column of the series id, or null when the file is of one customer. */
  readonly seriesColumn: string | null;
  /** Column of the label `YYYY-MM-DD hh:mm[:ss]`, the start of the half hour. */
  readonly labelColumn: string;
  /** Columns of consumption, added up. */
  readonly loadColumns: readonly string[];
  /** Column of the customer's own generation, subtracted half hour by half hour. */
  readonly generationColumn: string | null;
  /** Wh of one unit: 1000 for kWh, 500 for mean kW over half an hour. */
  readonly whPerUnit: 1000 | 500;
  /** The clock of the labels: an IANA zone, or a fixed offset such as `+10:00`. */
  readonly clock: string;
  /** IANA zone in which the customers live. */
  readonly zone: string;
  readonly solarW: number;
}

/** Clocks and units as the data's own notes have them. */
export const loadFormats: readonly LoadFormat[] = [
  {
    id: 'low-carbon-london',
    name: 'Low Carbon London',
    seriesColumn: 'lclid',
    labelColumn: 'tstp',
    loadColumns: ['energy(kwh/hh)'],
    generationColumn: null,
    whPerUnit: 1000,
    // 48 rows on both clock-change days: the labels are GMT all year.
    clock: 'UTC',
    zone: 'Europe/London',
    solarW: 0,
  },
  {
    id: 'smart-grid-smart-city',
    name: 'Smart-Grid Smart-City (New South Wales)',
    seriesColumn: 'customer_id',
    labelColumn: 'reading_datetime',
    loadColumns: ['general_supply_kwh', 'controlled_load_kwh'],
    generationColumn: null,
    whPerUnit: 1000,
    // Published as the local clock; see the README of this room for what speaks for '+10:00'.
    clock: 'Australia/Sydney',
    zone: 'Australia/Sydney',
    solarW: 0,
  },
  {
    id: 'ausgrid-solar-home',
    name: 'Ausgrid Solar Home, customer 12',
    seriesColumn: null,
    labelColumn: 'datetime',
    loadColumns: ['gc'],
    generationColumn: 'gg',
    whPerUnit: 500,
    // 48 rows every day: standard time all year.
    clock: '+10:00',
    zone: 'Australia/Sydney',
    solarW: 1040,
  },
];

/** Where the columns of a format stand in one file. */
export interface ColumnMap {
  readonly format: LoadFormat;
  readonly cells: number;
  readonly series: number | null;
  readonly label: number;
  readonly load: readonly number[];
  readonly generation: number | null;
}

/** The format whose columns all stand in `header`, or null. */
export function detectFormat(header: string): ColumnMap | null {
  const names = header
    .replace(/^\uFEFF/, '')
    .split(',')
    .map((name) => name.trim().toLowerCase());
  for (const format of loadFormats) {
    const { seriesColumn, generationColumn } = format;
    const map: ColumnMap = {
      format,
      cells: names.length,
      series: seriesColumn === null ? null : names.indexOf(seriesColumn),
      label: names.indexOf(format.labelColumn),
      load: format.loadColumns.map((name) => names.indexOf(name)),
      generation: generationColumn === null ? null : names.indexOf(generationColumn),
    };
    const places = [map.series ?? 0, map.label, ...map.load, map.generation ?? 0];
    if (places.every((place) => place >= 0)) return map;
  }
  return null;
}

/** The headers understood, for the message of a refusal. */
export function describeFormats(): string {
  return loadFormats
    .map((format) => {
      const { seriesColumn, labelColumn, loadColumns, generationColumn } = format;
      const columns = [seriesColumn, labelColumn, ...loadColumns, generationColumn];
      return `${format.name} (${columns.filter((name) => name !== null).join(',')})`;
    })
    .join('; ');
}
