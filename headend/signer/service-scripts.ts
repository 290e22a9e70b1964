/** Scripts that move no supply: clock, capture period, push setup, demand reset, text and signal to the customer. */
import { type Data, decodeDateTime, encodeDateTime, formatObis } from '@wattline/protocols/dlms';
import { parametersOf } from '../guard/batch.ts';
import { commandOf, directionOf } from '../guard/darkening.ts';
import {
  act,
  isSameData,
  nothingDone,
  proved,
  read,
  type Script,
  type ScriptPart,
  type ScriptTask,
  unproved,
  writeAndReadBack,
} from './script.ts';

const clockTime = { classId: 8, obis: '0.0.1.0.0.255', attribute: 2 };
/** shift_time takes a signed number of seconds up to this (Blue Book 4.5.1, method 6). */
const longestShiftSeconds = 900;

/** Moves the meter's clock towards the signer's own: whoever owns the head-end cannot choose the time. */
export function* clockScript({ nowMs }: ScriptTask): Script {
  const before = yield* readOffsetSeconds(nowMs);
  if (before === undefined) return nothingDone('the clock of the meter names no instant');
  if (before === 0) return { isDone: true, isSwitched: false, result: 'in step' };
  if (Math.abs(before) > longestShiftSeconds) {
    return nothingDone(`the clock differs by ${before} s, more than shift_time takes`);
  }
  yield* act({ classId: 8, obis: clockTime.obis, method: 6 }, { type: 'long', value: -before });
  const after = yield* readOffsetSeconds(nowMs);
  const isDone = after !== undefined && Math.abs(after) <= 1;
  return { isDone, isSwitched: isDone, result: `off by ${before} s before, ${after ?? 'unknown'} s after` };
}

function* readOffsetSeconds(nowMs: () => number): ScriptPart<number | undefined> {
  const data = yield* read(clockTime);
  if (data?.type !== 'octet-string' && data?.type !== 'date-time') return undefined;
  const time = decodeDateTime(data.value);
  return time.ok ? Math.round((time.value.instantMs - nowMs()) / 1000) : undefined;
}

/** capture_period of load profile 1 (Blue Book 4.3.6, attribute 4); most meters begin the profile anew. */
export function* capturePeriodScript({ batch, objects }: ScriptTask): Script {
  const { seconds } = parametersOf(batch, 'capture-period');
  const profile = { classId: 7, obis: objects.loadProfile };
  const value: Data = { type: 'double-long-unsigned', value: seconds };
  if (isSameData(yield* read({ ...profile, attribute: 4 }), value))
    return already(`captures every ${seconds} s`);
  return ended(yield* writeAndReadBack(profile, [[4, value]]), `captures every ${seconds} s`);
}

/** send_destination_and_method over TCP, and how often and when (Blue Book 4.4.8). */
export function* pushSetupScript({ batch, objects }: ScriptTask): Script {
  const { destination, randomisationS, retries, repetitionS } = parametersOf(batch, 'push-setup');
  const method: Data = {
    type: 'structure',
    value: [
      { type: 'enum', value: 0 },
      { type: 'octet-string', value: Buffer.from(destination, 'latin1') },
      { type: 'enum', value: 0 },
    ],
  };
  const wrong = yield* writeAndReadBack({ classId: 40, obis: objects.pushSetup }, [
    [3, method],
    ...optional(5, 'long-unsigned', randomisationS),
    ...optional(6, 'unsigned', retries),
    ...optional(7, 'long-unsigned', repetitionS),
  ]);
  return ended(wrong, `pushes to ${destination}`);
}

function optional(attribute: number, type: 'long-unsigned' | 'unsigned', value: number | undefined) {
  return value === undefined ? [] : [[attribute, { type, value }] as const];
}

/**
 * Runs the script that ends the demand period. What the script does is read first: one that touches anything that can darken is not
 * run, whoever wrote it there.
 */
export function* demandResetScript({ objects }: ScriptTask): Script {
  const { obis, script } = objects.demandReset;
  const table = yield* read({ classId: 9, obis, attribute: 2 });
  const found = actionsOf(table, script);
  if (!found) return nothingDone(`the meter has no script ${script} in ${obis}`);
  const dark = found.find((action) => action === undefined || isDark(action));
  if (dark || found.includes(undefined))
    return nothingDone(`script ${script} of ${obis} does more than reset demand`);
  const answer = yield* act({ classId: 9, obis, method: 1 }, { type: 'long-unsigned', value: script });
  return answer === 'success'
    ? proved(`demand period ended by ${found.length} actions`)
    : unproved(`the meter answered ${answer}`);
}

type ScriptedAction = Parameters<typeof commandOf>[0];

function isDark(action: ScriptedAction): boolean {
  const command = commandOf(action);
  return command !== 'unlisted' && directionOf(command) !== 'none';
}

/** Actions of a script of a table (class 9, attribute 2); undefined for an action that is none. */
function actionsOf(table: Data | undefined, script: number): (ScriptedAction | undefined)[] | undefined {
  if (table?.type !== 'array') return undefined;
  const found = table.value.find((one) => one.type === 'structure' && numberOf(one.value[0]) === script);
  const actions = found?.type === 'structure' ? found.value[1] : undefined;
  if (actions?.type !== 'array') return undefined;
  return actions.value.map((action) => {
    const [service, classId, name, member] = action.type === 'structure' ? action.value : [];
    if (name?.type !== 'octet-string' || name.value.length !== 6) return undefined;
    const numbers = [service, classId, member].map(numberOf);
    const [kind, of, index] = numbers;
    if (kind === undefined || of === undefined || index === undefined) return undefined;
    return {
      service: kind === 1 ? 'set' : 'action',
      classId: of,
      obis: formatObis(name.value),
      member: index,
    };
  });
}

function numberOf(data: Data | undefined): number | undefined {
  return data && 'value' in data && typeof data.value === 'number' ? data.value : undefined;
}

/** Text for the display and the consumer interface. */
export function* displayTextScript({ batch, objects }: ScriptTask): Script {
  const { text } = parametersOf(batch, 'display-text');
  const value: Data = { type: 'octet-string', value: Buffer.from(text, 'utf8') };
  return ended(yield* writeAndReadBack(dataAt(objects.displayText), [[2, value]]), `shows “${text}”`);
}

/** Level, begin and length, for the customer's own devices behind the consumer interface. */
export function* demandResponseScript({ batch, objects }: ScriptTask): Script {
  const { level, fromMs, minutes } = parametersOf(batch, 'demand-response');
  const value: Data = {
    type: 'octet-string',
    value: Buffer.concat([
      Uint8Array.of(level),
      encodeDateTime(fromMs, 0),
      Uint8Array.of(minutes >> 8, minutes & 0xff),
    ]),
  };
  const wrong = yield* writeAndReadBack(dataAt(objects.demandResponse), [[2, value]]);
  return ended(wrong, `signals level ${level} for ${minutes} min`);
}

const dataAt = (obis: string) => ({ classId: 1, obis });

function ended(wrong: string | undefined, result: string) {
  return wrong === undefined ? proved(result) : unproved(wrong);
}

/** The meter held it before. */
function already(result: string) {
  return { isDone: true, isSwitched: false, result };
}
