/** UN/EDIFACT syntax (ISO 9735): segments of elements of components, with service string advice and release character. */
import { failure, type Result, success } from '@wattline/base';

/** A segment: tag, then elements, each its components. */
export interface Segment {
  readonly tag: string;
  readonly elements: readonly (readonly string[])[];
  /** Number of the segment in the text, from 1. */
  readonly number: number;
}

/** The component of a segment, `''` when it is not there; both count from 0 after the tag. */
export function componentOf(segment: Segment, element: number, component = 0): string {
  return segment.elements[element]?.[component] ?? '';
}

const mostSegments = 5_000_000;

/** Cuts an interchange into segments, or fails when the text stops within one. */
export function parseSegments(text: string): Result<Segment[]> {
  const start = text.startsWith('\uFEFF') ? 1 : 0;
  const hasAdvice = text.startsWith('UNA', start);
  const advice = hasAdvice ? text.slice(start + 3, start + 9) : ":+.? '";
  if (advice.length < 6) return failure('mdm/exchange-half-written', 'the service string advice is cut off');
  const [component, element, release, terminator] = [0, 1, 3, 5].map((at) => advice.charAt(at));
  const segments: Segment[] = [];
  let elements: string[][] = [];
  let components: string[] = [];
  let data = '';
  for (let at = start + (hasAdvice ? 9 : 0); at < text.length; at++) {
    const sign = text[at] as string;
    if (sign === release && release !== ' ') data += text[++at] ?? '';
    else if (sign === component || sign === element || sign === terminator) {
      components.push(data);
      data = '';
      if (sign === component) continue;
      elements.push(components);
      components = [];
      if (sign === element) continue;
      const tag = elements[0]?.[0] ?? '';
      segments.push({ tag, elements: elements.slice(1), number: segments.length + 1 });
      elements = [];
      if (segments.length > mostSegments) {
        return failure('mdm/exchange-too-large', `more than ${mostSegments} segments`);
      }
    } else if (data !== '' || elements.length > 0 || components.length > 0 || !/\s/.test(sign)) {
      // Line ends between segments are no data; within one they are.
      data += sign;
    }
  }
  if (data !== '' || elements.length > 0 || components.length > 0) {
    return failure('mdm/exchange-half-written', 'the last segment is not terminated', {
      segment: segments.length + 1,
    });
  }
  return success(segments);
}
