/** Parameters whose value is a record: its fields have rules, and nothing else is in it. */
import type { EventName } from '../events/event-codes.ts';
import type { Json, Parameter } from './configuration.ts';
import { type FieldRule, wrongField } from './parameter-values.ts';

/** A value as it goes out: nothing in it is shared with the part it came from. */
export const asJson = (value: unknown) => JSON.parse(JSON.stringify(value ?? null)) as Json;

/** A parameter whose value is a record with rules for its fields. */
export function record<T>(of: {
  readonly title: string;
  readonly event: EventName | ((before: T, after: T) => EventName);
  readonly rules: Readonly<Record<string, FieldRule>>;
  readonly read: () => T;
  /** What else is wrong with it. */
  readonly check?: (value: T) => string | undefined;
  readonly apply: (value: T, meterMs: number) => void;
}): Parameter {
  return {
    title: of.title,
    event: of.event as Parameter['event'],
    read: () => asJson(of.read()),
    check: (value) => wrongField(value, of.rules) ?? of.check?.(value as unknown as T),
    apply: (value, meterMs) => of.apply(value as unknown as T, meterMs),
  };
}
