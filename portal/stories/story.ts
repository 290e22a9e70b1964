/** What a story is. */
import type { ComponentChildren } from 'preact';

/** The states of one part. */
export interface PartStories {
  readonly part: string;
  readonly states: readonly { readonly name: string; readonly draw: () => ComponentChildren }[];
}

/** For stories whose buttons lead nowhere. */
export function nothing(): void {}
