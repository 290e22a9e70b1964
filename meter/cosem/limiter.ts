/**
 * Limiter, class 71 (Blue Book 4.5.9): the load limit of the meter's supply switch as a client sees and sets it. It monitors mean import
 * power and acts through the disconnector script table; other values and other scripts are refused.
 */
import { type DataAccessResult, encodeData } from '@wattline/protocols/dlms';
import type { MeterClock } from '../clock/clock.ts';
import { type LoadLimit, type LoadLimitSettings, noLoadLimit } from '../supply-switch/load-limit.ts';
import { writeTime } from './clock.ts';
import {
  arrayOf,
  attributeReference,
  boolean,
  dataOf,
  dateTime,
  doubleLongUnsigned,
  longUnsigned,
  notSpecified,
  scriptReference,
  structure,
  wholeNumber,
} from './data-type.ts';
import { elementsIn, numberIn, obisIn, octetsIn } from './fields.ts';
import { type Attribute, type InterfaceClass, readable, settable } from './interface-class.ts';
import { isSpecified } from './wall-time.ts';

/** The limiter behind the object: thresholds are in W, the unit of the power that is monitored. */
export interface LimiterSource {
  readonly clock: MeterClock;
  readonly limit: LoadLimit;
  nowMs(): number;
  /** Other settings of the limit; refused when the meter cannot take them. */
  configure(settings: LoadLimitSettings): DataAccessResult;
}

/** Instantaneous active import power, attribute value. */
const monitored = dataOf.structure(
  dataOf.number('long-unsigned', 3),
  dataOf.obis('1.0.1.7.0.255'),
  dataOf.number('integer', 2),
);
const disconnectorScripts = '0.0.10.0.106.255';
const disconnectScript = 1;
const reconnectScript = 2;
const noAction = { obis: '0.0.0.0.0.0', selector: 0 };

const emergencyProfile = structure({
  emergency_profile_id: longUnsigned(),
  emergency_activation_time: dateTime,
  emergency_duration: doubleLongUnsigned(),
});
const actionPair = structure({
  action_over_threshold: scriptReference,
  action_under_threshold: scriptReference,
});

type Emergency = NonNullable<LoadLimitSettings['emergency']>;
const noEmergency: Emergency = { groupId: 0, fromMs: 0, durationS: 0, thresholdW: 0 };
const emergencyOf = ({ limit }: LimiterSource) => limit.settings.emergency ?? noEmergency;

/** A number of the settings, read and set. */
function figure(
  name: string,
  type: Attribute<LimiterSource>['type'],
  of: {
    readonly read: (source: LimiterSource) => number;
    readonly change: (value: number, source: LimiterSource) => Partial<LoadLimitSettings>;
  },
): Attribute<LimiterSource> {
  return {
    name,
    type,
    access: settable,
    read: (source, { writer }) => void writer.doubleLongUnsigned(of.read(source)),
    write: (source, value) => change(source, of.change(numberIn(value), source)),
  };
}

export const limiter: InterfaceClass<LimiterSource> = {
  classId: 71,
  version: 0,
  name: 'Limiter',
  section: '4.5.9',
  attributes: {
    2: {
      name: 'monitored_value',
      type: attributeReference,
      access: settable,
      read: (_, { writer }) => void writer.raw(encodeData(monitored)),
      write: (_, value) =>
        Buffer.from(encodeData(value)).equals(encodeData(monitored)) ? 'success' : 'other-reason',
    },
    3: {
      name: 'threshold_active',
      type: wholeNumber,
      access: readable,
      read: ({ limit, nowMs }, { writer }) => void writer.doubleLongUnsigned(limit.thresholdAt(nowMs())),
    },
    4: figure('threshold_normal', wholeNumber, {
      read: ({ limit }) => limit.settings.thresholdW,
      change: (thresholdW) => ({ thresholdW }),
    }),
    5: figure('threshold_emergency', wholeNumber, {
      read: (source) => emergencyOf(source).thresholdW,
      change: (thresholdW, source) => ({ emergency: { ...emergencyOf(source), thresholdW } }),
    }),
    6: figure('min_over_threshold_duration', doubleLongUnsigned(), {
      read: ({ limit }) => limit.settings.minOverS,
      change: (minOverS) => ({ minOverS }),
    }),
    // A load that was disconnected is under every threshold: this long until the action under the threshold.
    7: figure('min_under_threshold_duration', doubleLongUnsigned(), {
      read: ({ limit }) => limit.settings.reconnectAfterS,
      change: (reconnectAfterS) => ({ reconnectAfterS }),
    }),
    8: {
      name: 'emergency_profile',
      type: emergencyProfile,
      access: settable,
      read(source, { writer }) {
        const { groupId, fromMs, durationS } = emergencyOf(source);
        writer.structure(3).longUnsigned(groupId);
        if (fromMs === 0) writer.octetString(notSpecified['date-time']);
        else writeTime(writer, source.clock, fromMs);
        writer.doubleLongUnsigned(durationS);
      },
      write(source, value) {
        const [groupId, activation, duration] = elementsIn(value);
        const fromMs = activationIn(source, octetsIn(activation));
        if (fromMs === undefined) return 'other-reason';
        const { thresholdW } = emergencyOf(source);
        return change(source, {
          emergency: { groupId: numberIn(groupId), fromMs, durationS: numberIn(duration), thresholdW },
        });
      },
    },
    9: {
      name: 'emergency_profile_group_id_list',
      type: arrayOf(longUnsigned()),
      access: settable,
      read({ limit }, { writer }) {
        const { emergencyGroups } = limit.settings;
        writer.array(emergencyGroups.length);
        for (const groupId of emergencyGroups) writer.longUnsigned(groupId);
      },
      write: (source, value) => change(source, { emergencyGroups: elementsIn(value).map(numberIn) }),
    },
    10: {
      name: 'emergency_profile_active',
      type: boolean,
      access: readable,
      read: ({ limit, nowMs }, { writer }) => void writer.boolean(limit.isEmergencyAt(nowMs())),
    },
    11: {
      name: 'actions',
      type: actionPair,
      access: settable,
      read({ limit }, { writer }) {
        const { isEnabled, mostReconnects } = limit.settings;
        writer.structure(2);
        for (const [isSet, selector] of [
          [isEnabled, disconnectScript],
          [isEnabled && mostReconnects > 0, reconnectScript],
        ] as const) {
          const { obis, selector: script } = isSet ? { obis: disconnectorScripts, selector } : noAction;
          writer.structure(2).obis(obis).longUnsigned(script);
        }
      },
      write(source, value) {
        const [over, under] = elementsIn(value).map(actionIn);
        const isKnown =
          (over === disconnectScript || over === 0) && (under === reconnectScript || under === 0);
        if (!isKnown) return 'other-reason';
        const tries = source.limit.settings.mostReconnects || noLoadLimit.mostReconnects;
        return change(source, {
          isEnabled: over === disconnectScript,
          mostReconnects: under === reconnectScript ? tries : 0,
        });
      },
    },
  },
  methods: {},
};

function change(source: LimiterSource, changed: Partial<LoadLimitSettings>): DataAccessResult {
  return source.configure({ ...source.limit.settings, ...changed });
}

/** Meter time of an activation: 0 while it is open, undefined when it is no time. */
function activationIn({ clock }: LimiterSource, octets: Uint8Array): number | undefined {
  if (!isSpecified(octets)) return 0;
  const instant = clock.instantOf(octets);
  return instant.ok ? instant.value : undefined;
}

/** Selector of an action in the disconnector script table, 0 when there is none; undefined for another table. */
function actionIn(reference: Parameters<typeof elementsIn>[0]): number | undefined {
  const [script, selector] = elementsIn(reference);
  if (numberIn(selector) === 0) return 0;
  return obisIn(script) === disconnectorScripts ? numberIn(selector) : undefined;
}
