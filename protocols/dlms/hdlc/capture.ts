/** Frames out of captured octets, all there at once: for looking at them, wrong checks included. */
import { concatBytes } from '@wattline/base';
import type { OctetReader } from '../octet-reader.ts';
import { type HdlcFrame, hdlcFlag, readHdlcFrame } from './frame.ts';
import { groupSegments } from './llc.ts';

/** Gives a reader for the frame that starts at an offset and hears where it ended. */
export type FrameObserver = (start: number) => {
  readonly reader: OctetReader;
  readonly done: (end: number) => void;
};

/** All frames of a capture that starts with a flag; fails as `readHdlcFrame` where one cannot be read. */
export function readHdlcFrames(octets: Uint8Array, observe: FrameObserver): HdlcFrame[] {
  const frames: HdlcFrame[] = [];
  let at = 0;
  while (at < octets.length) {
    if (octets[at] === hdlcFlag) {
      at += 1;
      continue;
    }
    const { reader, done } = observe(at);
    frames.push(readHdlcFrame(reader, { tolerateChecks: true }));
    at = reader.at;
    done(at);
  }
  return frames;
}

/** The information of frames, segments put together. */
export function groupHdlcFrames(frames: readonly HdlcFrame[]): Uint8Array[] {
  return groupSegments(frames).map((group) => concatBytes(...group.map(({ information }) => information)));
}
