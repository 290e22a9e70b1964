/** headend: meters provisioned, read, listened to. */

export {
  type CampaignDesk,
  type CampaignDetail,
  type CampaignStart,
  openCampaignDesk,
  usualQuestion,
} from './campaign/campaign-desk.ts';
export { type CampaignPlan, type Candidate, planCampaign } from './campaign/campaign-plan.ts';
export type { Campaign, CampaignMeter, CampaignTerms } from './campaign/campaign-store.ts';
export {
  type CampaignVerdict,
  type ControlGroup,
  defaultVerdictRules,
  judgeStage,
  type UpdatedMeter,
  type VerdictRules,
} from './campaign/campaign-verdict.ts';
export { type Canary, type CanaryQuestion, canarySize } from './campaign/canary-size.ts';
export { createImageStore, type ImageStore } from './campaign/image-store.ts';
export { type ImageProgress, type ImageTask, transferImage } from './campaign/image-transfer.ts';
export { checkImage, type Manifest, type SignedManifest, signManifest } from './campaign/manifest.ts';
export type { ClockShift, ProposeClockShift } from './collection/collection-task.ts';
export { type MeterMapping, meterMappings, readingTypesOf } from './collection/mapping.ts';
export { type CarryJobOptions, carryJob } from './command/carry-job.ts';
export {
  type BatchPreview,
  type CommandDesk,
  type DeskOptions,
  type JobProgress,
  type MeterGroup,
  openCommandDesk,
  runDesk,
} from './command/command-desk.ts';
export { type CommandErrorCode, commandErrors } from './command/errors.ts';
export { isEnded, type JobState, jobTransitions } from './command/job.ts';
export type { Job, StoredBatch } from './command/job-store.ts';
export { type HeadendErrorCode, headendErrors } from './errors.ts';
export {
  type Approval,
  approvalText,
  approve,
  isApproval,
  type Person,
  type Role,
  roles,
} from './guard/approval.ts';
export { type Batch, batchHash, type Evidence, type Lane, readBatch } from './guard/batch.ts';
export { hashOf } from './guard/canonical-json.ts';
export { type Command, commandOf, darkening, isCommand } from './guard/darkening.ts';
export { type Decision, decide } from './guard/decide.ts';
export type { GuardedMeter, GuardState, Hold, LawfulRule } from './guard/guard-state.ts';
export {
  type CommandParameters,
  type FirmwareParameters,
  isFirmware,
  type KeyName,
  keyNames,
  type RateCalendar,
} from './guard/parameters.ts';
export { previewBatch } from './guard/preview.ts';
export type { GuardTime, Proposal } from './guard/proposal.ts';
export { type GuardCode, guardReasons, type Reason, type Verdict } from './guard/reasons.ts';
export { defaultGuardSettings, type GuardSettings, settingReasons } from './guard/settings.ts';
export { planShedding, type ShedPlan, type ShedTarget } from './guard/shedding.ts';
export type * from './headend.ts';
export { openFileCounter } from './keys/file-counter.ts';
export { type InvocationCounters, openInvocationCounters } from './keys/invocation-counters.ts';
export {
  changeKeys,
  type KeyChangeEnd,
  type KeyChangeMeter,
  type KeyChangeStore,
} from './keys/key-change.ts';
export { createKeyChangeStore } from './keys/key-change-store.ts';
export { moveKeyFileToToken } from './keys/key-file.ts';
export { type KeyVault, openKeyVault } from './keys/key-vault.ts';
export { createReaderKeys, type ReaderKeyFigures, type ReaderKeys } from './keys/reader-keys.ts';
export { likelyClasses } from './likely-classes.ts';
export type { AskedAttribute, MeterReader, ReadValue, RefusedValue } from './meter-reader.ts';
export { type AskMeter, MomentMemory, readMoment } from './moment/read-moment.ts';
export { type HeadendOptions, openHeadend } from './open-headend.ts';
export { type OpticalOptions, opticalDialer } from './optical-dialer.ts';
export { defaultPolicy, type HeadendPolicy } from './policy.ts';
export { type LineSource, parseLineSource } from './push/kept-line.ts';
export type { PushSources } from './push/push-options.ts';
export { type MeterAccess, type Reading, type ReadResult, readMeter, readObject } from './read-object.ts';
export { declaredBy, type Held, readDevice } from './registry/device-record.ts';
export type { HeldMeter, HeldMeters } from './registry/held-meters.ts';
export type { MeterExchange } from './registry/meter-exchange.ts';
export { createRegistryWriter } from './registry/registry-writer.ts';
export {
  isSealedShipment,
  makeShipmentIdentity,
  type OpenedShipment,
  openShipment,
  type ShipmentIdentity,
  sealShipment,
} from './registry/sealed-shipment.ts';
export { readShipment } from './registry/shipment.ts';
export { type MissingCause, missingCauses } from './service-level/interval-cause.ts';
export {
  type MissingStretch,
  type ServiceGroup,
  type ServiceLevelRow,
  serviceGroups,
} from './service-level/service-level.ts';
export { holdReaderSession, type ReaderOptions } from './session/reader-session.ts';
export { defaultLoadW, enrolShipment } from './signer/enrol-shipment.ts';
export { type EnrolledMeter, type Enrolment, enrolMeter, readEnrolment } from './signer/enrolment.ts';
export { keepEnrolmentFile, openEnrolmentFile, withPerson } from './signer/enrolment-file.ts';
export { type SignerErrorCode, signerErrors } from './signer/errors.ts';
export type * from './signer/messages.ts';
export { serveSigner } from './signer/serve-signer.ts';
export { openSigner, type Signer, type SignerOptions } from './signer/signer.ts';
export { type AskSigner, openSignerChannel } from './signer/signer-channel.ts';
export type { SignerKeyFigures } from './signer/signer-keys.ts';
export {
  connectSigner,
  type EnrolReport,
  enrolShipmentFile,
  keepSigner,
  type SignerLink,
} from './signer/signer-process.ts';
