/** Limiter, class 71 (Blue Book 4.5.9): scripts when a value stays over or under its threshold; another threshold in an emergency. */
import type { AttributeDescriptor } from '@wattline/protocols/dlms';
import type { MeterClock } from '../clock/clock.ts';
import {
  arrayOf,
  attributeReference,
  boolean,
  dateTime,
  doubleLongUnsigned,
  longUnsigned,
  scriptReference,
  structure,
  wholeNumber,
} from './data-type.ts';
import { elementsIn, numberIn, obisIn, octetsIn } from './fields.ts';
import { type InterfaceClass, readable } from './interface-class.ts';
import { setting, settingOf, type WithSettings } from './settings.ts';

/** What the limiter remembers from one look to the next. */
export interface LimiterState {
  isOver: boolean;
  /** Meter time since when the value is on the other side; undefined while it stays where it is. */
  changingSinceMs: number | undefined;
  isEmergency: boolean;
}

/** A limiter before its first look. */
export function restingLimiter(): LimiterState {
  return { isOver: false, changingSinceMs: undefined, isEmergency: false };
}

/** The limiter behind the object. */
export interface LimiterSource extends WithSettings {
  readonly clock: MeterClock;
  readonly state: LimiterState;
  numberAt(reference: AttributeDescriptor): number | undefined;
  runScript(obis: string, selector: number): void;
}

const attribute = {
  monitored: 2,
  normal: 4,
  emergency: 5,
  minOver: 6,
  minUnder: 7,
  profile: 8,
  group: 9,
  actions: 11,
} as const;
const emergencyProfile = structure({
  emergency_profile_id: longUnsigned(),
  emergency_activation_time: dateTime,
  emergency_duration: doubleLongUnsigned(),
});
const actionPair = structure({
  action_over_threshold: scriptReference,
  action_under_threshold: scriptReference,
});
const groupList = arrayOf(longUnsigned());

export const limiter: InterfaceClass<LimiterSource> = {
  classId: 71,
  version: 0,
  name: 'Limiter',
  section: '4.5.9',
  attributes: {
    2: setting('monitored_value', attributeReference),
    3: {
      name: 'threshold_active',
      type: wholeNumber,
      access: readable,
      read({ settings, state }, { writer }) {
        const held = state.isEmergency ? attribute.emergency : attribute.normal;
        const encoded = settings.read(held);
        if (encoded) writer.raw(encoded);
        else writer.doubleLongUnsigned(0);
      },
    },
    4: setting('threshold_normal', wholeNumber),
    5: setting('threshold_emergency', wholeNumber),
    6: setting('min_over_threshold_duration', doubleLongUnsigned()),
    7: setting('min_under_threshold_duration', doubleLongUnsigned()),
    8: setting('emergency_profile', emergencyProfile),
    9: setting('emergency_profile_group_id_list', groupList),
    10: {
      name: 'emergency_profile_active',
      type: boolean,
      access: readable,
      read: ({ state }, { writer }) => void writer.boolean(state.isEmergency),
    },
    11: setting('actions', actionPair),
  },
  methods: {},
  pass(source, { toMs }) {
    const { settings, state } = source;
    // A limiter whose normal threshold nobody set limits nothing.
    if (!settings.read(attribute.normal)) return;
    state.isEmergency = isEmergency(source, toMs);
    const [classId, obis, index] = elementsIn(settingOf(settings, attribute.monitored, attributeReference));
    const value = source.numberAt({
      classId: numberIn(classId),
      obis: obisIn(obis),
      attribute: numberIn(index),
    });
    if (value === undefined) return;
    const held = state.isEmergency ? attribute.emergency : attribute.normal;
    const isOver = value > numberIn(settingOf(settings, held, wholeNumber));
    if (isOver === state.isOver) {
      state.changingSinceMs = undefined;
      return;
    }
    state.changingSinceMs ??= toMs;
    const least = numberIn(
      settingOf(settings, isOver ? attribute.minOver : attribute.minUnder, doubleLongUnsigned()),
    );
    if (toMs - state.changingSinceMs < least * 1000) return;
    state.isOver = isOver;
    state.changingSinceMs = undefined;
    const [over, under] = elementsIn(settingOf(settings, attribute.actions, actionPair));
    const [script, selector] = elementsIn(isOver ? over : under);
    source.runScript(obisIn(script), numberIn(selector));
  },
};

/** The emergency profile holds from its activation for its duration, when its id is in the list of groups. */
function isEmergency({ settings, clock }: LimiterSource, nowMs: number): boolean {
  const [id, activation, duration] = elementsIn(settingOf(settings, attribute.profile, emergencyProfile));
  const groups = elementsIn(settingOf(settings, attribute.group, groupList)).map(numberIn);
  if (!groups.includes(numberIn(id))) return false;
  const start = clock.instantOf(octetsIn(activation));
  return start.ok && nowMs >= start.value && nowMs < start.value + numberIn(duration) * 1000;
}
