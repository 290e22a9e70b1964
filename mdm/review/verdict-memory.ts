/** The last verdicts given, so that a review that finds the same says nothing new. */
import type { ReadingsStore, StoredVerdict } from '@wattline/store/readings';
import type { Channel } from '../channels/channel.ts';
import type { LocalDay } from '../channels/local-days.ts';
import { RecentMap } from '../channels/recent-map.ts';
import type { Ledger } from '../ingest/ledger.ts';
import { packPasses, passList, unpackPasses } from '../rules/pass-list.ts';
import type { Reviewed } from './review-task.ts';

interface ChannelDay {
  readonly channel: Channel;
  readonly day: LocalDay;
}

/** Channel-days remembered; for older ones the store is asked. */
const capacity = 400_000;
/** The rule under which a review says how it estimated. */
const estimation = 'estimation';

/** Last texts by rule, `+` for passed and `-` for failed, then the detail; a day of passes alone is their packed list. */
type Texts = Map<string, string> | string;

/** Verdicts by channel-day. */
export class VerdictMemory {
  private readonly store: ReadingsStore;
  private readonly byDay = new RecentMap<number, Texts>(capacity);

  constructor(store: ReadingsStore) {
    this.store = store;
  }

  /** Asks the store for the verdicts of days that may have some and are not remembered. */
  async load(tasks: readonly ChannelDay[], ledger: Ledger): Promise<void> {
    const absent = tasks.filter(
      ({ channel, day }) =>
        day.start <= channel.index.lastVerdict && !this.byDay.has(keyOf(channel.number, day.start)),
    );
    if (absent.length === 0) return;
    await ledger.flush();
    const numbers = [...new Set(absent.map(({ channel }) => channel.number))];
    let start = Number.POSITIVE_INFINITY;
    let end = 0;
    for (const { day } of absent) {
      start = Math.min(start, day.start);
      end = Math.max(end, day.start + 1);
    }
    const found = new Map<number, Map<string, string>>();
    for (const { channel, day } of absent) found.set(keyOf(channel.number, day.start), new Map());
    for (const verdict of await this.store.lastVerdicts(numbers, { start, end })) {
      found.get(keyOf(verdict.channel, verdict.start))?.set(verdict.rule, textOf(verdict));
    }
    for (const [key, texts] of found) this.byDay.set(key, texts);
  }

  /** Verdicts of a review that differ from the last ones; `detail` tells how slots were estimated, if any were. */
  news({ task, finding }: Reviewed, detail: string): StoredVerdict[] {
    // Nothing was ever said of a day after the last of which something was: no need to look.
    const isNew = task.day.start > task.channel.index.lastVerdict;
    const texts = isNew ? undefined : this.byDay.get(keyOf(task.channel.number, task.day.start));
    const known = typeof texts === 'string' ? undefined : texts;
    const about = { channel: task.channel.number, start: task.day.start };
    const news: StoredVerdict[] = [];
    const say = (rule: string, hasFailed: boolean, text: string) => {
      const verdict = { ...about, rule, hasFailed, detail: text };
      if (known?.get(rule) !== textOf(verdict)) news.push(verdict);
    };
    for (const { rule, outcome } of finding.verdicts) say(rule.id, outcome.hasFailed, outcome.detail);
    const packed = packPasses(finding.passes);
    if (finding.passes > 0 && packed !== texts) say(passList, false, packed);
    // What failed before and passes now says so itself.
    if (known) for (const rule of unpackPasses(packed)) if (known.has(rule)) say(rule, false, '');
    if (detail !== '') say(estimation, false, detail);
    return news;
  }

  remember({ channel, day }: ChannelDay, verdict: StoredVerdict): void {
    const key = keyOf(channel.number, day.start);
    const { index } = channel;
    const texts = day.start > index.lastVerdict ? undefined : this.byDay.get(key);
    if (texts instanceof Map) {
      texts.set(verdict.rule, textOf(verdict));
      this.byDay.set(key, texts);
    } else if (verdict.rule === passList) this.byDay.set(key, verdict.detail);
    else {
      const map = new Map([[verdict.rule, textOf(verdict)]]);
      if (texts !== undefined) map.set(passList, `+${texts}`);
      this.byDay.set(key, map);
    }
    if (day.start > index.lastVerdict) index.lastVerdict = day.start;
  }
}

/** Quarter-hours stay below this until the year 2106; stretches of a channel begin a quarter-hour apart or more. */
const quarterRange = 4_800_000;

function keyOf(channel: number, start: number): number {
  return channel * quarterRange + Math.floor(start / 900);
}

function textOf(verdict: { readonly hasFailed: boolean; readonly detail: string }): string {
  return (verdict.hasFailed ? '-' : '+') + verdict.detail;
}
