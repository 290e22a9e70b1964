/** Server-sent events, cut anywhere. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createMessageReader, type StreamMessage } from './event-messages.ts';

const text =
  'retry: 3000\n: events of Wattline\n\nid: 7\ndata: {"a":1}\n\n: still here\n\nid: 8\ndata: one\ndata: two\n\nid: 9\ndata: not yet';
const expected: StreamMessage[] = [
  { id: '7', data: '{"a":1}' },
  { id: '8', data: 'one\ntwo' },
];

test('messages come complete, comments and unfinished ones do not', () => {
  assert.deepEqual(createMessageReader()(text), expected);
});

test('lines may end with carriage return and line feed', () => {
  assert.deepEqual(createMessageReader()(text.replaceAll('\n', '\r\n')), expected);
});

test('wherever the network cuts the text, the messages are the same', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: text.length }), { maxLength: 8 }), fc.boolean(), (cuts, isWindows) => {
      const whole = isWindows ? text.replaceAll('\n', '\r\n') : text;
      const places = [0, ...cuts.sort((a, b) => a - b), whole.length];
      const read = createMessageReader();
      const got = places.slice(1).flatMap((place, index) => read(whole.slice(places[index], place)));
      assert.deepEqual(got, expected);
    }),
  );
});
