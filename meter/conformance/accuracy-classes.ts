/**
 * Limits of error as data: IEC 62053-21 (classes 1, 2), -22 (0.2S, 0.5S), -23 (2, 3), -24 (0.5S, 1S, 1), the measuring instruments directive
 * 2014/32/EU annex V (A, B, C, at reference conditions) and ANSI C12.20 (0.2, 0.5; load performance up to Imax of the meter). Figures after the shared table
 * of limits, most of them recalled by its authors and not read again in the standards: check against a copy before citing.
 */

/** Tables of limits. Currents are multiples of In (of Ib for meters that are connected directly); `Imax` is the largest of the meter. */
export interface AccuracyTable {
  readonly standard:
    | 'IEC 62053-21'
    | 'IEC 62053-22'
    | 'IEC 62053-23'
    | 'IEC 62053-24'
    | 'MID MI-003'
    | 'EN 50470-3'
    | 'ANSI C12.20';
  readonly class: string;
  /** Where the figures come from: read in an excerpt of the document, recalled by whoever gathered them, or some of each. */
  readonly confidence: 'read in an excerpt' | 'recalled' | 'partly recalled';
  readonly quantity: 'active' | 'reactive';
  readonly balanced: readonly AccuracyRow[];
  readonly singlePhase: readonly AccuracyRow[];
  /** Largest difference of single-phase and balanced load at In, power factor 1, in percentage points. */
  readonly singlePhaseDifference?: number;
  /** None where the table has none. */
  readonly startingCurrent?: number;
  /** The constant C of the no-load test, IEC 62053-2x clause 8.3. */
  readonly noLoad?: number;
  readonly influences: readonly Influence[];
  /** Rows that would only exercise coefficients of our own models, beyond the influences: title and limit. */
  readonly declared?: readonly (readonly [string, number])[];
  /** Rated operating conditions in which every row must hold: shares of voltage and of frequency besides the rated ones. */
  readonly corners?: { readonly voltage: readonly number[]; readonly frequency: readonly number[] };
  /** Judged on a meter for the mains of North America: 120 V, 60 Hz, class 20. */
  readonly isAmerican?: true;
  /** Limit of the difference between the elements, each loaded alone at In, in percentage points. */
  readonly equality?: number;
}

/** A range of currents, `to` not included unless it is the largest, at a factor (cos of active, sin of reactive) with its sign: + lags. */
export interface AccuracyRow {
  readonly from: number;
  readonly to: number | 'Imax';
  readonly factors: readonly string[];
  readonly limitPercent: number;
}

/** A limit of the change of error by an influence. */
export interface Influence {
  readonly quantity: InfluenceQuantity;
  readonly factor: string;
  readonly at: number | 'half of Imax';
  readonly limitPercent: number;
}

/** Influences. Those of the second group would only exercise coefficients of our own models. */
export const influenceKinds = {
  voltage: 'run',
  frequency: 'run',
  'reversed phase sequence': 'run',
  'voltage unbalance': 'run',
  'harmonics in voltage and current': 'run',
  'odd harmonics in current': 'run',
  'sub-harmonics in current': 'run',
  'DC and even harmonics in current': 'run',
  'temperature, per kelvin': 'model-declared',
  'self-heating': 'model-declared',
  'continuous magnetic induction': 'model-declared',
  'external magnetic field 0.5 mT': 'model-declared',
  'radio-frequency fields': 'model-declared',
  'fast transient bursts': 'model-declared',
  'damped oscillatory waves': 'model-declared',
  'conducted radio-frequency disturbances': 'model-declared',
  accessories: 'model-declared',
  'auxiliary voltage 15 %': 'model-declared',
  'after short-time overcurrent': 'model-declared',
} as const;

/** An influence by name. */
export type InfluenceQuantity = keyof typeof influenceKinds;

const row = (
  from: number,
  to: AccuracyRow['to'],
  factors: readonly string[],
  limitPercent: number,
): AccuracyRow => ({
  from,
  to,
  factors,
  limitPercent,
});

/** Influence limits in one order: unity and half factors of voltage and frequency, sequence, unbalance, harmonics, then declared ones. */
function influences(of: {
  readonly low: number;
  readonly half: number;
  readonly voltage: readonly [number, number];
  readonly frequency: readonly [number, number];
  readonly sequence: number;
  readonly unbalance: number;
  readonly harmonics: number;
  /** Of meters that are connected directly alone. */
  readonly oddHarmonics?: number;
  readonly evenHarmonics?: number;
  readonly subHarmonics: number;
  readonly declared: readonly (readonly [InfluenceQuantity, number])[];
}): Influence[] {
  return [
    { quantity: 'voltage', factor: '1', at: of.low, limitPercent: of.voltage[0] },
    { quantity: 'voltage', factor: '0.5L', at: of.half, limitPercent: of.voltage[1] },
    { quantity: 'frequency', factor: '1', at: of.low, limitPercent: of.frequency[0] },
    { quantity: 'frequency', factor: '0.5L', at: of.half, limitPercent: of.frequency[1] },
    { quantity: 'reversed phase sequence', factor: '1', at: 0.1, limitPercent: of.sequence },
    { quantity: 'voltage unbalance', factor: '1', at: 1, limitPercent: of.unbalance },
    {
      quantity: 'harmonics in voltage and current',
      factor: '1',
      at: 'half of Imax',
      limitPercent: of.harmonics,
    },
    ...(of.oddHarmonics === undefined
      ? []
      : [
          {
            quantity: 'odd harmonics in current',
            factor: '1',
            at: 0.5,
            limitPercent: of.oddHarmonics,
          } as const,
        ]),
    ...(of.evenHarmonics === undefined
      ? []
      : [
          {
            quantity: 'DC and even harmonics in current',
            factor: '1',
            at: 'half of Imax',
            limitPercent: of.evenHarmonics,
          } as const,
        ]),
    { quantity: 'sub-harmonics in current', factor: '1', at: 0.5, limitPercent: of.subHarmonics },
    ...of.declared.map(([quantity, limitPercent]) => ({ quantity, factor: '1', at: 1, limitPercent })),
  ];
}

function transformerActive(name: '0.2S' | '0.5S', pick: 0 | 1): AccuracyTable {
  const of = (...limits: readonly [number, number]) => limits[pick];
  return {
    standard: 'IEC 62053-22',
    class: name,
    confidence: 'recalled',
    quantity: 'active',
    balanced: [
      row(0.01, 0.05, ['1'], of(0.4, 1)),
      row(0.05, 'Imax', ['1'], of(0.2, 0.5)),
      row(0.02, 0.1, ['0.5L', '0.8C'], of(0.5, 1)),
      row(0.1, 'Imax', ['0.5L', '0.8C'], of(0.3, 0.6)),
      row(0.1, 'Imax', ['0.25L', '0.5C'], of(0.5, 1)),
    ],
    singlePhase: [row(0.05, 'Imax', ['1'], of(0.3, 0.6)), row(0.1, 'Imax', ['0.5L'], of(0.4, 1))],
    singlePhaseDifference: of(0.4, 1),
    startingCurrent: 0.001,
    noLoad: of(900, 600),
    influences: influences({
      low: 0.05,
      half: 0.1,
      voltage: [of(0.1, 0.2), of(0.2, 0.4)],
      frequency: [of(0.1, 0.2), of(0.1, 0.2)],
      sequence: of(0.05, 0.1),
      unbalance: of(0.5, 1),
      harmonics: of(0.4, 0.5),
      subHarmonics: of(0.6, 1.5),
      declared: [
        ['temperature, per kelvin', of(0.01, 0.03)],
        ['self-heating', of(0.1, 0.2)],
        ['continuous magnetic induction', 2],
        ['external magnetic field 0.5 mT', of(0.5, 1)],
        ['radio-frequency fields', of(1, 2)],
        ['fast transient bursts', of(1, 2)],
        ['damped oscillatory waves', of(1, 2)],
        ['conducted radio-frequency disturbances', of(1, 2)],
        ['accessories', of(0.05, 0.1)],
        ['auxiliary voltage 15 %', of(0.05, 0.1)],
        ['after short-time overcurrent', 0.05],
      ],
    }),
  };
}

function directActive(name: '1' | '2', pick: 0 | 1): AccuracyTable {
  const of = (...limits: readonly [number, number]) => limits[pick];
  const capacitive = pick === 0 ? ['0.8C'] : [];
  return {
    standard: 'IEC 62053-21',
    class: name,
    confidence: 'partly recalled',
    quantity: 'active',
    balanced: [
      row(0.05, 0.1, ['1'], of(1.5, 2.5)),
      row(0.1, 'Imax', ['1'], of(1, 2)),
      row(0.1, 0.2, ['0.5L', ...capacitive], of(1.5, 2.5)),
      row(0.2, 'Imax', ['0.5L', ...capacitive], of(1, 2)),
      ...(pick === 0 ? [row(0.2, 1, ['0.25L'], 3.5), row(0.2, 1, ['0.5C'], 2.5)] : []),
    ],
    singlePhase: [row(0.1, 'Imax', ['1'], of(2, 3)), row(0.2, 'Imax', ['0.5L'], of(2, 3))],
    singlePhaseDifference: of(1.5, 2.5),
    startingCurrent: of(0.004, 0.005),
    noLoad: of(600, 480),
    influences: influences({
      low: 0.1,
      half: 0.2,
      voltage: [of(0.7, 1), of(1, 1.5)],
      frequency: [of(0.5, 0.8), of(0.7, 1)],
      sequence: 1.5,
      unbalance: of(2, 4),
      harmonics: of(0.8, 1),
      oddHarmonics: of(3, 6),
      evenHarmonics: of(3, 6),
      subHarmonics: of(3, 6),
      declared: [
        ['temperature, per kelvin', of(0.05, 0.1)],
        ['self-heating', of(0.7, 1)],
        ['continuous magnetic induction', of(2, 3)],
        ['external magnetic field 0.5 mT', of(2, 3)],
        ['radio-frequency fields', of(2, 3)],
        ['fast transient bursts', of(4, 6)],
        ['damped oscillatory waves', of(2, 3)],
        ['conducted radio-frequency disturbances', of(2, 3)],
        ['accessories', of(0.5, 1)],
      ],
    }),
  };
}

/** Classes 1 and 2 on transformers: other ranges and starting currents, the same limits and influences at the currents of the table. */
function transformerOrdinary(name: '1' | '2', pick: 0 | 1): AccuracyTable {
  const of = (...limits: readonly [number, number]) => limits[pick];
  const direct = directActive(name, pick);
  const capacitive = pick === 0 ? ['0.8C'] : [];
  return {
    ...direct,
    class: `${name} on transformers`,
    balanced: [
      row(0.02, 0.05, ['1'], of(1.5, 2.5)),
      row(0.05, 'Imax', ['1'], of(1, 2)),
      row(0.05, 0.1, ['0.5L', ...capacitive], of(1.5, 2.5)),
      row(0.1, 'Imax', ['0.5L', ...capacitive], of(1, 2)),
      ...(pick === 0 ? [row(0.1, 1, ['0.25L'], 3.5), row(0.1, 1, ['0.5C'], 2.5)] : []),
    ],
    singlePhase: [row(0.05, 'Imax', ['1'], of(2, 3)), row(0.1, 'Imax', ['0.5L'], of(2, 3))],
    startingCurrent: of(0.002, 0.003),
    influences: direct.influences.filter(
      ({ quantity }) =>
        quantity !== 'DC and even harmonics in current' && quantity !== 'odd harmonics in current',
    ),
  };
}

const reactiveFactors = { one: ['1L', '1C'], half: ['0.5L', '0.5C'], quarter: ['0.25L', '0.25C'] };

function reactive(of: {
  readonly standard: AccuracyTable['standard'];
  readonly class: string;
  readonly startingCurrent: number;
  /** Limit of a single-phase load, at factors one and half; none where the table has none. */
  readonly singlePhase?: number;
  /** Ranges of In in place of Ib. */
  readonly isOnTransformers?: true;
  readonly noLoad?: number;
  readonly rows: readonly (readonly [number, AccuracyRow['to'], keyof typeof reactiveFactors, number])[];
}): AccuracyTable {
  const from = of.isOnTransformers ? 0.05 : 0.1;
  return {
    standard: of.standard,
    class: of.class,
    confidence: 'recalled',
    quantity: 'reactive',
    balanced: of.rows.map(([from, to, factor, limit]) => row(from, to, reactiveFactors[factor], limit)),
    singlePhase:
      of.singlePhase === undefined
        ? []
        : [
            row(from, 'Imax', ['1L', '1C'], of.singlePhase),
            row(2 * from, 'Imax', ['0.5L', '0.5C'], of.singlePhase),
          ],
    startingCurrent: of.startingCurrent,
    ...(of.noLoad === undefined ? {} : { noLoad: of.noLoad }),
    influences: [],
  };
}

/** Ranges of temperature beyond the reference, MID table 2. */
const temperatureRanges = [
  '-10 to +5 or +30 to +40 °C',
  '-25 to -10 or +40 to +55 °C',
  '-40 to -25 or +55 to +70 °C',
] as const;

/** Voltages and frequencies over which the limits of the directive hold (annex V, MI-003, rated operating conditions). */
const ratedConditions = { voltage: [0.9, 1.1], frequency: [0.98, 1.02] } as const;

/** Critical change values of table 3 of the directive by class A, B, C, recalled; those of direct current for meters connected directly. */
function criticalChanges(pick: 0 | 1 | 2, isOnTransformers: boolean): Influence[] {
  const of = (...limits: readonly [number, number, number]) => limits[pick];
  const rows: readonly (readonly [InfluenceQuantity, Influence['at'], number])[] = [
    ['reversed phase sequence', 0.1, of(1.5, 1.5, 0.3)],
    ['voltage unbalance', 1, of(4, 2, 1)],
    ['harmonics in voltage and current', 'half of Imax', of(1, 0.8, 0.5)],
    ...(pick === 2 || isOnTransformers
      ? []
      : [['DC and even harmonics in current', 'half of Imax', of(6, 3, 1.5)] as const]),
    ['fast transient bursts', 1, of(6, 4, 2)],
    ['continuous magnetic induction', 1, of(3, 2, 1)],
    ['external magnetic field 0.5 mT', 1, of(3, 2, 1)],
    ['radio-frequency fields', 1, of(3, 2, 1)],
    ['conducted radio-frequency disturbances', 1, of(3, 2, 1)],
    ['damped oscillatory waves', 1, of(3, 2, 1)],
  ];
  return rows.map(([quantity, at, limitPercent]) => ({ quantity, factor: '1', at, limitPercent }));
}

/** MID table 2: Imin to Itr, Itr to Imax, one phase loaded; Itr is 0.05 In of meters on transformers, 0.1 Ib of direct ones. */
function measuringInstruments(of: {
  readonly class: 'A' | 'B' | 'C';
  readonly isOnTransformers?: true;
  readonly least: number;
  readonly transition: number;
  readonly start: number;
  readonly limits: readonly [number, number, number];
  /** Limits beyond +5 to +30 degrees, range by range, of balanced load above the transition and of one phase. */
  readonly outside: readonly [number, number, number];
  readonly outsideSingle: readonly [number, number, number];
  /** The same below the transition. */
  readonly outsideLow: readonly [number, number, number];
}): AccuracyTable {
  const { least, transition, limits } = of;
  return {
    standard: 'MID MI-003',
    class: of.isOnTransformers ? `${of.class} on transformers` : of.class,
    confidence: 'partly recalled',
    quantity: 'active',
    balanced: [
      row(least, transition, ['1'], limits[0]),
      row(transition, 'Imax', ['1', '0.5L', '0.8C'], limits[1]),
    ],
    singlePhase: [row(transition, 'Imax', ['1', '0.5L'], limits[2])],
    startingCurrent: of.start * transition,
    noLoad: 480,
    corners: ratedConditions,
    influences: criticalChanges(
      (['A', 'B', 'C'] as const).indexOf(of.class) as 0 | 1 | 2,
      of.isOnTransformers ?? false,
    ),
    declared: temperatureRanges.flatMap((range, index) => [
      [`balanced below Itr, ${range}`, of.outsideLow[index] as number] as const,
      [`balanced, ${range}`, of.outside[index] as number] as const,
      [`one phase loaded, ${range}`, of.outsideSingle[index] as number] as const,
    ]),
  };
}

/** Influences of EN 50470-3 follow IEC 62053-21 and -22: class A as class 2, B as 1, C as 0.5S; starting as the directive has it (recalled). */
const europeanBase = {
  A: { influences: () => directActive('2', 1).influences, single: 3, start: 0.05 },
  B: { influences: () => directActive('1', 0).influences, single: 2, start: 0.04 },
  C: { influences: () => transformerActive('0.5S', 1).influences, single: 1, start: 0.02 },
} as const;

/** EN 50470-3 at reference conditions: Imin to Itr and Itr to Imax at unity, Itr to Imax at 0.5 inductive and 0.8 capacitive. */
function europeanReference(
  name: 'A' | 'B' | 'C',
  [least, transition]: readonly [number, number],
  [low, unity, other]: readonly [number, number, number],
): AccuracyTable {
  const base = europeanBase[name];
  return {
    standard: 'EN 50470-3',
    class: name,
    confidence: 'recalled',
    quantity: 'active',
    balanced: [
      row(least, transition, ['1'], low),
      row(transition, 'Imax', ['1'], unity),
      row(transition, 'Imax', ['0.5L', '0.8C'], other),
    ],
    singlePhase: [
      row(transition, 'Imax', ['1'], base.single),
      row(2 * transition, 'Imax', ['0.5L'], base.single),
    ],
    startingCurrent: base.start * transition,
    noLoad: 480,
    influences: base.influences(),
  };
}

/**
 * ANSI C12.20 for a class 20 meter: load performance with its lowest point of 0.15 A, 0.03 of our 5 A, power factor, voltage, frequency,
 * equality of current circuits, starting load, no load. What it changes by temperature, heating and fields is of our own models.
 */
function americanLoad(
  name: '0.1' | '0.2' | '0.5',
  limits: readonly [number, number, number?, number?],
  changes: { readonly voltage: number; readonly frequency: number; readonly equality: number },
): AccuracyTable {
  const [lowest, rest, laggingLowest, laggingRest] = limits;
  const change = (quantity: InfluenceQuantity, limitPercent: number): Influence => ({
    ...{ quantity, factor: '1', at: 0.5, limitPercent },
  });
  return {
    standard: 'ANSI C12.20',
    class: name,
    confidence: 'recalled',
    quantity: 'active',
    balanced: [
      row(0.03, 0.05, ['1'], lowest),
      row(0.05, 'Imax', ['1'], rest),
      ...(laggingLowest === undefined ? [] : [row(0.03, 0.05, ['0.5L'], laggingLowest)]),
      ...(laggingRest === undefined ? [] : [row(0.05, 'Imax', ['0.5L'], laggingRest)]),
    ],
    singlePhase: [],
    startingCurrent: 0.001,
    noLoad: 600,
    isAmerican: true,
    equality: changes.equality,
    influences: [
      change('voltage', changes.voltage),
      change('frequency', changes.frequency),
      change('temperature, per kelvin', changes.voltage / 10),
      change('self-heating', changes.voltage),
      change('external magnetic field 0.5 mT', 10 * changes.voltage),
      change('fast transient bursts', 10 * changes.voltage),
      change('radio-frequency fields', 10 * changes.voltage),
    ],
  };
}

/** Limits of classes A and B of the directive: the same for direct meters and such on transformers. */
const midLimits = {
  A: {
    class: 'A',
    limits: [3.5, 3.5, 4],
    outside: [4.5, 7, 9],
    outsideSingle: [5, 7, 9],
    outsideLow: [5, 7, 9],
  },
  B: {
    class: 'B',
    limits: [2, 2, 2.5],
    outside: [2.5, 3.5, 4],
    outsideSingle: [3, 4, 4.5],
    outsideLow: [2.5, 3.5, 4],
  },
} as const;

/** Tables by standard and class. */
export const accuracyTables = {
  'active 0.2S': transformerActive('0.2S', 0),
  'active 0.5S': transformerActive('0.5S', 1),
  'active 1': directActive('1', 0),
  'active 2': directActive('2', 1),
  'active 1 on transformers': transformerOrdinary('1', 0),
  'active 2 on transformers': transformerOrdinary('2', 1),
  'reactive 0.5S': reactive({
    standard: 'IEC 62053-24',
    class: '0.5S',
    startingCurrent: 0.001,
    rows: [
      [0.01, 0.05, 'one', 1],
      [0.05, 'Imax', 'one', 0.5],
      [0.05, 0.1, 'half', 1],
      [0.1, 'Imax', 'half', 0.5],
      [0.1, 'Imax', 'quarter', 1],
    ],
  }),
  'reactive 1S': reactive({
    standard: 'IEC 62053-24',
    class: '1S',
    startingCurrent: 0.002,
    rows: [
      [0.02, 0.05, 'one', 1.5],
      [0.05, 'Imax', 'one', 1],
      [0.05, 0.1, 'half', 1.5],
      [0.1, 'Imax', 'half', 1],
      [0.1, 'Imax', 'quarter', 2],
    ],
  }),
  'reactive 1': reactive({
    standard: 'IEC 62053-24',
    class: '1',
    startingCurrent: 0.004,
    rows: [
      [0.05, 0.1, 'one', 1.5],
      [0.1, 'Imax', 'one', 1],
      [0.1, 0.2, 'half', 1.5],
      [0.2, 'Imax', 'half', 1],
      [0.2, 'Imax', 'quarter', 2],
    ],
  }),
  'reactive 2': reactive({
    standard: 'IEC 62053-23',
    class: '2',
    startingCurrent: 0.005,
    singlePhase: 3,
    noLoad: 480,
    rows: [
      [0.05, 0.1, 'one', 2.5],
      [0.1, 'Imax', 'one', 2],
      [0.1, 0.2, 'half', 2.5],
      [0.2, 'Imax', 'half', 2],
      [0.2, 'Imax', 'quarter', 2.5],
    ],
  }),
  'reactive 3': reactive({
    standard: 'IEC 62053-23',
    class: '3',
    startingCurrent: 0.01,
    singlePhase: 4,
    noLoad: 300,
    rows: [
      [0.05, 0.1, 'one', 4],
      [0.1, 'Imax', 'one', 3],
      [0.1, 0.2, 'half', 4],
      [0.2, 'Imax', 'half', 3],
      [0.2, 'Imax', 'quarter', 4],
    ],
  }),
  'reactive 2 on transformers': reactive({
    standard: 'IEC 62053-23',
    class: '2 on transformers',
    startingCurrent: 0.003,
    singlePhase: 3,
    noLoad: 480,
    isOnTransformers: true,
    rows: [
      [0.02, 0.05, 'one', 2.5],
      [0.05, 'Imax', 'one', 2],
      [0.05, 0.1, 'half', 2.5],
      [0.1, 'Imax', 'half', 2],
      [0.1, 'Imax', 'quarter', 2.5],
    ],
  }),
  'reactive 3 on transformers': reactive({
    standard: 'IEC 62053-23',
    class: '3 on transformers',
    startingCurrent: 0.005,
    singlePhase: 4,
    noLoad: 300,
    isOnTransformers: true,
    rows: [
      [0.02, 0.05, 'one', 4],
      [0.05, 'Imax', 'one', 3],
      [0.05, 0.1, 'half', 4],
      [0.1, 'Imax', 'half', 3],
      [0.1, 'Imax', 'quarter', 4],
    ],
  }),
  'MID A': measuringInstruments({ ...midLimits.A, least: 0.05, transition: 0.1, start: 0.05 }),
  'MID B': measuringInstruments({ ...midLimits.B, least: 0.05, transition: 0.1, start: 0.04 }),
  'MID A on transformers': measuringInstruments({
    ...{ ...midLimits.A, isOnTransformers: true },
    ...{ least: 0.02, transition: 0.05, start: 0.06 },
  }),
  'MID B on transformers': measuringInstruments({
    ...{ ...midLimits.B, isOnTransformers: true },
    ...{ least: 0.01, transition: 0.05, start: 0.04 },
  }),
  'MID C': measuringInstruments({
    class: 'C',
    least: 0.01,
    transition: 0.05,
    start: 0.02,
    limits: [1, 0.7, 1],
    outside: [1, 1.3, 1.5],
    outsideSingle: [1.3, 1.7, 2],
    outsideLow: [1.3, 1.7, 2],
  }),
  'EN A': europeanReference('A', [0.05, 0.1], [2.5, 2, 2]),
  'EN B': europeanReference('B', [0.05, 0.1], [1.5, 1, 1]),
  'EN C': europeanReference('C', [0.01, 0.05], [1, 0.5, 0.6]),
  'ANSI 0.1': americanLoad('0.1', [0.2, 0.1], { voltage: 0.05, frequency: 0.05, equality: 0.1 }),
  'ANSI 0.2': americanLoad('0.2', [0.4, 0.2, 0.5, 0.3], { voltage: 0.1, frequency: 0.1, equality: 0.2 }),
  'ANSI 0.5': americanLoad('0.5', [1, 0.5, 1, 0.6], { voltage: 0.2, frequency: 0.2, equality: 0.3 }),
} as const satisfies Record<string, AccuracyTable>;

/** A meter class with the tables it is judged by. */
export const meterClasses = {
  '0.2S': ['active 0.2S', 'reactive 0.5S', 'MID C', 'EN C', 'ANSI 0.1', 'ANSI 0.2'],
  '0.5S': ['active 0.5S', 'reactive 1S', 'MID C', 'EN C', 'ANSI 0.5'],
  '1': ['active 1', 'reactive 1', 'reactive 2', 'MID B', 'EN B'],
  '2': ['active 2', 'reactive 3', 'MID A', 'EN A'],
  '1 on transformers': ['active 1 on transformers', 'reactive 2 on transformers', 'MID B on transformers'],
  '2 on transformers': ['active 2 on transformers', 'reactive 3 on transformers', 'MID A on transformers'],
} as const satisfies Record<string, readonly (keyof typeof accuracyTables)[]>;

/** A class by name. */
export type MeterClass = keyof typeof meterClasses;

/** Lag of the current, rad, of a factor such as `0.5L`: cos of active, sin of reactive. */
export function lagOf(factor: string, quantity: AccuracyTable['quantity']): number {
  const share = Number.parseFloat(factor);
  const sign = factor.endsWith('C') ? -1 : 1;
  return sign * (quantity === 'active' ? Math.acos(share) : Math.asin(share));
}
