/** Looks at provisioned meters: whoever asks for the moment of one waits for the same session as the others, in the meter's turn. */
import type { MeterMoment } from '@wattline/model';
import { decodeData } from '@wattline/protocols/dlms';
import { headendError } from '../errors.ts';
import type { FleetMeter } from '../registry/fleet.ts';
import type { RegistryWriter } from '../registry/registry-writer.ts';
import { holdReaderSession, type ReaderOptions } from '../session/reader-session.ts';
import type { Conversation, Session } from '../session/session.ts';
import { type AskMeter, MomentMemory, readMoment } from './read-moment.ts';

/** What looking needs. */
export interface MomentDeskOptions extends ReaderOptions {
  readonly writer: RegistryWriter;
  readonly onExchange: (entry: FleetMeter, conversation: Conversation) => void;
}

/** The desk. */
export interface MomentDesk {
  /** The moment of a meter, of a session that runs or is to come; rejects with what ended the session. Somebody must give the meter its turn. */
  want(serial: string): Promise<MeterMoment>;
  /** The meter's turn: reads for all who wait, or does nothing when nobody does. Never rejects. */
  serve(entry: FleetMeter): Promise<void>;
}

/** Opens the desk; what it learns of each meter it keeps in memory. */
export function createMomentDesk(options: MomentDeskOptions): MomentDesk {
  const wanted = new Map<string, PromiseWithResolvers<MeterMoment>>();
  const memories = new Map<string, MomentMemory>();
  return {
    want(serial) {
      const waiting = wanted.get(serial) ?? Promise.withResolvers<MeterMoment>();
      wanted.set(serial, waiting);
      return waiting.promise;
    },
    async serve(entry) {
      const { serial } = entry.meter;
      const waiting = wanted.get(serial);
      if (!waiting) return;
      const memory = memories.get(serial) ?? new MomentMemory();
      memories.set(serial, memory);
      await look(options, entry, memory).then(waiting.resolve, waiting.reject);
      wanted.delete(serial);
    },
  };
}

async function look(
  options: MomentDeskOptions,
  entry: FleetMeter,
  memory: MomentMemory,
): Promise<MeterMoment> {
  const { counters, writer } = options;
  const scope = `${entry.meter.serial}/reader`;
  let moment: MeterMoment | undefined;
  const conversation = await holdReaderSession(options, entry, async (session) => {
    moment = await readMoment(askOf(session), memory);
  });
  options.onExchange(entry, conversation);
  const keepAccepted = counters.keepAccepted(scope);
  await writer.write((transaction) => keepAccepted(transaction));
  if (!moment) throw conversation.error;
  return moment;
}

function askOf(session: Session): AskMeter {
  return async (reference) => {
    const decoded = decodeData(await session.get(reference));
    if (decoded.ok) return decoded.value.value;
    const { obis } = reference;
    throw headendError('headend/value-undecodable', `${obis} does not hold Data: ${decoded.error.message}`, {
      obis,
    });
  };
}
