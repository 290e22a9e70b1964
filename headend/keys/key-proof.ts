/** Whether a meter holds a pair of reader keys: it answers an association sealed with it, and a read. In the meter's turn of the queue. */
import { codeOf } from '@wattline/base';
import type { SecurityKeys } from '@wattline/protocols/dlms';
import { mappingOf } from '../collection/mapping.ts';
import type { MomentDeskOptions } from '../moment/moment-desk.ts';
import type { FleetMeter } from '../registry/fleet.ts';
import { converse } from '../session/session.ts';

/** Pairs that wait to be tried. */
export interface KeyProofs {
  /** Resolves to whether the meter answers to the pair; rejects when it is silent or cannot be reached. */
  want(serial: string, keys: SecurityKeys): Promise<boolean>;
  /** Tries what is wanted of a meter, in a session of its own. */
  serve(entry: FleetMeter): Promise<void>;
}

export function createKeyProofs(options: MomentDeskOptions): KeyProofs {
  const wanted = new Map<string, { keys: SecurityKeys } & PromiseWithResolvers<boolean>>();
  return {
    want(serial, keys) {
      const waiting = { keys, ...Promise.withResolvers<boolean>() };
      wanted.get(serial)?.resolve(false);
      wanted.set(serial, waiting);
      return waiting.promise;
    },
    async serve(entry) {
      const { serial } = entry.meter;
      const waiting = wanted.get(serial);
      if (!waiting) return;
      wanted.delete(serial);
      await tryKeys(options, entry, waiting.keys).then(waiting.resolve, waiting.reject);
    },
  };
}

async function tryKeys(options: MomentDeskOptions, entry: FleetMeter, keys: SecurityKeys): Promise<boolean> {
  const { vault, counters, policy, writer } = options;
  const { serial, systemTitle, host, port, profile } = entry.meter;
  const scope = `${serial}/reader`;
  const counter = counters.sent(scope);
  const { reader, clockObis } = mappingOf(profile);
  const conversation = await converse(
    {
      ...policy,
      ...options,
      address: { host, port },
      client: {
        ...reader,
        systemTitle: vault.systemTitle,
        serverSystemTitle: new Uint8Array(Buffer.from(systemTitle, 'hex')),
        keys,
        counter,
        replay: counters.accepted(scope),
        maxPduSize: policy.maxPduSize,
      },
      beforeRequest: () => counter.ready(),
    },
    async (session) => void (await session.get({ classId: 8, obis: clockObis, attribute: 2 })),
  );
  options.onExchange(entry, conversation);
  const keepAccepted = counters.keepAccepted(scope);
  await writer.write((transaction) => keepAccepted(transaction));
  const { outcome, error } = conversation;
  if (outcome === 'answer') return true;
  // Other keys show as a refusal, or as an answer that cannot be opened; silence shows nothing.
  const isOpenable =
    outcome !== 'timeout' && outcome !== 'unreachable' && codeOf(error) !== 'headend/link-closed';
  if (isOpenable) return false;
  throw error;
}
