/** Why an interval has the value it has, in sentences: what `wattline vee explain` prints. */
import { formatInstant } from '@wattline/base';
import {
  type ChannelId,
  qualityFlags,
  type ReadingSource,
  type ReadingVersion,
  type Verdict,
} from '@wattline/model';
import { editMethods } from '../editing/editor.ts';
import { estimationMethods } from '../estimation/estimate-day.ts';
import { rules } from '../rules/index.ts';

/** Versions and verdicts of an interval with a sentence for each, oldest first. */
export interface IntervalReasons {
  readonly channel: ChannelId;
  readonly startMs: number;
  readonly versions: readonly ReadingVersion[];
  readonly verdicts: readonly Verdict[];
  readonly reasons: readonly string[];
}

/** Explains the interval of a channel that begins at `startMs`. */
export async function explainInterval(
  source: Pick<ReadingSource, 'versions' | 'verdicts'>,
  channel: ChannelId,
  startMs: number,
): Promise<IntervalReasons> {
  const versions = await source.versions(channel, startMs);
  const verdicts = await source.verdicts(channel, startMs);
  const told = [
    ...versions.map((version) => ({ knownMs: version.knownMs, text: versionSentence(version) })),
    ...verdicts.map((verdict) => ({ knownMs: verdict.knownMs, text: verdictSentence(verdict, startMs) })),
  ].sort((a, b) => a.knownMs - b.knownMs);
  const reasons = told.map(({ knownMs, text }) => `${formatInstant(knownMs)} ${text}`);
  if (versions.length === 0) reasons.push('No value is known for this interval.');
  return { channel, startMs, versions, verdicts, reasons };
}

const methodSentences: Readonly<Record<string, string>> = {
  ...estimationMethods,
  ...editMethods,
  spike: 'Marked suspect by the spike rule until a register speaks',
  restored: 'The measured value stands again',
};

function versionSentence(version: ReadingVersion): string {
  const flags = qualityFlags(version.quality).join(', ');
  const from = `${version.origin.source} ${version.origin.reference}`;
  const how =
    version.method === '' ? `from ${from}` : `${methodSentences[version.method] ?? version.method} (${from})`;
  return `value ${version.value} (${flags}): ${how}`;
}

function verdictSentence(verdict: Verdict, startMs: number): string {
  const title = rules.find((rule) => rule.id === verdict.rule)?.title ?? verdict.rule;
  const about = verdict.startMs === startMs ? '' : ` for the day from ${formatInstant(verdict.startMs)}`;
  const detail = verdict.detail === '' ? '' : `: ${verdict.detail}`;
  return `rule ${verdict.rule} (${title}) ${verdict.outcome === 'pass' ? 'passed' : 'failed'}${about}${detail}`;
}
