/** Sensor manager, class 67 (Blue Book 4.5.11): a sensor that is attached, its raw and processed value, and scripts at thresholds. */
import type { AttributeDescriptor, Data } from '@wattline/protocols/dlms';
import {
  anyData,
  arrayOf,
  attributeReference,
  dateTime,
  enumerationTo,
  octets,
  scriptReference,
  structure,
} from './data-type.ts';
import { elementsIn, numberIn, numericIn, obisIn } from './fields.ts';
import type { InterfaceClass } from './interface-class.ts';
import { scalerUnit } from './register.ts';
import { runCrossed } from './register-monitor.ts';
import { reported, resetting, setting, settingOf, type WithSettings } from './settings.ts';

/** The sensor behind the object. */
export interface SensorManagerSource extends WithSettings {
  numberAt(reference: AttributeDescriptor): number | undefined;
  runScript(obis: string, selector: number): void;
  /** For each threshold whether the value stood above it last. */
  readonly raw: boolean[];
  readonly processed: boolean[];
}

const attribute = {
  rawValue: 7,
  rawThresholds: 11,
  rawActions: 12,
  processed: 13,
  processedThresholds: 14,
  processedActions: 15,
} as const;
const thresholds = arrayOf(anyData);
const actions = arrayOf(structure({ action_up: scriptReference, action_down: scriptReference }));

export const sensorManager: InterfaceClass<SensorManagerSource> = {
  classId: 67,
  version: 0,
  name: 'Sensor manager',
  section: '4.5.11',
  attributes: {
    2: setting('serial_number', octets()),
    3: setting('metrological_identification', octets()),
    4: setting('output_type', enumerationTo(255)),
    5: setting('adjustment_method', octets()),
    6: setting('sealing_method', enumerationTo(255)),
    7: reported('raw_value', anyData),
    8: setting('scaler_unit', scalerUnit),
    9: reported('status', anyData),
    10: reported('capture_time', dateTime),
    11: setting('raw_value_thresholds', thresholds),
    12: setting('raw_value_actions', actions),
    13: setting('processed_value', attributeReference),
    14: setting('processed_value_thresholds', thresholds),
    15: setting('processed_value_actions', actions),
  },
  methods: { 1: resetting('reset', [7, 9, 10]) },
  pass(source) {
    const held = (index: number, of: typeof thresholds): readonly Data[] =>
      elementsIn(settingOf(source.settings, index, of));
    const raw = numericIn(settingOf(source.settings, attribute.rawValue, anyData));
    runCrossed(source, source.raw, {
      value: raw,
      thresholds: held(attribute.rawThresholds, thresholds),
      actions: held(attribute.rawActions, actions),
    });
    const [classId, obis, index] = elementsIn(
      settingOf(source.settings, attribute.processed, attributeReference),
    );
    const reference = { classId: numberIn(classId), obis: obisIn(obis), attribute: numberIn(index) };
    runCrossed(source, source.processed, {
      value: source.numberAt(reference),
      thresholds: held(attribute.processedThresholds, thresholds),
      actions: held(attribute.processedActions, actions),
    });
  },
};
