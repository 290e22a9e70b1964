/** Sweeps of one process, which may overlap: each has its own begin and its own number of sessions, and one that ends takes nothing from another. */

/** What a sweep is. */
export interface SweepTerms {
  /** Sessions at a time. */
  readonly concurrency: number;
  /** A meter that was in contact since then needs no session, UTC ms; undefined when every meter is to be read. */
  readonly sinceMs: number | undefined;
}

/** A sweep that runs. */
export interface RunningSweep {
  /** It is about to ask for a session with a meter. */
  want(serial: string): void;
  end(): void;
}

/** The sweeps that run. */
export interface RunningSweeps {
  begin(terms: SweepTerms): RunningSweep;
  /** Sessions at a time for the widest of them; `least` when none runs. */
  concurrency(least: number): number;
  /** Since when a contact would serve all who want the meter now, who are served with this; undefined when it must be read. */
  serve(serial: string): number | undefined;
}

export function createRunningSweeps(): RunningSweeps {
  const running = new Set<SweepTerms>();
  /** By meter: the latest begin of the sweeps that want it. */
  const wanted = new Map<string, number>();
  return {
    begin(terms) {
      running.add(terms);
      const sinceMs = terms.sinceMs ?? Number.POSITIVE_INFINITY;
      return {
        want: (serial) => void wanted.set(serial, Math.max(wanted.get(serial) ?? sinceMs, sinceMs)),
        end() {
          running.delete(terms);
          if (running.size === 0) wanted.clear();
        },
      };
    },
    concurrency: (least) => Math.max(least, ...[...running].map(({ concurrency }) => concurrency)),
    serve(serial) {
      const sinceMs = wanted.get(serial);
      wanted.delete(serial);
      return sinceMs;
    },
  };
}
