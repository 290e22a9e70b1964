/** meter: the virtual meter, as software faithful enough that other people's head-ends read it. */

export { type BenchClient, type BenchDevice, withBenchClients } from './bench-clients.ts';
export { type CarbonFactor, type CarbonTable, carbonOf } from './carbon/carbon-account.ts';
export { type Crystal, commonCrystal, crystalPpm } from './clock/crystal.ts';
export type {
  AuditEntry,
  Configuration,
  ConfigurationRefusal,
  Parameter,
  Requester,
} from './configuration/configuration.ts';
export { type MeterClass, meterClasses } from './conformance/accuracy-classes.ts';
export {
  type ConformanceOptions,
  type ConformanceReport,
  type ConformanceRow,
  runConformance,
} from './conformance/judge.ts';
export { conformancePage } from './conformance/report-page.ts';
export { createTestStation, type RatedMeter, ratedMeters } from './conformance/test-station.ts';
export type { MeterClient, SecuredClient } from './cosem/clients.ts';
export type { ServeOptions } from './dialogue.ts';
export type { Annunciators, Display, DisplayButton, DisplayPage, DisplayScene } from './display/display.ts';
export { type ScrollLists, scrollLists } from './display/scroll-list.ts';
export { type AggregatedReading, type AggregationInterval, Aggregator } from './engine/aggregation.ts';
export { calibrationOf } from './engine/calibrate.ts';
export {
  type Calibration,
  nominalCalibration,
  openCalibration,
  type SealedCalibration,
  sealCalibration,
} from './engine/calibration.ts';
export { EnergyCounter, QuadrantCounters } from './engine/energy-counter.ts';
export { type EngineOptions, type Wiring, wirings } from './engine/engine-options.ts';
export { type FlickerLamp, Flickermeter, longTermFlicker } from './engine/flicker.ts';
export { type TransformerRatios as CalibrationRatios, withRatios } from './engine/instrument-transformers.ts';
export { MetrologyEngine } from './engine/metrology-engine.ts';
export { type SupplyEvent, type SupplyThresholds, supplyThresholds } from './engine/supply-events.ts';
export { TestPulse } from './engine/test-pulse.ts';
export { attachEngine, type WaveformMeter } from './engine/waveform-meter.ts';
export type { PhaseReading, WindowReading } from './engine/window-reading.ts';
export { type MeterErrorCode, meterErrors } from './errors.ts';
export {
  codeIn,
  type EventName,
  type EventScheme,
  type EventSchemeName,
  eventKinds,
  eventSchemes,
} from './events/event-codes.ts';
export type { EventEntry, EventLog, EventSnapshot } from './events/event-log.ts';
export type { Alarm, EventRecorder } from './events/event-recorder.ts';
export type { Contacts, NeutralSigns, Ratings } from './events/observation.ts';
export { type ConditionName, type TamperCondition, tamperConditions } from './events/tamper-conditions.ts';
export { firmwareKeysFromSeed } from './firmware/demonstration-keys.ts';
export type { Firmware, FirmwareOptions } from './firmware/firmware.ts';
export { type FirmwareManifest, readFirmware, signFirmware } from './firmware/firmware-image.ts';
export { readComtradeRecording } from './front-end/comtrade-recording.ts';
export { readCsvRecording } from './front-end/csv-recording.ts';
export { createFrontEnd, type FrontEnd, type FrontEndSpec, type SampleBlock } from './front-end/front-end.ts';
export { chooseChannels, frequencyOfRecord } from './front-end/record-channels.ts';
export {
  createRecordedFrontEnd,
  type RecordedFrontEnd,
  type RecordedFrontEndSpec,
} from './front-end/recorded-front-end.ts';
export {
  type ChannelChoice,
  quantiseRecording,
  type RecordedBlock,
  type Recording,
} from './front-end/recording.ts';
export { currentTransformer, divider, rogowskiCoil, type Sensor, shunt } from './front-end/sensor.ts';
export {
  type BalancedLoad,
  balancedSource,
  type Component,
  neutralOf,
  type SourceSpec,
  threeWireSource,
} from './front-end/source.ts';
export { keysFromSeed, logicalDeviceNameOf, serialOf, systemTitleOf } from './identity.ts';
export { type FileMemory, openFileMemory } from './memory/file-memory.ts';
export { type NonVolatile, volatileMemory } from './memory/non-volatile.ts';
export { openPulseMemory, type PulseMemory } from './memory/pulse-memory.ts';
export { ringStorageBytes } from './memory/ring-memory.ts';
export { openFileStorage, regionOf, type StorageDevice, volatileStorage } from './memory/storage-device.ts';
export { openTextMemory } from './memory/text-memory.ts';
export { memoryKinds, type WearFigure, wearCases, wearOf } from './memory/wear-budget.ts';
export { createMeter, type Meter } from './meter.ts';
export type { MeterEnvironment, MeterSpec } from './meter-spec.ts';
export type { Payment, PaymentSettings } from './payment/payment.ts';
export { type AccountState, balanceOf } from './payment/prepaid-account.ts';
export type { TokenOrder, TokenOutcome, TokenVerdict, TokenVerifier } from './payment/token-gateway.ts';
export { type GaspTiming, type HoldUp, holdUpJ, planLastGasp } from './power/last-gasp.ts';
export type { Outages } from './power/outages.ts';
export { type ConsumptionModel, selfConsumptionW, usualConsumption } from './power/self-consumption.ts';
export { companionProfiles } from './profiles/companion-profiles.ts';
export { type Phasor, phasorOfPower, type Quantities, quantitiesOf } from './quantities/phasor.ts';
export { type PhasorColumns, PhasorFleet, type PhasorFleetOptions } from './quantities/phasor-fleet.ts';
export type { TransformerRatios } from './quantities/transformer-ratio.ts';
export type { WaveformSnapshot } from './quantities/waveform-snapshot.ts';
export type { BillingBook, BillingSchedule, BillingSnapshot } from './registers/billing.ts';
export type { Bookkeeping, BookkeepingOptions } from './registers/bookkeeping.ts';
export type { CapturableQuantity, CaptureProfile, CaptureReference } from './registers/capture-profile.ts';
export type { Demand, DemandPeriod, DemandSet, Maximum } from './registers/demand.ts';
export { type EnergyKind, energyKinds, energyOf, type FurtherEnergy } from './registers/energy-kind.ts';
export type { EnergySet } from './registers/energy-set.ts';
export type { EnergyStep } from './registers/energy-step.ts';
export { type EntryLabel, entryLabels } from './registers/entry-label.ts';
export { profileStatus } from './registers/load-profile.ts';
export type { ProfileDefect } from './registers/metrology.ts';
export { milliwattSecondsPerWattHour } from './registers/register.ts';
export {
  blockLoadProfile,
  instantaneousProfile,
  type ProfileChoice,
  powerQualityProfile,
} from './registers/standard-profiles.ts';
export { attachMeter, type ServedMeter, serveMeter, serveMeterOnUdp } from './serve.ts';
export { attachLine, serveMeterOnSerial } from './serve-serial.ts';
export { type ControlMode, controlState, type SwitchEvent } from './supply-switch/disconnect-control.ts';
export type { LoadLimitSettings } from './supply-switch/load-limit.ts';
export { type MeterTariff, tariffCalendar } from './tariff/tariff-calendar.ts';
export { compileTariff, type TariffTables } from './tariff/tariff-tables.ts';
