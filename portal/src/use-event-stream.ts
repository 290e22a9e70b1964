/** The live events of the server as long as a screen stands; a lost connection is taken up again after the last event seen. */
import type { EventItem } from '@wattline/model';
import { useEffect, useState } from 'preact/hooks';
import { urlOf } from './api.ts';
import { parseEvent } from './event-feed.ts';
import { createMessageReader } from './event-messages.ts';
import { browserTimer } from './resource.ts';
import { token } from './store.ts';

/** State of the live connection. */
export type StreamState = 'connecting' | 'live' | 'lost';

const reopenMs = 3_000;
/** The server says every 15 s that it is there; after three times that it is taken for gone. */
const silentMs = 45_000;

/** Listens; `onEvent` and `onLive` must stay the same functions. `onLive` runs when the connection comes (back). */
export function useEventStream(onEvent: (event: EventItem) => void, onLive: () => void): StreamState {
  const [state, setState] = useState<StreamState>('connecting');
  useEffect(() => {
    const abort = new AbortController();
    let cancelReopen = () => {};
    let lastId: string | null = null;
    const listen = async () => {
      try {
        await readEvents({
          signal: abort.signal,
          lastId,
          onOpen() {
            setState('live');
            onLive();
          },
          onMessage(id, event) {
            lastId = id ?? lastId;
            onEvent(event);
          },
        });
      } catch {
        // However it ended, it is over: what counts is to come back.
      }
      if (abort.signal.aborted) return;
      setState('lost');
      cancelReopen = browserTimer.after(reopenMs, () => void listen());
    };
    void listen();
    return () => {
      cancelReopen();
      abort.abort();
    };
  }, [onEvent, onLive]);
  return state;
}

/** One connection until it ends; throws when it cannot be made or breaks. */
async function readEvents(options: {
  readonly signal: AbortSignal;
  readonly lastId: string | null;
  readonly onOpen: () => void;
  readonly onMessage: (id: string | null, event: EventItem) => void;
}): Promise<void> {
  const silence = new AbortController();
  let cancel = browserTimer.after(silentMs, () => silence.abort());
  try {
    const headers = new Headers({ accept: 'text/event-stream' });
    if (token.peek()) headers.set('authorization', `Bearer ${token.peek()}`);
    if (options.lastId !== null) headers.set('last-event-id', options.lastId);
    const signal = AbortSignal.any([options.signal, silence.signal]);
    const response = await fetch(urlOf('operations/events/stream', {}), { headers, signal });
    if (!response.ok || !response.body) return;
    options.onOpen();
    const read = createMessageReader();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      cancel();
      cancel = browserTimer.after(silentMs, () => silence.abort());
      for (const { id, data } of read(value)) {
        const event = parseEvent(data);
        if (event) options.onMessage(id, event);
      }
    }
  } finally {
    cancel();
  }
}
