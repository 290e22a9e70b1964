/** meter: the virtual meter, as software faithful enough that other people's head-ends read it. */
export type { MeterClient } from './cosem/clients.ts';
export { type MeterErrorCode, meterErrors } from './errors.ts';
export { type EventName, eventCode } from './event-log.ts';
export { type FileMemory, openFileMemory } from './file-memory.ts';
export { keysFromSeed, logicalDeviceNameOf, serialOf, systemTitleOf } from './identity.ts';
export { profileStatus } from './load-profile.ts';
export { createMeter, type Meter } from './meter.ts';
export type { MeterEnvironment, MeterSpec, SecuredClient } from './meter-spec.ts';
export type { EnergyStep, ProfileDefect } from './metrology.ts';
export { type NonVolatile, volatileMemory } from './non-volatile.ts';
export { companionProfiles } from './profiles/companion-profiles.ts';
export { type Phasor, phasorOfPower, type Quantities, quantitiesOf } from './quantities/phasor.ts';
export { milliwattSecondsPerWattHour } from './register.ts';
export { attachMeter, type ServedMeter, type ServeOptions, serveMeter } from './serve.ts';
export { type MeterTariff, tariffCalendar } from './tariff-calendar.ts';
