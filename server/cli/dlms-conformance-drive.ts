/** Carries the steps of a conformance script over links: dials, sends, and waits for an answer or for silence. */
import { type Clock, CodedError, concatBytes } from '@wattline/base';
import type { Address, Dialer, Link } from '@wattline/network';
import type { Arrival, Script, Step } from '@wattline/protocols/dlms/conformance';

/** Where the meter is, and how patient to be with it. */
export interface Drive {
  readonly dialer: Dialer;
  readonly address: Address;
  readonly clock: Clock;
  /** Longest time for an answer that must come, ms. */
  readonly replyMs: number;
  /** Time after which nothing more is expected, ms. */
  readonly silenceMs: number;
}

/** Octets one answer may have: a meter that never stops is cut off. */
const mostOctets = 1 << 20;

/** Runs a script to its end. A link that cannot be opened is thrown into the script, which makes a verdict of it. */
export async function driveScript<T>(script: Script<T>, drive: Drive): Promise<T> {
  const line = new Line(drive);
  try {
    let next = script.next(noArrival);
    for (;;) {
      if (next.done) return next.value;
      next = await take(script, line, next.value);
    }
  } finally {
    line.close();
  }
}

const noArrival: Arrival = { octets: new Uint8Array(0), isClosed: false };

async function take<T>(script: Script<T>, line: Line, step: Step): Promise<IteratorResult<Step, T>> {
  let arrival: Arrival;
  try {
    arrival = await line.act(step);
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return script.throw(error);
  }
  return script.next(arrival);
}

/** The link that is open, and what has come on it. */
class Line {
  private readonly drive: Drive;
  private link: Link | undefined;
  private isClosed = true;
  private received: Uint8Array = new Uint8Array(0);
  private onChange = () => {};

  constructor(drive: Drive) {
    this.drive = drive;
  }

  async act(step: Step): Promise<Arrival> {
    switch (step.kind) {
      case 'dial':
        await this.dial();
        return noArrival;
      case 'wait':
        return this.listen(step.ms, () => false);
      case 'exchange': {
        this.received = new Uint8Array(0);
        if (step.octets.length > 0 && !this.isClosed) this.link?.send(step.octets);
        const { replyMs, silenceMs } = this.drive;
        return this.listen(step.patience === 'answer' ? replyMs : silenceMs, step.isWhole);
      }
    }
  }

  close(): void {
    this.link?.close();
    this.link = undefined;
  }

  private async dial(): Promise<void> {
    const { dialer, address, replyMs } = this.drive;
    const before = this.link;
    this.close();
    // A meter that takes one link at a time must have seen the end of the last.
    await before?.closed;
    const link = await dialer.dial(address, replyMs);
    this.link = link;
    this.isClosed = false;
    this.received = new Uint8Array(0);
    link.receive((octets) => {
      if (this.link !== link || this.received.length + octets.length > mostOctets) return;
      this.received = concatBytes(this.received, octets);
      this.onChange();
    });
    void link.closed.then(() => {
      if (this.link !== link) return;
      this.isClosed = true;
      this.onChange();
    });
  }

  /** What came until it is whole, the link closes or the time is over. */
  private listen(ms: number, isWhole: (received: Uint8Array) => boolean): Promise<Arrival> {
    return new Promise((resolve) => {
      const finish = () => {
        disarm();
        this.onChange = () => {};
        const octets = this.received;
        this.received = new Uint8Array(0);
        resolve({ octets, isClosed: this.isClosed });
      };
      const disarm = this.drive.clock.after(ms, finish);
      this.onChange = () => {
        if (this.isClosed || isWhole(this.received)) finish();
      };
      this.onChange();
    });
  }
}
