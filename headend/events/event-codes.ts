/**
 * Event codes of companion specifications in the one vocabulary of model, as data: the list that DSMR 5 and IDIS package 2 share, and
 * the tables of IS 15959. Codes as recalled from those papers; to correct one or add one, change a row.
 */
import type { EventKind } from '@wattline/model';

/** A list of codes. */
export type EventScheme = 'idis' | 'is15959';

/** A log of a companion profile. */
export interface EventLogMapping {
  readonly obis: string;
  readonly scheme: EventScheme;
  /** Columns of the clock and of the code, from 0. */
  readonly clock: number;
  readonly code: number;
}

/** Codes `from` to `to`, both included. */
interface CodeRow {
  readonly from: number;
  readonly to: number;
  readonly kind: EventKind;
  readonly title: string;
}

function row(codes: number | readonly [number, number], kind: EventKind, title: string): CodeRow {
  const [from, to] = typeof codes === 'number' ? [codes, codes] : codes;
  return { from, to, kind, title };
}

const idis: readonly CodeRow[] = [
  row(1, 'power-fail', 'power down'),
  row(2, 'power-restore', 'power up'),
  row(3, 'meter-event', 'daylight saving began or ended'),
  row(4, 'meter-event', 'clock adjusted, old time'),
  row(5, 'clock-set', 'clock adjusted, new time'),
  row(6, 'clock-invalid', 'clock invalid'),
  row([7, 8], 'battery-low', 'battery low or to be replaced'),
  row(9, 'settings-changed', 'passive tariff activated'),
  row([10, 11], 'log-cleared', 'error or alarm register cleared'),
  row([12, 14], 'meter-fault', 'program, working or non-volatile memory error'),
  row(15, 'meter-restarted', 'watchdog error'),
  row(16, 'meter-fault', 'measurement system error'),
  row([17, 18], 'firmware-changed', 'firmware ready or activated'),
  row(19, 'settings-changed', 'passive tariff programmed'),
  row(40, 'tamper-terminal', 'terminal cover removed'),
  row(41, 'fault-ended', 'terminal cover closed'),
  row(42, 'tamper-magnet', 'strong DC field'),
  row(43, 'fault-ended', 'strong DC field gone'),
  row(44, 'tamper-cover', 'meter cover removed'),
  row(45, 'fault-ended', 'meter cover closed'),
  row(46, 'authentication-failed', 'association refused several times'),
  row(47, 'settings-changed', 'a parameter was changed'),
  row(48, 'keys-changed', 'a global key was changed'),
  row(49, 'authentication-failed', 'decryption or authentication failed'),
  row(50, 'frame-replayed', 'a frame was replayed'),
  row(51, 'meter-fault', 'firmware verification failed'),
  row(59, 'meter-event', 'ready for manual reconnection'),
  row(60, 'supply-disconnected', 'by hand'),
  row(61, 'supply-connected', 'by hand'),
  row(62, 'supply-disconnected', 'remotely'),
  row(63, 'supply-connected', 'remotely'),
  row(64, 'supply-disconnected', 'by the meter'),
  row(65, 'load-limit', 'limiter threshold exceeded'),
  row(66, 'fault-ended', 'limiter threshold no longer exceeded'),
  row(67, 'settings-changed', 'load limit changed'),
  row(68, 'supply-switch-failed', 'the switch does not do what it is told'),
  row(69, 'supply-connected', 'by the meter'),
  row([76, 78], 'voltage-fault', 'undervoltage'),
  row([79, 81], 'voltage-fault', 'overvoltage'),
  row([82, 84], 'voltage-fault', 'voltage missing'),
  row([85, 87], 'fault-ended', 'voltage normal'),
  row(88, 'tamper-wiring', 'phase sequence reversed'),
  row(89, 'voltage-fault', 'neutral missing'),
  row(90, 'voltage-fault', 'phase asymmetry'),
  row(91, 'tamper-wiring', 'current reversed'),
  row([92, 97], 'voltage-fault', 'bad voltage quality'),
  row([254, 255], 'log-cleared', 'load profile or event log cleared'),
];

const is15959: readonly CodeRow[] = [
  ...alternating([1, 6], 'voltage-fault', 'potential link missing'),
  ...alternating([7, 8], 'voltage-fault', 'overvoltage'),
  ...alternating([9, 10], 'voltage-fault', 'low voltage'),
  ...alternating([11, 12], 'voltage-fault', 'voltage unbalance'),
  ...alternating([51, 56], 'tamper-wiring', 'current reversed'),
  ...alternating([57, 62], 'current-fault', 'current transformer open'),
  ...alternating([63, 64], 'current-fault', 'current unbalance'),
  ...alternating([65, 66], 'tamper-wiring', 'current bypassed'),
  ...alternating([67, 68], 'current-fault', 'over-current'),
  ...alternating([69, 70], 'tamper-wiring', 'earth loading'),
  row(101, 'power-fail', 'power failure occurred'),
  row(102, 'power-restore', 'power failure ended'),
  row(151, 'clock-set', 'clock set'),
  row([152, 156], 'settings-changed', 'integration, capture or billing period, tariff'),
  row(157, 'firmware-changed', 'firmware activated'),
  row([158, 160], 'settings-changed', 'load limit'),
  row([161, 164], 'keys-changed', 'secret or key changed'),
  row([165, 199], 'settings-changed', 'a parameter was changed'),
  ...alternating([201, 202], 'tamper-magnet', 'magnetic influence'),
  ...alternating([203, 204], 'tamper-wiring', 'neutral disturbance'),
  ...alternating([205, 206], 'current-fault', 'very low power factor'),
  row([211, 212], 'settings-changed', 'postpaid or prepaid'),
  row(251, 'tamper-cover', 'meter cover opened'),
  row(253, 'supply-switch-failed', 'load switch welded'),
  row(301, 'supply-disconnected', 'load switch opened'),
  row(302, 'supply-connected', 'load switch closed'),
];

/** IS 15959 numbers occurrence and restoration in turn, the occurrence first. */
function alternating([from, to]: readonly [number, number], kind: EventKind, title: string): CodeRow[] {
  return Array.from({ length: to - from + 1 }, (_, i) =>
    i % 2 === 0 ? row(from + i, kind, title) : row(from + i, 'fault-ended', `${title} ended`),
  );
}

/** All lists; rows ascend and do not overlap. */
export const eventCodes: Readonly<Record<EventScheme, readonly CodeRow[]>> = { idis, is15959 };

/** What a code means; a code in no row is `meter-event` and keeps its number. */
export function meaningOf(
  scheme: EventScheme,
  code: number,
): { readonly kind: EventKind; readonly title: string } {
  const found = eventCodes[scheme].find(({ from, to }) => code >= from && code <= to);
  return found ?? { kind: 'meter-event', title: `code ${code}` };
}
