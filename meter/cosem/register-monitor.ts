/** Register monitor, class 21 (Blue Book 4.5.6): scripts when a value crosses thresholds. */
import type { AttributeDescriptor, Data } from '@wattline/protocols/dlms';
import { anyData, arrayOf, attributeReference, scriptReference, structure } from './data-type.ts';
import { elementsIn, numberIn, numericIn, obisIn } from './fields.ts';
import type { InterfaceClass } from './interface-class.ts';
import { setting, settingOf, type WithSettings } from './settings.ts';

/** The monitor behind the object. */
export interface RegisterMonitorSource extends WithSettings {
  /** The number an attribute holds; undefined when there is none. */
  numberAt(reference: AttributeDescriptor): number | undefined;
  runScript(obis: string, selector: number): void;
  /** For each threshold whether the value stood above it last; empty before the first look. */
  readonly above: boolean[];
}

const thresholdsAttribute = 2;
const monitoredAttribute = 3;
const actionsAttribute = 4;
const thresholdList = arrayOf(anyData);
const actionList = arrayOf(structure({ action_up: scriptReference, action_down: scriptReference }));

export const registerMonitor: InterfaceClass<RegisterMonitorSource> = {
  classId: 21,
  version: 0,
  name: 'Register monitor',
  section: '4.5.6',
  attributes: {
    2: setting('thresholds', thresholdList),
    3: setting('monitored_value', attributeReference),
    4: setting('actions', actionList),
  },
  methods: {},
  pass(source) {
    const { settings, above } = source;
    const thresholds = elementsIn(settingOf(settings, thresholdsAttribute, thresholdList));
    if (thresholds.length === 0) return;
    const [classId, obis, attribute] = elementsIn(
      settingOf(settings, monitoredAttribute, attributeReference),
    );
    const value = source.numberAt({
      classId: numberIn(classId),
      obis: obisIn(obis),
      attribute: numberIn(attribute),
    });
    const actions = elementsIn(settingOf(settings, actionsAttribute, actionList));
    runCrossed(source, above, { value, thresholds, actions });
  },
};

/** Runs the scripts of the thresholds that a value crossed since the last look; the first look crosses nothing. */
export function runCrossed(
  { runScript }: Pick<RegisterMonitorSource, 'runScript'>,
  above: boolean[],
  of: {
    readonly value: number | undefined;
    readonly thresholds: readonly Data[];
    readonly actions: readonly Data[];
  },
): void {
  const { value, thresholds, actions } = of;
  if (value === undefined) return;
  thresholds.forEach((threshold, index) => {
    const isAbove = value > (numericIn(threshold) ?? Number.POSITIVE_INFINITY);
    const wasAbove = above[index];
    above[index] = isAbove;
    if (wasAbove === undefined || wasAbove === isAbove) return;
    const [up, down] = elementsIn(actions[index]);
    const [script, selector] = elementsIn(isAbove ? up : down);
    if (script) runScript(obisIn(script), numberIn(selector));
  });
}
