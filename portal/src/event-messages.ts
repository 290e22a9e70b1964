/** Server-sent events out of a stream of text (WHATWG HTML 9.2.6), read by fetch so that the token can go along. */

/** A message: its id, if the server gave one, and its data. */
export interface StreamMessage {
  readonly id: string | null;
  readonly data: string;
}

/** Takes text as it comes, in any pieces, and gives the messages that are complete. Comments and other fields pass by. */
export function createMessageReader(): (text: string) => StreamMessage[] {
  let rest = '';
  let id: string | null = null;
  let data: string[] = [];
  return (text) => {
    const messages: StreamMessage[] = [];
    const lines = (rest + text).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) messages.push({ id, data: data.join('\n') });
        data = [];
        continue;
      }
      const [, name, value = ''] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? [];
      if (name === 'data') data.push(value);
      else if (name === 'id') id = value;
    }
    return messages;
  };
}
