/** The channel to the signer: what may be asked and what is answered, as JSON; octets travel as base64. */
import type { Protection } from '@wattline/protocols/dlms';
import type { Approval } from '../guard/approval.ts';
import type { Batch } from '../guard/batch.ts';
import type { Hold, LawfulRule } from '../guard/guard-state.ts';
import type { PreviewPlace } from '../guard/preview.ts';
import type { Reason, Verdict } from '../guard/reasons.ts';
import type { SignerKeyFigures } from './signer-keys.ts';

/**
 * A message. To stop is free to everybody who reaches the channel (`cancel`, `red-switch`, `hold`); to go is bound to signatures
 * of enrolled people over a hash that names this installation (`file`, `release`, `emergency`, `rule`, `lift`).
 */
export type SignerMessage =
  | { readonly kind: 'file'; readonly batch: Batch; readonly approvals: readonly Approval[] }
  | { readonly kind: 'progress'; readonly hash: string }
  | { readonly kind: 'preview'; readonly batch: Batch }
  | { readonly kind: 'cancel'; readonly hash: string; readonly by: string }
  | { readonly kind: 'red-switch'; readonly by: string }
  | { readonly kind: 'release'; readonly approvals: readonly Approval[] }
  | {
      readonly kind: 'emergency';
      readonly declaration: EmergencyDeclaration;
      readonly approvals: readonly Approval[];
    }
  | { readonly kind: 'rule'; readonly rule: LawfulRule; readonly approvals: readonly Approval[] }
  | { readonly kind: 'hold'; readonly hold: Hold; readonly by: string }
  | { readonly kind: 'lift'; readonly id: string; readonly approvals: readonly Approval[] }
  /** With the reader's new pair, sealed for the signer (sealed-pair.ts), when the batch changes it: the head-end keeps it on disk already. */
  | { readonly kind: 'open'; readonly hash: string; readonly serial: string; readonly reader?: string }
  /** A part of the image of a filed batch, from `offset` on; taken whole when its digest is that of the manifest. */
  | { readonly kind: 'image'; readonly hash: string; readonly offset: number; readonly octets: string }
  /** Reading a meter whose only client the signer holds; then `ask`, each an APDU in the clear that the signer parses. */
  | { readonly kind: 'open-read'; readonly serial: string }
  | { readonly kind: 'ask'; readonly session: string; readonly apdu: string }
  /** A push of such a meter, general-glo-ciphering as it came, to be opened. */
  | { readonly kind: 'open-push'; readonly serial: string; readonly apdu: string }
  | { readonly kind: 'octets'; readonly session: string; readonly octets: string }
  | { readonly kind: 'close'; readonly session: string }
  /** For whom keys are sealed on their way here; asked before each change, so it is no more than that. */
  | { readonly kind: 'recipient' }
  | { readonly kind: 'status' };

/** An attribute as the meter gave it (A-XDR, base64), or the Data-Access-Result with which it did not. */
export type ReadAnswer = { readonly encoded: string } | { readonly refused: string };

/** What three people sign; `nonce` makes every declaration another one. */
export interface EmergencyDeclaration {
  readonly tenant: string;
  readonly reason: string;
  readonly nonce: string;
}

/** The answer to one message. */
export type SignerReply =
  | {
      readonly kind: 'decision';
      readonly hash: string;
      readonly verdict: Verdict;
      readonly reasons: readonly Reason[];
      /** Whether the batch was allowed, now or before: its meters may be opened. */
      readonly isAllowed: boolean;
      readonly consentedMs: number | null;
    }
  | {
      readonly kind: 'preview';
      readonly hash: string;
      readonly places: readonly PreviewPlace[];
      readonly unknown: readonly string[];
      readonly reasons: readonly Reason[];
    }
  | {
      readonly kind: 'session';
      readonly session: string;
      readonly send: readonly string[];
      readonly end?: WireEnd;
      readonly progress?: { readonly done: number; readonly of: number };
      /** What the meter answered to an APDU that was asked; empty once it is associated. */
      readonly answers?: readonly ReadAnswer[];
    }
  /** What was in a push: a DataNotification. Whether its number is a new one the head-end knows. */
  | {
      readonly kind: 'push';
      readonly plain: string;
      readonly invocationCounter: number;
      readonly protection: Protection;
    }
  | { readonly kind: 'done'; readonly id: string | null }
  /** The signer's public key, by which the reader's keys are sealed on their way to it: 32 octets of X25519, base64url. */
  | { readonly kind: 'recipient'; readonly recipient: string }
  | {
      readonly kind: 'status';
      readonly installation: string;
      readonly nowMs: number;
      readonly isClockDoubtful: boolean;
      readonly isRedSwitchPulled: boolean;
      readonly pulls: number;
      readonly openMoves: number;
      readonly sessions: number;
      readonly ledgerHead: string;
      readonly recipient: string;
      readonly keys: SignerKeyFigures;
      readonly holds: number;
      /** Why the enrolment on disk is not the one in force; null when it is. */
      readonly enrolmentProblem: string | null;
    }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string };

/** The end of a session as the head-end learns it. */
export type WireEnd =
  | { readonly kind: 'ended'; readonly isDone: boolean; readonly result: string }
  /** So far well, and to be gone on with in another session; `needs` says what is to be brought for it. */
  | {
      readonly kind: 'more';
      readonly when: 'now' | 'later';
      readonly result: string;
      readonly needs?: 'reader';
    }
  | { readonly kind: 'held'; readonly reasons: readonly Reason[] }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };
