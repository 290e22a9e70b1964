/** Shapes of decoded frames. */
import { integer, listOf, named, nullable, record, type Schema, text } from './parts.ts';

export const frameSchemas: Readonly<Record<string, Schema>> = {
  FrameField: record(
    {
      name: text('The standard’s own name.'),
      offset: integer(
        'First octet, counted in the octets given or in `octets` of the nearest field above that has some.',
      ),
      length: integer('Octets.'),
      value: nullable(text('The value as a person reads it.')),
      octets: nullable(text('Hexadecimal digits in which the offsets below count.')),
      // Not a reference to itself: readers of the document that put references in place would not end.
      children: listOf({ type: 'object', description: 'A FrameField.' }),
    },
    'A field of a decoded frame.',
  ),
  DecodedFrames: record(
    {
      octets: text('The octets as they were understood, hexadecimal digits.'),
      frames: listOf(named('FrameField'), 'Frames in order.'),
      problem: nullable(
        record({
          code: text('Coded reason.'),
          message: text('What was expected and what came.'),
          offset: nullable(integer('Octet, counted from the first given.')),
        }),
      ),
    },
    'Trees of captured octets, as far as they could be read.',
  ),
};
