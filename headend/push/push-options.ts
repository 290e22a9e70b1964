/** What listening for pushes takes. */
import type { Clock, Log } from '@wattline/base';
import type { EventSink } from '@wattline/model';
import type { Address } from '@wattline/network';
import type { InvocationCounters } from '../keys/invocation-counters.ts';
import type { OpenKeys } from '../keys/opened-keys.ts';
import type { ClaimCounter } from '../keys/shared-acceptance.ts';
import type { HeadendPolicy } from '../policy.ts';
import type { Fleet, FleetMeter } from '../registry/fleet.ts';
import type { RegistryWriter } from '../registry/registry-writer.ts';
import type { AskSigner } from '../signer/signer-channel.ts';
import type { LineSource } from './kept-line.ts';
import type { OnPush } from './push-refusals.ts';
import type { SharedLine } from './shared-line.ts';

/** Where pushes come in besides the TCP port. */
export interface PushSources {
  /** UDP, one wrapped APDU in a datagram. */
  readonly udp?: Address;
  /** TCP, for serial servers that dial in: UI frames of HDLC. */
  readonly hdlc?: Address;
  /** Serial lines of this machine and serial servers to be dialled: UI frames of HDLC. */
  readonly lines?: readonly LineSource[];
}

/** What the listener needs. */
export interface PushListenerOptions {
  /** TCP: wrapper frames. */
  readonly address: Address;
  readonly sources?: PushSources;
  readonly fleet: Pick<Fleet, 'get' | 'ofSystemTitle'>;
  readonly keysOf: OpenKeys;
  readonly counters: InvocationCounters;
  /** Opens pushes of meters whose one client's keys it holds; without it they are refused. */
  readonly signer?: AskSigner | undefined;
  /** System title of the client that reads, in whose name pushes are confirmed. */
  readonly systemTitle: Uint8Array;
  readonly writer: RegistryWriter;
  readonly events: EventSink;
  readonly clock: Clock;
  readonly deadlines: Clock;
  readonly log: Log;
  readonly policy: HeadendPolicy;
  /** Takes a counter among several head-ends; without it this one is alone. */
  readonly claim?: ClaimCounter;
  /** Told when power is back at a meter, after the event is on disk. */
  readonly onPowerRestore: (entry: FleetMeter) => void;
  /** Told when a meter has proved that a line is its own, as often as it pushes. */
  readonly onLine?: (entry: FleetMeter, line: SharedLine) => void;
  /** Told of a sender that nobody has provisioned, within the quota of refusals. */
  readonly onUnknown?: (systemTitle: string, peer: string) => void;
  readonly onPush: OnPush;
}
