/** Parameters of tamper conditions and of what is logged and alarmed. */
import { type EventName, eventKinds } from '../events/event-codes.ts';
import type { EventRecorder } from '../events/event-recorder.ts';
import { type ConditionName, type TamperCondition, tamperConditions } from '../events/tamper-conditions.ts';
import type { ConditionSettings } from '../events/tamper-detector.ts';
import type { TamperWatch } from '../events/tamper-watch.ts';
import type { Json, Parameter } from './configuration.ts';
import { type FieldRule, list, optional, whole, wrongField } from './parameter-values.ts';
import { asJson, record } from './record-parameter.ts';

const day = 86_400;

export function eventParameters({
  tamper,
  eventRecorder,
}: {
  readonly tamper: TamperWatch;
  readonly eventRecorder: EventRecorder;
}): Record<string, Parameter> {
  const unknownIn = (names: readonly string[] = []) => names.find((name) => !Object.hasOwn(eventKinds, name));
  return {
    conditions: {
      title: 'Thresholds and times of tamper and supply conditions',
      event: 'parameterChanged',
      read: () => asJson(tamper.settings),
      check: wrongCondition,
      apply(value) {
        tamper.settings = value as ConditionSettings;
      },
    },
    'event-filter': record<{ notCaptured: EventName[]; notAlarmed: EventName[] }>({
      title: 'Events that are not logged, and such that raise no alarm',
      event: 'eventFilterChanged',
      rules: { notCaptured: list, notAlarmed: list },
      read: () => eventRecorder.filters,
      check({ notCaptured, notAlarmed }) {
        const unknown = unknownIn(notCaptured) ?? unknownIn(notAlarmed);
        return unknown === undefined ? undefined : `'${unknown}' is no event`;
      },
      apply: (filters) => eventRecorder.filter(filters),
    }),
  };
}

/** Which condition or figure is wrong. */
function wrongCondition(value: Json): string | undefined {
  const known = Object.fromEntries(
    Object.keys(tamperConditions).map((name) => [name, optional({ fits: () => true, expected: 'settings' })]),
  );
  const unknown = wrongField(value, known);
  if (unknown) return unknown;
  const finite: FieldRule = { fits: Number.isFinite, expected: 'a number' };
  const rules = {
    threshold: optional(finite),
    release: optional(finite),
    occurrenceS: optional(whole(0, day)),
    restorationS: optional(whole(0, day)),
  };
  for (const [name, settings] of Object.entries(value as Record<string, Json>)) {
    const wrong = wrongField(settings, rules) ?? wrongRelease(name as ConditionName, settings);
    if (wrong) return `${name}: ${wrong}`;
  }
  return undefined;
}

/** A condition that is restored on the wrong side of its threshold would come and go without end. */
function wrongRelease(name: ConditionName, settings: Json): string | undefined {
  const declared: TamperCondition = tamperConditions[name];
  const { when, threshold, release } = { ...declared, ...(settings as Partial<TamperCondition>) };
  const isApart = when === 'above' ? release <= threshold : release >= threshold;
  return isApart
    ? undefined
    : `release ${release}: expected a value ${when === 'above' ? 'at most' : 'at least'} ${threshold}`;
}
