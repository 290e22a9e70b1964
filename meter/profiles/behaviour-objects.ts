/** Objects that do something: scripts, schedules, monitors, payment. Each is a class with its settings and what of the meter it acts on. */
import { type ActionOutcome, type AttributeDescriptor, decodeData } from '@wattline/protocols/dlms';
import { account } from '../cosem/account.ts';
import { accountLedger } from '../cosem/account-ledger.ts';
import { arbitrator } from '../cosem/arbitrator.ts';
import { arrayManager } from '../cosem/array-manager.ts';
import { charge } from '../cosem/charge.ts';
import { compactData } from '../cosem/compact-data.ts';
import { type CosemObject, cosemObject, type MeterView, type ObjectOptions } from '../cosem/cosem-object.ts';
import { credit } from '../cosem/credit.ts';
import { dataOf } from '../cosem/data-type.ts';
import { numericIn } from '../cosem/fields.ts';
import { imageTransfer } from '../cosem/image-transfer.ts';
import type { InterfaceClass } from '../cosem/interface-class.ts';
import { parameterMonitor } from '../cosem/parameter-monitor.ts';
import {
  type ChargeRole,
  type CreditRole,
  chargeNames,
  creditNames,
  prepaidCharge,
  prepaidCredit,
} from '../cosem/prepaid-ledger.ts';
import { registerActivation } from '../cosem/register-activation.ts';
import { registerMonitor } from '../cosem/register-monitor.ts';
import { registerTable } from '../cosem/register-table.ts';
import { schedule } from '../cosem/schedule.ts';
import { type ScriptAction, scriptTable } from '../cosem/script-table.ts';
import { sensorManager } from '../cosem/sensor-manager.ts';
import type { WithSettings } from '../cosem/settings.ts';
import { singleActionSchedule } from '../cosem/single-action-schedule.ts';
import { specialDayOn, specialDaysTable } from '../cosem/special-days-table.ts';
import { statusMapping } from '../cosem/status-mapping.ts';
import { type TokenRecord, type TokenStatus, tokenGateway } from '../cosem/token-gateway.ts';
import type { TokenIntake, TokenOutcome } from '../payment/token-gateway.ts';
import { configure } from './common-objects.ts';

/** An object whose class needs nothing but its settings. */
export function settingsObject(
  declared: InterfaceClass<WithSettings>,
  obis: string,
  options: ObjectOptions = {},
): CosemObject {
  return objectWithSettings(declared, obis, options, () => ({}));
}

/** An object whose class needs its settings and more. */
function objectWithSettings<S extends WithSettings>(
  declared: InterfaceClass<S>,
  obis: string,
  options: ObjectOptions,
  restOf: (view: MeterView) => Omit<S, 'settings'>,
): CosemObject {
  const { classId } = declared;
  const sourceOf = (view: MeterView) =>
    ({ settings: view.settingsOf({ classId, obis }), ...restOf(view) }) as S;
  return cosemObject(declared, obis, sourceOf, options);
}

/** The number that an attribute holds, as the meter itself sees it. */
export const numberAt = (view: MeterView) => (reference: AttributeDescriptor) =>
  numericIn(view.valueOf(reference));

/** Runs a script of a script table with the rights of the meter. */
export const runScript = (view: MeterView) => (obis: string, selector: number) => {
  view.action({ classId: scriptTable.classId, obis, method: 1 }, dataOf.number('long-unsigned', selector));
};

/** Scripts that call scripts end here. */
const deepestScript = 4;

function perform(view: MeterView, action: ScriptAction): ActionOutcome['result'] {
  const running = view.stateOf('scripts', () => ({ depth: 0 }));
  if (running.depth >= deepestScript) return 'other-reason';
  running.depth++;
  try {
    const { service, classId, obis, index, parameter } = action;
    if (service === 'execute') return view.action({ classId, obis, method: index }, parameter).result;
    const result = view.set({ classId, obis, attribute: index }, parameter);
    return isActionResult(result) ? result : 'other-reason';
  } finally {
    running.depth--;
  }
}

function isActionResult(result: string): result is 'success' | 'read-write-denied' | 'type-unmatched' {
  return ['success', 'read-write-denied', 'type-unmatched', 'object-undefined'].includes(result);
}

export function scriptTableObject(obis: string, options: ObjectOptions = {}): CosemObject {
  return objectWithSettings(scriptTable, obis, options, (view) => ({
    perform: (action) => perform(view, action),
  }));
}

export function specialDaysObject(obis = '0.0.11.0.0.255', options: ObjectOptions = {}): CosemObject {
  return settingsObject(specialDaysTable, obis, options);
}

/** A schedule that asks the special days table of the same profile. */
export function scheduleObject(obis: string, specialDays = '0.0.11.0.0.255'): CosemObject {
  return objectWithSettings(schedule, obis, {}, (view) => ({
    clock: view.parts.clock,
    specialDayOn: (on) => specialDayOn(view.settingsOf({ classId: 11, obis: specialDays }), on),
    runScript: runScript(view),
  }));
}

export function singleActionObject(obis: string, options: ObjectOptions = {}): CosemObject {
  return objectWithSettings(singleActionSchedule, obis, options, (view) => ({
    clock: view.parts.clock,
    runScript: runScript(view),
  }));
}

/** Masks of registers act on the rate that counts. */
export function registerActivationObject(obis = '0.0.14.0.0.255'): CosemObject {
  return objectWithSettings(registerActivation, obis, {}, ({ parts }) => ({
    rateCount: parts.metrology.energies.rateCount,
    maskTo: (rate) =>
      parts.tariff.mask === rate ? 'success' : configure(parts, 'register-mask', { rate: rate ?? null }),
  }));
}

export function registerMonitorObject(obis: string, options: ObjectOptions = {}): CosemObject {
  return objectWithSettings(registerMonitor, obis, options, (view) => ({
    numberAt: numberAt(view),
    runScript: runScript(view),
    above: view.stateOf<boolean[]>(`monitor/${obis}`, () => []),
  }));
}

export function accountObject(obis: string, options: ObjectOptions = {}): CosemObject {
  return objectWithSettings(account, obis, options, (view) => ({
    clock: view.parts.clock,
    nowMs: () => view.parts.nowMs(),
    ledger: accountLedger(view, { classId: account.classId, obis }),
  }));
}

/** A credit of the account. */
export function creditObject(role: CreditRole, options: ObjectOptions = {}): CosemObject {
  return objectWithSettings(credit, creditNames[role], options, ({ parts }) => ({
    prepaid: prepaidCredit(parts, role),
  }));
}

/** A charge that is taken from the credits of an account. */
export function chargeObject(
  role: ChargeRole,
  { accountObis, ...options }: ObjectOptions & { readonly accountObis: string },
): CosemObject {
  const obis = chargeNames[role];
  return objectWithSettings(charge, obis, options, (view) => ({
    prepaid: prepaidCharge(view.parts, role),
    clock: view.parts.clock,
    nowMs: () => view.parts.nowMs(),
    numberAt: numberAt(view),
    spend: (amount) => accountLedger(view, { classId: account.classId, obis: accountObis }).spend(amount),
    state: view.stateOf<{ commodity: number | undefined }>(`charge/${obis}`, () => ({
      commodity: undefined,
    })),
  }));
}

export function registerTableObject(obis: string, options: ObjectOptions = {}): CosemObject {
  return objectWithSettings(registerTable, obis, options, (view) => ({
    valueAt: (reference) => view.valueOf(reference),
  }));
}

export function compactDataObject(obis: string, options: ObjectOptions = {}): CosemObject {
  return objectWithSettings(compactData, obis, options, (view) => ({
    valueAt: (reference) => view.valueOf(reference),
  }));
}

/** The status of the running interval by the table of its bits. */
export function statusMappingObject(obis: string, options: ObjectOptions = {}): CosemObject {
  return objectWithSettings(statusMapping, obis, options, ({ parts }) => ({
    writeStatus: (writer) => writer.unsigned(parts.metrology.status),
  }));
}

export function parameterMonitorObject(obis = '0.0.16.2.0.255', options: ObjectOptions = {}): CosemObject {
  return objectWithSettings(parameterMonitor, obis, options, (view) => ({
    clock: view.parts.clock,
    nowMs: () => view.parts.nowMs(),
    valueAt: (reference) => view.valueOf(reference),
  }));
}

export function sensorManagerObject(obis: string, options: ObjectOptions = {}): CosemObject {
  return objectWithSettings(sensorManager, obis, options, (view) => ({
    numberAt: numberAt(view),
    runScript: runScript(view),
    raw: view.stateOf<boolean[]>(`sensor/${obis}/raw`, () => []),
    processed: view.stateOf<boolean[]>(`sensor/${obis}/processed`, () => []),
  }));
}

export function arbitratorObject(obis: string, options: ObjectOptions = {}): CosemObject {
  return objectWithSettings(arbitrator, obis, options, (view) => ({ runScript: runScript(view) }));
}

/** Arrays of the meter, with the rights of the client that asks for them. */
export function arrayManagerObject(obis = '0.0.18.0.0.255', options: ObjectOptions = {}): CosemObject {
  return objectWithSettings(arrayManager, obis, options, (view) => ({
    get(reference, client) {
      const result = view.get(reference, client);
      const decoded = result.ok ? decodeData(result.encoded) : undefined;
      return decoded?.ok ? decoded.value.value : undefined;
    },
    set: (reference, value, client) => view.set(reference, value, client),
  }));
}

/** Images go to the firmware of the meter, which judges them by signature, model and rollback number. */
export function imageTransferObject(obis = '0.0.44.0.0.255'): CosemObject {
  return cosemObject(imageTransfer, obis, ({ parts }) => parts.firmware);
}

/** What became of a token, as the standard says it. */
const statusOfOutcome: Readonly<Record<TokenOutcome, TokenStatus>> = {
  taken: 'executionOk',
  refused: 'authenticationFailure',
  used: 'validationFailure',
  expired: 'validationFailure',
  'locked-out': 'executionFailure',
};

/** Tokens go to the gateway of the meter; one without a verifier vouches for none. */
export function tokenGatewayObject(obis = '0.0.19.40.0.255'): CosemObject {
  return cosemObject(tokenGateway, obis, ({ parts }) => {
    const recordOf = (last: TokenIntake['last']): TokenRecord | undefined =>
      last && {
        token: last.token,
        atMs: last.atMs,
        descriptions: [],
        delivery: 'remote',
        status: statusOfOutcome[last.outcome],
        data: 0,
      };
    return {
      clock: parts.clock,
      get last() {
        return recordOf(parts.payment.tokens.last);
      },
      enter(token) {
        parts.enterToken(token);
        return recordOf(parts.payment.tokens.last) as TokenRecord;
      },
    };
  });
}
