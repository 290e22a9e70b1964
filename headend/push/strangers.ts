/** Links on which no meter has proved itself yet: so few of one host, and of all, that whoever opens thousands keeps no meter out. */
import type { Link } from '@wattline/network';
import type { HeadendPolicy } from '../policy.ts';
import { hostOf } from './push-refusals.ts';

/** The links of strangers. */
export interface Strangers {
  /** One more; the oldest of its host, or of all, is closed when there are too many. */
  add(link: Link): void;
  /** It was proved, or has ended. */
  forget(link: Link): void;
}

/** None yet. */
export function createStrangers(policy: Pick<HeadendPolicy, 'strangersPerHost' | 'pushLinks'>): Strangers {
  const byHost = new Map<string, Set<Link>>();
  const all = new Set<Link>();
  const forget = (link: Link) => {
    all.delete(link);
    const host = hostOf(link.peer);
    const those = byHost.get(host);
    those?.delete(link);
    if (those?.size === 0) byHost.delete(host);
  };
  const close = ([oldest]: Iterable<Link>) => {
    if (!oldest) return;
    forget(oldest);
    oldest.close({ code: 'network/refused', message: 'too many links on which no meter has proved itself' });
  };
  return {
    forget,
    add(link) {
      const host = hostOf(link.peer);
      const those = byHost.get(host) ?? new Set();
      if (those.size >= policy.strangersPerHost) close(those);
      if (all.size >= policy.pushLinks / 2) close(all);
      byHost.set(host, (byHost.get(host) ?? those).add(link));
      all.add(link);
    },
  };
}
