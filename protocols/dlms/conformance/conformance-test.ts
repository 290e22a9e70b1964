/** A conformance test as data: its public name, what it is about, what it stands on, and its subtests as scripts. */
import type { Dialogue } from './dialogue.ts';
import type { Script } from './script.ts';
import type { Need } from './target.ts';

/** Test groups after the abstract test suites of DLMS UA 1001 (Yellow Book). */
export const groups = {
  HDLC: 'data link layer using HDLC (DLMS UA 1001-3)',
  APPL: 'COSEM application layer (DLMS UA 1001-6, 6)',
  COSEM: 'COSEM objects (DLMS UA 1001-6, 7)',
  SYMSEC_0: 'symmetric key security, suite 0 (DLMS UA 1001-6, 8)',
  WRAPPER: 'TCP wrapper (our own: the Yellow Book has no public names for it)',
} as const;
export type Group = keyof typeof groups;

/** One test. */
export interface ConformanceTest {
  /** The public name, as conformance reports print it. */
  readonly name: string;
  readonly group: Group;
  readonly title: string;
  /** Where the behaviour is laid down. */
  readonly clause: string;
  /** `own`: ours, under a name that no public list has. */
  readonly origin: 'public' | 'own';
  readonly needs: readonly Need[];
  readonly subtests: readonly Subtest[];
}

/** One thing that is tried, on a fresh link. */
export interface Subtest {
  readonly title: string;
  readonly needs?: readonly Need[];
  script(dialogue: Dialogue): Script<void>;
}
