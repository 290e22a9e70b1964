/** The tester's side of ciphering: what it seals, rightly or wrongly on purpose, and what it opens and judges. */
import type { Protection, SecurityKeys } from '../association.ts';
import type { Recorder } from './recorder.ts';
import { openService, type Sealing, sealService, type WholeSealing } from './sealing.ts';
import { isCiphered, type Target } from './target.ts';
import { Finding } from './verdict.ts';

/** Keys, counters and titles of the association under way. */
export class Sealer {
  readonly target: Target;
  readonly recorder: Recorder;
  /** The system title the meter told. */
  serverTitle: Uint8Array | undefined;
  /** Counters of what the meter sealed under its global key, in order. */
  readonly serverCounters: number[] = [];
  protected dedicatedKey: Uint8Array | undefined;

  constructor(target: Target, recorder: Recorder) {
    this.target = target;
    this.recorder = recorder;
  }

  nextCounter(): number {
    const next = this.target.counter?.next();
    if (next === undefined) throw new Finding('inconclusive', 'no invocation counter is given');
    return next;
  }

  /** Everything a sealing needs, what is left out being right. */
  wholeSealing(how: Sealing = {}): WholeSealing {
    const { keys: global, systemTitle } = this.target;
    if (!global || !systemTitle) throw new Finding('inconclusive', 'no keys or system title are given');
    const isDedicated = how.isDedicated ?? false;
    const keys: SecurityKeys =
      isDedicated && this.dedicatedKey ? { ...global, ek: this.dedicatedKey } : global;
    const { protection } = this.target;
    return {
      protection: protection === 'none' ? 'ae' : protection,
      invocationCounter: how.invocationCounter ?? this.nextCounter(),
      keys,
      systemTitle,
      ...how,
      isDedicated,
    };
  }

  /** A plain APDU sealed. */
  seal(plain: Uint8Array, how: Sealing = {}): Uint8Array {
    return sealService(plain, this.wholeSealing(how));
  }

  /** A request as the association sends it: sealed when it is ciphered. */
  protect(plain: Uint8Array): Uint8Array {
    if (!isCiphered(this.target)) return plain;
    return this.seal(plain, { isDedicated: this.dedicatedKey !== undefined });
  }

  /** An answer in the clear, judged for its protection. */
  unprotect(apdu: Uint8Array): Uint8Array {
    if (!isCiphered(this.target)) return apdu;
    if (this.dedicatedKey === undefined) return this.openGlobal(apdu);
    return openService(apdu, this.recorder, this.expectedSeal(this.target.protection, true)).plain;
  }

  protected openGlobal(apdu: Uint8Array): Uint8Array {
    const { plain, invocationCounter } = openService(
      apdu,
      this.recorder,
      this.expectedSeal(this.target.protection, false),
    );
    this.serverCounters.push(invocationCounter);
    return plain;
  }

  private expectedSeal(protection: Protection, isDedicated: boolean) {
    const { keys } = this.target;
    if (!keys || !this.serverTitle)
      throw new Finding('inconclusive', 'the system title of the meter is not known');
    const known = isDedicated && this.dedicatedKey ? { ...keys, ek: this.dedicatedKey } : keys;
    return { keys: known, serverTitle: this.serverTitle, protection, isDedicated };
  }
}
