/** The live events of the server as long as a screen stands; a lost connection is taken up again. */
import type { EventItem } from '@wattline/model';
import { useEffect, useState } from 'preact/hooks';
import { urlOf } from './api.ts';
import { parseEvent } from './event-feed.ts';
import { browserTimer } from './resource.ts';

/** State of the live connection. */
export type StreamState = 'connecting' | 'live' | 'lost';

/** The browser gives up on some failures; then we try again ourselves after this time. */
const reopenMs = 5_000;

/** Listens; `onEvent` and `onLive` must stay the same functions. `onLive` runs when the connection comes (back). */
export function useEventStream(onEvent: (event: EventItem) => void, onLive: () => void): StreamState {
  const [state, setState] = useState<StreamState>('connecting');
  useEffect(() => {
    let source: EventSource | undefined;
    let cancel = () => {};
    const open = () => {
      source = new EventSource(urlOf('operations/events/stream', {}));
      source.onopen = () => {
        setState('live');
        onLive();
      };
      source.onmessage = (message: MessageEvent<string>) => {
        const event = parseEvent(message.data);
        if (event) onEvent(event);
      };
      source.onerror = () => {
        setState('lost');
        if (source?.readyState !== EventSource.CLOSED) return;
        cancel = browserTimer.after(reopenMs, open);
      };
    };
    open();
    return () => {
      cancel();
      source?.close();
    };
  }, [onEvent, onLive]);
  return state;
}
