/** The head-end: meters provisioned, read, listened to. */
import type { MeterMoment } from '@wattline/model';
import type { Address, Dialer } from '@wattline/network';
import type { ReaderKeys } from './keys/reader-keys.ts';
import type { HeldMeters } from './registry/held-meters.ts';
import type { MakeUp } from './registry/make-up.ts';
import type { ServiceLevel } from './service-level/service-level.ts';

/** What became of a provisioning file, row by row. */
export interface ProvisionReport {
  readonly added: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly refused: readonly { readonly row: number; readonly code: string; readonly message: string }[];
}

/** The one outcome of an exchange with a meter. */
export interface ExchangeOutcome {
  readonly exchangeId: string;
  readonly serial: string;
  readonly outcome: 'answer' | 'refusal' | 'timeout' | 'unreachable' | 'failure';
  readonly code: string | null;
  readonly message: string | null;
  /** Interval values delivered to meter data management. */
  readonly readings: number;
}

/** Counts since start, for /metrics. */
export interface HeadendFigures {
  readonly exchanges: Readonly<Record<ExchangeOutcome['outcome'], number>>;
  readonly octetsSent: number;
  readonly octetsReceived: number;
  readonly pushesReceived: number;
  readonly pushesRefused: number;
  /** The same by what carried them: a stream of wrapper frames (TCP), datagrams (UDP), UI frames of HDLC. */
  readonly pushesOver: Readonly<
    Record<'stream' | 'datagram' | 'hdlc', { readonly taken: number; readonly refused: number }>
  >;
}

/** What a meter says it is. */
export interface Discovery extends MakeUp {
  /** `<class>/<logical name>` of each object the client may know of. */
  readonly objects: readonly string[];
  /** Companion profiles that fit, the best first: those whose objects are all there, by how many they name. */
  readonly fits: readonly string[];
}

/** The room's door. */
export interface Headend {
  /** Where meters push to. */
  readonly pushAddress: Address;
  /** Where else, if anywhere. */
  readonly pushAddresses: { readonly udp: Address | undefined; readonly hdlc: Address | undefined };
  /** Reaches the fleet's meters, those that dial in among them. */
  readonly dialer: Dialer;
  /** Takes meters from a shipment file. Idempotent; a bad or duplicate row is refused and the rest go on. */
  provision(text: string, format: 'csv' | 'json'): Promise<ProvisionReport>;
  /** Reads what is missing from one meter now, ahead of the schedule. */
  collect(serial: string): Promise<ExchangeOutcome>;
  /**
   * What a meter shows of the present moment, read now; who asks meanwhile waits for the same session.
   * @throws CodedError `headend/meter-unknown`, or what ended the session
   */
  lookAt(serial: string): Promise<MeterMoment>;
  /**
   * Reads every meter that stands once, `concurrency` at a time, telling progress; resolves when all were tried. With `sinceMs` it is a sweep
   * that workers share: what any of them has read since is not read again.
   */
  collectAll(options: {
    readonly concurrency: number;
    readonly sinceMs?: number;
    readonly onProgress?: (done: number, of: number) => void;
  }): Promise<void>;
  /** Lets every worker on the registry begin a sweep; resolves to its `sinceMs`. */
  tellSweep(): Promise<number>;
  /** `sinceMs` of the newest sweep that was told; 0 when none was. */
  newestSweep(): Promise<number>;
  /** Learns of meters that other workers took in, changed or exchanged. */
  refresh(): Promise<void>;
  /**
   * A meter was exchanged or taken away at a point, its intervals have another length, or that was taken back: who no longer stands
   * there is not asked by the schedule, and who does is asked for the intervals that it has.
   */
  meterMoved(usagePointId: string): Promise<void>;
  /** Begins the schedule: every meter once an interval, shortly after its boundary, with back-off for those that fail. */
  startSchedule(): void;
  /** Changes of the keys of the client that reads; the signer brings them to the meter. */
  readonly readerKeys: ReaderKeys;
  /** Reads a meter's object list and make-up, keeps the make-up in the registry, and tells which companion profiles fit. @throws CodedError `headend/meter-unknown`, or what ended the session */
  discover(serial: string): Promise<Discovery>;
  /** Meters that pushed before anybody provisioned them. */
  readonly held: HeldMeters;
  /** Transformers that are out, as gasps tell. */
  outages(): { readonly transformer: string; readonly dark: number; readonly sinceMs: number }[];
  /** What was expected, what came, and why the rest did not. */
  readonly serviceLevel: ServiceLevel;
  figures(): HeadendFigures;
  close(): Promise<void>;
}
