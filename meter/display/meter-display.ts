/** What the display shows of a meter: figures by name, and annunciators, out of its works. */
import type { MeterClock } from '../clock/clock.ts';
import type { ClockBattery } from '../clock/crystal.ts';
import type { EventRecorder } from '../events/event-recorder.ts';
import { tamperConditions } from '../events/tamper-conditions.ts';
import type { TamperWatch } from '../events/tamper-watch.ts';
import type { Firmware } from '../firmware/firmware.ts';
import type { Payment } from '../payment/payment.ts';
import type { Quantities } from '../quantities/phasor.ts';
import type { Bookkeeping } from '../registers/bookkeeping.ts';
import { quadrantOf } from '../registers/energy-kind.ts';
import type { Metrology } from '../registers/metrology.ts';
import type { DisconnectControl } from '../supply-switch/disconnect-control.ts';
import type { Annunciators, DisplaySource } from './display.ts';
import type { DisplayItem, DisplayUnit, FigureName, ItemName } from './scroll-list.ts';

/** The parts that it looks at. */
export interface ShownParts {
  readonly spec: { readonly serial: string };
  readonly clock: MeterClock;
  readonly battery: ClockBattery;
  readonly metrology: Metrology;
  readonly books: Bookkeeping;
  readonly tamper: TamperWatch;
  readonly eventRecorder: EventRecorder;
  readonly disconnect: DisconnectControl;
  readonly payment: Payment;
  readonly firmware: Firmware;
  readonly isCommunicating: boolean;
  quantities(): Quantities;
  /** Meter time that it shows. */
  nowMs(): number;
}

const leastVoltageShare = 0.5;
const batteryLow = 0.1;

/** The figures and annunciators of a meter; `ratedV` is asked at the side that quantities are of. */
export function displaySourceOf(parts: ShownParts, ratedV: () => number): DisplaySource {
  return { item: (name) => itemOf(parts, name), annunciators: () => annunciatorsOf(parts, ratedV()) };
}

function itemOf(parts: ShownParts, name: ItemName): DisplayItem {
  const rate = /^rate-(\d)$/.exec(name)?.[1];
  if (rate !== undefined) {
    const { energies } = parts.metrology;
    const number = Number(rate);
    const read = () =>
      number <= energies.rateCount ? kilo(energies.read('delivered', number), 2) : undefined;
    return { code: `1.8.${rate}`, unit: 'kWh', decimals: 2, read };
  }
  return figures(parts)[name as FigureName];
}

/** Thousands with so many digits behind the point: cut, as a register is. */
function kilo(value: number, decimals: number): number {
  return Math.floor(value / 10 ** (3 - decimals));
}

function figures(parts: ShownParts): Readonly<Record<FigureName, DisplayItem>> {
  const { metrology, books, payment } = parts;
  const { energies } = metrology;
  const first = () => parts.quantities().phases[0];
  const of = (
    code: string,
    unit: DisplayUnit,
    decimals: number,
    read: () => number | undefined,
  ): DisplayItem => ({
    ...{ code, unit, decimals, read },
  });
  const wall = () => localTime(parts);
  const maximum = () => books.demands.of('delivered')?.maximum().value;
  return {
    date: { ...of('0.9.2', '', 0, () => wall().date), isPairs: true },
    time: { ...of('0.9.1', '', 0, () => wall().time), isPairs: true },
    delivered: of('1.8.0', 'kWh', 2, () => kilo(energies.read('delivered'), 2)),
    received: of('2.8.0', 'kWh', 2, () => kilo(energies.read('received'), 2)),
    reactive: of('5.8.0', 'kvarh', 2, () => kilo(energies.read('reactiveQ1'), 2)),
    apparent: of('9.8.0', 'kVAh', 2, () => kilo(energies.read('apparentDelivered'), 2)),
    demand: of('1.4.0', 'kW', 3, () => books.demands.of('delivered')?.last.value),
    'maximum-demand': of('1.6.0', 'kW', 3, maximum),
    voltage: of('32.7.0', 'V', 1, () => Math.round((first()?.voltageV ?? 0) * 10)),
    current: of('31.7.0', 'A', 2, () => Math.round((first()?.currentA ?? 0) * 100)),
    power: of('1.7.0', 'kW', 3, () => Math.round(parts.quantities().activeW)),
    'power-factor': of('13.7.0', 'PF', 3, () => Math.round(parts.quantities().powerFactor * 1000)),
    frequency: of('14.7.0', 'Hz', 2, () => Math.round(parts.quantities().frequencyHz * 100)),
    balance: of('C.1', '', 2, () => (payment.settings.mode === 'prepaid' ? payment.balance : undefined)),
    serial: of('C.0', '', 0, () => Number(parts.spec.serial.replace(/\D/g, '').slice(-8))),
    'tamper-count': of('C.53', '', 0, () => parts.eventRecorder.tamperCount),
    'legal-checksum': of('C.90', '', 0, () =>
      Number.parseInt(parts.firmware.running('legal').checksum.slice(0, 6), 16),
    ),
  };
}

/** Day, month and year, and hours, minutes and seconds, two digits each as they stand on the display. */
function localTime(parts: ShownParts): { readonly date: number; readonly time: number } {
  const atMs = parts.nowMs();
  const local = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(parts.clock.zone.name);
  return {
    date: local.day * 10_000 + local.month * 100 + (local.year % 100),
    time: local.hour * 10_000 + local.minute * 100 + local.second,
  };
}

function annunciatorsOf(parts: ShownParts, ratedV: number): Annunciators {
  const { phases, activeW, reactiveVar, apparentVa } = parts.quantities();
  const quadrant = { reactiveQ1: 1, reactiveQ2: 2, reactiveQ3: 3, reactiveQ4: 4 } as const;
  return {
    phases: phases.map(({ voltageV }) => voltageV > leastVoltageShare * ratedV),
    quadrant: apparentVa < 1 ? undefined : quadrant[quadrantOf(activeW >= 0, reactiveVar >= 0)],
    rate: parts.metrology.activeRate,
    isSwitchOpen: !parts.disconnect.isClosed,
    isTampered: (Object.keys(tamperConditions) as (keyof typeof tamperConditions)[]).some((name) =>
      parts.tamper.isActive(name),
    ),
    isCommunicating: parts.isCommunicating,
    isBatteryLow: parts.battery.level < batteryLow,
    isClockInvalid: parts.clock.isInvalid,
    isCreditLow: parts.payment.isLow,
  };
}
