/** For tests: power that fails at a chosen step: a statement of a database, before or after it took effect, or octets about to leave. */
import type { Dialer } from '@wattline/network';
import type { Registry } from '@wattline/store/registry';
import type { KyselyPlugin } from 'kysely';

/** Power with a fuse. */
export interface Power {
  isOn(): boolean;
  /** The same database; what stands in it is what was committed before the power failed. */
  over(registry: Registry): Registry;
  /** The same lines; they end with the power. */
  line(dialer: Dialer): Dialer;
}

/** Power for `steps` steps. */
export function createPower(steps: number): Power {
  let left = steps;
  const cuts = new Set<() => void>();
  const step = () => {
    if (left > 0 && --left > 0) return;
    for (const cut of cuts) cut();
    cuts.clear();
    throw new Error('the power failed');
  };
  const plugin: KyselyPlugin = {
    // Lost before it ran.
    transformQuery({ node }) {
      step();
      return node;
    },
    // Lost after: nobody hears that it did. A transaction that was open is undone, as recovery does.
    async transformResult({ result }) {
      step();
      return result;
    },
  };
  return {
    isOn: () => left > 0,
    over: (registry) => registry.withPlugin(plugin),
    line: (dialer) => ({
      async dial(address, timeoutMs) {
        step();
        const link = await dialer.dial(address, timeoutMs);
        if (left <= 0) link.close();
        cuts.add(() => link.close());
        return {
          peer: link.peer,
          closed: link.closed,
          receive: (handler) => link.receive(handler),
          close: (why) => link.close(why),
          pendingOctets: () => link.pendingOctets(),
          send(octets) {
            if (left <= 1) return step();
            step();
            link.send(octets);
          },
        };
      },
    }),
  };
}
