/** What a meter hears of its own links: who associates, who leaves, who is refused; on every carrier the same. */
import type { Link } from '@wattline/network';
import type { LogicalDevice } from '@wattline/protocols/dlms';
import type { MeterDevice } from './cosem/logical-device.ts';
import type { ServeOptions } from './dialogue.ts';
import type { LinkEvent } from './events/access-watch.ts';

/** How a link is answered, with the meter listening. */
export interface NoticedServing {
  readonly options: ServeOptions;
  /** The dialogue is given up without a word: whoever was associated is gone. */
  gone(): void;
}

/** A device that wants to know is told what happens on a link, besides whoever listens. */
export function noticing(device: LogicalDevice, link: Link, options: ServeOptions): NoticedServing {
  const { notice } = device as Partial<MeterDevice>;
  if (!notice) return { options, gone: () => {} };
  let isAssociated = false;
  const tell = (event: LinkEvent) => {
    if (event.kind === 'associated') {
      if (isAssociated) notice({ kind: 'released' });
      isAssociated = true;
    } else if (event.kind !== 'refused') isAssociated = false;
    notice(event);
  };
  const gone = () => {
    if (isAssociated) tell({ kind: 'released' });
  };
  void link.closed.then(gone);
  const onEvent: NonNullable<ServeOptions['onEvent']> = (event, peer) => {
    tell(event);
    options.onEvent?.(event, peer);
  };
  return { options: { ...options, onEvent }, gone };
}
