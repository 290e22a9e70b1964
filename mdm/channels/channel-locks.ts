/** One writer per channel at a time: what a batch found known must still be so when it is acknowledged. */

/** Locks by channel number; a set of locks is taken at once, so that two takers never wait for each other. */
export class ChannelLocks {
  private readonly tails = new Map<number, Promise<void>>();

  /** Resolves with the function that gives the locks back. */
  async acquire(channels: Iterable<number>): Promise<() => void> {
    let open = () => {};
    const mine = new Promise<void>((resolve) => {
      open = resolve;
    });
    const held = new Set(channels);
    const before = new Set<Promise<void>>();
    for (const channel of held) {
      const tail = this.tails.get(channel);
      if (tail) before.add(tail);
      this.tails.set(channel, mine);
    }
    if (before.size > 0) await Promise.all(before);
    return () => {
      for (const channel of held) if (this.tails.get(channel) === mine) this.tails.delete(channel);
      open();
    };
  }
}
