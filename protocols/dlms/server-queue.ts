/** Requests that came together (Green Book 9.3.1, priority-mgmt-supported): urgent ones are answered first, others as they came. */
import type { Admitted, ServerAssociation, ServerReaction } from './server-association.ts';
import type { WrapperFrame } from './wrapper.ts';

/** Takes a frame and what it led to; false stops the serving. */
export type TakeReaction = (frame: WrapperFrame, reaction: ServerReaction) => boolean;

/** Serves frames one by one until `take` has enough; what is no request of an open association keeps its place. */
export function serveFrames(
  association: ServerAssociation,
  frames: readonly WrapperFrame[],
  take: TakeReaction,
): void {
  let waiting: { readonly frame: WrapperFrame; readonly admitted: Admitted }[] = [];
  for (const frame of frames) {
    const { apdu, source: clientSap, destination: serverSap } = frame;
    // A request alone has nobody to overtake: nearly every request of a client that waits for its answers.
    const admitted = frames.length > 1 ? association.admit?.(apdu, { clientSap, serverSap }) : undefined;
    if (admitted) {
      waiting.push({ frame, admitted });
      continue;
    }
    if (!serveWaiting(waiting, take)) return;
    waiting = [];
    if (!take(frame, association.receive(apdu, { clientSap, serverSap }))) return;
  }
  serveWaiting(waiting, take);
}

function serveWaiting(
  waiting: readonly { readonly frame: WrapperFrame; readonly admitted: Admitted }[],
  take: TakeReaction,
): boolean {
  if (waiting.length === 0) return true;
  const [urgent, ordinary] = [true, false].map((isUrgent) =>
    waiting.filter(({ admitted }) => admitted.isUrgent === isUrgent),
  );
  return [...(urgent ?? []), ...(ordinary ?? [])].every(({ frame, admitted }) => take(frame, admitted.run()));
}
