/** Token gateway, class 115 (Blue Book 4.6.5): tokens that carry credit or commands, and what became of the last one. */
import { AxdrWriter } from '@wattline/protocols/dlms';
import type { MeterClock } from '../clock/clock.ts';
import { writeTime } from './clock.ts';
import { arrayOf, bits, dateTime, enumeration, notSpecified, octets, structure } from './data-type.ts';
import { octetsIn } from './fields.ts';
import { type InterfaceClass, managed, readable } from './interface-class.ts';

/** Codes of token_status. */
export const tokenStatus = {
  formatOk: 0,
  authenticationOk: 1,
  validationOk: 2,
  executionOk: 3,
  formatFailure: 4,
  authenticationFailure: 5,
  validationFailure: 6,
  executionFailure: 7,
  receivedNotProcessed: 8,
} as const;
export type TokenStatus = keyof typeof tokenStatus;

/** How a token came. */
export const deliveryMethod = { remote: 0, local: 1, manual: 2 } as const;

/** The last token. */
export interface TokenRecord {
  readonly token: Uint8Array;
  /** Meter time. */
  readonly atMs: number;
  readonly descriptions: readonly Uint8Array[];
  readonly delivery: keyof typeof deliveryMethod;
  readonly status: TokenStatus;
  /** Bits that go with the status. */
  readonly data: number;
}

/** The gateway behind the object. */
export interface TokenGatewaySource {
  readonly clock: MeterClock;
  /** Undefined before the first token. */
  readonly last: TokenRecord | undefined;
  /** Takes a token that came over the wire; what became of it is `last` afterwards. */
  enter(token: Uint8Array): TokenRecord;
}

const longestToken = 128;
const statusType = structure({ status_code: enumeration(0, 1, 2, 3, 4, 5, 6, 7, 8), data_value: bits(8) });

export const tokenGateway: InterfaceClass<TokenGatewaySource> = {
  classId: 115,
  version: 0,
  name: 'Token gateway',
  section: '4.6.5',
  attributes: {
    2: {
      name: 'token',
      type: octets(0, longestToken),
      access: readable,
      read: ({ last }, { writer }) => void writer.octetString(last?.token ?? new Uint8Array(0)),
    },
    3: {
      name: 'token_time',
      type: dateTime,
      access: readable,
      read({ last, clock }, { writer }) {
        if (last) writeTime(writer, clock, last.atMs);
        else writer.octetString(notSpecified['date-time']);
      },
    },
    4: {
      name: 'token_description',
      type: arrayOf(octets(0, longestToken)),
      access: readable,
      read({ last }, { writer }) {
        const descriptions = last?.descriptions ?? [];
        writer.array(descriptions.length);
        for (const description of descriptions) writer.octetString(description);
      },
    },
    5: {
      name: 'token_delivery_method',
      type: enumeration(0, 1, 2),
      access: readable,
      read: ({ last }, { writer }) => void writer.enumerate(deliveryMethod[last?.delivery ?? 'remote']),
    },
    6: {
      name: 'token_status',
      type: statusType,
      access: readable,
      read({ last }, { writer }) {
        writeStatus(writer, last);
      },
    },
  },
  methods: {
    1: {
      name: 'enter',
      clients: managed,
      parameter: octets(1, longestToken),
      invoke(source, token) {
        const writer = new AxdrWriter();
        writeStatus(writer, source.enter(octetsIn(token)));
        return { result: 'success', encoded: writer.finish() };
      },
    },
  },
};

function writeStatus(writer: AxdrWriter, last: TokenRecord | undefined): void {
  const code = tokenStatus[last?.status ?? 'formatOk'];
  writer
    .structure(2)
    .enumerate(code)
    .bitString(Uint8Array.of(last?.data ?? 0), 8);
}
