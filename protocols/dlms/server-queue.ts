/** Requests that came together (Green Book 9.3.1, priority-mgmt-supported): urgent ones are answered first, others as they came. */
import type { ServerAssociation, ServerReaction } from './server-association.ts';
import type { WrapperFrame } from './wrapper.ts';

/** One frame and what it led to. */
export interface Served {
  readonly frame: WrapperFrame;
  readonly reaction: ServerReaction;
}

/** Serves frames one by one, lazily, so that the caller may stop; what is no request of an open association keeps its place. */
export function* serveFrames(
  association: ServerAssociation,
  frames: readonly WrapperFrame[],
): Generator<Served> {
  let waiting: { readonly frame: WrapperFrame; readonly isUrgent: boolean; run(): ServerReaction }[] = [];
  const flush = function* (): Generator<Served> {
    const batch = waiting;
    waiting = [];
    for (const isUrgent of [true, false]) {
      for (const one of batch) {
        if (one.isUrgent === isUrgent) yield { frame: one.frame, reaction: one.run() };
      }
    }
  };
  for (const frame of frames) {
    const { apdu, source: clientSap, destination: serverSap } = frame;
    const admitted = frames.length > 1 ? association.admit?.(apdu, { clientSap, serverSap }) : undefined;
    if (admitted) {
      waiting.push({ frame, ...admitted });
      continue;
    }
    yield* flush();
    yield { frame, reaction: association.receive(apdu, { clientSap, serverSap }) };
  }
  yield* flush();
}
