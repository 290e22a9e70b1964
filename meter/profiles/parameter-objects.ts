/**
 * Parameters of the meter that no class of the standard shows: each a Data object with a code of the range for manufacturers, whose value is
 * JSON text (utf8-string). What is set is checked by the meter, journalled and audited before it holds; what does not fit is refused.
 */
import type { Json } from '../configuration/configuration.ts';
import { type CosemObject, cosemObject } from '../cosem/cosem-object.ts';
import { dataParameter } from '../cosem/data.ts';
import { longUnsigned, utf8Text } from '../cosem/data-type.ts';
import type { TransformerRatios } from '../quantities/transformer-ratio.ts';
import { configure, parameterObject } from './common-objects.ts';
import { dataObject } from './value-objects.ts';

/** Value group E of each parameter: 0.0.128.22.e.255. A number stays with its parameter. */
export const parameterCodes = {
  'demand-lockout': 1,
  'billing-schedule': 2,
  conditions: 3,
  'event-filter': 4,
  'carbon-factors': 5,
  'scroll-lists': 6,
  'over-current': 7,
  payment: 8,
  'clock-synchronisation': 9,
  'last-gasp': 10,
  'supply-events': 11,
} as const;
type CodedParameter = keyof typeof parameterCodes;

/** Logical name of a parameter. */
export const parameterObis = (name: CodedParameter) => `0.0.128.22.${parameterCodes[name]}.255`;
/** The last changes of parameters, as JSON text. */
export const auditObis = '0.0.128.23.0.255';

/** All of them, with the audit and the count of changes. */
export function parameterObjects(): CosemObject[] {
  return [
    ...(Object.keys(parameterCodes) as CodedParameter[]).map(jsonParameter),
    ...ratioObjects(),
    dataObject(
      auditObis,
      (writer, { configuration }) => writer.utf8String(JSON.stringify(configuration.audit)),
      {
        label: 'Changes of parameters: who, what, before, after',
      },
    ),
  ];
}

const text = utf8Text(65_535);

function jsonParameter(name: CodedParameter): CosemObject {
  return cosemObject(
    dataParameter(text),
    parameterObis(name),
    ({ parts }) => ({
      write: (writer) =>
        writer.utf8String(JSON.stringify(parts.configuration.parameters.get(name)?.read() ?? null)),
      set(value) {
        const json = value.type === 'utf8-string' ? jsonIn(value.value) : undefined;
        return json === undefined ? 'other-reason' : configure(parts, name, json);
      },
    }),
    { label: `Parameter: ${name}` },
  );
}

function jsonIn(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** Ratios of instrument transformers at their standard names (IEC 62056-6-1, recalled): numerators 0.4.2 and 0.4.3, denominators 0.4.5 and 0.4.6. */
function ratioObjects(): CosemObject[] {
  const rows = [
    ['1.0.0.4.2.255', 'currentNumerator', 'Transformer ratio, current (numerator)'],
    ['1.0.0.4.3.255', 'voltageNumerator', 'Transformer ratio, voltage (numerator)'],
    ['1.0.0.4.5.255', 'currentDenominator', 'Transformer ratio, current (denominator)'],
    ['1.0.0.4.6.255', 'voltageDenominator', 'Transformer ratio, voltage (denominator)'],
  ] as const satisfies readonly (readonly [string, keyof TransformerRatios, string])[];
  return rows.map(([obis, figure, label]) =>
    parameterObject(
      obis,
      {
        type: longUnsigned(1),
        parameter: 'transformer-ratios',
        read: ({ transformers }) => transformers.ratios[figure],
        value: (number, { transformers }) => ({ ...transformers.ratios, [figure]: number }),
      },
      { label },
    ),
  );
}
