/** Single action schedule, class 22 (Blue Book 4.5.7): one script at dates and times of the meter's clock. */
import type { MeterClock } from '../clock/clock.ts';
import { arrayOf, date, enumeration, scriptReference, structure, time } from './data-type.ts';
import { elementsIn, numberIn, obisIn, octetsIn, rowsIn } from './fields.ts';
import type { InterfaceClass, Passed } from './interface-class.ts';
import { setting, settingOf, type WithSettings } from './settings.ts';
import { instantsIn } from './wall-time.ts';

/** The schedule behind the object; `settings` may be those of a client or what the device gives. */
export interface SingleActionScheduleSource extends WithSettings {
  readonly clock: MeterClock;
  runScript(obis: string, selector: number): void;
}

const scriptAttribute = 2;
const timesAttribute = 4;
const executionTimes = arrayOf(structure({ time, date }));

export const singleActionSchedule: InterfaceClass<SingleActionScheduleSource> = {
  classId: 22,
  version: 0,
  name: 'Single action schedule',
  section: '4.5.7',
  attributes: {
    2: setting('executed_script', scriptReference),
    // 1: one time, wildcard in the date allowed; 2 to 5: several times, with and without wildcards.
    3: setting('type', enumeration(1, 2, 3, 4, 5)),
    4: setting('execution_time', executionTimes),
  },
  methods: {},
  pass(source, passed) {
    const [script, selector] = elementsIn(settingOf(source.settings, scriptAttribute, scriptReference));
    for (const _ of dueIn(source, passed)) source.runScript(obisIn(script), numberIn(selector));
  },
  due: dueIn,
};

/** Every execution time within a stretch. */
function dueIn({ settings, clock }: SingleActionScheduleSource, passed: Passed): number[] {
  return rowsIn(settingOf(settings, timesAttribute, executionTimes)).flatMap(([at, on]) =>
    instantsIn(clock, passed, { time: octetsIn(at), date: octetsIn(on) }),
  );
}
