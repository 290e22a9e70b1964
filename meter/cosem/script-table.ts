/** Script table, class 9 (Blue Book 4.5.2): scripts that set attributes and call methods of other objects. */
import type { ActionOutcome, Data } from '@wattline/protocols/dlms';
import { anyData, arrayOf, enumeration, integer, logicalName, longUnsigned, structure } from './data-type.ts';
import { elementsIn, numberIn, obisIn, rowsIn } from './fields.ts';
import { type InterfaceClass, managed } from './interface-class.ts';
import { setting, settingOf, type WithSettings } from './settings.ts';

/** An action of a script. */
export interface ScriptAction {
  readonly service: 'write' | 'execute';
  readonly classId: number;
  readonly obis: string;
  /** Attribute or method. */
  readonly index: number;
  readonly parameter: Data;
}

/** The table behind the object. */
export interface ScriptTableSource extends WithSettings {
  /** Does an action with the rights of the meter itself. */
  perform(action: ScriptAction): ActionOutcome['result'];
}

const writeService = 1;
const executeService = 2;
const scriptsAttribute = 2;

/** scripts: what a profile gives as initial value and what a client may set. */
export const scriptList = arrayOf(
  structure({
    script_identifier: longUnsigned(),
    actions: arrayOf(
      structure({
        service_id: enumeration(writeService, executeService),
        class_id: longUnsigned(),
        logical_name: logicalName,
        index: integer(),
        parameter: anyData,
      }),
    ),
  }),
);

export const scriptTable: InterfaceClass<ScriptTableSource> = {
  classId: 9,
  version: 0,
  name: 'Script table',
  section: '4.5.2',
  attributes: { 2: setting('scripts', scriptList) },
  methods: {
    1: {
      name: 'execute',
      clients: managed,
      parameter: longUnsigned(),
      invoke: (source, parameter) => ({ result: execute(source, numberIn(parameter)) }),
    },
  },
};

/** Does all actions of a script, in order; the first refusal ends it and is the answer. */
function execute(source: ScriptTableSource, identifier: number): ActionOutcome['result'] {
  const scripts = rowsIn(settingOf(source.settings, scriptsAttribute, scriptList));
  const script = scripts.find(([id]) => numberIn(id) === identifier);
  if (!script) return 'object-undefined';
  for (const [service, classId, obis, index, parameter] of elementsIn(script[1]).map(elementsIn)) {
    const result = source.perform({
      service: numberIn(service) === writeService ? 'write' : 'execute',
      classId: numberIn(classId),
      obis: obisIn(obis),
      index: numberIn(index),
      parameter: parameter ?? { type: 'null-data' },
    });
    if (result !== 'success') return result;
  }
  return 'success';
}
