/**
 * What can happen to a meter and the codes by which companion specifications know it, as data: single happenings here, conditions that come
 * and go in `tamper-conditions.ts`. Codes after DSMR 5 / IDIS package 2 (1 to 255) and IS 15959-1/-2; a happening that a specification
 * does not know is not logged under it.
 */
import {
  type ConditionName,
  idisLog,
  is15959Log,
  type PhaseCode,
  type TamperCondition,
  tamperConditions,
} from './tamper-conditions.ts';

/** The log (figure e of 0.0.99.98.e.255) and code of an event. */
export interface EventCode {
  readonly log: number;
  readonly code: PhaseCode;
}

/** An event: its title and its code in each list. */
export interface EventKind {
  readonly title: string;
  readonly idis?: EventCode;
  readonly is15959?: EventCode;
}

const standard = (code: number): EventCode => ({ log: idisLog.standard, code });
const fraud = (code: number): EventCode => ({ log: idisLog.fraud, code });
const disconnector = (code: number): EventCode => ({ log: idisLog.disconnector, code });
const transaction = (code: number): EventCode => ({ log: is15959Log.transaction, code });
const control = (code: number): EventCode => ({ log: is15959Log.control, code });

/** Single happenings; to add an event, add a row. */
export const happenings = {
  powerDown: { title: 'Power down', idis: standard(1), is15959: { log: is15959Log.power, code: 101 } },
  powerUp: { title: 'Power up', idis: standard(2), is15959: { log: is15959Log.power, code: 102 } },
  daylightSaving: { title: 'Daylight saving began or ended', idis: standard(3) },
  clockAdjustedFrom: { title: 'Clock adjusted, old time', idis: standard(4) },
  /** The entry carries the new time. */
  clockSet: { title: 'Clock adjusted, new time', idis: standard(5), is15959: transaction(151) },
  clockInvalid: { title: 'Clock invalid', idis: standard(6) },
  replaceBattery: { title: 'Replace battery', idis: standard(7) },
  batteryLow: { title: 'Battery voltage low', idis: standard(8) },
  tariffActivated: { title: 'Passive tariff activated', idis: standard(9), is15959: transaction(155) },
  errorRegisterCleared: { title: 'Error register cleared', idis: standard(10) },
  alarmRegisterCleared: { title: 'Alarm register cleared', idis: standard(11) },
  memoryError: { title: 'Non-volatile memory error', idis: standard(14) },
  firmwareReady: { title: 'Firmware ready for activation', idis: standard(17) },
  firmwareActivated: { title: 'Firmware activated', idis: standard(18), is15959: transaction(157) },
  tariffProgrammed: { title: 'Passive tariff programmed', idis: standard(19) },
  wrongPassword: { title: 'Association refused several times', idis: fraud(46) },
  parameterChanged: { title: 'A parameter was changed', idis: standard(47) },
  secretChanged: {
    title: 'The secret of a client was changed',
    idis: standard(47),
    is15959: transaction(161),
  },
  globalKeyChanged: { title: 'A global key was changed', idis: standard(48), is15959: transaction(164) },
  decryptionFailed: { title: 'Decryption or authentication failed', idis: fraud(49) },
  replayAttack: { title: 'A frame was replayed', idis: fraud(50) },
  firmwareRefused: { title: 'Firmware verification failed', idis: standard(51) },
  eventLogCleared: { title: 'Event log cleared', idis: standard(255) },
  demandPeriodChanged: { title: 'Demand integration period changed', is15959: transaction(152) },
  capturePeriodChanged: { title: 'Profile capture period changed', is15959: transaction(153) },
  billingDateChanged: { title: 'Billing date changed', is15959: transaction(154) },
  loadLimitChanged: { title: 'Load limit changed', idis: disconnector(67), is15959: transaction(158) },
  loadLimitEnabled: { title: 'Load limit enabled', idis: disconnector(67), is15959: transaction(159) },
  loadLimitDisabled: { title: 'Load limit disabled', idis: disconnector(67), is15959: transaction(160) },
  eventFilterChanged: { title: 'Event status filter changed', is15959: transaction(165) },
  demandReset: { title: 'Maximum demand reset', is15959: transaction(166) },
  firmwareScheduled: { title: 'Instant of activation set', idis: standard(47), is15959: transaction(169) },
  postpaidChosen: { title: 'Changed to postpaid', idis: standard(47), is15959: transaction(211) },
  prepaidChosen: { title: 'Changed to prepaid', idis: standard(47), is15959: transaction(212) },
  readyForReconnection: { title: 'Ready for manual reconnection', idis: disconnector(59) },
  manualDisconnection: { title: 'Manual disconnection', idis: disconnector(60), is15959: control(301) },
  manualConnection: { title: 'Manual connection', idis: disconnector(61), is15959: control(302) },
  remoteDisconnection: { title: 'Remote disconnection', idis: disconnector(62), is15959: control(301) },
  remoteConnection: { title: 'Remote connection', idis: disconnector(63), is15959: control(302) },
  localDisconnection: { title: 'Disconnection by the meter', idis: disconnector(64), is15959: control(301) },
  limiterExceeded: { title: 'Limiter threshold exceeded', idis: disconnector(65) },
  limiterRestored: { title: 'Limiter threshold no longer exceeded', idis: disconnector(66) },
  switchFailed: {
    title: 'The switch does not do what it is told: welded',
    idis: disconnector(68),
    is15959: { log: is15959Log.nonRollover, code: 253 },
  },
  localConnection: { title: 'Reconnection by the meter', idis: disconnector(69), is15959: control(302) },
} as const satisfies Readonly<Record<string, EventKind>>;

export type Happening = keyof typeof happenings;
/** An event: a happening, or the occurrence or the restoration of a condition. */
export type EventName = Happening | `${ConditionName}Occurred` | `${ConditionName}Restored`;

/** Every event by name. */
export const eventKinds = { ...happenings, ...conditionKinds() } as Readonly<Record<EventName, EventKind>>;

function conditionKinds(): Record<string, EventKind> {
  const kinds: Record<string, EventKind> = {};
  for (const [name, condition] of Object.entries(tamperConditions) as [ConditionName, TamperCondition][]) {
    kinds[`${name}Occurred`] = kindOf(condition, `${condition.title}: occurred`, 'occurred');
    kinds[`${name}Restored`] = kindOf(condition, `${condition.title}: restored`, 'restored');
  }
  return kinds;
}

function kindOf({ codes }: TamperCondition, title: string, edge: 'occurred' | 'restored'): EventKind {
  const codeIn = (list: 'idis' | 'is15959') => {
    const code = codes[list]?.[edge];
    return codes[list] && code !== undefined ? { [list]: { log: codes[list].log, code } } : {};
  };
  return { title, ...codeIn('idis'), ...codeIn('is15959') };
}

/** How a companion specification keeps events. */
export interface EventScheme {
  readonly list: 'idis' | 'is15959';
  /** All events share log 0. */
  readonly isOneLog: boolean;
  /** Log numbers and what they are for. */
  readonly logs: Readonly<Record<number, string>>;
}

const titled = (logs: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(logs).map(([title, log]) => [log, title]));

/** Schemes by name; `demo` is IDIS codes in one log. */
export const eventSchemes = {
  demo: { list: 'idis', isOneLog: true, logs: { 0: 'standard' } },
  idis: { list: 'idis', isOneLog: false, logs: titled(idisLog) },
  is15959: { list: 'is15959', isOneLog: false, logs: titled(is15959Log) },
} as const satisfies Readonly<Record<string, EventScheme>>;

export type EventSchemeName = keyof typeof eventSchemes;

/** Log and code of an event in a scheme; undefined when the scheme does not know it. */
export function codeIn(
  scheme: EventScheme,
  event: EventName,
  phase = 0,
): { readonly log: number; readonly code: number } | undefined {
  const found = eventKinds[event][scheme.list];
  if (!found) return undefined;
  const code = typeof found.code === 'number' ? found.code : (found.code[phase] as number);
  return { log: scheme.isOneLog ? 0 : found.log, code };
}
