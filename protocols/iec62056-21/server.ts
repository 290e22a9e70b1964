/** The opening of mode E as the meter sees it (IEC 62056-21 clause 6.4.5, annex B.2), sans I/O: characters in, steps out. */
import { createLineCutter, type LineSetting, openingLine } from './line.ts';
import {
  type Baud,
  binaryMode,
  decodeOption,
  decodeRequest,
  encodeIdentification,
  encodeOption,
  type OptionSelect,
  withoutZeros,
} from './messages.ts';

/** What a meter says of itself and takes. */
export interface OpeningMeter {
  /** Three capital letters (FLAG). */
  readonly manufacturer: string;
  /** At most 16 printable characters. */
  readonly identification: string;
  /** Its own address; a request with another one is passed over. */
  readonly address?: string;
  /** The highest rate, Bd. Default 9600. */
  readonly maxBaud?: Baud;
  /** Answers within 20 ms rather than 200 ms. */
  readonly isFast?: boolean;
}

/** What came of the opening. */
export type ServerOpeningEvent =
  /** HDLC follows at this rate; `rest` are octets that came behind the last character. */
  | { readonly kind: 'opened'; readonly baud: Baud; readonly rest: Uint8Array }
  /** The client chose another mode: data readout (0), programming (1) or a maker's own. */
  | { readonly kind: 'other-mode'; readonly option: OptionSelect };

/** What to do next, in this order: send, set the line once all is sent, hear the event. */
export interface ServerOpeningStep {
  readonly send?: Uint8Array;
  readonly line?: LineSetting;
  readonly event?: ServerOpeningEvent;
}

/** A meter's optical port until HDLC begins; `reset` after the session, or after a silence, listens anew at 300 Bd. */
export interface OpeningServer {
  receive(octets: Uint8Array): ServerOpeningStep;
  reset(): ServerOpeningStep;
}

type State = 'listening' | 'identified' | 'opened';
type Event = 'request' | 'option';
type Action = 'identify' | 'choose';

/** State x event -> action. What is not in the table is passed over. */
const rules: Readonly<Record<State, Readonly<Partial<Record<Event, Action>>>>> = {
  listening: { request: 'identify' },
  // A client that did not hear the identification asks again.
  identified: { request: 'identify', option: 'choose' },
  opened: {},
};

/** A port that listens at 300 Bd. */
export function createOpeningServer(meter: OpeningMeter): OpeningServer {
  const { address = '', maxBaud = 9600, isFast = false } = meter;
  const cutter = createLineCutter('/\x06');
  let state: State = 'listening';

  const identify = (line: string): ServerOpeningStep => {
    const asked = decodeRequest(line);
    if (asked === undefined || (asked !== '' && asked !== withoutZeros(address))) return {};
    state = 'identified';
    return { send: encodeIdentification({ ...meter, isFast, baud: maxBaud, enhanced: ['2'] }) };
  };

  const choose = (line: string, rest: Uint8Array): ServerOpeningStep => {
    const option = decodeOption(line);
    if (!option) return {};
    const isBinary = option.protocol === binaryMode.protocol && option.mode === binaryMode.mode;
    if (!isBinary || option.baud > maxBaud) {
      state = 'listening';
      return { line: openingLine, event: { kind: 'other-mode', option } };
    }
    state = 'opened';
    const { baud } = option;
    const line8: LineSetting = { baud, dataBits: 8, parity: 'none' };
    return { send: encodeOption(option), line: line8, event: { kind: 'opened', baud, rest } };
  };

  return {
    reset() {
      state = 'listening';
      cutter.clear();
      return { line: openingLine };
    },
    receive(octets) {
      let left = octets;
      while (left.length > 0 && state !== 'opened') {
        const { line, rest } = cutter.push(left);
        left = rest;
        if (line === undefined) continue;
        const action = rules[state][line.startsWith('/') ? 'request' : 'option'];
        const step = action === 'identify' ? identify(line) : action === 'choose' ? choose(line, rest) : {};
        if (step.send || step.event) return step;
      }
      return {};
    },
  };
}
