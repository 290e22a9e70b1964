/** What collecting is given, and what one visit at a meter carries along. */
import type { Clock, Log, Random } from '@wattline/base';
import type { EventSink, ReadingProgress, ReadingSink } from '@wattline/model';
import type { Dialer } from '@wattline/network';
import type { SecurityKeys } from '@wattline/protocols/dlms';
import type { EventDesk } from '../events/event-desk.ts';
import type { InvocationCounters } from '../keys/invocation-counters.ts';
import type { KeyVault } from '../keys/key-vault.ts';
import type { OpenKeys } from '../keys/opened-keys.ts';
import type { HeadendPolicy } from '../policy.ts';
import type { ExchangeRow } from '../registry/exchange-rows.ts';
import type { FleetMeter } from '../registry/fleet.ts';
import type { GatheredWrite } from '../registry/gathered-write.ts';
import type { RegistryWriter } from '../registry/registry-writer.ts';
import type { Conversation } from '../session/session.ts';
import type { Harvest } from './harvest.ts';
import type { MeterMemory } from './missing.ts';
import type { TimeRange } from './time-ranges.ts';

/** Why a meter is read; stands in the journal. */
export type Purpose = 'history' | 'schedule' | 'on-demand' | 'power-restore' | 'dial-in' | 'counter';

/** What collecting needs. */
export interface CollectorOptions {
  readonly dialer: Dialer;
  readonly clock: Clock;
  readonly deadlines: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly events: EventSink;
  readonly sink: ReadingSink;
  readonly progress: ReadingProgress;
  readonly vault: Pick<KeyVault, 'systemTitle'>;
  readonly keysOf: OpenKeys;
  /** Pairs of keys on their way to meters; without it none is tried. */
  readonly pendingKeys?: PendingKeys;
  readonly counters: InvocationCounters;
  readonly writer: RegistryWriter;
  readonly policy: HeadendPolicy;
  /** Aborted when the head-end closes. */
  readonly signal: AbortSignal;
  readonly desk: EventDesk;
  /** Proposes to set a clock; without it clocks are only watched. */
  readonly proposeClockShift?: ProposeClockShift;
  /** Told of each session once. */
  readonly onExchange: (entry: FleetMeter, conversation: Conversation) => void;
}

/** The reader's keys whose change was cut off: a meter may hold them in the place of ours. */
export interface PendingKeys {
  /** The pair on its way to a meter; undefined when there is none. */
  of(serial: string): Promise<SecurityKeys | undefined>;
  /** The meter has associated with that pair: from now on it is the one we use. */
  prove(serial: string, keys: SecurityKeys): Promise<void>;
}

/** A clock that is out by more than the policy lets it be. Collection can set none: it is for a client that may. */
export interface ClockShift {
  readonly serial: string;
  /** The meter's clock minus ours, ms. */
  readonly driftMs: number;
  readonly readMs: number;
}

/** Hands a proposal on; resolves when it is kept. */
export type ProposeClockShift = (shift: ClockShift) => Promise<void>;

/** What a session leaves in the registry; those of many go there together. */
export interface Records {
  readonly exchange: GatheredWrite<ExchangeRow>;
  readonly status: GatheredWrite<FleetMeter>;
}

/** One visit at a meter: a session, or two when the first could not be. */
export interface Task {
  readonly options: CollectorOptions;
  readonly records: Records;
  readonly entry: FleetMeter;
  readonly purpose: Purpose;
  readonly memory: MeterMemory;
  exchangeId: string;
  readonly harvest: Harvest;
  /** Ranges of which meter data management refused values. */
  readonly rejected: TimeRange[];
}
