/** What people did to the meter (switch, clock, parameters), kept in its memory: a meter rebuilt from its history does it again at the same instants. */
import type { ConfigureOperation, NotedOperation } from '../configuration/configuration.ts';
import type { TokenOperation } from '../payment/payment.ts';
import type { SwitchEvent } from '../supply-switch/disconnect-control.ts';
import type { NonVolatile } from './non-volatile.ts';

/** An operation; `atMs` is the true instant up to which the meter had counted when it took effect. */
export type Operation =
  | { readonly kind: SwitchEvent; readonly atMs: number }
  | ConfigureOperation
  | NotedOperation
  | TokenOperation
  | { readonly kind: 'emergency-credit' | 'over-current'; readonly atMs: number }
  | { readonly kind: 'clock-slew'; readonly atMs: number; readonly byMs: number; readonly ppm: number }
  | { readonly kind: 'clock-set'; readonly atMs: number; readonly offsetMs: number };

/** Operations in order of time. */
export interface OperationJournal {
  /** The first one recorded before this meter was built that is not done again yet. */
  peek(): Operation | undefined;
  /** Takes it off. */
  take(): void;
  /** Records a new one; on disk when it returns. */
  record(operation: Operation): void;
}

const name = 'operations';
/** More than a person does to one meter in its life; the oldest beyond it are forgotten. */
const mostKept = 1000;

/** The journal of a memory. */
export function operationJournal(memory: NonVolatile): OperationJournal {
  const kept = JSON.parse(memory.read(name) ?? '[]') as Operation[];
  let done = 0;
  const waiting = kept.length;
  const start = [...kept];
  return {
    peek: () => (done < waiting ? start[done] : undefined),
    take() {
      done++;
    },
    record(operation) {
      kept.push(operation);
      if (kept.length > mostKept) kept.shift();
      memory.write(name, JSON.stringify(kept));
      memory.sync();
    },
  };
}
