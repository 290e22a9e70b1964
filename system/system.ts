/** The stack wired together: given a clock, a network, a disk and randomness; no HTTP. */
import type { Billing } from '@wattline/apps/billing';
import type { Clock } from '@wattline/base';
import type { AskSigner, CampaignDesk, CommandDesk, Headend } from '@wattline/headend';
import type { Mdm } from '@wattline/mdm';
import type { EventSink, SystemEvent } from '@wattline/model';
import type { Registry } from '@wattline/store/registry';

/** An event with its number in the log. */
export type LoggedEvent = SystemEvent & { readonly id: number };

/** Events as they come: durable in the registry, told to whoever subscribed. */
export interface EventHub extends EventSink {
  report(event: SystemEvent): Promise<void>;
  /** As {@link EventSink.reportAfter}. */
  reportAfter(event: SystemEvent, ready: Promise<unknown>): Promise<void>;
  /** Calls `listener` for each event reported from now on; the function returned ends it. */
  subscribe(listener: (event: LoggedEvent) => void): () => void;
  /** Holds nothing open afterwards; nothing may be reported any more. */
  close(): Promise<void>;
}

/** How far the start has come. */
export interface Readiness {
  readonly phase: 'starting' | 'provisioning' | 'collecting' | 'billing' | 'ready';
  readonly isReady: boolean;
  readonly metersProvisioned: number;
  readonly metersCollected: number;
  /** Seconds from process start, each null until reached. */
  readonly secondsToReady: number | null;
  readonly secondsToFirstBill: number | null;
  readonly readingsStored: number;
  readonly readingsPerSecond: number | null;
}

/** The running stack as the server sees it. */
export interface System {
  readonly clock: Clock;
  readonly zone: string;
  readonly registry: Registry;
  readonly mdm: Mdm;
  readonly headend: Headend;
  readonly billing: Billing;
  readonly events: EventHub;
  /** Commands to meters, firmware campaigns, and the signer that decides on them; null when the stack runs without one. */
  readonly commands: {
    readonly desk: CommandDesk;
    readonly campaigns: CampaignDesk;
    readonly ask: AskSigner;
  } | null;
  readiness(): Readiness;
  close(): Promise<void>;
}
