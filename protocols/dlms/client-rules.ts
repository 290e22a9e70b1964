/** What the client may ask and what it does with an answer (Green Book 9.3, 9.4): tables of states. */
import type { ConformanceName } from './apdu/conformance.ts';
import type { ApduName } from './apdu/tags.ts';
import type { ClientRequest } from './client.ts';

/** `exchanging` waits for the answer to GET, SET or ACTION; `failed` is final. */
export type State = 'idle' | 'associating' | 'proving' | 'associated' | 'exchanging' | 'releasing' | 'failed';

/** State x request: which requests a state takes, and the state after. */
export const requestRules: Readonly<
  Partial<Record<State, Readonly<Partial<Record<ClientRequest['kind'], State>>>>>
> = {
  idle: { associate: 'associating' },
  associated: {
    get: 'exchanging',
    'get-list': 'exchanging',
    set: 'exchanging',
    action: 'exchanging',
    'set-list': 'exchanging',
    'action-list': 'exchanging',
    access: 'exchanging',
    read: 'exchanging',
    write: 'exchanging',
    'write-unconfirmed': 'associated',
    release: 'releasing',
  },
};

/** Which agreed service carries a request. */
export const serviceOf = {
  get: 'get',
  'get-list': 'get',
  set: 'set',
  'set-list': 'set',
  action: 'action',
  'action-list': 'action',
  access: 'access',
  read: 'read',
  write: 'write',
  'write-unconfirmed': 'unconfirmed-write',
} as const satisfies Partial<Record<ClientRequest['kind'], ConformanceName>>;

export type Step = 'judge' | 'verify' | 'exchange' | 'released' | 'exception' | 'service-error' | 'ignore';

export const refusals = {
  'exception-response': 'exception',
  'confirmed-service-error': 'service-error',
} as const;

/** Notifications may come in between and answer nothing: a push listener takes those, not an exchange. */
const notifications = {
  'data-notification': 'ignore',
  'event-notification-request': 'ignore',
  'information-report-request': 'ignore',
} as const;

/** State x APDU -> step. What is not in the table fails the connection. */
export const answerRules: Readonly<Record<State, Readonly<Partial<Record<ApduName, Step>>>>> = {
  idle: notifications,
  associating: { aare: 'judge', ...refusals, ...notifications },
  proving: { 'action-response': 'verify', 'read-response': 'verify', ...refusals, ...notifications },
  associated: notifications,
  exchanging: {
    'get-response': 'exchange',
    'set-response': 'exchange',
    'action-response': 'exchange',
    'access-response': 'exchange',
    'read-response': 'exchange',
    'write-response': 'exchange',
    ...refusals,
    ...notifications,
  },
  releasing: { rlre: 'released', ...refusals, ...notifications },
  failed: {},
};
