/** Anything else that somebody wants of a meter: done in a reader's session of its own, in the meter's turn of the queue. */
import { headendError } from '../errors.ts';
import type { MomentDeskOptions } from '../moment/moment-desk.ts';
import type { FleetMeter } from '../registry/fleet.ts';
import { holdReaderSession } from './reader-session.ts';
import type { Session } from './session.ts';

/** Errands that wait. */
export interface Errands {
  /** Runs `talk` when the meter has its turn; rejects with what ended the session. Somebody must give the meter its turn. */
  want<T>(serial: string, talk: (session: Session) => Promise<T>): Promise<T>;
  /** The meter's turn. Never rejects. */
  serve(entry: FleetMeter): Promise<void>;
}

/** Errands of one meter that may wait. */
const waitingMax = 16;

export function createErrands(options: MomentDeskOptions): Errands {
  const waiting = new Map<string, ((entry: FleetMeter) => Promise<void>)[]>();
  return {
    want(serial, talk) {
      const all = waiting.get(serial) ?? [];
      if (all.length >= waitingMax) {
        throw headendError(
          'headend/deadline-passed',
          `expected at most ${waitingMax} errands to wait for a meter`,
        );
      }
      waiting.set(serial, all);
      return new Promise((resolve, reject) => {
        all.push((entry) => run(options, entry, talk).then(resolve, reject));
      });
    },
    async serve(entry) {
      const all = waiting.get(entry.meter.serial) ?? [];
      waiting.delete(entry.meter.serial);
      for (const errand of all) await errand(entry);
    },
  };
}

async function run<T>(
  options: MomentDeskOptions,
  entry: FleetMeter,
  talk: (session: Session) => Promise<T>,
): Promise<T> {
  let result: { readonly value: T } | undefined;
  const conversation = await holdReaderSession(options, entry, async (session) => {
    result = { value: await talk(session) };
  });
  options.onExchange(entry, conversation);
  await options.counters.acceptedOnDisk(`${entry.meter.serial}/reader`);
  if (!result) throw conversation.error;
  return result.value;
}
