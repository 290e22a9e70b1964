import type { Result } from '@wattline/base';
/** One node of the tree of a frame. */
export interface FrameNode {
  /** The standard's own name of the field. */
  readonly name: string;
  /** Offset of the first octet in the frame; below a node `plaintext`, in the deciphered octets. */
  readonly offset: number;
  readonly length: number;
  /** The value as a person reads it, when the node has one of its own. */
  readonly value?: string;
  readonly children: readonly FrameNode[];
}
/** What deciphering needs; without it ciphered contents stay closed. */
export interface FrameKeys {
  readonly ek?: Uint8Array;
  readonly ak?: Uint8Array;
  /** System title of the sender, 8 octets; taken from the frame itself when it carries one. */
  readonly systemTitle?: Uint8Array;
}
export function decodeFrame(_octets: Uint8Array, _keys: FrameKeys = {}): Result<FrameNode> { throw new Error('pending'); }
