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

/**
 * All frames of a capture that starts with a flag; fails as `readHdlcFrame` where one cannot be read. A piece after a
 * flag that does not begin like a frame is noise of the line and is passed over.
 */
export function readHdlcFrames(octets: Uint8Array, observe: FrameObserver): HdlcFrame[] {
  const frames: HdlcFrame[] = [];
  let at = 0;
  while (at < octets.length) {
    if (octets[at] === hdlcFlag) {
      at += 1;
      continue;
    }
    if (frames.length > 0 && (octets[at] as number) >> 4 !== 0xa) {
      const flag = octets.indexOf(hdlcFlag, at);
      at = flag < 0 ? octets.length : flag;
      continue;
    }
    const { reader, done } = observe(at);
    frames.push(readHdlcFrame(reader, { tolerateChecks: true }));
    at = reader.at;
    done(at);
  }
  return frames;
}

/** Information that frames carried together, and whether its last segment is there. */
export interface HdlcInformation {
  readonly octets: Uint8Array;
  readonly isWhole: boolean;
}

/** The information of frames, segments put together. */
export function groupHdlcFrames(frames: readonly HdlcFrame[]): HdlcInformation[] {
  return groupSegments(frames).map((group) => ({
    octets: concatBytes(...group.map(({ information }) => information)),
    isWhole: group.at(-1)?.isSegmented === false,
  }));
}
