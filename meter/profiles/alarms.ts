/** Alarm register, descriptor and filter (IDIS package 2, 0-0:97.98.e): events raise bits; a bit that is new is pushed. */
import { type CosemObject, cosemObject, type MeterView } from '../cosem/cosem-object.ts';
import { dataSetting } from '../cosem/data.ts';
import { dataOf, doubleLongUnsigned } from '../cosem/data-type.ts';
import { numberIn } from '../cosem/fields.ts';
import { settingOf } from '../cosem/settings.ts';
import type { Alarm } from '../events/event-recorder.ts';

/** Bits of alarm register 1 by event, as IDIS numbers them; fraud attempts share one. */
const alarmBits = {
  clockInvalid: 0,
  replaceBattery: 1,
  memoryError: 10,
  wrongPassword: 13,
  decryptionFailed: 13,
  replayAttack: 13,
  terminalCoverOccurred: 13,
  meterCoverOccurred: 13,
  magnetOccurred: 13,
} as const satisfies Readonly<Record<string, number>>;

const register = '0.0.97.98.0.255';
const filter = '0.0.97.98.10.255';
const descriptor = '0.0.97.98.20.255';
/** Setup of the push on alarm. */
export const alarmPush = '0.4.25.9.0.255';
const value = 2;
const allBits = 0xffffffff;
/** An alarm of longer ago is of a history that is filled in: it is not pushed. */
const latestPushMs = 3_600_000;

const alarmWord = dataSetting(doubleLongUnsigned());
const alarmFilter = dataSetting(doubleLongUnsigned(), {
  initial: dataOf.number('double-long-unsigned', allBits),
});

/** Clients clear a register or a descriptor by setting it; a filter bit that is not set raises nothing. */
export function alarmObjects(): CosemObject[] {
  const object = (obis: string, label: string, declared = alarmWord) =>
    cosemObject(declared, obis, (view) => ({ settings: view.settingsOf({ classId: 1, obis }) }), { label });
  return [
    object(register, 'Alarm register 1'),
    object(filter, 'Alarm filter 1', alarmFilter),
    object(descriptor, 'Alarm descriptor 1'),
  ];
}

/** An event that has a bit raises it in register and descriptor; one that is new in the descriptor is pushed. */
export function raiseAlarm(view: MeterView, { event, atMs }: Alarm): void {
  const bit = Object.hasOwn(alarmBits, event) ? alarmBits[event as keyof typeof alarmBits] : undefined;
  if (bit === undefined || view.isLived(atMs + 1)) return;
  const mask = 2 ** bit;
  const held = (obis: string, otherwise: number) => {
    const settings = view.settingsOf({ classId: 1, obis });
    return settings.read(value) === undefined
      ? otherwise
      : numberIn(settingOf(settings, value, doubleLongUnsigned()));
  };
  if ((held(filter, allBits) & mask) === 0) return;
  const isNew = (held(descriptor, 0) & mask) === 0;
  for (const obis of [register, descriptor]) {
    const raised = (held(obis, 0) | mask) >>> 0;
    view.settingsOf({ classId: 1, obis }).write(value, dataOf.number('double-long-unsigned', raised));
  }
  const isOld = view.parts.nowMs() - atMs > latestPushMs;
  if (isNew && !isOld)
    view.action({ classId: 40, obis: alarmPush, method: 1 }, { type: 'integer', value: 0 });
}
