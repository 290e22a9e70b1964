/** Scripts that companion profiles come with, as initial values of their script tables, and what their schedules execute. */
import type { CosemObject } from '../cosem/cosem-object.ts';
import { dataOf } from '../cosem/data-type.ts';
import { scriptTableObject, singleActionObject } from './behaviour-objects.ts';
import { standardObis } from './common-objects.ts';

const { number, structure, array, obis } = dataOf;
const execute = 2;

/** A method that a script calls. */
interface ScriptedMethod {
  readonly classId: number;
  readonly obis: string;
  readonly method: number;
}

/** Scripts by their numbers from 1, each with one method. */
function scripts(...methods: readonly ScriptedMethod[]) {
  return array(
    ...methods.map((called, index) =>
      structure(
        number('long-unsigned', index + 1),
        array(
          structure(
            number('enum', execute),
            number('long-unsigned', called.classId),
            obis(called.obis),
            number('integer', called.method),
            number('integer', 0),
          ),
        ),
      ),
    ),
  );
}

/** Script 1 opens the switch, script 2 closes it (IDIS, disconnector script table). */
export const switchScripts = scripts(
  ...[1, 2].map((method) => ({ classId: 70, obis: standardObis.disconnectControl, method })),
);

/** A schedule of times, which a client sets, at which script 1 of a table is executed. */
function scheduled(schedule: string, table: string, label: string): CosemObject {
  const executed = structure(obis(table), number('long-unsigned', 1));
  return singleActionObject(schedule, { label, initial: { 2: executed } });
}

/** Image activation: script 1 activates what was verified (0-0:10.0.107), at the times of 0-0:15.0.2. */
export function imageActivationObjects(): CosemObject[] {
  const table = '0.0.10.0.107.255';
  return [
    scriptTableObject(table, {
      label: 'Image activation script table',
      initial: { 2: scripts({ classId: 18, obis: '0.0.44.0.0.255', method: 4 }) },
    }),
    scheduled('0.0.15.0.2.255', table, 'Image transfer activation schedule'),
  ];
}

/** End of the billing period: script 1 closes it and begins the maximum demand anew (0-0:10.0.1), at the times of 0-0:15.0.0. */
export function billingEndObjects(billingProfile: string): CosemObject[] {
  const table = '0.0.10.0.1.255';
  return [
    scriptTableObject(table, {
      label: 'End of billing period and MDI reset script table',
      initial: { 2: scripts({ classId: 7, obis: billingProfile, method: 2 }) },
    }),
    scheduled('0.0.15.0.0.255', table, 'End of billing period scheduler'),
  ];
}

/** Pushes: a script for each push setup, in their order (0-0:10.0.108); the times of 0-0:15.0.4 execute the first. */
export function pushScheduleObjects(...setups: readonly string[]): CosemObject[] {
  const table = '0.0.10.0.108.255';
  return [
    scriptTableObject(table, {
      label: 'Push script table',
      initial: { 2: scripts(...setups.map((setup) => ({ classId: 40, obis: setup, method: 1 }))) },
    }),
    scheduled('0.0.15.0.4.255', table, 'Push action scheduler'),
  ];
}
