/**
 * Seeded campaigns with an image that bricks 3 % of the meters that take it: three quarters within minutes, the others at any time in
 * four days; 5 % of the meters are asleep in any hour, and one in a thousand falls silent for a day for reasons of its own.
 */
import { type Random, seededRandom } from '@wattline/base';
import {
  canarySize,
  defaultVerdictRules,
  judgeStage,
  planCampaign,
  type UpdatedMeter,
} from '@wattline/headend';

const hourMs = 3_600_000;
const fleetSize = 5_000;
const brickShare = 0.03;
const lateShare = 0.25;
const asleepShare = 0.05;
const silentShare = 0.001;
/** Hours until a campaign that was not stopped would have gone on at the latest. */
const watchedHours = 14 * 24;

/** The canary that the rules of statistics ask for in this world: a soak of 72 of 96 h shows three quarters of the late ones. */
export const canary = canarySize({
  faultShare: brickShare,
  visibleShare: (1 - lateShare + lateShare * 0.75) * 0.9,
  baselineShare: Math.max(silentShare, defaultVerdictRules.baselineLeast),
  detection: 0.9999,
  falseAlarm: defaultVerdictRules.falseAlarm,
});

/** How a campaign ended: stopped in the canary, or gone on to the tenth. */
export function runCampaign(seed: number, share: number): 'halted' | 'went on' {
  const random = seededRandom(`campaign ${seed}`);
  const candidates = Array.from({ length: fleetSize }, (_, i) => ({
    serial: `M${i}`,
    hardware: random.next() < 0.3 ? 'A' : 'B',
  }));
  const { stages } = planCampaign(candidates, canary, random.fork('plan'));
  const meters = (stages[0]?.meters ?? []).map((serial) => createMeter(serial, random, share));
  for (let hour = 1; hour <= watchedHours; hour++) {
    const nowMs = hour * hourMs;
    for (const meter of meters) live(meter, nowMs, random);
    const control = {
      meters: fleetSize,
      silent: Math.round(fleetSize * silentShare),
      unread: 0,
      reboots: 10,
      faults: 0,
      disconnects: 5,
    };
    const verdict = judgeStage(meters, control, { nowMs, rules: defaultVerdictRules });
    if (verdict.kind === 'halt') return 'halted';
    if (verdict.kind === 'go-on') break;
  }
  return 'went on';
}

type Meter = { -readonly [name in keyof UpdatedMeter]: UpdatedMeter[name] } & {
  /** Hours after the activation at which it dies; undefined for a meter that the image suits. */
  readonly diesAfterMs: number | undefined;
  /** A day of silence that has nothing to do with the image. */
  readonly silentFromMs: number | undefined;
};

function createMeter(serial: string, random: Random, share: number): Meter {
  const isBrick = random.next() < share;
  const isLate = random.next() < lateShare;
  return {
    ...{ serial, activatedMs: undefined, lastContactMs: 0, reboots: 0, faults: 0, disconnects: 0 },
    diesAfterMs: isBrick ? (isLate ? random.next() * 96 * hourMs : 0) : undefined,
    silentFromMs: random.next() < silentShare * 14 ? random.next() * watchedHours * hourMs : undefined,
  };
}

/** An hour: who is awake is read, and takes the image if it has it not. */
function live(meter: Meter, nowMs: number, random: Random): void {
  const { activatedMs, diesAfterMs, silentFromMs } = meter;
  const isSilent = silentFromMs !== undefined && nowMs >= silentFromMs && nowMs < silentFromMs + 24 * hourMs;
  const isDead = activatedMs !== undefined && diesAfterMs !== undefined && nowMs >= activatedMs + diesAfterMs;
  if (isDead || isSilent || random.next() < asleepShare) return;
  meter.lastContactMs = nowMs;
  if (activatedMs !== undefined) return;
  meter.activatedMs = nowMs;
  meter.reboots = 1;
}
