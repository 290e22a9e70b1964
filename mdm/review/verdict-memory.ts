/** The last verdicts given, so that a review that finds the same says nothing new. */
import type { ReadingsStore, StoredVerdict } from '@wattline/store/readings';
import type { Channel } from '../channels/channel.ts';
import type { LocalDay } from '../channels/local-days.ts';
import type { Ledger } from '../ingest/ledger.ts';
import { packPasses, passList } from '../rules/pass-list.ts';
import type { Reviewed } from './review-task.ts';

interface ChannelDay {
  readonly channel: Channel;
  readonly day: LocalDay;
}

/** Channel-days remembered; for older ones the store is asked. */
const capacity = 400_000;
/** The rule under which a review says how it estimated. */
const estimation = 'estimation';

/** Verdicts by channel-day: a text per rule, `+` for passed and `-` for failed, then the detail. */
export class VerdictMemory {
  private readonly store: ReadingsStore;
  private readonly byDay = new Map<string, Map<string, string>>();

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
    const start = Math.min(...absent.map(({ day }) => day.start));
    const end = Math.max(...absent.map(({ day }) => day.start)) + 1;
    const found = new Map<string, Map<string, string>>();
    for (const { channel, day } of absent) found.set(keyOf(channel.number, day.start), new Map());
    for (const verdict of await this.store.lastVerdicts(numbers, { start, end })) {
      found.get(keyOf(verdict.channel, verdict.start))?.set(verdict.rule, textOf(verdict));
    }
    for (const [key, texts] of found) this.byDay.set(key, texts);
  }

  /** Verdicts of a review that differ from the last ones; `detail` tells how slots were estimated, if any were. */
  news({ task, finding }: Reviewed, detail: string): StoredVerdict[] {
    const known = this.byDay.get(keyOf(task.channel.number, task.day.start));
    const about = { channel: task.channel.number, start: task.day.start };
    const news: StoredVerdict[] = [];
    const passes: string[] = [];
    for (const { rule, outcome } of finding.verdicts) {
      const before = known?.get(rule.id);
      if (!outcome.hasFailed && outcome.detail === '' && before === undefined) {
        passes.push(rule.id);
        continue;
      }
      const verdict = { ...about, rule: rule.id, hasFailed: outcome.hasFailed, detail: outcome.detail };
      if (before !== textOf(verdict)) news.push(verdict);
    }
    const passed = { ...about, rule: passList, hasFailed: false, detail: packPasses(passes) };
    if (passes.length > 0 && known?.get(passList) !== textOf(passed)) news.push(passed);
    if (detail !== '') {
      const verdict = { ...about, rule: estimation, hasFailed: false, detail };
      if (known?.get(estimation) !== textOf(verdict)) news.push(verdict);
    }
    return news;
  }

  remember({ channel, day }: ChannelDay, verdict: StoredVerdict): void {
    const key = keyOf(channel.number, day.start);
    let texts = this.byDay.get(key);
    if (!texts) {
      texts = new Map();
      this.byDay.set(key, texts);
      if (this.byDay.size > capacity) this.forgetOldest();
    }
    texts.set(verdict.rule, textOf(verdict));
    channel.index.lastVerdict = Math.max(channel.index.lastVerdict, day.start);
  }

  private forgetOldest(): void {
    for (const key of this.byDay.keys()) {
      this.byDay.delete(key);
      return;
    }
  }
}

function keyOf(channel: number, start: number): string {
  return `${channel}/${start}`;
}

function textOf(verdict: { readonly hasFailed: boolean; readonly detail: string }): string {
  return (verdict.hasFailed ? '-' : '+') + verdict.detail;
}
