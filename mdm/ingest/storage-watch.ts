/** What keeps readings from the log or from the store: told once when it begins and once when it is over, and there to be asked for. */
import { type Clock, codeOf, type Log, messageOf } from '@wattline/base';

/** Where readings are kept from. */
export type StoragePlace = 'log' | 'store';

/** A trouble that lasts: the code of its last failure, in words, and since when. */
export interface StorageTrouble {
  readonly place: StoragePlace;
  readonly code: string;
  readonly message: string;
  readonly sinceMs: number;
}

const words = {
  log: { begun: 'no reading is taken: the log refuses', over: 'readings are taken again' },
  store: { begun: 'readings wait in the log: the store takes none', over: 'the store takes readings again' },
} as const;

/** Watches both places. */
export class StorageWatch {
  private readonly clock: Clock;
  private readonly logger: Log;
  private readonly troubles = new Map<StoragePlace, StorageTrouble>();

  constructor({ clock, logger }: { readonly clock: Clock; readonly logger: Log }) {
    this.clock = clock;
    this.logger = logger;
  }

  failed(place: StoragePlace, error: unknown): void {
    const before = this.troubles.get(place);
    const code = codeOf(error);
    const message = messageOf(error);
    this.troubles.set(place, { place, code, message, sinceMs: before?.sinceMs ?? this.clock.now() });
    if (before?.code !== code) this.logger.error({ code, error: message }, words[place].begun);
  }

  passed(place: StoragePlace): void {
    if (this.troubles.delete(place)) this.logger.warn({}, words[place].over);
  }

  /** What lasts, the log's before the store's; null when nothing does. */
  get trouble(): StorageTrouble | null {
    return this.troubles.get('log') ?? this.troubles.get('store') ?? null;
  }
}
