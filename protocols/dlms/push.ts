import type { Failure, Result } from '@wattline/base';
import type { InvocationCounter, Protection, ReplayGuard, SecurityKeys } from './association.ts';
import type { Data } from './data.ts';
/** What a meter pushes. */
export interface PushMessage {
  readonly systemTitle: Uint8Array;
  readonly keys: SecurityKeys;
  readonly counter: InvocationCounter;
  readonly protection: Protection;
  readonly clientSap: number;
  readonly serverSap: number;
  readonly instantMs: number;
  readonly offsetMinutes: number;
  readonly body: Data;
}
/** A push received. */
export interface Push {
  /** Empty when the push was not ciphered. */
  readonly systemTitle: Uint8Array;
  readonly invocationCounter: number | undefined;
  readonly isCiphered: boolean;
  readonly instantMs: number | undefined;
  readonly body: Data;
}
/** Where a receiver of pushes finds what it needs to know of a sender. */
export interface PushKeys {
  keysOf(systemTitle: Uint8Array): SecurityKeys | undefined;
  replayOf(systemTitle: Uint8Array): ReplayGuard | undefined;
}
/** Cuts a stream of octets into pushes. */
export interface PushReceiver {
  receive(octets: Uint8Array): {
    readonly pushes: readonly Push[];
    readonly failures: readonly Failure[];
    /** The stream can no longer be cut into frames: close it. */
    readonly close: boolean;
  };
}
export function encodePush(_message: PushMessage): Uint8Array { throw new Error('pending'); }
export function decodePush(_octets: Uint8Array, _keys: PushKeys): Result<Push> { throw new Error('pending'); }
export function createPushReceiver(_keys: PushKeys): PushReceiver { throw new Error('pending'); }
