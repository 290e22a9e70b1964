/** Whether a campaign goes on: a pure function of what was seen of updated meters, of meters without the image, and of the clock. */
import { alarmFor } from './canary-size.ts';

/** What is known of one meter of the running stage. */
export interface UpdatedMeter {
  readonly serial: string;
  /** When the new image was activated; undefined while it is not. */
  readonly activatedMs: number | undefined;
  readonly lastContactMs: number | undefined;
  /** End of the newest interval that came of it; undefined when none ever did. */
  readonly lastIntervalMs?: number | undefined;
  /** Starts, faults of its own and openings of the supply switch that the meter told of since. */
  readonly reboots: number;
  readonly faults: number;
  readonly disconnects: number;
}

/** Meters of the same fleet without the image, over the same time: what happens anyway. */
export interface ControlGroup {
  readonly meters: number;
  readonly silent: number;
  readonly unread: number;
  readonly reboots: number;
  readonly faults: number;
  readonly disconnects: number;
}

export interface VerdictRules {
  /** The stage is watched for so long after the last activation that counts. */
  readonly soakMs: number;
  /** A meter without contact for so long is silent, one that answers and gives no new interval for so long is unread: longer than a meter sleeps. */
  readonly silentMs: number;
  /** Share of a stage that must have been activated before the soak begins; who sleeps takes the image later. */
  readonly activatedShare: number;
  /** Chance at most that a good image is stopped by any one of the five signs. */
  readonly falseAlarm: number;
  /** Shares below this are not believed of a control group that happened to be calm. */
  readonly baselineLeast: number;
}

/** What holds when nothing else is said. */
export const defaultVerdictRules: VerdictRules = {
  soakMs: 72 * 3_600_000,
  silentMs: 24 * 3_600_000,
  activatedShare: 0.9,
  falseAlarm: 0.01,
  baselineLeast: 0.001,
};

/** What follows: `halt` stops all transfers and activations, and a person looks. */
export type CampaignVerdict =
  | { readonly kind: 'wait'; readonly until: 'activation' | 'soak' }
  | { readonly kind: 'go-on' }
  | {
      readonly kind: 'halt';
      readonly sign: 'silent' | 'unread' | 'reboots' | 'faults' | 'disconnects' | 'refusals';
      readonly count: number;
      readonly alarmAt: number;
    };

/** Judges the running stage. A sign is looked for at any time, not only at the end of the soak. */
export function judgeStage(
  meters: readonly UpdatedMeter[],
  control: ControlGroup,
  of: { readonly nowMs: number; readonly rules: VerdictRules },
): CampaignVerdict {
  const { nowMs, rules } = of;
  const updated = meters.filter(({ activatedMs }) => activatedMs !== undefined);
  const signs = {
    silent: updated.filter((meter) => isSilent(meter, nowMs, rules)).length,
    unread: updated.filter((meter) => isUnread(meter, nowMs, rules)).length,
    // The activation makes one start; a second is a sign.
    reboots: updated.filter(({ reboots }) => reboots > 1).length,
    faults: updated.filter(({ faults }) => faults > 0).length,
    disconnects: updated.filter(({ disconnects }) => disconnects > 0).length,
  };
  for (const sign of ['silent', 'unread', 'disconnects', 'faults', 'reboots'] as const) {
    const usual = control.meters === 0 ? 0 : control[sign] / control.meters;
    const baseline = Math.max(rules.baselineLeast, usual);
    const alarmAt = alarmFor(updated.length, baseline, rules.falseAlarm);
    if (signs[sign] >= alarmAt) return { kind: 'halt', sign, count: signs[sign], alarmAt };
  }
  if (updated.length < meters.length * rules.activatedShare) return { kind: 'wait', until: 'activation' };
  const needed = Math.ceil(meters.length * rules.activatedShare);
  const activations = updated.map(({ activatedMs }) => activatedMs as number).sort((a, b) => a - b);
  const sinceMs = activations[Math.max(0, needed - 1)] ?? nowMs;
  return nowMs - sinceMs < rules.soakMs ? { kind: 'wait', until: 'soak' } : { kind: 'go-on' };
}

/** Not heard of for long, since the activation at least: contact before it proves nothing of the image. */
function isSilent(
  { activatedMs = 0, lastContactMs = 0 }: UpdatedMeter,
  nowMs: number,
  { silentMs }: VerdictRules,
): boolean {
  return nowMs - Math.max(activatedMs, lastContactMs) >= silentMs;
}

/** It answers, and its readings have stopped: an image that spoils the load profile shows so. */
function isUnread(meter: UpdatedMeter, nowMs: number, rules: VerdictRules): boolean {
  const { activatedMs = 0, lastIntervalMs } = meter;
  if (lastIntervalMs === undefined || isSilent(meter, nowMs, rules)) return false;
  return nowMs - Math.max(activatedMs, lastIntervalMs) >= rules.silentMs;
}
