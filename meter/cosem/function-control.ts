/** Function control, class 122 (Blue Book 4.4.10): functions of the meter by name, switched on and off. */
import type { ActionOutcome, Data } from '@wattline/protocols/dlms';
import { arrayOf, boolean, logicalName, longUnsigned, octets, structure } from './data-type.ts';
import { elementsIn, octetsIn } from './fields.ts';
import { type InterfaceClass, managed, readable } from './interface-class.ts';
import { reported, type Settings, setting, settingOf, type WithSettings } from './settings.ts';

const attribute = { status: 2, list: 3 } as const;
const functionName = octets(1, 32);
const statusList = arrayOf(structure({ function_name: functionName, function_status: boolean }));
const functionBlock = structure({
  function_name: functionName,
  function_specification: arrayOf(structure({ class_id: longUnsigned(), logical_name: logicalName })),
});
const functionList = arrayOf(functionBlock);

export const functionControl: InterfaceClass<WithSettings> = {
  classId: 122,
  version: 0,
  name: 'Function control',
  section: '4.4.10',
  attributes: {
    2: reported('activation_status', statusList),
    3: setting('function_list', functionList, { access: readable }),
  },
  methods: {
    1: { name: 'set_function_status', clients: managed, parameter: statusList, invoke: setStatus },
    2: { name: 'add_function', clients: managed, parameter: functionBlock, invoke: add },
    3: { name: 'remove_function', clients: managed, parameter: functionBlock, invoke: remove },
  },
  declaredOnly: 'objects of a function that is off answer all the same',
};

const nameOf = (one: Data | undefined) => Buffer.from(octetsIn(elementsIn(one)[0])).toString('hex');
const functionsIn = (settings: Settings) => elementsIn(settingOf(settings, attribute.list, functionList));
const statusIn = (settings: Settings) => elementsIn(settingOf(settings, attribute.status, statusList));

/** Functions that are not in the list cannot be switched; then none is. */
function setStatus({ settings }: WithSettings, asked: Data | undefined): ActionOutcome {
  const known = new Set(functionsIn(settings).map(nameOf));
  const wanted = elementsIn(asked);
  if (!wanted.every((one) => known.has(nameOf(one)))) return { result: 'object-undefined' };
  const names = new Set(wanted.map(nameOf));
  const others = statusIn(settings).filter((one) => !names.has(nameOf(one)));
  settings.write(attribute.status, { type: 'array', value: [...others, ...wanted] });
  return { result: 'success' };
}

/** A function that is added is on. */
function add({ settings }: WithSettings, added: Data | undefined): ActionOutcome {
  const held = functionsIn(settings);
  if (!added || held.some((one) => nameOf(one) === nameOf(added))) return { result: 'other-reason' };
  const [name] = elementsIn(added);
  if (!name || held.length >= functionList.most) return { result: 'other-reason' };
  settings.write(attribute.list, { type: 'array', value: [...held, added] });
  const on: Data = { type: 'structure', value: [name, { type: 'boolean', value: true }] };
  settings.write(attribute.status, { type: 'array', value: [...statusIn(settings), on] });
  return { result: 'success' };
}

function remove({ settings }: WithSettings, removed: Data | undefined): ActionOutcome {
  const held = functionsIn(settings);
  const others = held.filter((one) => nameOf(one) !== nameOf(removed));
  if (others.length === held.length) return { result: 'object-undefined' };
  settings.write(attribute.list, { type: 'array', value: others });
  const status = statusIn(settings).filter((one) => nameOf(one) !== nameOf(removed));
  settings.write(attribute.status, { type: 'array', value: status });
  return { result: 'success' };
}
