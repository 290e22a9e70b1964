/** A meter that cuts its intervals at another length from an instant on: facts for every interval channel of the point. */
import { type Clock, formatInstant } from '@wattline/base';
import type { ChannelId } from '@wattline/model';
import type { Registry } from '@wattline/store/registry';
import { LocalDays } from '../channels/local-days.ts';
import { mdmError } from '../errors.ts';
import { type AssetFacts, attributes, type NewFact } from './asset-facts.ts';

interface Parts {
  readonly registry: Registry;
  readonly facts: AssetFacts;
  readonly clock: Clock;
}

const daySeconds = 86_400;

/** The facts of a change; the first change of a channel first puts down the length it had from the beginning. */
export async function factsOfInterval(
  { registry, facts }: Parts,
  usagePointId: string,
  { fromMs, seconds }: { readonly fromMs: number; readonly seconds: number },
): Promise<{ readonly before: readonly NewFact[]; readonly changed: readonly NewFact[] }> {
  if (!Number.isInteger(seconds) || seconds < 60 || daySeconds % seconds !== 0)
    throw mdmError('mdm/interval-unsupported', `${seconds} s`);
  const rows = await intervalChannels(registry, usagePointId);
  if (rows.length === 0) throw mdmError('mdm/unknown-point', usagePointId, { usagePointId });
  const before: NewFact[] = [];
  const changed: NewFact[] = [];
  for (const { id, interval_seconds, zone } of rows) {
    const subject = `channel/${id}`;
    const known = await facts.standing<number>(subject, attributes.interval);
    const last = known.findLast((fact) => fact.fromMs < fromMs)?.value ?? interval_seconds;
    const midnight = new LocalDays(zone).of(fromMs / 1000).start;
    for (const length of [last, seconds]) {
      if ((fromMs / 1000 - midnight) % length !== 0) {
        const particulars = `a change at ${formatInstant(fromMs)} lies within an interval of ${length} s`;
        throw mdmError('mdm/off-grid', particulars, { channel: id });
      }
    }
    const about = { subject, attribute: attributes.interval };
    if (known.length === 0) before.push({ ...about, fromMs: 0, value: interval_seconds });
    changed.push({ ...about, fromMs, value: seconds });
  }
  return { before, changed };
}

/** Lets the registry show the length of the present at the channels and at the meter; the channels concerned. */
export async function showPresentInterval(
  { registry, facts, clock }: Parts,
  usagePointId: string,
): Promise<ChannelId[]> {
  const channels: ChannelId[] = [];
  for (const { id } of await intervalChannels(registry, usagePointId)) {
    const seconds = await facts.valueAt<number>(`channel/${id}`, attributes.interval, clock.now());
    if (seconds === null) continue;
    channels.push(id);
    await registry.updateTable('channel').set({ interval_seconds: seconds }).where('id', '=', id).execute();
    await registry
      .updateTable('meter')
      .set({ interval_seconds: seconds })
      .where('usage_point_id', '=', usagePointId)
      .execute();
  }
  return channels;
}

/** The usage point of a channel. */
export function pointOfChannel(channel: ChannelId): string {
  return channel.slice(0, channel.lastIndexOf('/'));
}

function intervalChannels(registry: Registry, usagePointId: string) {
  return registry
    .selectFrom('channel')
    .innerJoin('usage_point', 'usage_point.id', 'channel.usage_point_id')
    .select(['channel.id', 'channel.interval_seconds', 'usage_point.zone'])
    .where('channel.usage_point_id', '=', usagePointId)
    .where('channel.interval_seconds', '>', 0)
    .orderBy('channel.number')
    .execute();
}
