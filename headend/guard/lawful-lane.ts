/** The lane of lawful cut-offs: a rule signed by two people beforehand, and signed evidence for every single meter. */
import { localTime } from '@wattline/base';
import type { Evidence } from './batch.ts';
import { directionOf } from './darkening.ts';
import type { GuardState, LawfulRule } from './guard-state.ts';
import type { Proposal } from './proposal.ts';
import { type Reason, reasonOf } from './reasons.ts';

/** Reasons of the lane: the rule, the hour, and each meter's evidence. A reconnection needs evidence that nothing is owed. */
export function lawfulReasons({ batch, evidenced }: Proposal, state: GuardState, nowMs: number): Reason[] {
  const rule = batch.rule === undefined ? undefined : state.rules.get(batch.rule);
  if (!rule || rule.tenant !== batch.tenant) {
    return [reasonOf('guard/rule-unknown', { rule: batch.rule ?? null })];
  }
  if (nowMs < rule.fromMs || nowMs >= rule.untilMs) {
    return [reasonOf('guard/rule-not-in-force', { rule: rule.id })];
  }
  const isDark = directionOf(batch.command) === 'dark';
  const hour = Math.floor(localTime(nowMs, rule.zone).minuteOfDay / 60);
  const isOutside = isDark && (hour < rule.fromHour || hour >= rule.untilHour);
  const byMeter = new Map(batch.evidence?.map((evidence) => [evidence.serial, evidence]));
  const ofMeters = batch.meters.flatMap((serial) => {
    const evidence = byMeter.get(serial);
    if (!evidence || !evidenced.has(serial)) return [reasonOf('guard/evidence-missing', { serial })];
    const isUsed = evidence.asOfMs <= (state.evidenceMs.get(serial) ?? -1);
    const isEnough = isDark ? isDue(evidence, rule, nowMs) : isPaid(evidence, rule, nowMs);
    return isEnough && !isUsed ? [] : [reasonOf('guard/evidence-short', { serial })];
  });
  return isOutside ? [reasonOf('guard/outside-hours', { hour }), ...ofMeters] : ofMeters;
}

function isDue(evidence: Evidence, rule: LawfulRule, nowMs: number): boolean {
  return (
    evidence.owedMinor >= rule.owedMinor &&
    evidence.owedMinor > 0 &&
    evidence.noticeMs + rule.noticeMs <= nowMs &&
    isCurrent(evidence, rule, nowMs)
  );
}

function isPaid(evidence: Evidence, rule: LawfulRule, nowMs: number): boolean {
  return evidence.owedMinor <= 0 && isCurrent(evidence, rule, nowMs);
}

function isCurrent({ asOfMs, kind }: Evidence, rule: LawfulRule, nowMs: number): boolean {
  return kind === rule.kind && asOfMs <= nowMs && asOfMs > nowMs - rule.evidenceAgeMs;
}
