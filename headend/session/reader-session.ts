/** A session with a fleet's meter as the client that reads, however the meter is reached and whoever holds that client's keys. */
import type { Clock, Random } from '@wattline/base';
import type { Dialer } from '@wattline/network';
import { mappingOf } from '../collection/mapping.ts';
import type { InvocationCounters } from '../keys/invocation-counters.ts';
import type { KeyVault } from '../keys/key-vault.ts';
import type { OpenKeys } from '../keys/opened-keys.ts';
import type { HeadendPolicy } from '../policy.ts';
import type { FleetMeter } from '../registry/fleet.ts';
import type { AskSigner } from '../signer/signer-channel.ts';
import { carrierOf } from './link-kinds.ts';
import { type Conversation, converse, type Session } from './session.ts';
import { connectThroughSigner } from './signer-connection.ts';

/** What such sessions need. */
export interface ReaderOptions {
  readonly dialer: Dialer;
  readonly clock: Clock;
  readonly deadlines: Clock;
  readonly random: Random;
  readonly vault: Pick<KeyVault, 'systemTitle'>;
  readonly keysOf: OpenKeys;
  readonly counters: InvocationCounters;
  readonly policy: HeadendPolicy;
  readonly signal: AbortSignal;
  /** The channel to the signer, which reads meters that have one client alone. */
  readonly signer?: AskSigner;
}

/** Holds it. The counter it accepted is the caller's to keep. Never rejects. */
export function holdReaderSession(
  options: ReaderOptions,
  entry: FleetMeter,
  talk: (session: Session) => Promise<void>,
): Promise<Conversation> {
  const { vault, keysOf, counters, policy, deadlines } = options;
  const { serial, systemTitle, host, port, link = 'tcp', profile } = entry.meter;
  const keys = keysOf(entry);
  if (!keys) return holdSignerSession(options, entry, talk);
  const scope = `${serial}/reader`;
  const counter = counters.sent(scope);
  const { dialer, framing, retries } = carrierOf(link, options.dialer, deadlines);
  return converse(
    {
      ...policy,
      ...options,
      ...{ dialer, retries },
      address: { host, port },
      client: {
        ...mappingOf(profile).reader,
        ...framing,
        systemTitle: vault.systemTitle,
        serverSystemTitle: new Uint8Array(Buffer.from(systemTitle, 'hex')),
        keys,
        counter,
        replay: counters.accepted(scope),
        maxPduSize: policy.maxPduSize,
      },
      beforeRequest: () => counter.ready(),
    },
    talk,
  );
}

/** The same where the one client's keys are the signer's: it seals each question, after it has seen that it is one. */
function holdSignerSession(
  options: ReaderOptions,
  { meter }: FleetMeter,
  talk: (session: Session) => Promise<void>,
): Promise<Conversation> {
  const { policy, dialer, signer } = options;
  const { serial, host, port, link = 'tcp' } = meter;
  const client = connectThroughSigner(signer, { serial, link });
  return converse({ ...policy, ...options, dialer, address: { host, port }, client }, talk);
}

/** The same without security, as the client that anyone may be. Never rejects. */
export function holdPublicSession(
  options: ReaderOptions,
  entry: FleetMeter,
  { clientSap, talk }: { readonly clientSap: number; readonly talk: (session: Session) => Promise<void> },
): Promise<Conversation> {
  const { vault, policy, deadlines } = options;
  const { host, port, link = 'tcp', profile } = entry.meter;
  const { dialer, framing, retries } = carrierOf(link, options.dialer, deadlines);
  return converse(
    {
      ...policy,
      ...options,
      ...{ dialer, retries },
      address: { host, port },
      client: {
        ...framing,
        clientSap,
        serverSap: mappingOf(profile).reader.serverSap,
        ...{ mechanism: 'none', protection: 'none' },
        systemTitle: vault.systemTitle,
        maxPduSize: policy.maxPduSize,
      },
    },
    talk,
  );
}
