/** Arbitrator, class 68 (Blue Book 4.5.12): several actors ask for actions that exclude each other; weights decide which is done. */
import type { ActionOutcome, Data } from '@wattline/protocols/dlms';
import {
  arrayOf,
  type DataType,
  dataOf,
  longUnsigned,
  scriptReference,
  structure,
  trigger,
  unsigned,
} from './data-type.ts';
import { elementsIn, numberIn, obisIn, octetsIn, rowsIn } from './fields.ts';
import { type InterfaceClass, managed } from './interface-class.ts';
import { reported, setting, settingOf, type WithSettings } from './settings.ts';

/** The arbitrator behind the object. */
export interface ArbitratorSource extends WithSettings {
  runScript(obis: string, selector: number): void;
}

const attribute = { actions: 2, permissions: 3, weightings: 4, requests: 5, outcome: 6 } as const;
const mostActions = 16;
const mostActors = 16;
const requestBits: DataType = { kind: 'bit-string', least: 0, most: mostActions };
const actionList = arrayOf(scriptReference, mostActions);
const bitTable = arrayOf(requestBits, mostActors);
const weightTable = arrayOf(arrayOf(longUnsigned(), mostActions), mostActors);

export const arbitrator: InterfaceClass<ArbitratorSource> = {
  classId: 68,
  version: 0,
  name: 'Arbitrator',
  section: '4.5.12',
  attributes: {
    2: setting('actions', actionList),
    3: setting('permissions_table', bitTable),
    4: setting('weightings_table', weightTable),
    5: reported('most_recent_requests_table', bitTable),
    // Number of the action that was done last, from 1; 0 for none.
    6: reported('last_outcome', unsigned()),
  },
  methods: {
    1: {
      name: 'request_action',
      clients: managed,
      parameter: structure({ request_actor: unsigned(), request_action_list: requestBits }),
      invoke: request,
    },
    2: {
      name: 'reset',
      clients: managed,
      parameter: trigger,
      invoke({ settings }) {
        settings.forget(attribute.requests);
        settings.forget(attribute.outcome);
        return { result: 'success' };
      },
    },
  },
};

const isSet = (value: Data | undefined, index: number) =>
  (((octetsIn(value)[index >> 3] ?? 0) >> (7 - (index & 7))) & 1) === 1;

/** Actors count from 1. What an actor may not ask for is left out; the action with the most weight over all actors is done. */
function request(source: ArbitratorSource, parameter: Data | undefined): ActionOutcome {
  const { settings } = source;
  const [actorField, asked] = elementsIn(parameter);
  const actor = numberIn(actorField) - 1;
  const actions = rowsIn(settingOf(settings, attribute.actions, actionList));
  const permissions = elementsIn(settingOf(settings, attribute.permissions, bitTable));
  if (actor < 0 || actor >= permissions.length) return { result: 'other-reason' };
  const held = elementsIn(settingOf(settings, attribute.requests, bitTable));
  const requests = permissions.map((_, index) => (index === actor ? asked : held[index]) ?? none);
  settings.write(attribute.requests, dataOf.array(...requests));
  const weights = elementsIn(settingOf(settings, attribute.weightings, weightTable)).map((row) =>
    elementsIn(row).map(numberIn),
  );
  const sums = actions.map((_, action) =>
    requests.reduce((sum, wish, by) => {
      const counts = isSet(wish, action) && isSet(permissions[by], action);
      return sum + (counts ? (weights[by]?.[action] ?? 0) : 0);
    }, 0),
  );
  const most = Math.max(0, ...sums);
  const chosen = most === 0 ? undefined : actions[sums.indexOf(most)];
  settings.write(attribute.outcome, dataOf.number('unsigned', chosen ? sums.indexOf(most) + 1 : 0));
  if (chosen) source.runScript(obisIn(chosen[0]), numberIn(chosen[1]));
  return { result: 'success' };
}

const none: Data = { type: 'bit-string', bits: 0, value: new Uint8Array(0) };
