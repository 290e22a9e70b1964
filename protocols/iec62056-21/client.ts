/**
 * The opening of mode E as the reading side sees it (IEC 62056-21 clause 6.4.5, annex B.2): request at 300 Bd, identification,
 * ACK with HDLC and binary mode, its confirmation, then the agreed rate with eight bits. Sans I/O: characters in, steps out.
 */
import type { Failure } from '@wattline/base';
import type { OpeningErrorCode } from './errors.ts';
import { createLineCutter, type LineSetting, openingLine } from './line.ts';
import {
  type Baud,
  binaryMode,
  decodeIdentification,
  decodeOption,
  encodeOption,
  encodeRequest,
  type Identification,
} from './messages.ts';

/** How a client opens. */
export interface OpeningOptions {
  /** Device address, up to 32 characters; any meter on the line without one. */
  readonly address?: string;
  /** The highest rate this side can be set to, Bd. Default 19200. */
  readonly maxBaud?: Baud;
  /** Whether the identification must offer binary mode (`\2`); false asks for it all the same. Default true. */
  readonly isOfferNeeded?: boolean;
  /** Requests sent before giving up. Default 3. */
  readonly maxRequests?: number;
}

/** How an opening ended. */
export type OpeningOutcome =
  /** HDLC follows at this rate; `rest` are octets that came behind the last character. */
  | {
      readonly kind: 'opened';
      readonly meter: Identification;
      readonly baud: Baud;
      readonly rest: Uint8Array;
    }
  | { readonly kind: 'failure'; readonly failure: Failure };

/** What to do next, in this order: send, set the line once all is sent, hear the outcome. */
export interface OpeningStep {
  readonly send?: Uint8Array;
  readonly line?: LineSetting;
  readonly outcome?: OpeningOutcome;
}

/** The opening of one session. A silence is 1.5 s without a character (clause 6.3.14); the caller's clock tells it. */
export interface OpeningClient {
  start(): OpeningStep;
  receive(octets: Uint8Array): OpeningStep;
  silence(): OpeningStep;
}

type State = 'idle' | 'requested' | 'selected' | 'opened' | 'failed';
type Event = 'start' | 'identification' | 'confirmation' | 'silence';
type Action = 'request' | 'select' | 'open' | 'repeat' | 'assume' | 'give-up';

/** State x event -> action. What is not in the table is passed over: noise, or the echo of an optical head. */
const rules: Readonly<Record<State, Readonly<Partial<Record<Event, Action>>>>> = {
  idle: { start: 'request' },
  requested: { identification: 'select', silence: 'repeat' },
  // Some meters confirm nothing and switch at once: silence after the selection is taken for that (annex B.2).
  selected: { confirmation: 'open', silence: 'assume', identification: 'select' },
  opened: {},
  failed: {},
};

const noOctets = new Uint8Array(0);

/** An opening that has not begun. */
export function createOpeningClient(options: OpeningOptions = {}): OpeningClient {
  const { address, maxBaud = 19_200, maxRequests = 3, isOfferNeeded = true } = options;
  const cutter = createLineCutter('/\x06');
  let state: State = 'idle';
  let requests = 0;
  let meter: Identification | undefined;
  let baud: Baud = 300;

  const fail = (code: OpeningErrorCode, message: string): OpeningStep => {
    state = 'failed';
    return { outcome: { kind: 'failure', failure: { code, message, where: {} } } };
  };

  const request = (): OpeningStep => {
    const encoded = encodeRequest(address);
    if (!encoded.ok) return fail('iec62056-21/bad-address', encoded.error.message);
    state = 'requested';
    requests += 1;
    cutter.clear();
    return { line: openingLine, send: encoded.value };
  };

  const select = (line: string): OpeningStep => {
    const decoded = decodeIdentification(line);
    if (!decoded.ok) return fail('iec62056-21/bad-identification', decoded.error.message);
    meter = decoded.value;
    const isOffered = meter.enhanced.includes('2') || !isOfferNeeded;
    if (!isOffered || meter.baud === undefined) {
      return fail(
        'iec62056-21/no-mode-e',
        `${meter.manufacturer} ${meter.identification} offers no binary mode`,
      );
    }
    baud = Math.min(meter.baud, maxBaud) as Baud;
    state = 'selected';
    return { send: encodeOption({ ...binaryMode, baud }) };
  };

  const open = (identified: Identification, rest: Uint8Array): OpeningStep => {
    state = 'opened';
    const line: LineSetting = { baud, dataBits: 8, parity: 'none' };
    return { line, outcome: { kind: 'opened', meter: identified, baud, rest } };
  };

  const confirmed = (line: string, rest: Uint8Array): OpeningStep => {
    const option = decodeOption(line);
    const isOurs =
      option?.protocol === binaryMode.protocol && option.mode === binaryMode.mode && option.baud === baud;
    if (!isOurs || !meter) return fail('iec62056-21/refused', `the meter confirmed '${line.slice(1)}'`);
    return open(meter, rest);
  };

  const onSilence = (): OpeningStep => {
    const action = rules[state].silence;
    if (action === 'assume' && meter) return open(meter, noOctets);
    if (action !== 'repeat') return {};
    if (requests < maxRequests) return request();
    return fail('iec62056-21/no-answer', `no meter answered ${requests} requests`);
  };

  return {
    start: () => (rules[state].start === 'request' ? request() : {}),
    silence: onSilence,
    receive(octets) {
      let left = octets;
      while (left.length > 0 && state !== 'opened' && state !== 'failed') {
        const { line, rest, isTooLong } = cutter.push(left);
        left = rest;
        if (isTooLong) return fail('iec62056-21/too-long', 'expected the end of a line within 64 characters');
        // An optical head gives back what it sends: our own request is no identification.
        if (line === undefined || line.startsWith('/?')) continue;
        const event: Event = line.startsWith('/') ? 'identification' : 'confirmation';
        const action = rules[state][event];
        if (action === 'select') return select(line);
        if (action === 'open') return confirmed(line, rest);
      }
      return {};
    },
  };
}
